package db

// synchronous is SQLite's setting on the writing connection: FULL makes a commit survive a power cut.
const synchronous = "FULL"

// Loaded last: the page itself has arrived.
window.notifer.enhance(document)

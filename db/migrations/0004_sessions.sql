-- The secret of a session that the API opened stood in its JWTs and refresh tokens, and worked as a cookie. JWTs name the
-- session's id now, and such a session has no secret: its sid_hash fits nothing. Clients trade their refresh token once.
update session set sid_hash = randomblob(16) where refresh_hash is not null;

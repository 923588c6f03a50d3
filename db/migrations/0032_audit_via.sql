-- With what an account acted: the id of an API key or a topic token, empty for a session. Lines about topics have the ids of who acted
-- too from now on.
alter table audit add column actor_via text not null default '';

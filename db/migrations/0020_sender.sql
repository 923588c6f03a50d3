-- Who sent messages: a token, a key or an account. A message holds the number, which counts per topic, so that it takes a byte or two. The
-- row stays when what it names is deleted, and is deleted with its topic.
create table sender (
  topic_id integer not null,
  number integer not null,
  kind text not null,  -- token, key or account
  ref text not null,  -- id of the token, key or account
  name text not null,  -- as it is, or was last
  primary key (topic_id, number),
  unique (topic_id, ref)
) strict, without rowid;

-- Null: sent before this version, without a credential, or by the server itself. crc covers it where it is not null.
alter table message add column sender integer;

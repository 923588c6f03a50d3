-- How bodies that come with the token are read: by the shape of this name, by the token's own templates (shape custom; JSON with
-- names of our own), or, when it is empty, as they are. The signing secret is kept readable, since an HMAC cannot be checked
-- with a digest of it.
alter table token add column shape text not null default '';
alter table token add column template text not null default '';
alter table token add column signing_secret text not null default '';

-- What messages with a key are about: the last message of each key, and whether it said that all is well again.
create table alert (
  topic_id integer not null references topic (id) on delete cascade,
  key text not null,
  first_id integer not null,  -- the message that opened it
  last_id integer not null,
  count integer not null,  -- messages since it was opened
  opened_at integer not null,
  changed_at integer not null,
  resolved_at integer,  -- null: open
  primary key (topic_id, key)
) strict, without rowid;

create index alert_last on alert (last_id);

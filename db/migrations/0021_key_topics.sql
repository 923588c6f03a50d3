-- The topics that a key is limited to: a comma list of names and of patterns in which * stands for any characters. null: all.
alter table key add column topics text;

-- 1: the key of a paired device. Nobody knows its secret; the device signs in by a session of its own.
alter table key add column paired integer not null default 0;

-- 1: what is read with this key counts as read by the account.
alter table key add column own_reader integer not null default 0;

-- The key that a session or a device belongs to; null: the account itself.
alter table session add column key_id text references key (id) on delete cascade;
alter table device add column key_id text references key (id) on delete cascade;

create index session_key on session (key_id) where key_id is not null;
create index device_key on device (key_id) where key_id is not null;

-- A code that a device is paired by, once. The code itself is not here.
create table pairing (
  id text primary key,
  fingerprint blob not null unique,  -- first 128 bits of the SHA-256 of the code
  user_id text not null references user (id) on delete cascade,
  name text not null,
  scopes text not null,  -- comma list; with topics and own_reader what the key will have
  topics text,
  own_reader integer not null default 0,
  created_at integer not null,
  expires_at integer not null,
  key_id text references key (id) on delete set null  -- the key that was made of it
) strict, without rowid;

create index pairing_user on pairing (user_id);

-- Messages that an account has read beyond its last visit of their topic.
create table message_read (
  user_id text not null references user (id) on delete cascade,
  topic_id integer not null references topic (id) on delete cascade,
  message_id integer not null,
  primary key (user_id, topic_id, message_id)
) strict, without rowid;

create index message_read_topic on message_read (topic_id);

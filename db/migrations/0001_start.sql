create table setting (
  name text primary key,
  value blob not null
) strict, without rowid;

create table user (
  id text primary key,
  email text not null unique,
  username text not null unique,
  password_hash text not null,
  is_admin integer not null default 0,
  disabled_at integer,
  created_at integer not null,
  last_login_at integer,
  preferences text not null default ''
) strict;

create table session (
  id text primary key,
  sid_hash blob not null unique,
  user_id text not null references user (id) on delete cascade,
  agent text not null default '',
  address text not null default '',
  created_at integer not null,
  password_at integer not null,
  last_used_at integer not null,
  expires_at integer not null,
  refresh_hash blob unique,
  refresh_prev_hash blob,
  refresh_prev_until integer
) strict;

create index session_user on session (user_id);
create index session_refresh_prev on session (refresh_prev_hash);

create table topic (
  id integer primary key autoincrement,
  public_id text not null unique,
  name text not null unique,
  display_name text not null default '',
  owner_id text not null references user (id),
  access_level text not null check (access_level in ('public', 'protected', 'private')),
  description text not null default '',
  is_discoverable integer not null default 0,
  icon_name text not null default 'bell',
  icon_color text not null default 'blue',
  retention_ms integer,
  retention_bytes integer,
  inbox integer not null default 0,
  message_count integer not null default 0,
  counted_to integer not null default 0,
  purged_to integer not null default 0,
  created_at integer not null
) strict;

create index topic_owner on topic (owner_id);

-- Topics that are deleted and whose messages are still being deleted, in steps.
create table topic_gone (
  topic_id integer primary key
) strict;

create table token (
  id text primary key,
  topic_id integer not null references topic (id) on delete cascade,
  name text not null,
  note text not null default '',
  can_publish integer not null,
  can_subscribe integer not null,
  fingerprint blob not null unique,
  hash text not null,
  hint text not null,
  prev_fingerprint blob unique,
  prev_hash text,
  prev_hint text not null default '',
  prev_until integer,
  prev_last_used_at integer,
  created_at integer not null,
  created_by text references user (id) on delete set null,
  created_by_name text not null,
  expires_at integer,
  revoked_at integer,
  revoked_by text not null default '',
  leaked_at integer,
  last_used_at integer,
  last_used_ip text not null default '',
  last_used_via text not null default '',
  request_count integer not null default 0,
  refused_count integer not null default 0,
  url_seen_at integer,
  refuse_in_url integer not null default 0,
  new_network_notice integer not null default 1,
  networks text not null default '',
  default_priority integer,
  default_tags text not null default '',
  warned_at integer
) strict;

create index token_topic on token (topic_id);

create table token_day (
  token_id text not null references token (id) on delete cascade,
  day integer not null,
  ok integer not null default 0,
  refused integer not null default 0,
  primary key (token_id, day)
) strict, without rowid;

create table token_address (
  token_id text not null references token (id) on delete cascade,
  address text not null,
  last_at integer not null,
  count integer not null default 0,
  primary key (token_id, address)
) strict, without rowid;

create table key (
  id text primary key,
  user_id text not null references user (id) on delete cascade,
  name text not null,
  description text not null default '',
  scopes text not null,
  fingerprint blob not null unique,
  hash text not null,
  hint text not null,
  created_at integer not null,
  expires_at integer,
  revoked_at integer,
  last_used_at integer,
  request_count integer not null default 0
) strict;

create index key_user on key (user_id);

create table message (
  id integer primary key,
  topic_id integer not null,
  at integer not null,
  priority integer not null,
  title text,
  body text not null,
  tags text,
  extra text,
  crc integer not null
) strict;

create index message_topic on message (topic_id, id);

create table message_day (
  topic_id integer not null,
  day integer not null,
  count integer not null,
  primary key (topic_id, day)
) strict, without rowid;

create table idempotency (
  topic_id integer not null,
  credential text not null,
  key text not null,
  digest blob not null,
  message_id integer not null,
  at integer not null,
  primary key (topic_id, credential, key)
) strict, without rowid;

create index idempotency_at on idempotency (at);

create table audit (
  id integer primary key,
  at integer not null,
  actor text not null,
  verb text not null,
  topic_id integer,
  topic text not null default '',
  token_id text not null default '',
  detail text not null default ''
) strict;

create index audit_topic on audit (topic_id, id);

create table visit (
  user_id text not null references user (id) on delete cascade,
  topic_id integer not null references topic (id) on delete cascade,
  message_id integer not null,
  primary key (user_id, topic_id)
) strict, without rowid;

create table stream_session (
  id text primary key,
  topics text not null,
  expires_at integer not null
) strict, without rowid;

-- Times are unix milliseconds UTC, days are whole days since 1970 UTC. A null time means never, unless it is said otherwise.

-- Named values of the program itself, such as the key of JWTs, the setup code and the highest message id ever given.
create table setting (
  name text primary key,
  value blob not null
) strict, without rowid;

create table user (
  id text primary key,
  email text not null unique,  -- case-folded
  username text not null unique,
  password_hash text not null,
  is_admin integer not null default 0,
  disabled_at integer,  -- null while the account may sign in
  created_at integer not null,
  last_login_at integer,
  preferences text not null default ''  -- display settings, a text that only the pages read
) strict;

-- A sign-in, by the API or the dashboard.
create table session (
  id text primary key,
  sid_hash blob not null unique,  -- first 128 bits of the SHA-256 of the cookie; of nothing for a session of the API
  user_id text not null references user (id) on delete cascade,
  agent text not null default '',
  address text not null default '',
  created_at integer not null,
  password_at integer not null,  -- when the password was last given; a fresh sign-in is judged by it
  last_used_at integer not null,
  expires_at integer not null,
  refresh_hash blob unique,  -- of the refresh token; null for a dashboard session
  refresh_prev_hash blob,  -- of the refresh token before it, which is accepted until refresh_prev_until:
  refresh_prev_until integer  -- the reply with the new one may have been lost
) strict;

create index session_user on session (user_id);
create index session_refresh_prev on session (refresh_prev_hash);

create table topic (
  id integer primary key autoincrement,  -- never reused: messages of a deleted topic stay for a while
  public_id text not null unique,  -- the id that clients see, topic_...
  name text not null unique,
  display_name text not null default '',
  owner_id text not null references user (id),
  access_level text not null check (access_level in ('public', 'protected', 'private')),
  description text not null default '',
  is_discoverable integer not null default 0,  -- listed in the catalog
  icon_name text not null default 'bell',
  icon_color text not null default 'blue',
  retention_ms integer,  -- null: as configured for all topics
  retention_bytes integer,  -- null: no limit of its own
  inbox integer not null default 0,  -- 1: the server writes notices to the owner here
  message_count integer not null default 0,  -- messages with an id up to counted_to; those after it are counted when the topic is read,
  counted_to integer not null default 0,  -- so that publishing updates no row of this table
  purged_to integer not null default 0,  -- messages up to this id may have been deleted: a client that resumes before it is told so
  created_at integer not null
) strict;

create index topic_owner on topic (owner_id);

-- Topics that are deleted and whose messages are still being deleted, in steps.
create table topic_gone (
  topic_id integer primary key
) strict;

-- Topic access tokens. The secret is not here: fingerprint finds it, hash (argon2id) proves it, hint shows its ends.
create table token (
  id text primary key,
  topic_id integer not null references topic (id) on delete cascade,
  name text not null,
  note text not null default '',
  can_publish integer not null,
  can_subscribe integer not null,
  fingerprint blob not null unique,  -- first 128 bits of the SHA-256 of the secret
  hash text not null,
  hint text not null,
  prev_fingerprint blob unique,  -- of the secret before the last rotation, which works until prev_until
  prev_hash text,
  prev_hint text not null default '',
  prev_until integer,
  prev_last_used_at integer,
  created_at integer not null,
  created_by text references user (id) on delete set null,
  created_by_name text not null,  -- stays when the account is gone
  expires_at integer,
  revoked_at integer,
  revoked_by text not null default '',
  leaked_at integer,  -- when the secret was seen in a message, or reported
  last_used_at integer,
  last_used_ip text not null default '',
  last_used_via text not null default '',
  request_count integer not null default 0,  -- requests with this token, refused ones included
  refused_count integer not null default 0,
  url_seen_at integer,  -- when the secret last came in a URL
  refuse_in_url integer not null default 0,  -- 1: the secret is not accepted in a URL
  new_network_notice integer not null default 1,
  networks text not null default '',  -- comma list of CIDRs it may be used from; empty: any
  default_priority integer,
  default_tags text not null default '',
  warned_at integer  -- when the owner was notified of the coming end
) strict;

create index token_topic on token (topic_id);

-- Requests per token and day.
create table token_day (
  token_id text not null references token (id) on delete cascade,
  day integer not null,
  ok integer not null default 0,
  refused integer not null default 0,
  primary key (token_id, day)
) strict, without rowid;

-- The last addresses that used a token.
create table token_address (
  token_id text not null references token (id) on delete cascade,
  address text not null,
  last_at integer not null,
  count integer not null default 0,
  primary key (token_id, address)
) strict, without rowid;

-- API keys. Fingerprint, hash and hint are as in token.
create table key (
  id text primary key,
  user_id text not null references user (id) on delete cascade,
  name text not null,
  description text not null default '',
  scopes text not null,  -- comma list
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

-- The log. An id is 42 bits of milliseconds and 18 bits of counter: it rises with every message of the store, also when the clock
-- steps back. There is no foreign key to topic: a topic's messages are deleted after it, in steps (topic_gone).
create table message (
  id integer primary key,
  topic_id integer not null,
  at integer not null,  -- wall clock at the commit; retention goes by it
  priority integer not null,
  title text,  -- null when none was sent
  body text not null,
  tags text,  -- comma list; null when there are none
  extra text,  -- JSON object of the fields that few messages have (extras.go); null when there are none
  crc integer not null  -- CRC-32C of all other columns (message.go)
) strict;

create index message_topic on message (topic_id, id);

-- Messages per topic and day, for charts.
create table message_day (
  topic_id integer not null,
  day integer not null,
  count integer not null,
  primary key (topic_id, day)
) strict, without rowid;

-- Publishes that named a key, so that a retry finds the first message.
create table idempotency (
  topic_id integer not null,
  credential text not null,  -- id of the token, key or session, or the address of an anonymous caller
  key text not null,
  digest blob not null,  -- SHA-256 of the message: the same key with another message is refused
  message_id integer not null,
  at integer not null,
  primary key (topic_id, credential, key)
) strict, without rowid;

create index idempotency_at on idempotency (at);

-- The activity log.
create table audit (
  id integer primary key,
  at integer not null,
  actor text not null,  -- username of that moment, or what else acted
  verb text not null,
  topic_id integer,  -- not a foreign key: the line stays when the topic is gone
  topic text not null default '',
  token_id text not null default '',
  detail text not null default ''
) strict;

create index audit_topic on audit (topic_id, id);

-- Up to which message an account has seen a topic.
create table visit (
  user_id text not null references user (id) on delete cascade,
  topic_id integer not null references topic (id) on delete cascade,
  message_id integer not null,
  primary key (user_id, topic_id)
) strict, without rowid;

-- Lists of topics under a short id, for streams whose URL would be too long.
create table stream_session (
  id text primary key,
  topics text not null,
  expires_at integer not null
) strict, without rowid;

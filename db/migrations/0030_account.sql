-- A second factor beside the password: the secret of an authenticator app (RFC 6238). There is a row once a code has proved it.
create table second_factor (
  user_id text primary key references user (id) on delete cascade,
  secret blob not null,
  last_step integer not null,  -- of the last code that was accepted: neither it nor an earlier one is accepted again
  created_at integer not null
) strict, without rowid;

-- Codes that stand in for the app once each; a row is deleted when its code is used.
create table recovery_code (
  user_id text not null references second_factor (user_id) on delete cascade,
  hash blob not null,  -- first 128 bits of the SHA-256 of the code, which has 120 bits
  primary key (user_id, hash)
) strict, without rowid;

alter table user add column must_change integer not null default 0;  -- 1: somebody else has set the password
alter table user add column factor_count integer not null default 0;  -- how often a second factor was switched on; no two have the same secret

-- Events of accounts have no topic. Names are those of the moment, ids stay.
alter table audit add column actor_id text not null default '';  -- the account that acted, empty for none
alter table audit add column target_id text not null default '';  -- the account that it was done to
alter table audit add column target text not null default '';
alter table audit add column address text not null default '';  -- where the request came from

create index audit_account on audit (id) where topic_id is null;

-- A browser that asked to be told of messages while its page is closed: a subscription to its maker's push service.
create table device (
  id text primary key,
  user_id text not null references user (id) on delete cascade,
  name text not null,
  endpoint text not null unique,  -- the push service's URL for this device
  p256dh blob not null,  -- the device's public key and its secret, RFC 8291
  secret blob not null,
  base text not null,  -- the site's URL as the device knows it; notifications lead there
  created_at integer not null,
  delivered_at integer,
  failures integer not null default 0,  -- in a row
  failure text not null default '',  -- what the last one was
  failed_at integer,
  retry_at integer,
  muted_until integer,
  quiet_from integer,  -- minutes of the day in the zone; null: no quiet hours
  quiet_to integer,
  zone text not null default ''
) strict;

create index device_user on device (user_id);

-- A topic that a device follows. place is the id of the last message that was handed on or left out on purpose.
create table device_topic (
  device text not null references device (id) on delete cascade,
  topic integer not null references topic (id) on delete cascade,
  least integer not null,  -- priority
  muted integer not null default 0,
  place integer not null,
  primary key (device, topic)
) strict, without rowid;

create index device_topic_topic on device_topic (topic);

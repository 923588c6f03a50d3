-- Networks that a token was used from: /24 of IPv4, /48 of IPv6. noticed is 0 until its owner was told of a new one.
create table token_network (
  token_id text not null references token (id) on delete cascade,
  network text not null,
  address text not null,
  at integer not null,
  noticed integer not null,
  primary key (token_id, network)
) strict, without rowid;

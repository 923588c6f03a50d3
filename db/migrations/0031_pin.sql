-- Topics that an account keeps at the top of its lists.
create table pin (
  user_id text not null references user (id) on delete cascade,
  topic_id integer not null references topic (id) on delete cascade,
  primary key (user_id, topic_id)
) strict, without rowid;

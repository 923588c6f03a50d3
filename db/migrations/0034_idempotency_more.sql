-- How many messages of the same body follow the first one, with the next ids: a repeat is answered with all of them.
alter table idempotency add column more integer not null default 0;

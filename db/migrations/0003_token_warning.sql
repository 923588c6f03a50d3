-- Flaws of messages that were mended when they were published with the token: how many messages, and the last one's.
alter table token add column warning_count integer not null default 0;
alter table token add column last_warning text not null default '';
alter table token add column last_warning_at integer;

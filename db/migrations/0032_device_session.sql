-- The session of the browser that a subscription came from: who signs out there, or ends that session, ends the device too. A session
-- that expires leaves it.
alter table device add column session_id text;

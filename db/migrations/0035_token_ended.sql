-- Ended secrets that the table token no longer holds, so that none of them is accepted again: those of deleted tokens that were revoked or
-- had an expiry, and all but the last two of a token. Triggers fill it, because a foreign key deletes tokens too. A migration that builds
-- the table token anew has to make the triggers again. The oldest rows give way: a million are about 50 MB, and an account at
-- limits.changes_per_day needs 50 days to make as many.
create table token_ended (
  id integer primary key,
  fingerprint blob not null unique
) strict;

create trigger token_ended_most after insert on token_ended begin
  delete from token_ended where id <= new.id - 1000000;
end;

create trigger token_deleted after delete on token begin
  insert or ignore into token_ended (fingerprint)
  select old.fingerprint where old.revoked_at is not null or old.expires_at is not null;
  insert or ignore into token_ended (fingerprint) select old.prev_fingerprint where old.prev_fingerprint is not null;
end;

create trigger token_rotated after update of prev_fingerprint on token
when old.prev_fingerprint is not null and old.prev_fingerprint is not new.prev_fingerprint begin
  insert or ignore into token_ended (fingerprint) values (old.prev_fingerprint);
end;

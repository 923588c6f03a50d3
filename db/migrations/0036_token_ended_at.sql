-- When a secret ends whose token was deleted before its expiry: until then the secret has not ended, and a token may be made of it again.
-- Null: it had ended by then.
alter table token_ended add column ends_at integer;

drop trigger token_deleted;

create trigger token_deleted after delete on token begin
  insert or ignore into token_ended (fingerprint, ends_at)
  select old.fingerprint, iif(old.revoked_at is null, old.expires_at, null) where old.revoked_at is not null or old.expires_at is not null;
  insert or ignore into token_ended (fingerprint) select old.prev_fingerprint where old.prev_fingerprint is not null;
end;

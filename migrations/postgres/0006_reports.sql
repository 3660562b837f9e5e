-- Grants are paged newest first, and exported, however many an account was ever given.
create index grants_by_time on grants (account_id, granted_at, id);

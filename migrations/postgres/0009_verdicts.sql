-- A question that an account has had decided is found again by its hash, the latest answer first.
create index verifications_by_program on verifications (account_id, program_hash, id);

-- What was asked of the Judge and what it answered.
create table verifications (
    id text not null primary key,
    account_id text not null,
    request_key text not null,
    program_hash text not null,
    request text not null,
    decision text not null,
    verdict text not null,
    charged bigint not null,
    settlement text not null,
    key_id text,
    at bigint not null,
    unique (account_id, request_key)
);
create index verifications_by_account on verifications (account_id, id);

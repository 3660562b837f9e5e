-- What was asked of the paid services beside the Judge, and what they answered.
create table answers (
    id text not null primary key,
    account_id text not null,
    request_key text not null,
    operation text not null,
    question_hash text not null,
    question text not null,
    answer text not null,
    verdict text not null,
    charged bigint not null,
    settlement text not null,
    key_id text,
    at bigint not null,
    unique (account_id, request_key)
);
create index answers_by_account on answers (account_id, operation, id);

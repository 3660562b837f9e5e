-- What receipts and statements are signed with (Ed25519); servers on one database share it.
create table signing_keys (
    id text not null primary key,
    public text not null unique,
    -- Null where the secret half is a setting of the server and not kept here.
    seed text,
    created_at bigint not null,
    retired_at bigint
);
-- One kept key is in force at a time, so that two servers that start together sign with the same.
create unique index signing_keys_in_force on signing_keys (coalesce(retired_at, 0)) where retired_at is null and seed is not null;

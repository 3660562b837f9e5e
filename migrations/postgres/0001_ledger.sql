-- The ledger. Amounts are whole credits, times are milliseconds since 1970.
create table accounts (
    id text not null primary key,
    name text not null,
    tier text not null,
    suspended bigint not null default 0,
    seq bigint not null,
    head text not null,
    issued bigint not null,
    available bigint not null,
    held bigint not null,
    spent bigint not null,
    expired bigint not null,
    reversed bigint not null,
    owed bigint not null,
    opened_at bigint not null,
    last_at bigint not null,
    -- Budgets for a UTC day and month: the limit, which window is counted, and what was spent or is held in it.
    day_limit bigint,
    day bigint not null,
    day_used bigint not null,
    month_limit bigint,
    month bigint not null,
    month_used bigint not null,
    constraint nothing_below_zero check (available >= 0 and held >= 0 and spent >= 0 and expired >= 0 and reversed >= 0),
    constraint nothing_above_zero check (issued <= 0 and owed <= 0),
    constraint buckets_sum_to_zero check (issued + available + held + spent + expired + reversed + owed = 0)
);

create table grants (
    id text not null primary key,
    account_id text not null references accounts (id),
    kind text not null,
    size bigint not null,
    remaining bigint not null,
    held bigint not null,
    reversed bigint not null,
    owed bigint not null,
    paid_cents bigint not null,
    purchase_id text unique,
    expires_at bigint,
    granted_at bigint not null,
    constraint held_within_remaining check (held >= 0 and held <= remaining and remaining <= size),
    constraint owed_within_reversed check (owed >= 0 and owed <= reversed and reversed <= size)
);
create index grants_open on grants (account_id) where remaining > 0 or owed > 0;
create index grants_due on grants (expires_at) where remaining > 0;

create table holds (
    id text not null primary key,
    account_id text not null references accounts (id),
    operation text not null,
    quantity bigint not null,
    unit_price bigint not null,
    amount bigint not null,
    parts text not null,
    state text not null,
    expires_at bigint not null,
    held_at bigint not null,
    key_id text
);
create index holds_open on holds (account_id) where state = 'open';
create index holds_due on holds (expires_at) where state = 'open';

create table entries (
    account_id text not null references accounts (id),
    seq bigint not null,
    id text not null,
    at bigint not null,
    kind text not null,
    from_bucket text not null,
    to_bucket text not null,
    amount bigint not null,
    balance bigint not null,
    operation text,
    quantity bigint not null,
    grants text not null,
    hold_id text,
    purchase_id text,
    refunds text,
    key_id text,
    price_book bigint not null,
    request text not null,
    memo text not null,
    previous text not null,
    hash text not null,
    primary key (account_id, seq)
);

-- How much of a charge has been refunded; the entry itself never changes.
create table refunds (
    charge_id text not null primary key,
    account_id text not null references accounts (id),
    credits bigint not null check (credits > 0)
);

create table key_budgets (
    key_id text not null primary key,
    account_id text not null references accounts (id),
    month_limit bigint,
    month bigint not null,
    month_used bigint not null
);
create index key_budgets_by_account on key_budgets (account_id);

create table requests (
    scope text not null,
    request text not null,
    fingerprint text not null,
    outcome text not null,
    at bigint not null,
    primary key (scope, request)
);

-- What was spent in each quarter of an hour, so that a report costs the same however long the ledger is.
create table usage_slots (
    account_id text not null,
    slot bigint not null,
    operation text not null,
    key_id text not null,
    charges bigint not null,
    quantity bigint not null,
    credits bigint not null,
    primary key (account_id, slot, operation, key_id)
);

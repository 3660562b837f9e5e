-- What callers and operators arrange around the ledger: holds of their own, quotes, recurring grants, alerts.
-- Amounts are whole credits, times are milliseconds since 1970.

-- Holds placed over REST. Only these may be settled over REST: a service settles its own.
create table placed_holds (
    hold_id    text not null primary key,
    account_id text not null references accounts (id)
);

-- Each time an operator suspended or reopened an account, and why.
create table suspensions (
    account_id text   not null references accounts (id),
    request    text   not null,
    suspended  bigint not null check (suspended in (0, 1)),
    reason     text   not null,
    key_id     text,
    at         bigint not null,
    primary key (account_id, request)
);
create index suspensions_newest on suspensions (account_id, at);

-- A price promised for a while. Kept longer than it holds, so that a retry still finds it.
create table quotes (
    id         text   not null primary key,
    account_id text   not null references accounts (id),
    request    text   not null,
    operation  text   not null,
    quantity   bigint not null check (quantity > 0),
    unit_price bigint not null check (unit_price > 0),
    credits    bigint not null check (credits > 0),
    price_book bigint not null,
    quoted_at  bigint not null,
    expires_at bigint not null,
    unique (account_id, request)
);
create index quotes_by_expiry on quotes (expires_at);

-- Credits that come again and again. `posted` counts the occurrences dealt with; the next one is due at `next_at`,
-- which is null once there is none left.
create table recurring_grants (
    id                 text   not null primary key,
    account_id         text   not null references accounts (id),
    request            text   not null,
    credits            bigint not null check (credits > 0),
    every              text   not null check (every in ('day', 'week', 'month')),
    starts_at          bigint not null,
    ends_at            bigint,
    expires_after_days bigint,
    reason             text   not null,
    key_id             text,
    created_at         bigint not null,
    -- When it was ended before its time.
    ended_at           bigint,
    posted             bigint not null default 0,
    next_at            bigint,
    unique (account_id, request)
);
create index recurring_grants_due on recurring_grants (next_at) where next_at is not null;

-- What an account wants to be told; without a row, the defaults hold.
create table alert_settings (
    account_id  text   not null primary key references accounts (id),
    -- Told below so many credits; null is the default rule, 0 is never.
    low_balance bigint check (low_balance >= 0),
    budgets     bigint not null check (budgets in (0, 1)),
    expiring    bigint not null check (expiring in (0, 1))
);

-- One row for each crossing, whoever saw it first; it is written in the transaction that writes its mail.
create table alerts (
    account_id text   not null references accounts (id),
    kind       text   not null,
    episode    bigint not null,
    -- The window of a budget's alert: in another window it is over.
    window_at  bigint not null,
    raised_at  bigint not null,
    -- When it was over; null while it lasts.
    cleared_at bigint,
    primary key (account_id, kind, episode)
);

-- Finds the last purchase, which the default threshold is a share of.
create index grants_paid on grants (account_id, granted_at) where kind = 'paid';

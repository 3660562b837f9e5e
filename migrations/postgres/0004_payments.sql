-- Purchases, what Stripe told about them, and the customers' Stripe side.

create table purchases (
    id             text   primary key not null,
    account        text   not null,
    -- The customer's idempotency key: one purchase per request.
    request        text   not null,
    way            text   not null check (way in ('checkout', 'form', 'saved_card')),
    package        text   not null,
    credits        bigint not null check (credits > 0),
    amount         bigint not null check (amount > 0),
    -- Chosen when the purchase is made, so that every announcement of its payment makes the same grant.
    grant_id       text   not null unique,
    email          text,
    state          text   not null,
    -- Stripe's seconds of the news that led to the state.
    state_at       bigint not null,
    failure_code   text,
    failure        text,
    created_at     bigint not null,
    paid_at        bigint,
    stripe_session text,
    stripe_intent  text,
    checkout_url   text,
    payment_method text,
    unique (account, request)
);

create index purchases_newest on purchases (account, id);
create index purchases_session on purchases (stripe_session);
create index purchases_intent on purchases (stripe_intent);

-- The inbox: every event that was signed rightly, stored before it is acknowledged.
create table stripe_events (
    id          text   primary key not null,
    type        text   not null,
    api_version text,
    payload     text   not null,
    received_at bigint not null,
    state       text   not null
        check (state in ('stored', 'done', 'ignored', 'undecodable', 'mismatch', 'failed')),
    attempts    bigint not null default 0,
    note        text
);

create index stripe_events_waiting on stripe_events (state, received_at);

create table stripe_customers (
    account        text   primary key not null,
    -- Absent until Stripe has answered.
    customer       text   unique,
    email          text,
    payment_method text,
    brand          text,
    last4          text,
    -- Counts changes; part of the idempotency keys, so that a change back is a new request.
    revision       bigint not null default 0,
    created_at     bigint not null
);

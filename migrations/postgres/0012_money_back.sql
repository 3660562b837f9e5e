-- What of a purchase's money has gone back, as Stripe told it last, and which of its credits went with it. Amounts are
-- cents and whole credits; times are milliseconds since 1970.

alter table purchases add column money_back bigint not null default 0 check (money_back >= 0);
alter table purchases add column credits_back bigint not null default 0 check (credits_back >= 0);
-- Counts the answers of Stripe's that were booked: one that was asked for before the last one was booked is stale.
alter table purchases add column money_looks bigint not null default 0;
-- Whether the customer was told that a slow payment has failed after all.
alter table purchases add column late_failure_told bigint not null default 0;

-- Refunds that operators have ordered, written down before Stripe is asked.
create table money_refunds (
    id            text   not null primary key,
    account_id    text   not null,
    purchase_id   text   not null,
    -- The order's idempotency key: one refund each.
    request       text   not null,
    amount        bigint not null check (amount > 0),
    -- What the order asked for, to tell a repetition from another order.
    asked         text   not null,
    reason        text   not null,
    state         text   not null check (state in ('asked', 'made', 'refused')),
    stripe_refund text   unique,
    -- Why Stripe refused it.
    failure       text,
    created_at    bigint not null,
    unique (account_id, request)
);
create index money_refunds_by_purchase on money_refunds (purchase_id, id);

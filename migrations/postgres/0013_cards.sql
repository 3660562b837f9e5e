-- Automatic purchases, the fintech subscription, what a promotion code or a tax made of a price, and letters to all
-- members of an account who look after its money. Amounts are cents and whole credits; times are milliseconds since
-- 1970, but for those that Stripe tells, which are its seconds.

-- What the payment differs from the price by: taken off by a promotion code, put on top as tax.
alter table purchases add column discount bigint not null default 0;
alter table purchases add column tax bigint not null default 0;
alter table purchases add column promotion_code text;

-- A rule of the customer's: when fewer than `threshold` credits are left, buy `package` with the saved card, for at most
-- `monthly_cap` cents in a UTC month.
create table auto_topups (
    account_id   text   not null primary key,
    enabled      bigint not null check (enabled in (0, 1)),
    threshold    bigint not null check (threshold > 0),
    package      text   not null,
    monthly_cap  bigint not null check (monthly_cap > 0),
    -- Counts the purchases it began. The number is in the purchase's request key: one episode, one purchase.
    episode      bigint not null default 0,
    -- The purchase that is under way or that halted the rule.
    attempt      text,
    -- How many failed one after another, and why the last one did.
    failures     bigint not null default 0,
    failure_code text,
    -- Nothing is looked at before.
    wait_until   bigint not null default 0,
    -- Why nothing is bought any more, and the card that was saved then: another card ends it.
    halted       text,
    halted_card  text,
    updated_at   bigint not null
);
create index auto_topups_watched on auto_topups (wait_until) where enabled = 1;

-- Subscriptions to the fintech tier, one row for each that was begun.
create table subscriptions (
    id                  text   not null primary key,
    account_id          text   not null,
    request             text   not null,
    created_at          bigint not null,
    stripe_session      text   unique,
    stripe_subscription text   unique,
    checkout_url        text,
    -- What Stripe said last, and the second it said it.
    status              text   not null,
    status_at           bigint not null default 0,
    -- The end of the last period that was paid, and of the last one whose payment failed.
    paid_until          bigint not null default 0,
    failed_until        bigint not null default 0,
    -- Whether it ends with the paid period, and the second that was said.
    cancels             bigint not null default 0 check (cancels in (0, 1)),
    cancels_at          bigint not null default 0,
    -- Where an unpaid invoice can be paid.
    invoice_url         text,
    -- It can never be paid again: ended, or its page was left for too long.
    over                bigint not null default 0 check (over in (0, 1)),
    -- Whether the account has its tier from here, and how often that changed: part of the ledger's request keys.
    tier_held           bigint not null default 0 check (tier_held in (0, 1)),
    tier_changes        bigint not null default 0,
    -- Counts changes, so that two servers never write over each other.
    revision            bigint not null default 0,
    unique (account_id, request)
);
create unique index subscriptions_one_at_a_time on subscriptions (account_id) where over = 0;
create index subscriptions_newest on subscriptions (account_id, id);
create index subscriptions_held on subscriptions (tier_held) where tier_held = 1;

-- A letter to everybody who looks after an account's money, written in the transaction that causes it; who that is, is
-- looked up when it is passed on, and then the row goes.
create table member_letters (
    id         text   not null primary key,
    account_id text   not null,
    subject    text   not null,
    body       text   not null,
    created_at bigint not null
);

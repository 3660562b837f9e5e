-- What operators see of payments: every event of Stripe's and every purchase, and how Stripe's books compare with ours.
-- Money is cents; times are milliseconds since 1970.

-- What an event's object names, so that it is found from the purchase: our own id where it carries one, and Stripe's
-- payment intent. How often an operator had it worked off again, and when last.
alter table stripe_events add column purchase text;
alter table stripe_events add column intent text;
alter table stripe_events add column replays bigint not null default 0;
alter table stripe_events add column replayed_at bigint;

create index stripe_events_newest on stripe_events (received_at, id);
create index stripe_events_by_state on stripe_events (state, received_at, id);
create index stripe_events_by_type on stripe_events (type, received_at, id);
create index stripe_events_of_purchase on stripe_events (purchase) where purchase is not null;
create index stripe_events_of_intent on stripe_events (intent) where intent is not null;
-- The index above serves the inbox as well.
drop index stripe_events_waiting;

create index purchases_by_state on purchases (state, id);
create index purchases_paid on purchases (paid_at) where paid_at is not null;

-- One comparison of Stripe's books with ours.
create table reconciliations (
    id          text   not null primary key,
    -- The UTC day (counted from 1970) whose nightly run it is; absent when an operator asked for it.
    night       bigint,
    attempt     bigint not null default 1,
    -- The operator's request key: one run for each.
    request     text   unique,
    state       text   not null check (state in ('running', 'done', 'failed')),
    started_at  bigint not null,
    -- A run that has not ended by then was cut off.
    lease_until bigint not null,
    ended_at    bigint,
    -- Why it failed.
    failure     text,
    -- What of Stripe's was looked at: made from then on, until then.
    from_at     bigint not null,
    until_at    bigint not null,
    -- The sums, as JSON; absent until it is done.
    totals      text,
    -- How many differences were found; the first ones are kept below.
    found       bigint not null default 0,
    unique (night, attempt)
);
-- Of several servers and operators one runs at a time.
create unique index reconciliations_one_at_a_time on reconciliations (state) where state = 'running';

create table reconciliation_differences (
    run       text   not null references reconciliations (id),
    number    bigint not null,
    kind      text   not null,
    purchase  text,
    account   text,
    session   text,
    intent    text,
    charge    text,
    -- The refund, dispute or balance transaction, where it is about one.
    object    text,
    -- Absent where that side has nothing.
    at_stripe bigint,
    in_books  bigint,
    -- The event by which Stripe's present word was heard again, and when that was.
    repair    text,
    repaired_at bigint,
    primary key (run, number)
);

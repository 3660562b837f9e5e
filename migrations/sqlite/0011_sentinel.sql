-- Monitors, the hours they are paid for, what they observed and what they raised.
create table monitors (
    id text not null primary key,
    account_id text not null,
    request_key text not null,
    request_hash text not null,
    name text not null,
    -- Laws and metrics.
    rules text not null,
    state text not null check (state in ('running', 'paused', 'ended', 'stopped')),
    -- What the next observation is judged by.
    memory text not null,
    seq bigint not null,
    -- Hours that are held ahead.
    lead_hours bigint not null,
    keep_going bigint not null check (keep_going in (0, 1)),
    -- Whether its owner was told that credits run out.
    short bigint not null check (short in (0, 1)),
    version bigint not null,
    key_id text,
    started_at bigint not null,
    ended_at bigint,
    unique (account_id, request_key)
);
create index monitors_by_account on monitors (account_id, id);
create index monitors_by_state on monitors (state, id);

-- Each hour has a hold of its own, which is captured once it has passed.
create table monitor_hours (
    monitor_id text not null references monitors (id),
    hour bigint not null,
    starts_at bigint not null,
    hold_id text not null,
    state text not null check (state in ('held', 'captured', 'released')),
    primary key (monitor_id, hour)
);
create index monitor_hours_due on monitor_hours (state, starts_at);

-- One row for each request that brought observations.
create table observations (
    monitor_id text not null references monitors (id),
    first_seq bigint not null,
    last_seq bigint not null,
    request_key text not null,
    request_hash text not null,
    at bigint not null,
    observed text not null,
    primary key (monitor_id, first_seq),
    unique (monitor_id, request_key)
);

create table monitor_alerts (
    id text not null primary key,
    monitor_id text not null references monitors (id),
    kind text not null,
    detail text not null,
    at bigint not null
);
create index monitor_alerts_by_monitor on monitor_alerts (monitor_id, id);

-- When some server last ran the clock, and when for too long none did.
create table monitor_clock (
    one bigint not null primary key check (one = 1),
    seen_at bigint not null
);
create table monitor_outages (
    from_at bigint not null primary key,
    to_at bigint not null
);

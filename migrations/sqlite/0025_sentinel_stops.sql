-- What monitors were asked to be extended by, so that the same key with other hours is refused.
create table monitor_extensions (
    account_id text not null,
    request_key text not null,
    monitor_id text not null references monitors (id),
    hours bigint not null,
    primary key (account_id, request_key)
);

-- How a monitor is doing, so that the clock finds those whose crisis no observation ends.
alter table monitors add column mode text not null default 'normal' check (mode in ('normal', 'crisis', 'recovery'));
update monitors set mode = 'crisis' where memory like '%"mode":"crisis"%';
update monitors set mode = 'recovery' where memory like '%"mode":"recovery"%';
create index monitors_unwell on monitors (id) where mode <> 'normal';

-- Whether hours of a stopped monitor have yet to be settled: a stop that broke off is finished by the clock.
alter table monitors add column stopping bigint not null default 0 check (stopping in (0, 1));
update monitors set stopping = 1 where state = 'stopped'
    and exists (select 1 from monitor_hours h where h.monitor_id = monitors.id and h.state = 'held');
create index monitors_stopping on monitors (id) where stopping = 1;

-- One that keeps going holds the hour after the one that runs: how else could its owner be told in time?
update monitors set lead_hours = 2 where keep_going = 1 and lead_hours = 1;

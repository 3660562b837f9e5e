-- Which price book priced what: each book that was ever in force, as JSON, and for each hold the one it was priced by.
create table price_books (
    version bigint not null primary key,
    book    text   not null,
    -- When it was first in force.
    since   bigint not null
);

alter table holds add column price_book bigint not null default 1;
update holds set price_book = coalesce(
    (select e.price_book from entries e
     where e.account_id = holds.account_id and e.hold_id = holds.id and e.kind = 'hold'), 1)
where state = 'open';

-- An audit asks each account for all of its refunds.
create index refunds_by_account on refunds (account_id);

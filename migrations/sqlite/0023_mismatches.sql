-- Why a payment of a purchase brought no credits: another amount, nothing at all, or a second payment. Null when none did.
alter table purchases add column mismatch text check (mismatch in ('other_amount', 'nothing_paid', 'paid_twice'));

-- The payment that an operator's refund is of, where it is not the one that brought the purchase's credits.
alter table money_refunds add column stripe_intent text;
-- Orders whose answer is missing are looked for and continued.
create index money_refunds_asked on money_refunds (state, created_at);
-- Which other payments of a purchase there are.
create index reconciliation_differences_of_purchase on reconciliation_differences (purchase) where purchase is not null;

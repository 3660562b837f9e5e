//! Many charges in one request, each under an idempotency key of its own.

use std::fmt::Write;

use crate::ROUNDS;
use crate::house::House;
use crate::load::{Ask, Load};

/// Charges in one request, the most that the API takes.
pub const CHARGES: usize = 1_000;
/// Requests under way at a time: one is read and answered while another is written.
const CONNECTIONS: usize = 4;

/// Charges a second: (single requests on 64 connections, in bulk), a pair for each round.
pub fn compare(house: &House) -> Vec<(u64, u64)> {
    let bulk = Load { connections: CONNECTIONS, ..house.load() };
    let round = |_| {
        let single = house.load().run(&|number| house.charge(number, number)).per_second();
        let many = bulk.run(&|number| request(house, number, CHARGES, &|index| number * CHARGES + index));
        (single, many.per_second_of(CHARGES))
    };
    (0..ROUNDS).map(round).collect()
}

/// So many charges; `account` says on whose account each is.
pub fn request(house: &House, number: usize, charges: usize, account: &dyn Fn(usize) -> usize) -> Ask {
    let mut body = String::with_capacity(charges * 160);
    body.push_str("{\"mode\":\"best_effort\",\"charges\":[");
    for index in 0..charges {
        let comma = if index == 0 { "" } else { "," };
        let account = house.accounts[account(index) % house.accounts.len()];
        // Writing to a string does not fail.
        let _ = write!(
            body,
            "{comma}{{\"account_id\":\"{account}\",\"operation\":\"proof_verification\",\
             \"idempotency_key\":\"bulk-{number}-{index}\"}}"
        );
    }
    body.push_str("]}");
    house.post("/api/billing/charges/batch", number, &body)
}

//! PostgreSQL: our server in that mode, beside the usual ways to charge on the same server.

use std::time::Duration;

use crate::house::{House, setting};
use crate::load::Load;
use crate::store::Schema;
use crate::table::{Goal, Line, Table};
use crate::{ROUND_MILLIS, ROUNDS, bulk};

/// Clients of the rival that writes in batches, and of ours that sends as many charges in a request: one for each of
/// our writers.
const CLIENTS: u32 = 4;
const ROW_LOCKING_CLIENTS: u32 = 64;
const CHARGES: usize = 256;

pub fn measure(table: &mut Table) {
    let Some(server) = setting("AETHEL_TEST_POSTGRES") else {
        let why = "no PostgreSQL is given; set AETHEL_TEST_POSTGRES to a server where a schema may be made, such as \
                   postgres://user:password@127.0.0.1:5432/postgres";
        table.not_measured("F5", "charges in PostgreSQL mode", why);
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let schema = runtime.block_on(Schema::fresh(&server));
    let house = House::postgres(&schema.url);
    let (batching, locking) =
        runtime.block_on(async { (schema.rival(CLIENTS).await, schema.rival(ROW_LOCKING_CLIENTS).await) });
    let time = Duration::from_millis(ROUND_MILLIS);
    let load = Load { connections: CLIENTS as usize, ..house.load() };
    let ours = |hot: bool| {
        let account = |number: usize| move |index: usize| if hot { 0 } else { number * CHARGES + index };
        let answers = load.run(&|number| bulk::request(&house, number, CHARGES, &account(number)));
        answers.per_second_of(CHARGES)
    };
    for (hot, method) in [
        (
            true,
            "PostgreSQL, one account: requests of 256 charges, 4 connections; baseline 256 rows a transaction by SQL alone, 4 connections",
        ),
        (false, "PostgreSQL, 10,000 accounts: the same"),
    ] {
        let rounds: Vec<_> = (0..ROUNDS).map(|_| (runtime.block_on(batching.batches(hot, time)), ours(hot))).collect();
        table.ratio(&Line { figure: "F5", method, unit: "/s", goal: Goal::AtLeast(50) }, &rounds);
    }
    let single = || house.load().run(&|number| house.charge(0, number)).per_second();
    let rounds: Vec<_> = (0..ROUNDS).map(|_| (runtime.block_on(locking.row_locking(time)), single())).collect();
    let method = "PostgreSQL, one account: single charges, 64 connections; baseline `select … for update`, insert, \
                  update, commit by SQL alone, 64 connections";
    table.ratio(&Line { figure: "F5", method, unit: "/s", goal: Goal::AtLeast(1_000) }, &rounds);
    let spread = house.load().run(&|number| house.charge(number, number)).per_second();
    table.note(format!("F5 single charges on 10,000 accounts, 64 connections: {spread}/s"));
    if !runtime.block_on(batching.syncs()) {
        table.note("F5: this PostgreSQL has fsync off, so neither side waited for a disk".into());
    }
    house.close();
    runtime.block_on(async {
        batching.close().await;
        locking.close().await;
        schema.drop().await;
    });
}

//! Rows of the tables as values.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::observe::Memory;
use super::rules::Rules;
use super::service::{Monitor, MonitorState};
use super::store::{Hour, Kept};
use crate::billing::store::{Row, StoreError};
use crate::ledger::Timestamp;

pub(super) fn read(row: &Row) -> Result<Kept, StoreError> {
    let rules: Rules = json(row, 4)?;
    let memory: Memory = json(row, 6)?;
    let state = row.text(5)?;
    let monitor = Monitor {
        id: row.parsed(0)?,
        account: row.parsed(1)?,
        name: row.text(3)?,
        rules,
        state: MonitorState::named(&state).ok_or_else(|| StoreError::Corrupt(format!("monitor state {state}")))?,
        mode: memory.pulse.mode,
        observations: row.int(7)?,
        lead_hours: row.int(8)?,
        keep_going: row.int(9)? == 1,
        hours_captured: row.int(16)?,
        hours_held: row.int(17)?,
        started_at: Timestamp::from_millis(row.int(13)?),
        ended_at: row.maybe_int(14)?.map(Timestamp::from_millis),
    };
    let key = row.maybe_text(12)?.map(|key| key.parse()).transpose();
    Ok(Kept {
        monitor,
        memory,
        request_hash: row.text(2)?,
        version: row.int(11)?,
        key: key.map_err(|_| StoreError::Corrupt("a key's id".into()))?,
        last_hour: row.int(15)?,
        short: row.int(10)? == 1,
    })
}

pub(super) fn read_hour(row: &Row) -> Result<Hour, StoreError> {
    Ok(Hour {
        monitor: row.parsed(0)?,
        account: row.parsed(1)?,
        hour: row.int(2)?,
        starts_at: Timestamp::from_millis(row.int(3)?),
        hold: row.parsed(4)?,
    })
}

pub(super) fn written<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(super) fn json<T: DeserializeOwned>(row: &Row, index: usize) -> Result<T, StoreError> {
    serde_json::from_str(&row.text(index)?).map_err(|error| StoreError::Corrupt(format!("column {index}: {error}")))
}

//! Real server processes that are hurt: killed, doubled, and given bad disks. Nothing acknowledged may be lost, and
//! nothing may happen twice.
#![cfg(feature = "ssr")]

#[cfg(target_os = "linux")]
#[path = "processes/disk.rs"]
mod disk;
#[path = "processes/house.rs"]
mod house;
#[path = "processes/kill.rs"]
mod kill;
#[path = "processes/moving.rs"]
mod moving;
#[cfg(target_os = "linux")]
#[path = "processes/power.rs"]
mod power;
#[cfg(target_os = "linux")]
#[path = "processes/recording.rs"]
mod recording;
#[path = "processes/two_servers.rs"]
mod two_servers;

//! The room's laws, each on both stores.

mod alerts;
mod codes;
mod doors;
mod hosts;
mod keys;
mod operators;
mod own;
mod passkeys;
mod shares;
mod sign_up;
mod team;

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";
const OTHER_PASSWORD: &str = "a wholly other one";

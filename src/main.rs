//! The one program: `aethel serve` and what an operator does beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(aethel::server::command_line::run()),
        Err(error) => {
            eprintln!("aethel: cannot start the runtime: {error}");
            ExitCode::FAILURE
        }
    }
}

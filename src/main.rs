//! The `daogou` binary: reads the arguments, sets up the log, runs one subcommand.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    daogou::inference::processor::restart_with_environment();
    let cli = daogou::cli::Cli::parse();
    daogou::cli::init_log();
    match daogou::cli::run(cli) {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(error) if daogou::cli::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("daogou: {}", daogou::cli::told(&error));
            ExitCode::FAILURE
        }
    }
}

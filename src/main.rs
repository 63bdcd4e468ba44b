//! The program: arguments in, exit code out. Everything else is in the library.

use clap::Parser as _;
use productops::{app, cli};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    app::choose_cryptography();
    cli::run(cli::Arguments::parse())
}

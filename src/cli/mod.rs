//! The way in by the command line: arguments to acts, what happened to text or JSON, errors to exit codes. Decides
//! nothing about initiatives itself.

mod formula;
mod formula_report;
mod health;
mod import;
mod maintenance;
mod output;
mod scores;
mod serve;

use crate::{config::Config, telemetry};
use clap::{Args, Parser, Subcommand, ValueEnum};
use output::Failure;
use std::{path::PathBuf, process::ExitCode};

/// What each initiative is worth, and who stands behind every number.
///
/// Exit codes: 0 done, 1 the input is wrong, 2 the call is wrong, 3 the surroundings failed. What is configured comes
/// from environment variables; see docs/operations.md.
#[derive(Debug, Parser)]
#[command(name = "productops", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the app until Ctrl-C or SIGTERM (what happens without a command)
    Serve,
    /// Bring the database's schema up to date
    Migrate,
    /// Bring in a CSV file of a workbook
    Import(Import),
    /// Bring in the sample workbook that ships with the app, with its approvals
    SampleData(SampleData),
    /// Check a formula, or evaluate one; needs neither database nor configuration
    #[command(subcommand)]
    Formula(formula::Call),
    /// Check that nobody touched the change log: exit code 1 if somebody did
    VerifyHistory,
    /// Compute every recorded score again and compare: exit code 1 if one isn't the same to the last bit
    VerifyScores(VerifyScores),
    /// Ask the running app on this machine whether it is up
    Health,
}

/// Bring in a CSV file of a workbook
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
struct Import {
    /// What the file holds
    kind: Kind,
    /// The file: CSV in UTF-8, or an XLSX workbook
    #[arg(
        required_unless_present = "spreadsheet",
        conflicts_with = "spreadsheet"
    )]
    file: Option<PathBuf>,
    /// Instead of a file: a Google spreadsheet, by its address or id; without one the mirror’s own
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "")]
    spreadsheet: Option<String>,
    /// Which tab of a workbook [default: the one whose name or header fits]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Report what would happen and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Take over the approvals that the file speaks of
    #[arg(long)]
    with_approvals: bool,
    /// Let blank cells take out what stands in their fields here
    #[arg(long)]
    clear_blanks: bool,
    /// Act as this person, who must be an admin [default: the command line itself]
    #[arg(long = "as", value_name = "EMAIL")]
    acting: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Bring in the sample workbook
#[derive(Debug, Args)]
struct SampleData {
    /// Act as this person, who must be an admin [default: the command line itself]
    #[arg(long = "as", value_name = "EMAIL")]
    acting: Option<String>,
}

/// Compute every recorded score again from what was stored with it, and compare to the last bit
#[derive(Debug, Args)]
struct VerifyScores {
    /// Only the scores of this initiative, by its key [default: all]
    #[arg(long, value_name = "KEY")]
    initiative: Option<String>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Central Backlog: a row per initiative
    Backlog,
    /// A row per initiative's model
    MathModels,
    /// A row per initiative, framework and param
    Params,
}

/// Does what the arguments say.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    match carry_out(arguments.command.unwrap_or(Command::Serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure.to_string());
            failure.code()
        }
    }
}

fn carry_out(command: Command) -> Result<(), Failure> {
    if let Command::Formula(call) = &command {
        // Before anything is configured: it works on any machine.
        return formula::carry_out(call);
    }
    let config = Config::from_env().map_err(|wrong| {
        let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        let wrong = wrong.join("\n  ");
        Failure::Surroundings(format!(
            "These environment variables can’t be used:\n  {wrong}"
        ))
    })?;
    telemetry::begin(config.log_json);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|why| Failure::Surroundings(format!("The app can’t start: {why}")))?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::serve(&config).await,
            Command::Migrate => maintenance::migrate(&config).await,
            Command::Import(call) => import::import(&config, call).await,
            Command::SampleData(call) => import::sample_data(&config, call).await,
            Command::Formula(call) => formula::carry_out(&call),
            Command::VerifyHistory => maintenance::verify_history(&config).await,
            Command::VerifyScores(call) => scores::verify(&config, call).await,
            Command::Health => health::health(&config),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, error::ErrorKind};

    #[test]
    fn the_arguments_make_sense_to_clap() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_command_means_serve() {
        let arguments = Arguments::try_parse_from(["productops"]).unwrap();
        assert!(arguments.command.is_none());
    }

    #[test]
    fn an_import_takes_its_names_as_documented() {
        let call = "productops import math-models m.csv --dry-run --with-approvals --as ada@example.com --json";
        let arguments = Arguments::try_parse_from(call.split(' ')).unwrap();
        let Some(Command::Import(call)) = arguments.command else {
            panic!("{arguments:?}")
        };
        assert!(matches!(call.kind, Kind::MathModels));
        assert!(call.dry_run && call.with_approvals && call.json);
        assert!(call.file.is_some() && call.spreadsheet.is_none());
        assert_eq!(call.acting.as_deref(), Some("ada@example.com"));
    }

    #[test]
    fn a_wrong_call_has_exit_code_2_and_help_has_0() {
        for (call, code) in [
            ("productops import tickets t.csv", 2),
            ("productops import backlog", 2),
            ("productops import backlog b.csv --spreadsheet 1AbC", 2),
            ("productops serve --fast", 2),
            ("productops import --help", 0),
        ] {
            let error = Arguments::try_parse_from(call.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), code, "{call}");
        }
        let help = Arguments::try_parse_from(["productops", "--help"]).unwrap_err();
        assert_eq!(help.kind(), ErrorKind::DisplayHelp);
    }
}

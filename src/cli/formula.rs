//! `productops formula check` and `productops formula eval`: the language by itself, for scripts and for trying out.
//!
//! Knows how numbers are given on the command line; what a formula is and how overall comes about is the domain's.

use super::{
    formula_report::{Note, Outputs, Report},
    output::Failure,
};
use crate::domain::{
    amount,
    formula::{Formula, nearest},
    scoring,
};
use clap::{Args, Subcommand};
use std::{
    collections::HashSet,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// No formula is longer by far; whatever is, isn't read to its end.
const MOST_BYTES: u64 = 1024 * 1024;

/// Check a formula, or evaluate one
#[derive(Debug, Subcommand)]
pub(super) enum Call {
    /// Say what is wrong with a formula, or what it reads and gives
    Check(Check),
    /// Say what a formula gives for these values
    Eval(Eval),
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The file with the formula; - for standard input
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Eval {
    /// The file with the formula; - for standard input
    file: PathBuf,
    /// A parameter's value, such as margin=0.3, margin=30% or aov=£45; once for each
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = given)]
    params: Vec<Given>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A value as it was given.
#[derive(Clone, Debug, PartialEq)]
struct Given {
    name: String,
    value: f64,
}

/// Does what the call says.
pub(super) fn carry_out(call: &Call) -> Result<(), Failure> {
    match call {
        Call::Check(call) => {
            let text = text(&call.file)?;
            check(&text).print(&text, call.json)
        }
        Call::Eval(call) => {
            given_once(&call.params)?;
            let text = text(&call.file)?;
            evaluated(&text, &call.params).print(&text, call.json)
        }
    }
}

/// `name=value`; numbers as in a formula or as in a field of the app.
fn given(text: &str) -> Result<Given, String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write the parameter's name, `=` and its value, such as margin=0.3")?;
    let (name, value) = (name.trim().to_owned(), value.trim());
    if name.is_empty() {
        return Err("there is no name before `=`".to_owned());
    }
    let plain = value
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite());
    let value = match plain {
        Some(number) => number,
        None => {
            amount::read_amount(value, &amount::AmountContext::default())
                .map_err(|why| why.to_string())?
                .value
        }
    };
    Ok(Given { name, value })
}

fn given_once(params: &[Given]) -> Result<(), Failure> {
    let mut names = HashSet::new();
    match params.iter().find(|given| !names.insert(&given.name)) {
        Some(Given { name, .. }) => Err(Failure::Call(format!(
            "`{name}` is given twice. Keep one --param {name}=…"
        ))),
        None => Ok(()),
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    let is_stdin = path == Path::new("-");
    let (shown, read) = if is_stdin {
        ("Standard input".into(), whole(io::stdin().lock()))
    } else {
        (path.to_string_lossy(), File::open(path).and_then(whole))
    };
    let bytes = read.map_err(|why| Failure::Input(format!("{shown} can’t be read: {why}")))?;
    if bytes.len() as u64 > MOST_BYTES {
        let why = format!("{shown} has more than 1 MiB. That is no formula; name another file.");
        return Err(Failure::Input(why));
    }
    String::from_utf8(bytes).map_err(|why| {
        let at = why.utf8_error().valid_up_to() + 1;
        Failure::Input(format!(
            "{shown} isn’t UTF-8 text (byte {at}). Save it as UTF-8 and try again."
        ))
    })
}

fn whole(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn check(text: &str) -> Report {
    match Formula::parse(text) {
        Ok(formula) => Report::of(&formula),
        Err(errors) => Report::refused(&errors),
    }
}

fn evaluated(text: &str, params: &[Given]) -> Report {
    let formula = match Formula::parse(text) {
        Ok(formula) => formula,
        Err(errors) => return Report::refused(&errors).with_outputs(Outputs::default()),
    };
    let mut report = Report::of(&formula).with_outputs(Outputs::default());
    report.warn(unread(&formula, params));
    let find = |name: &str| params.iter().find(|given| given.name == name);
    let values = formula.identifiers().iter().map(|i| find(&i.name));
    let inputs: Option<Vec<f64>> = values.map(|given| Some(given?.value)).collect();
    let Some(inputs) = inputs else {
        report.fail(missing(&formula, params));
        return report;
    };
    // As an initiative's own effort, where the formula has none.
    let effort = find("effort").map(|given| given.value);
    if let Ok(lines) = formula.explain(&inputs) {
        report.explain(lines);
    }
    match scoring::compute(&formula, &inputs, effort) {
        Ok(score) => report.give(&score),
        Err(error) => report.fail(Note::of_evaluation(&error)),
    }
    report
}

/// All that are missing, in one error where the first is read.
fn missing(formula: &Formula, params: &[Given]) -> Note {
    let is_given = |name: &str| params.iter().any(|given| given.name == name);
    let missing: Vec<_> = formula
        .identifiers()
        .iter()
        .filter(|identifier| !is_given(&identifier.name))
        .collect();
    let names: Vec<String> = missing.iter().map(|i| format!("`{}`", i.name)).collect();
    let message = match &missing[..] {
        [one] => format!("`{0}` has no value. Add --param {0}=….", one.name),
        _ => format!(
            "These parameters have no value: {}. Add --param NAME=VALUE for each.",
            names.join(", ")
        ),
    };
    let first = missing.first();
    Note {
        line: first.map_or(1, |first| first.line),
        column: first.map_or(1, |first| first.column),
        length: first.map_or(0, |first| first.name.len()),
        code: "missing_parameters",
        message,
    }
}

fn unread(formula: &Formula, params: &[Given]) -> Vec<Note> {
    let names = || formula.identifiers().iter().map(|i| i.name.as_str());
    let is_unread = |given: &&Given| names().all(|name| name != given.name);
    let note = |Given { name, .. }: &Given| {
        let is_output =
            name == "value" || name == "overall" || formula.outputs().effort && name == "effort";
        let message = if is_output || formula.intermediates().any(|line| line == name) {
            format!(
                "The formula works out `{name}` itself. The value that is given for it isn’t used."
            )
        } else if name == "effort" {
            "The formula doesn’t read `effort`. It is taken as the initiative’s own effort in days."
                .to_owned()
        } else if let Some(meant) = nearest(name, names()) {
            format!("The formula doesn’t read `{name}`. Is `{meant}` meant?")
        } else {
            format!("The formula doesn’t read `{name}`. Leave it out, or check how it is spelled.")
        };
        Note {
            line: 1,
            column: 1,
            length: 0,
            code: "unread_parameter",
            message,
        }
    };
    params.iter().filter(is_unread).map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_in_a_formula_and_as_in_the_app() {
        for (text, name, value) in [
            ("margin=0.3", "margin", 0.3),
            (" margin = 30% ", "margin", 0.3),
            ("sessions=500,000", "sessions", 500_000.0),
            ("sessions=1.2m", "sessions", 1.2e6),
            ("cost=£1,200.50", "cost", 1200.5),
            ("cost=-5", "cost", -5.0),
            ("big=1e300", "big", 1e300),
        ] {
            let name = name.to_owned();
            assert_eq!(given(text), Ok(Given { name, value }), "{text}");
        }
        for text in [
            "margin",
            "=3",
            "margin=",
            "margin=nan",
            "margin=inf",
            "margin=1e999",
            "margin=1,5",
            "margin=x",
        ] {
            assert!(given(text).is_err(), "{text}");
        }
    }

    fn report(text: &str, params: &[(&str, f64)]) -> Report {
        let given = |(name, value): &(&str, f64)| Given {
            name: (*name).to_owned(),
            value: *value,
        };
        let params: Vec<_> = params.iter().map(given).collect();
        evaluated(text, &params)
    }

    #[test]
    fn overall_is_value_by_effort_wherever_effort_is_known() {
        for (text, params, expected) in [
            ("a", &[("a", 10.0)][..], (Some(10.0), None, None)),
            (
                "a * effort",
                &[("a", 10.0), ("effort", 4.0)],
                (Some(40.0), Some(4.0), Some(10.0)),
            ),
            (
                "a",
                &[("a", 10.0), ("effort", 4.0)],
                (Some(10.0), Some(4.0), Some(2.5)),
            ),
            (
                "a",
                &[("a", 10.0), ("effort", 0.0)],
                (Some(10.0), Some(0.0), None),
            ),
            (
                "value = a\neffort = 5",
                &[("a", 10.0)],
                (Some(10.0), Some(5.0), Some(2.0)),
            ),
            (
                "value = a\neffort = 5",
                &[("a", 10.0), ("effort", 1.0)],
                (Some(10.0), Some(5.0), Some(2.0)),
            ),
            (
                "value = a\noverall = 7",
                &[("a", 10.0)],
                (Some(10.0), None, Some(7.0)),
            ),
        ] {
            let outputs = report(text, params).outputs().unwrap();
            assert_eq!(
                (outputs.value, outputs.effort, outputs.overall),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn what_the_formula_does_not_read_is_said_with_what_was_probably_meant() {
        for (text, name, part) in [
            ("uplift_conv * 2", "uplift_cnv", "Is `uplift_conv` meant?"),
            ("a * 2", "revenue", "check how it is spelled"),
            ("a * 2", "effort", "the initiative’s own effort"),
            ("x = a\nvalue = x", "x", "works out `x` itself"),
            (
                "value = a\neffort = 2",
                "effort",
                "works out `effort` itself",
            ),
        ] {
            let report = report(text, &[("a", 1.0), ("uplift_conv", 1.0), (name, 2.0)]);
            let said = report
                .warnings()
                .iter()
                .any(|note| note.message.contains(part));
            assert!(said, "{text}: {:?}", report.warnings());
        }
    }

    #[test]
    fn a_value_given_twice_is_a_wrong_call() {
        let given = given("a=1").unwrap();
        assert!(given_once(std::slice::from_ref(&given)).is_ok());
        assert!(matches!(
            given_once(&[given.clone(), given]),
            Err(Failure::Call(_))
        ));
    }
}

//! What `productops formula` found out, as JSON for scripts and as text for people. Only shows; computes nothing.

use super::output::{Failure, complain, say};
use crate::domain::{
    formula::{EvaluationError, ExplainedLine, Formula, FormulaError, FormulaWarning},
    number_format,
    scoring::Score,
};
use serde::{Serialize, Serializer};
use std::fmt::Write as _;

/// What was found out about a formula.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    ok: bool,
    /// Of an evaluation only.
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<Outputs>,
    /// In the formula's order; without a value where there is none.
    #[serde(serialize_with = "in_order")]
    intermediates: Vec<(String, Option<f64>)>,
    parameters: Vec<String>,
    errors: Vec<Note>,
    warnings: Vec<Note>,
    #[serde(skip)]
    lines: Vec<ExplainedLine>,
    /// The outputs that the formula assigns.
    #[serde(skip)]
    assigned: Vec<&'static str>,
    /// Why overall is empty.
    #[serde(skip)]
    remark: Option<String>,
}

/// The results of an evaluation; null where there is none.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Outputs {
    pub(super) value: Option<f64>,
    pub(super) effort: Option<f64>,
    pub(super) overall: Option<f64>,
}

/// An error or a warning at its place, 1-based; columns in characters.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Note {
    pub(super) line: u32,
    pub(super) column: u32,
    /// How many characters are meant; 0 where no place is.
    #[serde(skip)]
    pub(super) length: usize,
    pub(super) code: &'static str,
    pub(super) message: String,
}

fn in_order<S: Serializer>(
    values: &[(String, Option<f64>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(name, value)| (name, value)))
}

impl Note {
    /// Why a formula that is well written has no result.
    pub(super) fn of_evaluation(error: &EvaluationError) -> Self {
        let sentence = error.to_string();
        // The place is said beside it.
        let message = sentence.strip_prefix(&format!("Line {}: ", error.line));
        Self {
            line: error.line,
            column: error.column,
            length: error.length as usize,
            code: error.kind.code(),
            message: message.unwrap_or(&sentence).to_owned(),
        }
    }

    fn of_error(error: &FormulaError) -> Self {
        Self {
            line: error.line,
            column: error.column,
            length: error.length as usize,
            code: error.code,
            message: error.message(),
        }
    }

    fn of_warning(warning: &FormulaWarning) -> Self {
        Self {
            line: warning.line,
            column: warning.column,
            length: warning.length as usize,
            code: warning.code,
            message: warning.message(),
        }
    }

    /// The sentence, below it the line with the place marked.
    fn shown(&self, text: &str, label: &str) -> String {
        if self.length == 0 {
            return format!("{label}{}\n", self.message);
        }
        let mut shown = format!(
            "{label}line {}, column {}: {}\n",
            self.line, self.column, self.message
        );
        let number = (self.line as usize).saturating_sub(1);
        let unix = text.replace("\r\n", "\n").replace('\r', "\n");
        let line = unix.split('\n').nth(number).unwrap_or_default();
        // A terminal must not obey what a file says, and the mark has to stand below its place.
        let line: String = line
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let indent = " ".repeat((self.column as usize).saturating_sub(1));
        let mark = "^".repeat(self.length);
        let _ = writeln!(shown, "\n    {line}\n    {indent}{mark}\n");
        shown
    }
}

impl Report {
    /// Of a formula that parsed.
    pub(super) fn of(formula: &Formula) -> Self {
        let outputs = formula.outputs();
        let assigned = [
            ("value", outputs.value),
            ("effort", outputs.effort),
            ("overall", outputs.overall),
        ];
        Self {
            ok: true,
            outputs: None,
            intermediates: formula
                .intermediates()
                .map(|name| (name.to_owned(), None))
                .collect(),
            parameters: formula
                .identifiers()
                .iter()
                .map(|i| i.name.clone())
                .collect(),
            errors: Vec::new(),
            warnings: formula.warnings().iter().map(Note::of_warning).collect(),
            lines: Vec::new(),
            assigned: assigned
                .into_iter()
                .filter(|(_, is)| *is)
                .map(|(name, _)| name)
                .collect(),
            remark: None,
        }
    }

    /// Of a text that is no formula.
    pub(super) fn refused(errors: &[FormulaError]) -> Self {
        Self {
            ok: false,
            outputs: None,
            intermediates: Vec::new(),
            parameters: Vec::new(),
            errors: errors.iter().map(Note::of_error).collect(),
            warnings: Vec::new(),
            lines: Vec::new(),
            assigned: Vec::new(),
            remark: None,
        }
    }

    pub(super) fn with_outputs(self, outputs: Outputs) -> Self {
        let outputs = Some(outputs);
        Self { outputs, ..self }
    }

    pub(super) fn warn(&mut self, more: Vec<Note>) {
        self.warnings.extend(more);
    }

    pub(super) fn fail(&mut self, error: Note) {
        self.ok = false;
        self.errors.push(error);
    }

    /// Takes over what came of each line.
    pub(super) fn explain(&mut self, lines: Vec<ExplainedLine>) {
        for (name, value) in &mut self.intermediates {
            let line = lines.iter().find(|line| line.name == *name);
            *value = line.and_then(|line| line.result.as_ref().ok().copied());
        }
        self.lines = lines;
    }

    pub(super) fn give(&mut self, score: &Score) {
        self.outputs = Some(Outputs {
            value: Some(score.value),
            effort: score.effort,
            overall: score.overall,
        });
        if score.overall.is_none() {
            // The last note says why.
            self.remark = score.notes.last().cloned();
        }
    }

    /// Prints it: JSON alone on stdout; for people results on stdout, what is wrong on stderr.
    pub(super) fn print(&self, text: &str, is_json: bool) -> Result<(), Failure> {
        if is_json {
            let json = serde_json::to_string_pretty(self).map_err(|why| {
                Failure::Surroundings(format!("The report can’t be written: {why}"))
            })?;
            say(&json);
        } else {
            let errors = self.errors.iter().map(|note| note.shown(text, "Error: "));
            let warnings = self
                .warnings
                .iter()
                .map(|note| note.shown(text, "Warning: "));
            complain(&errors.chain(warnings).collect::<String>());
            let found = self.found();
            if !found.is_empty() {
                say(&found);
            }
        }
        if self.ok {
            return Ok(());
        }
        Err(Failure::SaidInput)
    }

    fn found(&self) -> String {
        match (&self.outputs, self.ok) {
            (Some(outputs), true) => self.results(outputs),
            (Some(_), false) => self.values_of_lines(),
            (None, true) => self.names(),
            (None, false) => String::new(),
        }
    }

    fn names(&self) -> String {
        let listed = |names: &[&str]| match names {
            [] => "nothing".to_owned(),
            names => names.join(", "),
        };
        let parameters: Vec<&str> = self.parameters.iter().map(String::as_str).collect();
        let between: Vec<&str> = self
            .intermediates
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let mut found = format!(
            "The formula is in order.\nreads  {}\ngives  {}\n",
            listed(&parameters),
            listed(&self.assigned)
        );
        if !between.is_empty() {
            let _ = writeln!(found, "by     {}", listed(&between));
        }
        found
    }

    fn results(&self, outputs: &Outputs) -> String {
        let mut found = String::new();
        for (name, number) in [
            ("value", outputs.value),
            ("effort", outputs.effort),
            ("overall", outputs.overall),
        ] {
            if let Some(number) = number {
                let _ = writeln!(found, "{name:<7}  {}", number_format::score(number));
            }
        }
        if let Some(remark) = &self.remark {
            let _ = writeln!(found, "\n{remark}");
        }
        // A single line says no more than its result.
        if self.lines.len() > 1 {
            let _ = write!(found, "\n{}", self.values_of_lines());
        }
        found
    }

    fn values_of_lines(&self) -> String {
        let line = |line: &ExplainedLine| {
            let source: String = line
                .source
                .lines()
                .map(|part| part.split('#').next().unwrap_or_default().trim())
                .collect::<Vec<_>>()
                .join(" ");
            let value = line
                .result
                .as_ref()
                .map_or("no result".to_owned(), |value| number_format::score(*value));
            (line.line, source, value)
        };
        let lines: Vec<_> = self.lines.iter().map(line).collect();
        let width = lines
            .iter()
            .map(|(_, source, _)| source.chars().count())
            .max();
        let width = width.unwrap_or_default().min(80);
        lines
            .iter()
            .fold(String::new(), |mut all, (number, source, value)| {
                let _ = writeln!(all, "{number:>4}  {source:<width$}  {value}");
                all
            })
    }

    #[cfg(test)]
    pub(super) fn outputs(&self) -> Option<Outputs> {
        self.outputs
    }

    #[cfg(test)]
    pub(super) fn warnings(&self) -> &[Note] {
        &self.warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_marked_below_its_line_and_a_terminal_is_told_nothing() {
        let text = "x = 1\r\nvalue =\t£5 \u{1b}[31m";
        let errors = Formula::parse(text).unwrap_err();
        let shown = Note::of_error(&errors[0]).shown(text, "Error: ");
        assert!(
            shown.starts_with("Error: line 2, column 9: Leave out the `£`"),
            "{shown}"
        );
        assert!(
            shown.ends_with("\n    value = £5  [31m\n            ^\n\n"),
            "{shown}"
        );
    }

    #[test]
    fn a_failed_operation_is_said_once_with_its_place_and_the_lines_that_have_a_value() {
        let formula = Formula::parse("share = part / all\nvalue = 12 * part").unwrap();
        let lines = formula.explain(&[7.0, 0.0]).unwrap();
        let note = Note::of_evaluation(lines[0].result.as_ref().unwrap_err());
        assert_eq!(
            (note.line, note.column, note.code),
            (1, 9, "divide_by_zero")
        );
        assert!(
            note.message
                .starts_with("`part / all` divides by zero (7 / 0)."),
            "{}",
            note.message
        );
        let mut report = Report::of(&formula).with_outputs(Outputs::default());
        report.explain(lines);
        report.fail(note);
        let expected = "   1  share = part / all  no result\n   2  value = 12 * part   84\n";
        assert_eq!(report.found(), expected);
    }

    #[test]
    fn json_keeps_the_order_of_lines_and_says_null_where_nothing_is_known() {
        let formula = Formula::parse("z = a\nb = 2\nvalue = z + b").unwrap();
        let report = Report::of(&formula).with_outputs(Outputs::default());
        let expected = r#"{"ok":true,"outputs":{"value":null,"effort":null,"overall":null},"intermediates":{"z":null,"b":null},"parameters":["a"],"errors":[],"warnings":[]}"#;
        assert_eq!(serde_json::to_string(&report).unwrap(), expected);
    }
}

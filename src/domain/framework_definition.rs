//! What an admin types to define a framework: key, name, formula, and a row of metadata for each name that the formula
//! reads. The rows follow the formula; what nobody has described yet is proposed by [`super::plain_rules`].

use super::{
    amount::{AmountContext, DecimalSeparator, read_amount},
    formula::Formula,
    framework::{Framework, FrameworkParam},
    param::{Bounds, Number, Source},
    plain_rules,
};

/// The longest key, in characters.
const LONGEST_KEY: usize = 40;
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The largest bound either way: what a param can hold.
const LARGEST: f64 = 1e15;

/// A definition as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What people call it.
    pub name: String,
    /// Its formula.
    pub formula: String,
    /// The rows, in any order.
    pub params: Vec<TypedParam>,
    /// How the rows' numbers are written.
    pub separator: DecimalSeparator,
}

/// One param's metadata as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedParam {
    /// The name that the formula reads.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What it means.
    pub description: String,
    /// Its unit.
    pub unit: String,
    /// Lowest, inclusive; empty: open.
    pub min: String,
    /// Highest, inclusive; empty: open.
    pub max: String,
    /// Who answers for it; empty: nobody yet.
    pub source: String,
}

/// A definition that holds together.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What people call it.
    pub name: String,
    /// Its formula.
    pub formula: Formula,
    /// One row for each name that the formula reads, in its order.
    pub params: Vec<FrameworkParam>,
}

/// Something that can't be taken, beside the field it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `key`, `name`, `formula`, or a column with its param: `min-reach`.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Fault {
    fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, message) = (field.into(), message.into());
        Self { field, message }
    }
}

/// The key of a new framework, with any space around it; fixed once saved.
///
/// # Errors
/// It is no key.
pub fn read_key(typed: &str) -> Result<String, Fault> {
    let key = typed.trim();
    let is_key = key.starts_with(|c: char| c.is_ascii_uppercase())
        && key
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && key.len() <= LONGEST_KEY;
    if is_key {
        return Ok(key.to_owned());
    }
    let rule = "A key begins with a capital letter, then come capital letters, digits or _, at most 40, like RICE_2.";
    Err(Fault::new("key", rule))
}

/// Reads a definition as it was typed.
///
/// # Errors
/// Everything that can't be taken. A name that the formula reads and nobody has described gets what plain rules tell.
pub fn read(typed: &Typed, currency: &str) -> Result<Definition, Vec<Fault>> {
    let mut faults = Vec::new();
    let name = typed.name.trim().to_owned();
    if name.is_empty() {
        faults.push(Fault::new("name", "A framework needs a name."));
    } else if name.chars().count() > LONGEST_NAME {
        let message = format!("The name is longer than {LONGEST_NAME} characters.");
        faults.push(Fault::new("name", message));
    }
    let formula = Formula::parse(&typed.formula).map_err(|errors| {
        let at = errors.first().map_or_else(String::new, |error| {
            format!(
                "Line {}, column {}: {}",
                error.line,
                error.column,
                error.message()
            )
        });
        faults.push(Fault::new("formula", at));
    });
    let Ok(formula) = formula else {
        return Err(faults);
    };
    let params = follow(&formula, &typed.params, currency)
        .iter()
        .filter_map(|row| read_param(row, typed.separator, &mut faults))
        .collect();
    if faults.is_empty() {
        Ok(Definition {
            name,
            formula,
            params,
        })
    } else {
        Err(faults)
    }
}

/// The rows that belong to a formula, in its order: what was typed where there is something, else what plain rules
/// tell from the bare name.
#[must_use]
pub fn follow(formula: &Formula, typed: &[TypedParam], currency: &str) -> Vec<TypedParam> {
    let row = |name: &String| {
        typed
            .iter()
            .find(|row| row.name == *name)
            .cloned()
            .unwrap_or_else(|| proposed(name, currency))
    };
    formula
        .identifiers()
        .iter()
        .map(|identifier| row(&identifier.name))
        .collect()
}

fn proposed(name: &str, currency: &str) -> TypedParam {
    let guess = plain_rules::guess(name, currency);
    let end = |end: Option<&str>| end.unwrap_or_default().to_owned();
    TypedParam {
        name: name.to_owned(),
        label: guess.label,
        description: String::new(),
        unit: guess.unit,
        min: end(guess.min),
        max: end(guess.max),
        source: guess.source.to_owned(),
    }
}

/// A saved definition as a form of this habit shows it.
#[must_use]
pub fn typed(framework: &Framework, separator: DecimalSeparator) -> Typed {
    let digits = |number: &Option<Number>| {
        let digits = number.as_ref().map(|n| separator.written(n.decimal()));
        digits.unwrap_or_default()
    };
    let row = |param: &FrameworkParam| TypedParam {
        name: param.name.clone(),
        label: param.label.clone(),
        description: param.description.clone(),
        unit: param.unit.clone(),
        min: digits(&param.bounds.min),
        max: digits(&param.bounds.max),
        source: param.source.map_or("", Source::key).to_owned(),
    };
    Typed {
        name: framework.name.clone(),
        formula: framework
            .formula
            .as_ref()
            .map(|formula| formula.text.clone())
            .unwrap_or_default(),
        params: framework.params.iter().map(row).collect(),
        separator,
    }
}

fn read_param(
    row: &TypedParam,
    separator: DecimalSeparator,
    faults: &mut Vec<Fault>,
) -> Option<FrameworkParam> {
    let before = faults.len();
    let field = |column: &str| format!("{column}-{}", row.name);
    for (column, text, most) in [
        ("label", &row.label, 200),
        ("description", &row.description, 5000),
        ("unit", &row.unit, 40),
    ] {
        if text.trim().chars().count() > most {
            let message = format!("This is longer than {most} characters.");
            faults.push(Fault::new(field(column), message));
        }
    }
    let mut end = |column: &str, text: &str| match read_end(row, text, separator) {
        Ok(end) => end,
        Err(message) => {
            faults.push(Fault::new(field(column), message));
            None
        }
    };
    let bounds = Bounds {
        min: end("min", &row.min),
        max: end("max", &row.max),
    };
    if let (Some(min), Some(max)) = (&bounds.min, &bounds.max)
        && min.value() > max.value()
    {
        let message = format!("The lowest value ({min}) is above the highest ({max}).");
        faults.push(Fault::new(field("min"), message));
    }
    let source = Source::read(&row.source).unwrap_or_else(|unknown| {
        faults.push(Fault::new(field("source"), unknown.to_string()));
        None
    });
    (faults.len() == before).then(|| FrameworkParam {
        name: row.name.clone(),
        label: row.label.trim().to_owned(),
        description: row.description.trim().replace("\r\n", "\n"),
        unit: row.unit.trim().to_owned(),
        bounds,
        source: source.filter(|source| *source != Source::Llm),
    })
}

/// One end of the bounds, read by the row's unit; empty: open.
fn read_end(
    row: &TypedParam,
    text: &str,
    separator: DecimalSeparator,
) -> Result<Option<Number>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let context = AmountContext {
        unit: row.unit.trim(),
        min: None,
        max: None,
        name: &row.name,
        separator,
    };
    let amount = read_amount(text.trim(), &context).map_err(|error| error.to_string())?;
    let number = Number::from_decimal(amount.decimal);
    if number.value().abs() > LARGEST {
        return Err("A bound lies between −1e15 and 1e15.".to_owned());
    }
    Ok(Some(number))
}

/// What a new definition changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Whether people will call it something else.
    pub name: bool,
    /// Whether the formula's text differs after normalising.
    pub formula: bool,
    /// Whether any row of metadata differs.
    pub params: bool,
    /// Names that the formula reads from now on.
    pub appear: Vec<String>,
    /// Names that it no longer reads.
    pub stop: Vec<String>,
    /// Names that stay and whose bounds move.
    pub bounds: Vec<String>,
}

impl Differences {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether somebody's score may differ.
    #[must_use]
    pub fn moves_scores(&self) -> bool {
        self.formula || !self.bounds.is_empty()
    }
}

/// What a definition changes of the saved framework.
#[must_use]
pub fn differences(saved: &Framework, new: &Definition) -> Differences {
    let names = |params: &[FrameworkParam], without: &[FrameworkParam]| {
        params
            .iter()
            .filter(|param| without.iter().all(|other| other.name != param.name))
            .map(|param| param.name.clone())
            .collect()
    };
    let bounds_moved = |param: &&FrameworkParam| {
        let old = saved.param(&param.name);
        old.is_some_and(|old| old.bounds != param.bounds)
    };
    Differences {
        name: saved.name != new.name,
        formula: saved
            .formula
            .as_ref()
            .is_none_or(|formula| formula.text != new.formula.text()),
        params: saved.params != new.params,
        appear: names(&new.params, &saved.params),
        stop: names(&saved.params, &new.params),
        bounds: new
            .params
            .iter()
            .filter(bounds_moved)
            .map(|param| param.name.clone())
            .collect(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::{
        framework::FrameworkFormula,
        ids::{FormulaVersionId, FrameworkId},
    };

    pub(crate) fn typed(formula: &str) -> Typed {
        Typed {
            name: "Reach first".into(),
            formula: formula.into(),
            ..Typed::default()
        }
    }

    fn saved(definition: Definition) -> Framework {
        Framework {
            id: FrameworkId(9),
            key: "RF".into(),
            name: definition.name,
            is_builtin: false,
            is_archived: false,
            revision: 1,
            formula: Some(FrameworkFormula {
                id: FormulaVersionId(1),
                version: 1,
                text: definition.formula.text().to_owned(),
            }),
            params: definition.params,
        }
    }

    fn fields(typed: &Typed) -> Vec<String> {
        let faults = read(typed, "£").unwrap_err();
        faults.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_key_is_capitals_digits_and_underscores_and_begins_with_a_capital() {
        for good in ["A", "RICE_2", " ICE "] {
            assert_eq!(read_key(good).unwrap(), good.trim());
        }
        for bad in ["", "rice", "2X", "_X", "A-B", "É", &"A".repeat(41)] {
            assert_eq!(read_key(bad).unwrap_err().field, "key", "{bad:?}");
        }
    }

    #[test]
    fn the_rows_follow_the_formula_and_plain_rules_describe_what_nobody_has() {
        let mut input = typed("value = reach * conv_rate");
        input.params = vec![
            TypedParam {
                name: "reach".into(),
                label: "Who sees it".into(),
                min: "0".into(),
                ..TypedParam::default()
            },
            TypedParam {
                name: "gone".into(),
                min: "not a number".into(),
                ..TypedParam::default()
            },
        ];
        let read = read(&input, "£").unwrap();
        let rows: Vec<_> = read
            .params
            .iter()
            .map(|param| {
                let bounds = param.bounds.to_string();
                (param.label.as_str(), param.unit.as_str(), bounds)
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("Who sees it", "", "at least 0".to_owned()),
                ("Conversion rate", "%", "0 to 1".to_owned())
            ]
        );
    }

    #[test]
    fn everything_that_can_t_be_taken_is_said_beside_its_field() {
        let mut input = typed("value = reach");
        input.name = " ".into();
        input.params = vec![TypedParam {
            name: "reach".into(),
            label: "x".repeat(201),
            min: "9".into(),
            max: "1".into(),
            source: "Marketing".into(),
            ..TypedParam::default()
        }];
        let expected = ["name", "label-reach", "min-reach", "source-reach"];
        assert_eq!(fields(&input), expected);
        input.params[0].min = "2e15".into();
        assert!(fields(&input).contains(&"min-reach".to_owned()));
        assert_eq!(fields(&typed("value = reach +")), ["formula"]);
    }

    #[test]
    fn bounds_are_read_as_people_write_them() {
        let mut input = typed("value = take_rate");
        input.params = vec![TypedParam {
            name: "take_rate".into(),
            unit: "%".into(),
            min: "2%".into(),
            max: "50%".into(),
            ..TypedParam::default()
        }];
        let bounds = read(&input, "£").unwrap().params[0].bounds.to_string();
        assert_eq!(bounds, "0.02 to 0.5");
    }

    #[test]
    fn the_differences_say_what_appears_stops_and_moves() {
        let before = saved(read(&typed("value = a_rate * b"), "£").unwrap());
        let same = read(&typed("value = a_rate × b"), "£").unwrap();
        assert!(
            differences(&before, &same).is_none(),
            "equal when normalised"
        );
        let mut input = super::typed(&before, DecimalSeparator::Point);
        input.formula = "value = a_rate * c".into();
        input.params[0].max = "0.5".into();
        let found = differences(&before, &read(&input, "£").unwrap());
        assert!(found.formula && found.params && found.moves_scores());
        assert_eq!(
            (found.appear, found.stop, found.bounds),
            (
                vec!["c".to_owned()],
                vec!["b".to_owned()],
                vec!["a_rate".to_owned()]
            )
        );
        let mut words = super::typed(&before, DecimalSeparator::Point);
        words.params[1].label = "Something else".into();
        let found = differences(&before, &read(&words, "£").unwrap());
        assert!(
            found.params && !found.moves_scores(),
            "a label moves no score"
        );
    }

    #[test]
    fn a_saved_definition_typed_again_is_the_same() {
        let before = saved(read(&typed("value = a_rate * sessions"), "£").unwrap());
        let again = read(&super::typed(&before, DecimalSeparator::Point), "£").unwrap();
        assert!(differences(&before, &again).is_none());
    }
}

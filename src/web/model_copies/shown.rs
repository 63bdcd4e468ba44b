//! A copy ready to print: the choice, what would happen to each initiative, what happened.

use super::{Asked, source_href, what};
use crate::{
    actions::copy_model::{Copied, Outlook},
    domain::{
        math_model::ModelField,
        model_copy::{self as domain, Blueprint, Fate, Steps},
    },
    store::model_copies::{self as store, CHOICES},
    web::{
        diff, undo,
        view::{
            Link,
            error::{Notice, Tone},
            layout::Nav,
            model_copy::{Choice, Done, Got, Preview, Target},
        },
        visit::Visit,
    },
};

/// How many initiatives the search offers.
fn most() -> usize {
    usize::try_from(CHOICES).unwrap_or(usize::MAX)
}

pub(super) fn choices(found: &[store::Choice], asked: &Asked) -> Vec<Choice> {
    let is_chosen = |choice: &store::Choice| asked.targets.contains(&choice.key);
    let chosen = found.iter().filter(|choice| is_chosen(choice));
    let others = found.iter().filter(|choice| !is_chosen(choice));
    chosen
        .chain(others.take(most()))
        .map(|choice| Choice {
            key: choice.key.clone(),
            title: choice.title.clone(),
            state: match choice.version {
                None => "No formula yet".to_owned(),
                Some(version) => format!("Has a formula, version {version}"),
            },
            is_chosen: is_chosen(choice),
        })
        .collect()
}

/// What the list of choices doesn't show.
pub(super) fn rest(found: &[store::Choice], asked: &Asked) -> String {
    let is_other = |choice: &&store::Choice| !asked.targets.contains(&choice.key);
    match found.iter().filter(is_other).count() {
        0 if asked.query.is_empty() => "There are no other initiatives.".to_owned(),
        0 => format!(
            "No other initiative has “{}” in its key or title.",
            asked.query
        ),
        others if others > most() => format!(
            "These are the first {} that were found; search to see others. What is chosen stays chosen.",
            most()
        ),
        _ => String::new(),
    }
}

pub(super) fn preview(visit: &Visit, asked: &Asked, outlook: &Outlook) -> Preview {
    let targets: Vec<_> = outlook
        .targets
        .iter()
        .map(|one| target(&outlook.blueprint, asked, one))
        .collect();
    let begins = |(_, fate): &&(domain::Target, Fate)| matches!(fate, Fate::Begins(_));
    let count = outlook.targets.iter().filter(begins).count();
    let can_replace = targets.iter().any(|target| target.can_replace);
    let notes = outlook.unknown.iter();
    Preview {
        page: visit.page("What copying would do", Nav::Models),
        from: asked.from.to_string(),
        version: outlook.blueprint.origin.version,
        what: what(&outlook.blueprint),
        origin: outlook.blueprint.origin.to_string(),
        formula: outlook.blueprint.formula.clone(),
        notes: notes
            .map(|key| format!("There is no initiative {key}."))
            .collect(),
        button: match (count, can_replace) {
            (0, false) => String::new(),
            (0, true) => "Copy to those chosen".to_owned(),
            (1, false) => "Copy to 1 initiative".to_owned(),
            (count, false) => format!("Copy to {count} initiatives"),
            (1, true) => "Copy to 1 initiative and those chosen".to_owned(),
            (count, true) => format!("Copy to {count} initiatives and those chosen"),
        },
        targets,
        choose_href: asked.choose_href(),
        back_href: source_href(&asked.from),
    }
}

fn target(blueprint: &Blueprint, asked: &Asked, (target, fate): &(domain::Target, Fate)) -> Target {
    let shown = Target {
        key: target.key.to_string(),
        href: format!("/initiatives/{}", target.key),
        title: target.title.clone(),
        revision: target.revision,
        ..Target::default()
    };
    let left = |why: &str| Target {
        fate: why.to_owned(),
        ..shown.clone()
    };
    match fate {
        Fate::Begins(steps) => Target {
            fate: "Gets the formula".to_owned(),
            lines: lines(steps),
            is_open: true,
            ..shown
        },
        Fate::HasFormula(steps) => Target {
            fate: "Has a formula: it stays, unless you choose to replace it".to_owned(),
            lines: lines(steps),
            can_replace: true,
            is_replaced: asked.over.contains(&shown.key),
            diff: diff::against(
                target.formula().map(|formula| formula.text.as_str()),
                &blueprint.formula,
            ),
            is_open: true,
            ..shown
        },
        Fate::Same => left("Nothing to do: its formula says the same already"),
        Fate::Archived => left("Refused: it is archived. Restore it first"),
        Fate::Itself => left("Left out: it is where the formula comes from"),
    }
}

/// What happens to a target, one thing a line.
fn lines(steps: &Steps) -> Vec<String> {
    let mut lines = Vec::new();
    if steps.turns_on {
        lines.push("The math model is turned on; the active framework stays as it is.".to_owned());
    }
    let withdraws = if steps.withdraws {
        " The approval of its formula is withdrawn, and its score stands as stale."
    } else {
        ""
    };
    lines.push(format!(
        "Version {} appears, unapproved.{withdraws}",
        steps.version
    ));
    let named = |what: &str, names: &[String]| {
        let noun = if names.len() == 1 { "Param" } else { "Params" };
        (!names.is_empty()).then(|| format!("{noun} that {what}: {}", names.join(", ")))
    };
    let appear = if steps.appear.len() == 1 {
        "appears"
    } else {
        "appear"
    };
    lines.extend(named(appear, &steps.appear));
    let kept = if steps.kept.len() == 1 {
        "keeps everything"
    } else {
        "keep everything"
    };
    lines.extend(named(kept, &steps.kept));
    if !steps.fills.is_empty() {
        let fields = steps.fills.iter().map(|field| ModelField::label(*field));
        let fields: Vec<_> = fields.map(str::to_lowercase).collect();
        lines.push(format!(
            "Empty here and copied: {}",
            fields.join(", ").replace("llm", "LLM")
        ));
    }
    lines
}

pub(super) fn nothing_was_copied(why: &str) -> Notice {
    Notice::problem(why, "Below is how it stands now.")
}

/// What a copy did; none: the same form was sent before.
pub(super) fn done(visit: &Visit, asked: &Asked, copied: Option<Copied>) -> Done {
    let mut page = visit.page("What copying did", Nav::Models);
    let notice = match &copied {
        None => Notice::done("This was copied already."),
        Some(copied) => match copied.done.len() {
            0 => Notice {
                tone: Tone::Info,
                ..Notice::done("Nothing was copied.")
            },
            1 => Notice::done("The formula was copied to 1 initiative."),
            count => Notice::done(format!("The formula was copied to {count} initiatives.")),
        },
    };
    let did_something = copied.as_ref().is_none_or(|copied| !copied.done.is_empty());
    page.notices.push(Notice {
        undo: undo::button_for_this(visit).filter(|_| did_something),
        ..notice
    });
    let copied = copied.unwrap_or_default();
    let models = copied.done.iter().map(|(key, model)| Got {
        initiative: Link {
            label: key.clone(),
            href: format!("/initiatives/{key}"),
        },
        model_href: format!("/math-models/{model}"),
    });
    Done {
        page,
        models: models.collect(),
        left_out: copied
            .left_out
            .into_iter()
            .map(|left| format!("{}: {}", left.label, left.why))
            .collect(),
        back_href: source_href(&asked.from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_says_one_thing_a_line() {
        let steps = Steps {
            turns_on: true,
            version: 4,
            withdraws: true,
            appear: vec!["aov".into()],
            kept: vec!["margin".into(), "orders".into()],
            fills: vec![ModelField::Prompt, ModelField::Assumptions],
        };
        assert_eq!(
            lines(&steps),
            [
                "The math model is turned on; the active framework stays as it is.",
                "Version 4 appears, unapproved. The approval of its formula is withdrawn, and its score stands as stale.",
                "Param that appears: aov",
                "Params that keep everything: margin, orders",
                "Empty here and copied: prompt to the LLM, assumptions",
            ]
        );
    }
}

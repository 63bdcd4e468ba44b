//! What a changed definition would do to everybody who has the framework on. Reads only; nothing is written.

use super::super::{
    error::WebError,
    figures,
    view::framework::{Changed, NotReady, Preview},
    visit::Visit,
};
use crate::{
    actions::rescore_framework::score,
    domain::{
        framework::Framework,
        framework_definition::{Definition, Differences, differences},
        framework_outlook::{Case, Outlook, with_bounds},
        number_format,
        scoring::FormulaState,
    },
    store::rescoring::{self, Subject},
};
use std::sync::Arc;

/// How many of each are shown; the rest is counted.
const SHOWN: usize = 50;
/// How many initiatives are read at a time.
const PAGE: i64 = 1000;
/// How many missing things of one initiative are named.
const NAMED: usize = 3;

/// What saving that definition would do.
pub(super) async fn of_saving(
    visit: &Visit,
    framework: &Framework,
    definition: &Definition,
) -> Result<Preview, WebError> {
    let differences = differences(framework, definition);
    if differences.is_none() {
        let summary = vec!["Nothing: this is what is saved.".to_owned()];
        return Ok(Preview {
            summary,
            ..Preview::default()
        });
    }
    let state = FormulaState::Approved(Arc::new(definition.formula.clone()));
    let mut outlook = Outlook::default();
    let (id, mut after) = (framework.id, 0);
    loop {
        let page = visit
            .db
            .read(async move |mut conn| rescoring::load(&mut conn, id, (after, PAGE), false).await);
        let page = page.await?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.initiative.id.0;
        for subject in page {
            outlook.add(case(subject, &state, definition));
        }
    }
    Ok(preview(&differences, &outlook.sorted(), framework))
}

fn case(mut subject: Subject, formula: &FormulaState, definition: &Definition) -> Case {
    subject.params = with_bounds(subject.params, &definition.params);
    Case {
        after: score(&subject, formula),
        key: subject.initiative.key.clone(),
        title: subject.initiative.title().to_owned(),
        is_active: subject.is_active,
        recorded: subject.recorded,
        is_ready: subject.status == "approved",
    }
}

fn preview(differences: &Differences, outlook: &Outlook, framework: &Framework) -> Preview {
    let href = |case: &Case| format!("/initiatives/{}", case.key);
    let changed = outlook.changed.iter().take(SHOWN).map(|case| Changed {
        href: href(case),
        key: case.key.to_string(),
        title: case.title.clone(),
        is_active: case.is_active,
        before: figures::score(case.recorded, ""),
        after: figures::score(case.after.as_ref().ok().map(|score| score.value), ""),
    });
    let not_ready = outlook.not_ready.iter().take(SHOWN).map(|case| NotReady {
        href: href(case),
        key: case.key.to_string(),
        title: case.title.clone(),
        is_active: case.is_active,
        before: figures::score(case.recorded, ""),
        missing: missing(case),
    });
    Preview {
        summary: summary(differences, outlook, framework),
        changed: changed.collect(),
        more_changed: more(outlook.changed.len()),
        not_ready: not_ready.collect(),
        more_not_ready: more(outlook.not_ready.len()),
    }
}

fn more(count: usize) -> String {
    match count.saturating_sub(SHOWN) {
        0 => String::new(),
        rest => format!("and {} more", number_format::decimal(&rest.to_string())),
    }
}

fn missing(case: &Case) -> String {
    let all = case
        .after
        .as_ref()
        .err()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut named: Vec<_> = all.iter().take(NAMED).map(ToString::to_string).collect();
    if all.len() > NAMED {
        named.push(format!("{} more", all.len() - NAMED));
    }
    named.join("; ")
}

fn summary(differences: &Differences, outlook: &Outlook, framework: &Framework) -> Vec<String> {
    let count = |n: usize, one: &str, many: &str| {
        let number = number_format::decimal(&n.to_string());
        format!("{number} {}", if n == 1 { one } else { many })
    };
    let on = count(outlook.total, "initiative has", "initiatives have");
    let mut lines = vec![format!(
        "{on} {} on; it is active on {}.",
        framework.name, outlook.active
    )];
    if differences.formula {
        let next = framework.formula.as_ref().map_or(1, |f| f.version + 1);
        lines.push(format!("The formula becomes version {next}."));
    }
    if differences.name {
        lines.push("The name changes everywhere; its key stays.".to_owned());
    }
    let names = |what: &str, names: &[String]| {
        (!names.is_empty()).then(|| format!("{what}: {}.", names.join(", ")))
    };
    lines.extend(names(
        "Params that appear, without a value",
        &differences.appear,
    ));
    lines.extend(names(
        "Params that are no longer used, with everything kept",
        &differences.stop,
    ));
    lines.extend(names("Params whose bounds change", &differences.bounds));
    if !differences.moves_scores() {
        lines.push("No score changes.".to_owned());
        return lines;
    }
    lines.push(format!(
        "{} another value, {}.",
        count(outlook.changed.len(), "gets", "get"),
        count(outlook.same, "keeps its own", "keep their own")
    ));
    if !outlook.not_ready.is_empty() {
        lines.push(format!(
            "{} no longer be ready; the last score stands as stale.",
            count(outlook.not_ready.len(), "would", "would")
        ));
    }
    if outlook.still_not_ready > 0 {
        lines.push(format!(
            "{} not ready now and wouldn’t be.",
            count(outlook.still_not_ready, "is", "are")
        ));
    }
    if outlook.outside > 0 {
        lines.push(format!(
            "{} a value outside the bounds.",
            count(outlook.outside, "holds", "hold")
        ));
    }
    lines
}

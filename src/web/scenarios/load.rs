//! Reading Base with all its scenarios for a page, and what stands above each of their pages.

use crate::{
    actions::{
        ActionError,
        scenario_group::{self as acts, Group},
    },
    domain::{
        ids::MathModelId,
        math_model::{BASE, MathModel, ModelField},
        scenario::{Scenario, Whose},
    },
    web::{
        error::WebError,
        initiatives::key_of,
        view::{Filter, FilterOption, Link, scenario::Head},
        visit::Visit,
    },
};
use actix_web::web::Path;

/// Whose scenarios an address asks for.
pub(super) fn whose(key: &str, framework: &str) -> Result<Whose, WebError> {
    Ok(Whose {
        initiative: key_of(key)?,
        framework: framework.to_owned(),
    })
}

/// The same from the two parts of an address.
pub(super) fn of_path(of: &Path<(String, String)>) -> Result<Whose, WebError> {
    whose(&of.0, &of.1)
}

/// Base of an initiative by a framework with all its scenarios.
pub(super) async fn group(visit: &Visit, whose: &Whose) -> Result<Group, WebError> {
    let whose = whose.clone();
    let read = visit
        .db
        .read(async move |mut conn| acts::get(&mut conn, &whose).await);
    Ok(read.await?)
}

/// The one that a scenario belongs to, with it in it.
pub(super) async fn group_with(visit: &Visit, id: MathModelId) -> Result<Group, WebError> {
    let read = visit.db.read(async move |mut conn| {
        let whose = acts::whose(&mut conn, id).await?;
        let group = acts::get(&mut conn, &whose).await?;
        group.scenario(id)?;
        Ok::<_, ActionError>(group)
    });
    Ok(read.await?)
}

/// Where Base is: the model's own page, or the framework's params of the initiative.
pub(super) fn base_href(group: &Group) -> String {
    let (key, framework) = (&group.initiative.key, &group.base.framework.key);
    let model = group.base.model.as_ref();
    model.map_or_else(
        || format!("/initiatives/{key}#params-{framework}-{key}"),
        |model| format!("/math-models/{}", model.id),
    )
}

/// What stands above the page of `at` (a scenario's; none: another).
pub(super) fn head(group: &Group, at: Option<MathModelId>, is_comparison: bool) -> Head {
    let whose = group.whose();
    let base = (base_href(group), group.driver().is_none());
    let mut bar = bar(&whose, base, group.open());
    for option in &mut bar.options {
        option.is_on = match at {
            Some(id) => option.href == format!("/scenarios/{id}"),
            None => is_comparison && option.href == comparison_href(&whose),
        };
    }
    let initiative = &group.initiative;
    Head {
        initiative: Link {
            label: format!("{} {}", initiative.key, initiative.title()),
            href: format!("/initiatives/{}", initiative.key),
        },
        model: Link {
            label: name(group),
            href: base_href(group),
        },
        bar,
    }
}

/// `Math model · Checkout`, `RICE`.
fn name(group: &Group) -> String {
    let framework = &group.base.framework.name;
    match &group.base.model {
        None => framework.clone(),
        Some(model) => match model.text(ModelField::Name) {
            "" => format!("{framework} · Model"),
            name => format!("{framework} · {name}"),
        },
    }
}

/// Where all of them stand side by side.
#[must_use]
pub fn comparison_href(whose: &Whose) -> String {
    let Whose {
        initiative,
        framework,
    } = whose;
    format!("/initiatives/{initiative}/frameworks/{framework}/scenarios")
}

/// Where one of them (none: Base) is chosen to drive the score.
pub(super) fn driver_href(whose: &Whose, scenario: Option<MathModelId>) -> String {
    let Whose {
        initiative,
        framework,
    } = whose;
    let chosen = scenario.map(|id| format!("?scenario={id}"));
    let chosen = chosen.unwrap_or_default();
    format!("/initiatives/{initiative}/frameworks/{framework}/driver{chosen}")
}

fn bar<'a>(
    whose: &Whose,
    (base_href, base_drives): (String, bool),
    open: impl Iterator<Item = &'a Scenario>,
) -> Filter {
    let option = |label: String, href: String, is_on| FilterOption { label, href, is_on };
    let drives = |label: &str, drives: bool| {
        let mark = if drives { " · drives the score" } else { "" };
        format!("{label}{mark}")
    };
    let mut options = vec![option(drives(BASE, base_drives), base_href, true)];
    options.extend(open.map(|scenario| {
        let label = drives(&scenario.label, scenario.drives);
        option(label, format!("/scenarios/{}", scenario.id), false)
    }));
    let more = if options.len() > 1 {
        "Compare, or make another"
    } else {
        "Make a scenario"
    };
    options.push(option(more.to_owned(), comparison_href(whose), false));
    Filter {
        label: "Scenarios".to_owned(),
        options,
    }
}

/// The bar of a model's own page, which is Base's.
#[must_use]
pub fn bar_of(whose: &Whose, model: &MathModel, scenarios: &[Scenario]) -> Filter {
    let open = scenarios.iter().filter(|one| one.put_away_at.is_none());
    let base = format!("/math-models/{}", model.id);
    bar(whose, (base, model.driver.is_none()), open)
}

//! Templates and built-in patterns: the library, one of them, and the form that makes a model a template.

pub mod export;

use super::{
    download,
    error::WebError,
    figures::day,
    math_models::{model_id, somebody_was_first},
    params::range_text,
    reply,
    sent_form::fresh_key,
    undo,
    view::{
        Empty, Hidden, Link, Search, Seen,
        badge::{Badge, State},
        layout::Nav,
        model_template::{Edit, Entry, Index, ParamLine, Section, Show, Use},
    },
    visit::Visit,
};
use crate::{
    actions::{
        ActionError, copy_model, math_models as models,
        model_templates::{self as acts, Typed},
    },
    domain::{
        formula,
        ids::{InitiativeKey, MathModelId},
        math_model::{MathModel, ModelField},
        model_copy::{Blueprint, BlueprintParam, CopyFrom},
        number_format::{both_readings, score_with_unit},
        param::Source,
        patterns::{self, Pattern},
        rights::Act,
    },
    store::model_templates::{self as store, ModelTemplate, TemplateUse},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path, Query},
};
use serde::Deserialize;

/// What of the library is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    /// The initiative that a template is looked for.
    #[serde(default)]
    target: String,
}

/// GET /templates
pub async fn index(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let search = asked.q.clone();
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let templates = store::list(&mut conn, &search, Some(store::MOST)).await?;
        Ok((templates, store::pattern_uses(&mut conn).await?))
    });
    let (templates, uses) = read.await?;
    let target = asked.target.parse::<InitiativeKey>().ok();
    let target = target
        .filter(|_| may_copy(&visit))
        .map(|key| key.to_string());
    let start = |from: CopyFrom| {
        let href = |key: &String| preview_href(&from, key);
        target.as_ref().map(href).unwrap_or_default()
    };
    let own = templates
        .iter()
        .map(|template| entry_of_template(template, start(CopyFrom::Template(template.model))));
    let found = patterns::all().iter().filter(|p| p.matches(&asked.q));
    let built_in = found.map(|pattern| {
        let uses = uses.iter().find(|(key, _)| key == pattern.key);
        let uses = uses.map_or(0, |(_, uses)| *uses);
        let start = start(CopyFrom::Pattern(pattern.key.to_owned()));
        entry_of_pattern(pattern, uses, start)
    });
    let section = |id: &str, title: &str, entries| Section {
        id: id.to_owned(),
        title: title.to_owned(),
        entries,
    };
    let mut sections = vec![
        section("own-templates", "Made here", own.collect()),
        section(
            "patterns",
            "Patterns that come with ProductOps",
            built_in.collect(),
        ),
    ];
    sections.retain(|section| !section.entries.is_empty());
    let kept = target.iter().map(|key| Hidden {
        name: "target".to_owned(),
        value: key.clone(),
    });
    reply::html(&Index {
        page: visit.page("Templates", Nav::Models),
        search: Search {
            action: "/templates".to_owned(),
            query: asked.q.clone(),
            kept: kept.collect(),
        },
        empty: sections.is_empty().then(|| nothing_found(&asked.q)),
        target: target.unwrap_or_default(),
        downloads: download::links("/templates", &words(&asked.q)),
        sections,
    })
}

/// The words that are looked for, as the address says them.
fn words(search: &str) -> String {
    if search.is_empty() {
        return String::new();
    }
    serde_urlencoded::to_string([("q", search)]).unwrap_or_default()
}

fn nothing_found(search: &str) -> Empty {
    Empty {
        title: "No template matches".to_owned(),
        text: format!("No template or pattern has “{search}” in its name, purpose or formula."),
        links: vec![Link {
            label: "Show all templates".to_owned(),
            href: "/templates".to_owned(),
        }],
        offers_sample_data: false,
    }
}

fn may_copy(visit: &Visit) -> bool {
    visit.may(Act::WriteModel).is_ok() && visit.may(Act::ChooseFramework).is_ok()
}

fn preview_href(from: &CopyFrom, target: &str) -> String {
    format!("/copies/preview?from={from}&target={target}")
}

fn used_by(count: i64) -> String {
    match count {
        0 => "not used yet".to_owned(),
        1 => "used by 1 initiative".to_owned(),
        count => format!("used by {count} initiatives"),
    }
}

fn badge(template: &ModelTemplate) -> Badge {
    if template.is_approved {
        return Badge::of(State::Approved);
    }
    let why = "The approval of this version was withdrawn, or a later version waits for one.";
    Badge::because(State::NeedsApproval, why)
}

fn entry_of_template(template: &ModelTemplate, start_href: String) -> Entry {
    Entry {
        id: format!("template-{}", template.model),
        name: template.name.clone(),
        href: format!("/templates/{}", template.model),
        badge: Some(badge(template)),
        when_to_use: template.when_to_use.clone(),
        formula: template.text.clone(),
        about: format!(
            "Kept by {} in {} · {}",
            template.kept_by_name,
            template.initiative_key,
            used_by(template.uses)
        ),
        start_href,
    }
}

fn entry_of_pattern(pattern: &Pattern, uses: i64, start_href: String) -> Entry {
    Entry {
        id: format!("pattern-{}", pattern.key),
        name: pattern.name.to_owned(),
        href: format!("/templates/{}", pattern.key),
        badge: None,
        when_to_use: pattern.when_to_use.to_owned(),
        formula: pattern.formula.to_owned(),
        about: used_by(uses),
        start_href,
    }
}

/// GET /templates/{key}: a template by its model's number, a pattern by its key.
pub async fn show(visit: Visit, key: Path<String>) -> Result<HttpResponse, WebError> {
    if let Some(pattern) = patterns::find(&key) {
        return reply::html(&pattern_page(&visit, pattern).await?);
    }
    let id = key.parse().map(MathModelId);
    let id = id.map_err(|_not_a_number| WebError::NotFound("template"))?;
    let read = visit.db.read(async move |mut conn| {
        let template = store::get(&mut conn, id).await?;
        let template = template.ok_or(ActionError::NotFound("template"))?;
        let blueprint = copy_model::blueprint(&mut conn, &CopyFrom::Template(id)).await?;
        let uses = store::uses(&mut conn, Some(id), None).await?;
        Ok::<_, ActionError>((template, blueprint, uses))
    });
    let (template, blueprint, uses) = read.await?;
    let page = page(&visit, &CopyFrom::Template(id), &blueprint, uses);
    reply::html(&Show {
        badge: Some(badge(&template)),
        kept_by: format!(
            "Kept by {}, a template since {}",
            template.kept_by_name,
            day(template.marked_at)
        ),
        model: Some(Link {
            label: format!("the model of {}", template.initiative_key),
            href: format!("/math-models/{id}"),
        }),
        when_to_use: template.when_to_use,
        ..page
    })
}

async fn pattern_page(visit: &Visit, pattern: &'static Pattern) -> Result<Show, WebError> {
    let uses = visit
        .db
        .read(async move |mut conn| store::uses(&mut conn, None, Some(pattern.key)).await)
        .await?;
    let from = CopyFrom::Pattern(pattern.key.to_owned());
    let mut page = page(visit, &from, &pattern.blueprint(), uses);
    for (line, param) in page.params.iter_mut().zip(pattern.params) {
        line.sample = both_readings(param.sample, param.unit).0;
    }
    page.sample_value = sample_value(pattern);
    "Comes with ProductOps".clone_into(&mut page.kept_by);
    pattern.when_to_use.clone_into(&mut page.when_to_use);
    Ok(page)
}

/// What a pattern gives with its sample numbers.
fn sample_value(pattern: &Pattern) -> String {
    let samples = pattern.params.iter().map(|param| param.sample.parse());
    let samples: Result<Vec<f64>, _> = samples.collect();
    let formula = formula::cached(pattern.formula);
    let value = samples.ok().zip(formula.ok());
    let value = value.and_then(|(samples, formula)| formula.evaluate(&samples).ok());
    value.map_or_else(String::new, |result| {
        score_with_unit(result.value, pattern.value_unit)
    })
}

fn page(visit: &Visit, from: &CopyFrom, blueprint: &Blueprint, uses: Vec<TemplateUse>) -> Show {
    let refusal = visit.may(Act::WriteModel).err();
    let origin = &blueprint.origin;
    Show {
        page: visit.page(origin.name.clone(), Nav::Models),
        name: origin.name.clone(),
        badge: None,
        kept_by: String::new(),
        model: None,
        when_to_use: String::new(),
        version: origin.version,
        formula: blueprint.formula.clone(),
        assumptions: blueprint.assumptions.clone(),
        params: blueprint.params.iter().map(param_line).collect(),
        sample_value: String::new(),
        uses: uses.into_iter().map(use_line).collect(),
        start_href: if refusal.is_none() {
            format!("/copies/new?from={from}")
        } else {
            String::new()
        },
        start_label: "Use it for initiatives".to_owned(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
    }
}

fn param_line(param: &BlueprintParam) -> ParamLine {
    ParamLine {
        name: param.name.clone(),
        label: param.label.clone(),
        description: param.description.clone(),
        unit: param.unit.clone(),
        range: range_text(&param.range, &param.unit),
        source: param.source.map_or("", Source::key).to_owned(),
        sample: String::new(),
    }
}

fn use_line(found: TemplateUse) -> Use {
    Use {
        initiative: Link {
            href: format!("/initiatives/{}", found.initiative_key),
            label: found.initiative_key,
        },
        title: found.initiative_title,
        model_href: format!("/math-models/{}", found.model),
        version: found.version,
    }
}

/// GET /math-models/{id}/template
pub async fn form(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    visit.may(Act::WriteModel).map_err(ActionError::from)?;
    reply::html(&form_page(&visit, model_id(&id)?).await?)
}

async fn form_page(visit: &Visit, id: MathModelId) -> Result<Edit, WebError> {
    let read = visit.db.read(async move |mut conn| {
        let model = models::get(&mut conn, id).await?;
        Ok::<_, ActionError>((model, store::get(&mut conn, id).await?))
    });
    let (model, template) = read.await?;
    let is_template = template.is_some();
    let (name, when_to_use) = template.map_or_else(
        || (String::new(), String::new()),
        |template| (template.name, template.when_to_use),
    );
    Ok(Edit {
        page: visit.page("Template", Nav::Models),
        model: Link {
            label: model_name(&model),
            href: format!("/math-models/{id}"),
        },
        action: format!("/math-models/{id}/template"),
        name,
        when_to_use,
        is_template,
        error: String::new(),
        conflict: String::new(),
        seen: Seen {
            revision: model.revision,
            form_key: fresh_key(),
        },
    })
}

fn model_name(model: &MathModel) -> String {
    match model.text(ModelField::Name) {
        "" => "The model".to_owned(),
        name => name.to_owned(),
    }
}

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    name: String,
    when_to_use: String,
    seen_revision: i64,
    /// Which version of the template's formula was shown.
    version: i32,
}

/// POST /math-models/{id}/template
pub async fn mark(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = model_id(&id)?;
    let typed = Typed {
        name: sent.name.trim().to_owned(),
        when_to_use: sent.when_to_use.trim().to_owned(),
    };
    let (what, seen) = (typed.clone(), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| models::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::mark(&mut tx, &actor, now, id, (&what, seen)).await
            },
        )
        .await;
    answer(&visit, id, done, Some(typed)).await
}

/// POST /math-models/{id}/template/removal
pub async fn unmark(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, seen) = (model_id(&id)?, sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| models::get(&mut tx, id).await,
            async move |mut tx, actor, now| acts::unmark(&mut tx, &actor, now, id, seen).await,
        )
        .await;
    answer(&visit, id, done, None).await
}

/// POST /math-models/{id}/template/postponement
pub async fn put_off(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, version) = (model_id(&id)?, sent.version);
    visit
        .act_once(
            async move |mut tx| models::get(&mut tx, id).await,
            async move |mut tx, actor, now| acts::put_off(&mut tx, &actor, now, id, version).await,
        )
        .await?;
    Ok(undo::go_back_telling(&visit, &format!("/math-models/{id}")))
}

/// The model's page, or the form again with what was typed and why it wasn't taken.
async fn answer(
    visit: &Visit,
    id: MathModelId,
    done: Result<MathModel, ActionError>,
    typed: Option<Typed>,
) -> Result<HttpResponse, WebError> {
    let Err(error) = done else {
        return Ok(undo::go_back_telling(visit, &format!("/math-models/{id}")));
    };
    let mut page = form_page(visit, id).await?;
    if let Some(typed) = typed {
        page.name = typed.name;
        page.when_to_use = typed.when_to_use;
    }
    let status = match error {
        ActionError::Invalid(why) => {
            page.error = why;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ActionError::Conflict(theirs) => {
            page.conflict = format!("{}.", somebody_was_first(&theirs).title);
            StatusCode::CONFLICT
        }
        other => return Err(other.into()),
    };
    reply::html_with(status, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_shows_what_its_sample_numbers_give() {
        let value = |key| sample_value(patterns::find(key).unwrap());
        assert_eq!(value("rate-uplift"), "£59,800");
        assert_eq!(value("loss-avoidance"), "£15,000");
    }

    #[test]
    fn a_use_is_counted_in_words() {
        for (count, says) in [
            (0, "not used yet"),
            (1, "used by 1 initiative"),
            (12, "used by 12 initiatives"),
        ] {
            assert_eq!(used_by(count), says);
        }
    }
}

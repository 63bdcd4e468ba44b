//! What a model's pages say about copies and templates: where its formula came from, what its template has become, and
//! what can be done with the model elsewhere.

use crate::{
    domain::{
        formula::Formula,
        ids::InitiativeKey,
        math_model::MathModel,
        model_copy::{CopyFrom, LaterFormula, Origin, is_news},
        patterns,
        rights::Act,
    },
    store::model_templates::Beside,
    web::{
        diff,
        sent_form::fresh_key,
        view::{
            Link, Seen,
            model::Editor,
            model_copy::{Reuse, TemplateChange},
        },
        visit::Visit,
    },
};

/// Tells in the editor where the formula came from, and offers what its template has become, or a template to begin with.
pub fn offer_reuse(
    editor: &mut Editor,
    visit: &Visit,
    (key, model): (&InitiativeKey, &MathModel),
    beside: &Beside,
) {
    let can_copy = may_copy(visit);
    let saved = model.formula.as_ref();
    let origin = |id| beside.origins.iter().find(|origin| origin.of == id);
    let origin = saved.and_then(|saved| origin(saved.id));
    editor.reuse = Reuse {
        origin: origin.map_or_else(String::new, |found| found.origin.to_string()),
        start_href: if can_copy && saved.is_none() {
            format!("/templates?target={key}")
        } else {
            String::new()
        },
        change: change(beside, (key, model)).map(|change| TemplateChange {
            can_act: can_copy,
            ..change
        }),
    };
}

fn may_copy(visit: &Visit) -> bool {
    visit.may(Act::WriteModel).is_ok() && visit.may(Act::ChooseFramework).is_ok()
}

/// What the template that the model began from has become, if that is news here.
fn change(beside: &Beside, (key, model): (&InitiativeKey, &MathModel)) -> Option<TemplateChange> {
    let origin = &beside.origins.first()?.origin;
    let (from, later) = later(beside, origin)?;
    let taken = beside.taken_text.as_str();
    if !is_news(origin, beside.declined, model, taken, &later) {
        return None;
    }
    let is_approved = model.approval.is_some();
    let which = match &from {
        CopyFrom::Pattern(pattern) => pattern.clone(),
        CopyFrom::Template(id) | CopyFrom::Model(id) => id.to_string(),
    };
    Some(TemplateChange {
        href: format!("/templates/{which}"),
        taken: origin.version,
        version: later.version,
        diff: diff::lines(taken, &later.text),
        take_href: format!("/copies/preview?from={from}&target={key}&over={key}"),
        warning: if is_approved {
            "Taking it makes a new version that waits for approval: the approval of this one is withdrawn, and the score stands as stale.".to_owned()
        } else {
            String::new()
        },
        put_off_action: format!("/math-models/{}/template/postponement", model.id),
        can_act: false,
        seen: Seen {
            revision: model.revision,
            form_key: fresh_key(),
        },
        name: later.name,
    })
}

/// What the template offers now, and how it is named where copies are made.
fn later(beside: &Beside, origin: &Origin) -> Option<(CopyFrom, LaterFormula)> {
    if let Some(key) = &origin.pattern {
        let pattern = patterns::find(key)?;
        let later = LaterFormula {
            name: pattern.name.to_owned(),
            version: pattern.version,
            text: pattern.formula.to_owned(),
        };
        return Some((CopyFrom::Pattern(key.clone()), later));
    }
    Some((CopyFrom::Template(origin.model?), beside.later.clone()?))
}

/// What can be done with the model elsewhere, for the head of its page.
pub(super) fn links(
    visit: &Visit,
    (key, model): (&InitiativeKey, &MathModel),
    is_template: bool,
) -> Vec<Link> {
    let mut links = Vec::new();
    if !may_copy(visit) {
        return links;
    }
    let mut offer = |label: &str, href: String| {
        links.push(Link {
            label: label.to_owned(),
            href,
        });
    };
    offer("Start from a template", format!("/templates?target={key}"));
    let formula = model.formula.as_ref();
    if formula.is_some_and(|formula| Formula::parse(&formula.text).is_ok()) {
        let from = CopyFrom::Model(model.id);
        offer("Copy to initiatives", format!("/copies/new?from={from}"));
    }
    if is_template {
        offer("Template", format!("/math-models/{}/template", model.id));
    } else if model.last_approved.is_some() {
        offer(
            "Make it a template",
            format!("/math-models/{}/template", model.id),
        );
    }
    links
}

//! The LLM's part in a model, ready to print: what it proposes beside the formula that is saved, with the result it
//! gives today, and what a second look said.

use crate::{
    actions::{ActionError, suggestions as acts},
    domain::{
        change::{Entity, field_name},
        formula,
        ids::MathModelId,
        llm_request::Workflow,
        math_model::{MathModel, ModelField},
        param_metadata::ParamMetadata,
        rights::Act,
        suggestion::{Former, Part},
    },
    store::{
        change_log,
        suggestions::{self, KeptReview, Suggestion},
    },
    web::{
        asking::Desk,
        diff,
        error::WebError,
        figures::{day, when},
        math_models::{self, Facts},
        sent_form::fresh_key,
        view::{
            Link, Seen,
            badge::{Badge, State},
            check::{Chip, ChipState},
            suggestion as view,
        },
        visit::Visit,
    },
};

/// What the LLM said about a model, as it is kept.
#[derive(Clone, Debug, Default)]
pub struct Said {
    current: Option<Suggestion>,
    /// The fields that have changed since it was asked.
    changed: Vec<String>,
    review: Option<KeptReview>,
    /// The model's texts that no person has written.
    pub(in crate::web) llms_words: Vec<ModelField>,
}

/// Reads what the LLM said about a model.
pub(in crate::web) async fn load(
    (visit, desk): (&Visit, &Desk),
    model: &MathModel,
) -> Result<Said, WebError> {
    let (id, filled) = (model.id, filled(model));
    let was_suggested = desk.was_asked(Workflow::SuggestMathModel, Some(id));
    let was_reviewed = desk.was_asked(Workflow::ReviewMathModel, Some(id));
    if !was_suggested && !was_reviewed {
        return Ok(Said::default());
    }
    let read = visit.db.read(async move |mut conn| {
        let current = suggestions::current(&mut conn, id).await?;
        let changed = match &current {
            Some(current) => acts::changed_since(&mut conn, current).await?,
            None => Vec::new(),
        };
        let review = suggestions::latest_review(&mut conn, id).await?;
        let mut llms_words = filled;
        if current.is_some() {
            let keys: Vec<_> = llms_words.iter().map(|field| field.key()).collect();
            let row = (Entity::MathModel, id.0);
            let peoples = change_log::written_by_people(&mut conn, row, &keys).await?;
            llms_words.retain(|field| !peoples.iter().any(|written| written == field.key()));
        } else {
            llms_words.clear();
        }
        Ok(Said {
            current,
            changed,
            review,
            llms_words,
        })
    });
    read.await.map_err(|error: ActionError| error.into())
}

/// The texts that the LLM may write, as far as they say anything.
fn filled(model: &MathModel) -> Vec<ModelField> {
    let texts = [ModelField::Assumptions, ModelField::Notes];
    let is_filled = |field: &ModelField| !model.text(*field).is_empty();
    texts.into_iter().filter(is_filled).collect()
}

impl Said {
    /// The unit that the LLM proposes for the value; none: it has said nothing, or a person refused it.
    pub(in crate::web) fn value_unit(&self) -> Option<&str> {
        let current = self
            .current
            .as_ref()
            .filter(|current| current.refused.is_none())?;
        Some(current.value_unit.as_str()).filter(|unit| !unit.is_empty())
    }
}

/// Description, prompt, button and what came of it, as this person sees them.
#[must_use]
pub(in crate::web) fn panel(
    (visit, desk): (&Visit, &Desk),
    model: &MathModel,
    facts: &Facts<'_>,
    said: &Said,
) -> view::Panel {
    const SUGGEST: Workflow = Workflow::SuggestMathModel;
    let of = Some(model.id);
    let failure = desk.failure(SUGGEST, of);
    let label = match (&failure, &said.current) {
        (Some(_), _) => "Try again",
        (None, Some(_)) => "Ask again",
        (None, None) => "Ask for a suggestion",
    };
    let approved = model.approval.as_ref().map(|_| acts::APPROVED.to_owned());
    let suggestion = said.current.as_ref().map(|kept| {
        let shown = suggestion((visit, desk), model, facts, kept);
        view::Suggestion {
            badge: badge(kept, &said.changed),
            is_settled: kept.refused.is_some() || model.approval.is_some(),
            ..shown
        }
    });
    view::Panel {
        model_id: model.id.to_string(),
        next: facts.next.clone(),
        seen: seen(model),
        fields: math_models::fields_of(
            model,
            visit,
            &[ModelField::Description, ModelField::Prompt],
        ),
        ask: desk.button(label, approved),
        progress: desk.progress(SUGGEST, of),
        failure,
        suggestion,
        opinion: opinion(desk, model, said),
        former: desk.was_asked(SUGGEST, of).then(|| Link {
            label: "All suggestions".to_owned(),
            href: format!("/math-models/{}/suggestions", model.id),
        }),
    }
}

pub(super) fn seen(model: &MathModel) -> Seen {
    Seen {
        revision: model.revision,
        form_key: fresh_key(),
    }
}

/// One suggestion beside the model as it is now.
pub(super) fn suggestion(
    (visit, desk): (&Visit, &Desk),
    model: &MathModel,
    facts: &Facts<'_>,
    kept: &Suggestion,
) -> view::Suggestion {
    let saved = model.formula.as_ref();
    let check = math_models::check_text(model, facts, &kept.formula);
    let refusal = visit.may(Act::WriteModel).err();
    let can_refuse = kept.former.is_none() && kept.refused.is_none();
    view::Suggestion {
        id: kept.id.0,
        badge: None,
        asked_by: kept.asked_by_name.clone(),
        at: when(kept.made_at),
        formula: kept.formula.clone(),
        changes: diff::against(saved.map(|saved| saved.text.as_str()), &kept.formula),
        beside: match saved {
            None => "No formula is saved yet.".to_owned(),
            Some(saved) if saved.text == kept.formula => {
                format!("This is what is saved now as version {}.", saved.version)
            }
            Some(saved) => format!("Beside version {}, which is saved now.", saved.version),
        },
        result: check.result,
        no_result: check.no_result,
        effects: check.effects,
        ideas: check
            .chips
            .into_iter()
            .filter(|chip| chip.state != ChipState::Unused)
            .map(|chip| idea(chip, &kept.params))
            .collect(),
        assumptions: kept.assumptions.lines().map(str::to_owned).collect(),
        notes: kept.notes.clone(),
        parts: match refusal {
            None => parts(model, kept),
            Some(_) => Vec::new(),
        },
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        refuse_action: if can_refuse && visit.may(Act::AskLlm).is_ok() {
            format!("/suggestions/{}/refusal", kept.id)
        } else {
            String::new()
        },
        refused: kept
            .refused
            .as_ref()
            .map(|(by, at, why)| format!("Refused by {by}, {}: “{why}”", day(*at)))
            .unwrap_or_default(),
        is_settled: false,
        call_href: desk.call_href(kept.call),
    }
}

fn badge(kept: &Suggestion, changed: &[String]) -> Option<Badge> {
    if kept.refused.is_some() {
        return None;
    }
    // What stands in no field comes in words.
    let name = |field: &String| {
        if field.contains(' ') {
            field.clone()
        } else {
            field_name(field)
        }
    };
    let names: Vec<_> = changed.iter().map(name).collect();
    Some(match names.split_last() {
        None => Badge::of(State::Suggestion),
        Some((only, [])) => Badge::because(
            State::Stale,
            format!(
                "{} changed since it was asked for. Ask again to have that counted in.",
                sentence_case(only)
            ),
        ),
        Some((last, before)) => Badge::because(
            State::Stale,
            format!(
                "{} and {last} changed since it was asked for. Ask again to have that counted in.",
                sentence_case(&before.join(", "))
            ),
        ),
    })
}

fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn idea(chip: Chip, params: &[ParamMetadata]) -> view::Idea {
    let meant = params.iter().find(|param| param.name == chip.name);
    view::Idea {
        label: meant.map(|param| param.label.clone()).unwrap_or_default(),
        unit: meant.map(|param| param.unit.clone()).unwrap_or_default(),
        name: chip.name,
        state: chip.state,
        value: chip.value,
    }
}

/// What can be taken of it: only what says something, and what isn't there already.
fn parts(model: &MathModel, kept: &Suggestion) -> Vec<view::Part> {
    let parts = Part::ALL.into_iter().filter_map(|part| {
        let (label, text, is_there) = match part {
            Part::Formula => {
                let saved = model
                    .formula
                    .as_ref()
                    .map_or("", |saved| saved.text.as_str());
                let is_there = formula::normalise(saved).trim() == kept.formula.trim();
                ("Use formula", &kept.formula, is_there)
            }
            Part::Assumptions => {
                let is_there =
                    model.text(ModelField::Assumptions).trim() == kept.assumptions.trim();
                ("Use assumptions", &kept.assumptions, is_there)
            }
            Part::Notes => {
                let is_there = model.text(ModelField::Notes).trim() == kept.notes.trim();
                ("Use notes", &kept.notes, is_there)
            }
        };
        let taken = if is_there {
            taken(part, kept)
        } else {
            String::new()
        };
        (!text.trim().is_empty()).then_some(view::Part {
            key: part.key(),
            label,
            taken,
        })
    });
    parts.collect()
}

/// Why there is nothing to take: a person took it over, or the app filled it in where nobody had written.
fn taken(part: Part, kept: &Suggestion) -> String {
    let what = match part {
        Part::Formula => "Formula",
        Part::Assumptions => "Assumptions",
        Part::Notes => "Notes",
    };
    match kept.uses.iter().rfind(|(used, ..)| *used == part) {
        Some((_, by, at)) => format!("{what} used by {by}, {}.", day(*at)),
        None => format!("{what} as in the model."),
    }
}

fn opinion(desk: &Desk, model: &MathModel, said: &Said) -> Option<view::SecondOpinion> {
    const REVIEW: Workflow = Workflow::ReviewMathModel;
    let of = Some(model.id);
    let subject = match (&model.formula, &said.current) {
        (Some(saved), _) => format!("version {}", saved.version),
        (None, Some(_)) => "the suggestion".to_owned(),
        (None, None) => return None,
    };
    Some(view::SecondOpinion {
        ask: desk.button(&format!("Ask for a second opinion on {subject}"), None),
        progress: desk.progress(REVIEW, of),
        failure: desk.failure(REVIEW, of),
        review: said
            .review
            .as_ref()
            .map(|kept| review(desk, kept, about(kept, model, said))),
    })
}

/// Which text a second opinion was about.
fn about(kept: &KeptReview, model: &MathModel, said: &Said) -> String {
    let saved = model
        .formula
        .as_ref()
        .filter(|saved| saved.text == kept.formula);
    let suggested = said
        .current
        .as_ref()
        .filter(|current| current.formula == kept.formula);
    match (saved, suggested) {
        (Some(saved), _) => format!("version {}", saved.version),
        (None, Some(_)) => "the suggestion".to_owned(),
        (None, None) => "an earlier text of the formula".to_owned(),
    }
}

fn review(desk: &Desk, kept: &KeptReview, of: String) -> view::Review {
    let said = &kept.review;
    let lists = [
        ("Issues", &said.issues),
        ("Strengths", &said.strengths),
        ("Improvements", &said.improvements),
    ];
    view::Review {
        score: format!("{} of 100.", said.score),
        verdict: said.verdict.clone(),
        of,
        at: when(kept.made_at),
        lists: lists
            .into_iter()
            .filter(|(_, items)| !items.is_empty())
            .map(|(heading, items)| (heading, items.clone()))
            .collect(),
        call_href: desk.call_href(kept.call),
    }
}

/// What became of a suggestion, for the page of all of them.
pub(super) fn outcome(kept: &Suggestion) -> String {
    let used = kept.uses.iter().rfind(|(part, ..)| *part == Part::Formula);
    match (used, &kept.refused, kept.former) {
        (Some((_, by, at)), ..) => format!("Formula used by {by}, {}", day(*at)),
        (None, Some((by, at, _)), _) => format!("Refused by {by}, {}", day(*at)),
        (None, None, None) => "The latest".to_owned(),
        (None, None, Some(Former::Newer)) => "A newer one came".to_owned(),
        (None, None, Some(Former::Changed)) => {
            "When it came, what it was asked about had changed".to_owned()
        }
        (None, None, Some(Former::Approved)) => {
            "When it came, the formula had been approved".to_owned()
        }
    }
}

/// The models' own suggestions, the current one first.
pub(super) async fn all(visit: &Visit, id: MathModelId) -> Result<Vec<Suggestion>, WebError> {
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let mut all = suggestions::list(&mut conn, suggestions::Which::Current(id)).await?;
        all.extend(suggestions::list(&mut conn, suggestions::Which::Former(id)).await?);
        Ok(all)
    });
    Ok(read.await?)
}

//! The forms about a fact: a new one, what it means, and what it should say instead.

use super::{fact_id, first, readings};
use crate::{
    actions::{ActionError, facts as acts},
    domain::{
        amount::DecimalSeparator,
        fact::{Fact, FactFault, FactNumbers, FactWords, TypedNumbers, TypedWords},
        ids::FactId,
        param::{Number, Source},
        rights::Act,
    },
    store::{change_log::LoggedChange, facts as store},
    web::{
        error::WebError,
        figures::date,
        reply,
        sent_form::fresh_key,
        undo,
        view::{
            Link, Seen, SelectOption,
            fact::{Form as Page, NumberFields, WordFields},
            layout::Nav,
        },
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path, Query},
};
use serde::Deserialize;

/// What the forms send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    name: String,
    description: String,
    evidence_link: String,
    evidence_as_of: String,
    review_by: String,
    value: String,
    unit: String,
    min: String,
    max: String,
    source: String,
    reason: String,
    decimal_separator: DecimalSeparator,
    seen_revision: i64,
}

impl Sent {
    /// Its numbers, which an address writes with a decimal point, as the person writes them.
    fn written_with(self, separator: DecimalSeparator) -> Self {
        let [value, min, max] =
            [&self.value, &self.min, &self.max].map(|text| separator.written(text));
        Self {
            value,
            min,
            max,
            decimal_separator: separator,
            ..self
        }
    }

    fn words(&self) -> TypedWords {
        TypedWords {
            name: self.name.clone(),
            description: self.description.clone(),
            evidence_link: self.evidence_link.clone(),
            evidence_as_of: self.evidence_as_of.clone(),
            review_by: self.review_by.clone(),
        }
    }

    fn numbers(&self) -> TypedNumbers {
        TypedNumbers {
            value: self.value.clone(),
            unit: self.unit.clone(),
            min: self.min.clone(),
            max: self.max.clone(),
            source: self.source.clone(),
            reason: self.reason.clone(),
            separator: self.decimal_separator,
        }
    }
}

fn must_edit(visit: &Visit) -> Result<(), WebError> {
    Ok(visit.may(Act::EditParam).map_err(ActionError::from)?)
}

/// GET /facts/new
pub async fn new(visit: Visit) -> Result<HttpResponse, WebError> {
    must_edit(&visit)?;
    let blank = Sent {
        decimal_separator: visit.user.decimal_separator,
        ..Sent::default()
    };
    reply::html(&new_page(&visit, &blank))
}

/// POST /facts
pub async fn add(visit: Visit, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let (words, numbers) = (sent.words(), sent.numbers());
    let name = words.name.clone();
    let added = visit
        .act_once(
            async move |mut tx| {
                let found = store::named(&mut tx, &name).await?;
                found.ok_or(ActionError::NotFound("fact"))
            },
            async move |mut tx, actor, now| {
                acts::add(&mut tx, &actor, now, (&words, &numbers)).await
            },
        )
        .await;
    match added {
        Ok(id) => Ok(undo::go_back_telling(&visit, &format!("/facts/{id}"))),
        Err(error) => again(new_page(&visit, &sent), error, fault(&sent, true, true)),
    }
}

/// GET /facts/{id}/edit
pub async fn edit(visit: Visit, id: Path<String>) -> Result<HttpResponse, WebError> {
    must_edit(&visit)?;
    let fact = get(&visit, fact_id(&id)?).await?;
    reply::html(&words_page(&visit, &fact, word_fields(&fact.words)))
}

/// POST /facts/{id}/words
pub async fn describe(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = fact_id(&id)?;
    let (words, seen) = (sent.words(), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::describe(&mut tx, &actor, now, id, (&words, seen)).await
            },
        )
        .await;
    match done {
        Ok(_) => Ok(undo::go_back_telling(&visit, &format!("/facts/{id}"))),
        Err(error) => {
            let fact = get(&visit, id).await?;
            let page = words_page(&visit, &fact, typed_words(&sent));
            again(page, error, fault(&sent, true, false))
        }
    }
}

/// GET /facts/{id}/proposal: with what is proposed or in force, or with an earlier number that the address brings.
pub async fn proposal(
    visit: Visit,
    id: Path<String>,
    earlier: Query<Sent>,
) -> Result<HttpResponse, WebError> {
    must_edit(&visit)?;
    let fact = get(&visit, fact_id(&id)?).await?;
    let owners = owners(&visit, fact.owner());
    let separator = visit.user.decimal_separator;
    if !earlier.value.is_empty() {
        let fields = typed_numbers(&earlier.into_inner().written_with(separator), &owners);
        return reply::html(&proposal_page(&visit, &fact, fields));
    }
    let proposed = fact.proposal.as_ref().map(|of| &of.numbers);
    let numbers = proposed.or(fact.in_force.as_ref().map(|of| &of.numbers));
    let blank = || NumberFields {
        sources: sources("", &owners),
        decimal_separator: separator.key(),
        ..NumberFields::default()
    };
    let fields = numbers.map_or_else(blank, |numbers| number_fields(numbers, &owners, separator));
    reply::html(&proposal_page(&visit, &fact, fields))
}

/// The form filled with numbers that were approved before, and that as the reason.
pub(super) fn again_href(id: FactId, numbers: &FactNumbers, was: &LoggedChange) -> String {
    let end = |end: &Option<Number>| end.as_ref().map_or("", Number::decimal).to_owned();
    let filled = [
        ("value", numbers.value.decimal().to_owned()),
        ("unit", numbers.unit.clone()),
        ("min", end(&numbers.range.min)),
        ("max", end(&numbers.range.max)),
        ("source", numbers.source.key().to_owned()),
        (
            "reason",
            format!(
                "As {} approved it on {}",
                was.by_name,
                date(was.at.date_naive())
            ),
        ),
    ];
    let question = serde_urlencoded::to_string(filled).unwrap_or_default();
    format!("/facts/{id}/proposal?{question}")
}

/// POST /facts/{id}/proposal
pub async fn propose(
    visit: Visit,
    id: Path<String>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let id = fact_id(&id)?;
    let (numbers, seen) = (sent.numbers(), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                acts::propose(&mut tx, &actor, now, id, (&numbers, seen)).await
            },
        )
        .await;
    match done {
        Ok(_) => Ok(undo::go_back_telling(&visit, &format!("/facts/{id}"))),
        Err(error) => {
            let fact = get(&visit, id).await?;
            let fields = typed_numbers(&sent, &owners(&visit, fact.owner()));
            let page = proposal_page(&visit, &fact, fields);
            again(page, error, fault(&sent, false, true))
        }
    }
}

async fn get(visit: &Visit, id: FactId) -> Result<Fact, WebError> {
    let read = visit
        .db
        .read(async move |mut conn| acts::get(&mut conn, id).await);
    Ok(read.await?)
}

/// The form again, with what was typed, why it wasn't taken and where.
fn again(
    mut page: Page,
    error: ActionError,
    fault: Option<FactFault>,
) -> Result<HttpResponse, WebError> {
    let status = match error {
        ActionError::Invalid(why) => {
            page.error = why;
            fault
                .map_or("", |fault| fault.field())
                .clone_into(&mut page.error_field);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ActionError::Conflict(theirs) => {
            page.conflict = first(&theirs);
            StatusCode::CONFLICT
        }
        other => return Err(other.into()),
    };
    reply::html_with(status, &page)
}

/// The first field that isn't taken, of the parts that the form has.
fn fault(sent: &Sent, has_words: bool, has_numbers: bool) -> Option<FactFault> {
    let words = || FactWords::read(&sent.words()).err();
    let numbers = || sent.numbers().read().err();
    let of_words = has_words.then(words).flatten();
    of_words.or_else(|| has_numbers.then(numbers).flatten())
}

fn frame(visit: &Visit, back: Link, heading: &str, revision: i64) -> Page {
    Page {
        page: visit.page(heading, Nav::Params),
        back,
        heading: heading.to_owned(),
        intro: String::new(),
        action: String::new(),
        words: None,
        numbers: None,
        error: String::new(),
        error_field: String::new(),
        conflict: String::new(),
        button: String::new(),
        seen: Seen {
            revision,
            form_key: fresh_key(),
        },
    }
}

fn to_fact(fact: &Fact) -> Link {
    Link {
        label: fact.words.name.clone(),
        href: format!("/facts/{}", fact.id),
    }
}

fn new_page(visit: &Visit, sent: &Sent) -> Page {
    let library = Link {
        label: "Shared facts".to_owned(),
        href: "/facts".to_owned(),
    };
    Page {
        intro: "It counts, and params can follow it, once its owner has approved it.".to_owned(),
        action: "/facts".to_owned(),
        words: Some(typed_words(sent)),
        numbers: Some(typed_numbers(sent, &owners(visit, None))),
        button: "Add and propose".to_owned(),
        ..frame(visit, library, "Add a shared fact", 0)
    }
}

fn words_page(visit: &Visit, fact: &Fact, words: WordFields) -> Page {
    Page {
        intro: "No approval speaks of these: what is in force stays as it is.".to_owned(),
        action: format!("/facts/{}/words", fact.id),
        words: Some(words),
        button: "Save".to_owned(),
        ..frame(visit, to_fact(fact), "What is said of it", fact.revision)
    }
}

fn proposal_page(visit: &Visit, fact: &Fact, numbers: NumberFields) -> Page {
    let stands = fact.in_force.as_ref().map(|of| readings(&of.numbers).0);
    let stands = stands.map_or_else(
        || "Nothing is in force yet.".to_owned(),
        |value| format!("{value} is in force and counts until the change is approved."),
    );
    let waits = fact.proposal.as_ref().map(|of| {
        format!(
            " {} proposed {}, which yours would replace.",
            of.by_name,
            readings(&of.numbers).0
        )
    });
    Page {
        intro: format!("{stands}{}", waits.unwrap_or_default()),
        action: format!("/facts/{}/proposal", fact.id),
        numbers: Some(numbers),
        button: "Propose".to_owned(),
        ..frame(visit, to_fact(fact), "Propose a change", fact.revision)
    }
}

/// Whose a fact may be by this person's proposal: what it is now (none: it is new), or what they may make of it.
fn owners(visit: &Visit, from: Option<Source>) -> Vec<Source> {
    let settings = visit.settings;
    let may_give = |to: &Source| {
        let to = Some(*to);
        to == from || visit.may(Act::SetSource { from, to, settings }).is_ok()
    };
    Source::CHOICES.into_iter().filter(may_give).collect()
}

fn sources(chosen: &str, offered: &[Source]) -> Vec<SelectOption> {
    let option = |value: &str, label: &str| SelectOption {
        value: value.to_owned(),
        label: label.to_owned(),
        is_selected: value == chosen,
    };
    let mut options = vec![option("", "Choose")];
    options.extend(
        offered
            .iter()
            .map(|source| option(source.key(), source.key())),
    );
    options
}

fn typed_words(sent: &Sent) -> WordFields {
    WordFields {
        name: sent.name.clone(),
        description: sent.description.clone(),
        evidence_link: sent.evidence_link.clone(),
        evidence_as_of: sent.evidence_as_of.clone(),
        review_by: sent.review_by.clone(),
    }
}

fn word_fields(words: &FactWords) -> WordFields {
    let day = |date: Option<chrono::NaiveDate>| date.map(|day| day.to_string());
    WordFields {
        name: words.name.clone(),
        description: words.description.clone(),
        evidence_link: words.evidence_link.clone(),
        evidence_as_of: day(words.evidence_as_of).unwrap_or_default(),
        review_by: day(words.review_by).unwrap_or_default(),
    }
}

fn typed_numbers(sent: &Sent, offered: &[Source]) -> NumberFields {
    NumberFields {
        value: sent.value.clone(),
        unit: sent.unit.clone(),
        min: sent.min.clone(),
        max: sent.max.clone(),
        sources: sources(&sent.source, offered),
        reason: sent.reason.clone(),
        decimal_separator: sent.decimal_separator.key(),
    }
}

fn number_fields(
    numbers: &FactNumbers,
    offered: &[Source],
    separator: DecimalSeparator,
) -> NumberFields {
    let digits = |number: &Number| separator.written(number.decimal());
    let end = |end: Option<&Number>| end.map(digits).unwrap_or_default();
    NumberFields {
        value: digits(&numbers.value),
        unit: numbers.unit.clone(),
        min: end(numbers.range.min.as_ref()),
        max: end(numbers.range.max.as_ref()),
        sources: sources(numbers.source.key(), offered),
        reason: String::new(),
        decimal_separator: separator.key(),
    }
}

//! The fields of an initiative, read and edited in place.

use super::{
    error::WebError,
    figures::{day, when},
    journey, reply, score_card, summaries, undo,
    view::{
        Seen,
        error::{Notice, Tone},
        field::{Choice, Conflict, Control, Edit, EditPage, FieldEdit, FieldSaved, FieldView},
        initiative::{FieldGroup, LabelledField},
        layout::Nav,
    },
    visit::Visit,
    whole::{self, Whole},
};
use crate::{
    actions::{ActionError, initiatives as acts},
    domain::{
        amount::DecimalSeparator,
        ids::InitiativeKey,
        initiative::{FIELDS, Field, FieldKind, Initiative},
        number_format,
    },
    store::initiatives,
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

/// Every field under its heading, as this person sees it; the text for the backlog stands by itself.
#[must_use]
pub fn groups(initiative: &Initiative, visit: &Visit) -> Vec<FieldGroup> {
    let mut groups: Vec<FieldGroup> = Vec::new();
    for field in FIELDS
        .iter()
        .filter(|field| field.group != summaries::GROUP)
    {
        let labelled = LabelledField {
            label: field.label.to_owned(),
            remark: remark(initiative, field),
            field: view(initiative, field, visit),
        };
        match groups
            .last_mut()
            .filter(|group| group.heading == field.group)
        {
            Some(group) => group.fields.push(labelled),
            None => groups.push(FieldGroup {
                heading: field.group.to_owned(),
                fields: vec![labelled],
            }),
        }
    }
    groups
}

fn remark(initiative: &Initiative, field: &Field) -> String {
    match &initiative.effort_set {
        Some((by, at)) if field.moves_scores() && !initiative.get(field.key).is_empty() => {
            format!("Set by {by}, {}. Counts without approval.", day(*at))
        }
        _ => String::new(),
    }
}

fn id(key: &InitiativeKey, field: &Field) -> String {
    format!("initiative-{key}-{}", field.key)
}

fn path(key: &InitiativeKey, field: &Field) -> String {
    format!("/initiatives/{key}/fields/{}", field.key)
}

/// One field as it is read.
#[must_use]
pub fn view(initiative: &Initiative, field: &Field, visit: &Visit) -> FieldView {
    let refusal = visit.may(acts::act_of(field)).err();
    let value = initiative.get(field.key);
    FieldView {
        id: id(&initiative.key, field),
        label: field.label.to_owned(),
        text: if field.is_number() {
            number_format::decimal(value)
        } else {
            value.to_owned()
        },
        more: String::new(),
        edit_href: match refusal {
            None => format!("{}/edit", path(&initiative.key, field)),
            Some(_) => String::new(),
        },
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        invitation: format!("Add {}", lower_first(field.label)),
        is_long: field.kind == FieldKind::Text,
        is_number: field.is_number(),
    }
}

/// "Requester" to "requester", but "KPI" and "T-shirt" stay.
fn lower_first(label: &str) -> String {
    let mut chars = label.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

fn edit(
    initiative: &Initiative,
    field: &Field,
    (typed, separator): (&str, DecimalSeparator),
) -> Edit {
    let key = &initiative.key;
    let value = typed.to_owned();
    Edit {
        id: id(key, field),
        label: field.label.to_owned(),
        control: match field.kind {
            FieldKind::Text => Control::Text { value },
            FieldKind::Number | FieldKind::NotNegative | FieldKind::Money => Control::Number {
                value,
                unit: String::new(),
            },
            FieldKind::Line | FieldKind::Email => Control::Line {
                value,
                choices: Vec::new(),
            },
        },
        hint: String::new(),
        action: path(key, field),
        seen: Seen {
            revision: initiative.revision,
            form_key: crate::web::sent_form::fresh_key(),
        },
        decimal_separator: separator.key(),
        cancel_href: format!("/initiatives/{key}"),
        read_href: format!("/initiatives/{key}"),
        history_href: format!("/initiatives/{key}/history?field={}", field.key),
        error: None,
        choices: Vec::new(),
        offer: None,
        conflict: None,
    }
}

/// What stands in the field, as its form shows it.
fn written(initiative: &Initiative, field: &Field, separator: DecimalSeparator) -> String {
    let value = initiative.get(field.key);
    if field.is_number() {
        separator.written(value)
    } else {
        value.to_owned()
    }
}

fn answer(
    visit: &Visit,
    initiative: &Initiative,
    status: StatusCode,
    edit: Edit,
) -> Result<HttpResponse, WebError> {
    if visit.is_htmx {
        return reply::html_with(status, &FieldEdit { edit });
    }
    let page = EditPage {
        page: visit.page(
            format!("{} of {}", edit.label, initiative.key),
            Nav::Backlog,
        ),
        edit,
        subject: format!("{} {}", initiative.key, initiative.title()),
    };
    reply::html_with(status, &page)
}

async fn get(visit: &Visit, key: &InitiativeKey) -> Result<Initiative, WebError> {
    let key = key.clone();
    let found = visit
        .db
        .read(async move |mut conn| initiatives::get(&mut conn, &key).await)
        .await?;
    found.ok_or(WebError::NotFound("initiative"))
}

fn parse(path: &(String, String)) -> Result<(InitiativeKey, &'static Field), WebError> {
    let key = path
        .0
        .parse()
        .map_err(|_not_a_key| WebError::NotFound("initiative"))?;
    let field = Field::from_key(&path.1).ok_or(WebError::NotFound("field"))?;
    Ok((key, field))
}

/// GET /initiatives/{key}/fields/{field}/edit
pub async fn edit_form(
    visit: Visit,
    path: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let (key, field) = parse(&path)?;
    visit.may(acts::act_of(field)).map_err(ActionError::from)?;
    let initiative = get(&visit, &key).await?;
    let separator = visit.user.decimal_separator;
    let shown = written(&initiative, field, separator);
    let form = edit(&initiative, field, (&shown, separator));
    answer(&visit, &initiative, StatusCode::OK, form)
}

/// What an edit form sends.
#[derive(Debug, Deserialize)]
pub struct Sent {
    #[serde(default)]
    value: String,
    /// The proposed reading, if its button was pressed: it goes before what was typed.
    #[serde(default)]
    instead: String,
    #[serde(default)]
    decimal_separator: DecimalSeparator,
    seen_revision: i64,
}

/// POST /initiatives/{key}/fields/{field}
pub async fn save(
    visit: Visit,
    path: Path<(String, String)>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (key, field) = parse(&path)?;
    let typed = if sent.instead.is_empty() {
        &sent.value
    } else {
        &sent.instead
    };
    let (typed, separator) = (typed.clone(), sent.decimal_separator);
    let seen = sent.seen_revision;
    let (of, same) = (key.clone(), key.clone());
    let saved = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, &same).await,
            async move |mut tx, actor, now| {
                let says = (field, (&*typed, separator), seen);
                acts::change_field(&mut tx, &actor, now, &of, says).await
            },
        )
        .await;
    match saved {
        Ok(initiative) if visit.is_htmx => saved_fragment(&visit, &initiative, field).await,
        Ok(_) => Ok(reply::go_to(&format!("/initiatives/{key}"))),
        Err(error) => refused(&visit, &key, field, &sent, error).await,
    }
}

async fn saved_fragment(
    visit: &Visit,
    initiative: &Initiative,
    field: &Field,
) -> Result<HttpResponse, WebError> {
    let whole: Option<Whole> = if field.moves_scores() || field.key == "title" {
        let (key, now) = (initiative.key.clone(), visit.now());
        visit
            .db
            .read(async move |mut conn| whole::load(&mut conn, &key, now).await)
            .await?
    } else {
        None
    };
    reply::html(&FieldSaved {
        field: view(initiative, field, visit),
        heading: whole.as_ref().map(|whole| whole::heading(whole, visit)),
        journey: whole.as_ref().map(|whole| journey::journey(whole, visit)),
        score: whole
            .as_ref()
            .map(|whole| score_card::score_card(whole, visit)),
        answer: None,
        notices: vec![Notice {
            tone: Tone::Done,
            title: format!("{} saved", field.label),
            undo: undo::button_if_changed(visit).await?,
            ..Notice::default()
        }],
    })
}

/// The form again, with what was typed and why it wasn't taken.
async fn refused(
    visit: &Visit,
    key: &InitiativeKey,
    field: &Field,
    sent: &Sent,
    error: ActionError,
) -> Result<HttpResponse, WebError> {
    let initiative = get(visit, key).await?;
    let separator = sent.decimal_separator;
    let mut form = edit(&initiative, field, (&sent.value, separator));
    let status = match error {
        ActionError::Invalid(why) => {
            form.error = Some(why);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ActionError::Asks { question, proposal } => {
            form.error = Some(question);
            form.choices = vec![Choice {
                label: format!("Use {}", proposal.typed),
                value: proposal.typed,
            }];
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ActionError::Conflict(theirs) => {
            form.conflict = Some(Conflict {
                by: theirs.by_name.clone(),
                at: when(theirs.at),
                theirs: written(&initiative, field, separator),
                yours: sent.value.clone(),
            });
            StatusCode::CONFLICT
        }
        other => return Err(other.into()),
    };
    answer(visit, &initiative, status, form)
}

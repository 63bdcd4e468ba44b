//! The answers to an edit or an approval: the row with what else it moves, the form again, or the way back.

use super::{
    back::{is_on_initiative_page, is_on_list_without_heads, way_back},
    edit,
    fields::{self, Reader},
    rows::{self, Counts, GridOf},
    words,
};
use crate::{
    actions::{ActionError, comments::Subject as Commented, params::Edited},
    domain::{
        change,
        ids::ParamId,
        number_format,
        param::{Guess, Param, TextField},
        param_input::{ParamField, Typed},
    },
    store::{
        change_log::LoggedChange, history::Subject, initiatives as stored, param_edit::SavedEdit,
    },
    web::{
        asking::Desk,
        comments,
        error::WebError,
        figures, four_eyes, initiatives, journey, reply, score_card, undo,
        view::{
            Link,
            comments::Thread,
            error::{Notice, Tone},
            field::{Edit, EditPage, FieldEdit, FieldSaved},
            initiative::LabelledField,
            layout::Nav,
            params as view,
        },
        visit::Visit,
        whole::{self, Whole},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderValue},
};
use std::fmt::Write as _;

/// The fields that a param's own page shows beside its row.
const BESIDE: [ParamField; 5] = [
    ParamField::Name,
    ParamField::Text(TextField::Description),
    ParamField::Text(TextField::Notes),
    ParamField::EvidenceAsOf,
    ParamField::ReviewBy,
];

/// Whether a field stands beside the row, on the param's own page.
pub(super) fn is_beside(field: ParamField) -> bool {
    BESIDE.contains(&field)
}

/// The initiative around a param.
pub(super) async fn around(visit: &Visit, id: ParamId) -> Result<Whole, WebError> {
    let now = visit.now();
    let found = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        match stored::key_of_param(&mut conn, id).await? {
            Some(key) => whole::load(&mut conn, &key, now).await,
            None => Ok(None),
        }
    });
    found.await?.ok_or(WebError::NotFound("param"))
}

/// A form: the fragment for htmx, a page of its own otherwise.
pub(super) fn form(
    visit: &Visit,
    param: &Param,
    status: StatusCode,
    edit: Edit,
) -> Result<HttpResponse, WebError> {
    if visit.is_htmx && status == StatusCode::OK {
        return reply::html(&FieldEdit { edit });
    }
    if visit.is_htmx {
        let element = format!("#{}", edit.id);
        return reply::html_into(status, &element, &FieldEdit { edit });
    }
    let page = visit.page(edit.label.clone(), Nav::Params);
    reply::html_with(
        status,
        &EditPage {
            page,
            edit,
            subject: param.label().to_owned(),
        },
    )
}

/// The form again, with what was typed and why it wasn't taken.
pub(super) fn form_again(
    visit: &Visit,
    param: &Param,
    field: ParamField,
    typed: &Typed,
    next: &str,
    error: ActionError,
) -> Result<HttpResponse, WebError> {
    let mut again = edit::form(param, field, typed, Reader::of(visit), next);
    let status = edit::refuse(&mut again, error, param, field, typed)?;
    form(visit, param, status, again)
}

fn of_whole(whole: &Whole, id: ParamId) -> Result<(&Param, GridOf<'_>), WebError> {
    let param = whole.params.iter().find(|param| param.id == id);
    let param = param.ok_or(WebError::NotFound("param"))?;
    let framework = whole
        .framework(param.framework_id)
        .ok_or(WebError::NotFound("framework"))?;
    let of = GridOf {
        key: whole.initiative.key.as_str(),
        title: whole.initiative.title(),
        framework_key: &framework.key,
        framework_name: &framework.name,
        names_initiative: false,
    };
    Ok((param, of))
}

fn progress(whole: &Whole, param: &Param, of: &GridOf<'_>) -> view::Progress {
    let framework = param.framework_id;
    rows::progress(of, &whole.params_of(framework), whole.standing(framework))
}

/// The row, its group's head, and on an initiative's page what else moved there.
async fn saved(
    visit: &Visit,
    request: &HttpRequest,
    whole: &Whole,
    id: ParamId,
    notices: Vec<Notice>,
) -> Result<view::Saved, WebError> {
    let (param, of) = of_whole(whole, id)?;
    let is_there = is_on_initiative_page(request);
    let model = whole
        .model
        .as_ref()
        .filter(|_| is_there && whole.initiative.use_math_model);
    let check = match model.filter(|model| model.framework_id == param.framework_id) {
        Some(model) => Some(initiatives::editor(visit, whole, model).await?.check),
        None => None,
    };
    let hands = four_eyes::in_open_params(visit, std::slice::from_ref(param)).await?;
    let progress = progress(whole, param, &of);
    let (progress, notices) = head_or_notice(request, progress, notices);
    Ok(view::Saved {
        param: rows::param_view(param, visit, hands),
        progress,
        score: is_there.then(|| score_card::score_card(whole, visit)),
        journey: is_there.then(|| journey::journey(whole, visit)),
        heading: is_there.then(|| whole::heading(whole, visit)),
        check,
        notices,
    })
}

/// To htmx after a saved field: the row it stands in, or the field alone where it stands beside the row. In the grid
/// the act's own result says it all; an initiative's page shows more, which is read afresh.
pub(super) async fn saved_field(
    visit: &Visit,
    request: &HttpRequest,
    edited: &Edited,
    field: ParamField,
) -> Result<HttpResponse, WebError> {
    let param = &edited.param;
    let mut notice = saved_notice(param, field);
    if let Some(by) = &edited.fell {
        let before = if notice.text.is_empty() { "" } else { " " };
        let _ = write!(notice.text, "{before}It withdrew the approval by {by}.");
    }
    notice.undo = match edited.saved {
        Some(_) => undo::button_for_this(visit),
        None => None,
    };
    if field == ParamField::Name {
        return renamed(visit, param.id, notice).await;
    }
    let notices = vec![notice];
    if is_beside(field) {
        let field = fields::field_view(param, field, Reader::of(visit));
        let (heading, journey, score) = (None, None, None);
        return reply::html(&FieldSaved {
            field,
            heading,
            journey,
            score,
            answer: None,
            notices,
        });
    }
    let saved = match &edited.saved {
        Some(group) if !is_on_initiative_page(request) => {
            saved_in_grid(visit, request, (edited, group), notices).await?
        }
        _ => {
            let whole = around(visit, param.id).await?;
            saved(visit, request, &whole, param.id, notices).await?
        }
    };
    reply::html_into(StatusCode::OK, &format!("#param-{}", param.id), &saved)
}

/// To htmx after another name: the param's whole page, which says it in many places.
async fn renamed(visit: &Visit, id: ParamId, said: Notice) -> Result<HttpResponse, WebError> {
    let whole = around(visit, id).await?;
    let mut page = page(visit, &whole, id, Vec::new()).await?;
    page.said = vec![said];
    page.thread = Some(thread(visit, &whole, id).await?);
    let mut response = reply::html_into(StatusCode::OK, "#main", &page)?;
    let main = HeaderValue::from_static("#main");
    response.headers_mut().insert(reply::RESELECT, main);
    Ok(response)
}

/// What people say about a param.
pub(super) async fn thread(visit: &Visit, whole: &Whole, id: ParamId) -> Result<Thread, WebError> {
    comments::thread(visit, &Commented::Param(id), whole.initiative.id).await
}

/// The row and its group's head.
async fn saved_in_grid(
    visit: &Visit,
    request: &HttpRequest,
    (edited, group): (&Edited, &SavedEdit),
    notices: Vec<Notice>,
) -> Result<view::Saved, WebError> {
    let hands = four_eyes::in_open_params(visit, std::slice::from_ref(&edited.param)).await?;
    let of = GridOf {
        key: &group.initiative_key,
        title: &group.initiative_title,
        framework_key: &group.framework_key,
        framework_name: &group.framework_name,
        names_initiative: false,
    };
    let progress = rows::progress_of(&of, Counts::of(&edited.group), &group.standing);
    let (progress, notices) = head_or_notice(request, progress, notices);
    Ok(view::Saved {
        param: rows::param_view(&edited.param, visit, hands),
        progress,
        score: None,
        journey: None,
        heading: None,
        check: None,
        notices,
    })
}

/// The head of the row's group; in a list without such heads the notice says how the initiative stands instead.
fn head_or_notice(
    request: &HttpRequest,
    head: view::Progress,
    mut notices: Vec<Notice>,
) -> (Option<view::Progress>, Vec<Notice>) {
    if !is_on_list_without_heads(request) {
        return (Some(head), notices);
    }
    if let Some(notice) = notices.first_mut() {
        let mut says = vec![
            head.text,
            figures::text(&head.value),
            head.badge.text.into(),
        ];
        says.retain(|part| !part.is_empty());
        let says = format!("{}: {}.", head.initiative_key, says.join(", "));
        if !notice.text.is_empty() {
            notice.text.push(' ');
        }
        notice.text.push_str(&says);
    }
    (None, notices)
}

fn saved_notice(param: &Param, field: ParamField) -> Notice {
    if matches!(field, ParamField::Value | ParamField::Range)
        && rows::is_outside(param.value.as_ref(), &param.range)
    {
        return Notice {
            tone: Tone::Info,
            title: format!("Saved. {} is outside its range;", param.label()),
            text: "it can’t be approved until one of the two changes.".to_owned(),
            ..Notice::default()
        };
    }
    if field == ParamField::Unit
        && let Some(reads) = share_far_above_one(param)
    {
        return Notice {
            tone: Tone::Info,
            title: format!("Saved. {} reads {reads} now.", param.label()),
            text: "If no share was meant, press Undo.".to_owned(),
            ..Notice::default()
        };
    }
    Notice::done(format!("{} saved", fields::spoken(param, field)))
}

/// What the value reads as a share, if it is one and more than ten times a whole: the unit may have been a slip.
fn share_far_above_one(param: &Param) -> Option<String> {
    const MANY: f64 = 10.0;
    let value = param.value.as_ref()?;
    let is_share = param.unit.trim() == "%" && value.value().abs() > MANY;
    is_share.then(|| number_format::both_readings(value.decimal(), &param.unit).0)
}

/// To an approval or its withdrawal: the row as it is now, with why it isn't what was asked for.
pub(super) async fn decided(
    visit: &Visit,
    request: &HttpRequest,
    id: ParamId,
    done: Result<Param, ActionError>,
    what: &str,
) -> Result<HttpResponse, WebError> {
    let (status, notice) = match done {
        Ok(param) if !visit.is_htmx => {
            return Ok(reply::go_to(&way_back(visit, request, "", &param).await?));
        }
        Ok(param) => (
            StatusCode::OK,
            Notice {
                undo: undo::button_if_changed(visit).await?,
                ..Notice::done(format!("{} is {what}", param.label()))
            },
        ),
        Err(ActionError::Conflict(theirs)) => (StatusCode::CONFLICT, conflict_notice(&theirs)),
        Err(ActionError::Invalid(why)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Notice {
                tone: Tone::Problem,
                title: why,
                ..Notice::default()
            },
        ),
        Err(other) => return Err(other.into()),
    };
    let whole = around(visit, id).await?;
    if visit.is_htmx {
        let row = saved(visit, request, &whole, id, vec![notice]).await?;
        return reply::html_with(status, &row);
    }
    reply::html_with(status, &page(visit, &whole, id, vec![notice]).await?)
}

/// Who changed what to what, before one decided.
fn conflict_notice(theirs: &LoggedChange) -> Notice {
    let sentence = change::sentence(&theirs.field, &theirs.subject, &theirs.old, &theirs.new);
    Notice {
        tone: Tone::Problem,
        title: "Nothing was decided: this changed while you were looking at it.".to_owned(),
        text: format!(
            "{} {sentence}, {}. The row is current now; decide again.",
            theirs.by_name,
            figures::when(theirs.at).text
        ),
        ..Notice::default()
    }
}

/// A param's own page.
pub(super) async fn page(
    visit: &Visit,
    whole: &Whole,
    id: ParamId,
    notices: Vec<Notice>,
) -> Result<view::Show, WebError> {
    let (param, of) = of_whole(whole, id)?;
    let mut page = visit.page(format!("{}, {}", param.label(), of.key), Nav::Params);
    page.notices = notices;
    let hands = four_eyes::in_open_params(visit, std::slice::from_ref(param)).await?;
    page.undo = Some(undo::place(visit, Subject::Params(vec![id.0])).await?);
    let words = match &whole.model {
        Some(model) if model.framework_id == param.framework_id => {
            let desk = Desk::load(visit, whole.initiative.id).await?;
            Some(words::of_param((visit, &desk), model.id, param).await?)
        }
        _ => None,
    };
    Ok(view::Show {
        page,
        initiative: Link {
            label: format!("{} {}", of.key, of.title),
            href: whole.href(),
        },
        framework: of.framework_name.to_owned(),
        notes: super::notes(visit),
        param: rows::param_view(param, visit, hands),
        progress: progress(whole, param, &of),
        words,
        said: Vec::new(),
        thread: None,
        fields: BESIDE.map(|field| labelled(param, field, visit)).into(),
    })
}

/// Whose guess a field beside the row is, as a remark.
fn guess_remark(param: &Param, field: ParamField) -> &'static str {
    match Guess::of(&param.written_by, field.collides_with()) {
        Some(Guess::Llm) => "The LLM’s words; nobody has confirmed them.",
        Some(Guess::Rule) => "Guessed from the name; nobody has confirmed it.",
        None => "",
    }
}

fn labelled(param: &Param, field: ParamField, visit: &Visit) -> LabelledField {
    let fixed = (field == ParamField::Name).then(|| why_not_renamed(param, visit));
    LabelledField {
        label: field.label().to_owned(),
        remark: match fixed.flatten() {
            Some(why) => why,
            None => guess_remark(param, field).to_owned(),
        },
        field: fields::field_view(param, field, Reader::of(visit)),
    }
}

fn why_not_renamed(param: &Param, visit: &Visit) -> Option<String> {
    if let Err(why) = param.check_renamable() {
        return Some(why.to_string());
    }
    let refusal = fields::may_rename_in_scenarios(param, Reader::of(visit)).err();
    refusal.map(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::param::{Number, tests::approved_param};
    use chrono::DateTime;
    use serde_json::json;

    #[test]
    fn a_number_outside_its_range_is_taken_with_a_warning() {
        let mut param = approved_param("margin", "0.3");
        assert_eq!(
            saved_notice(&param, ParamField::Value).title,
            "Value of margin saved"
        );
        param.range.max = Some(Number::from_decimal("0.2".into()));
        let notice = saved_notice(&param, ParamField::Value);
        assert_eq!(notice.tone, Tone::Info);
        assert!(
            notice.title.ends_with("margin is outside its range;"),
            "{}",
            notice.title
        );
        assert_eq!(saved_notice(&param, ParamField::Unit).tone, Tone::Done);
    }

    #[test]
    fn a_conflict_says_who_changed_what_to_what() {
        let notice = conflict_notice(&LoggedChange {
            seq: 1,
            field: "value".into(),
            subject: "Margin".into(),
            old: json!("0.25"),
            new: json!("0.3"),
            through: "form".into(),
            by_name: "Anders".into(),
            at: DateTime::UNIX_EPOCH,
        });
        assert!(
            notice
                .text
                .starts_with("Anders changed the value of Margin from 0.25 to 0.3, 1 Jan 1970")
        );
    }
}

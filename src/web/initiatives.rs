//! An initiative's page, and the acts that concern it as a whole.

use super::{
    asking::Desk,
    comments,
    error::WebError,
    four_eyes, initiative_fields, journey,
    legacy_score::counts_as_legacy,
    math_models, overrides, params, reply,
    scenarios::comparison_href,
    score_card,
    suggestions::{self, Said},
    summaries, undo,
    view::{
        Ask, Hidden,
        error::Notice,
        initiative::Show,
        layout::{Nav, Page},
        model::{Editor, Formula, Line},
        params::Grid,
    },
    visit::Visit,
    whole::{self, Whole},
};
use crate::{
    actions::{
        ActionError, comments::Subject, frameworks as framework_acts, initiatives as acts,
        scores::effort_days,
    },
    domain::{
        framework::{Framework, MATH_MODEL},
        ids::InitiativeKey,
        math_model::MathModel,
        param::Param,
        scenario::Whose,
    },
    store::{approvals, history, model_templates, renames},
};
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Form, Path},
};
use serde::Deserialize;

/// The key in an address.
pub(super) fn key_of(text: &str) -> Result<InitiativeKey, WebError> {
    text.parse()
        .map_err(|_not_a_key| WebError::NotFound("initiative"))
}

/// Reads an initiative as a whole.
pub(super) async fn whole(visit: &Visit, key: &InitiativeKey) -> Result<Whole, WebError> {
    let (key, now) = (key.clone(), visit.now());
    let found = visit
        .db
        .read(async move |mut conn| whole::load(&mut conn, &key, now).await)
        .await?;
    found.ok_or(WebError::NotFound("initiative"))
}

/// GET /initiatives/{key}
pub async fn show(visit: Visit, key: Path<String>) -> Result<HttpResponse, WebError> {
    let whole = whole(&visit, &key_of(&key)?).await?;
    let mut page = page(&visit, &whole).await?;
    page.page.notices.extend(undo::told(&visit).await?);
    reply::html(&page)
}

/// The page with what has just happened: the answer to an act that moves more than one part of it.
pub(super) async fn page_with(
    visit: &Visit,
    key: &InitiativeKey,
    notice: Notice,
) -> Result<HttpResponse, WebError> {
    page_saying(visit, key, StatusCode::OK, notice).await
}

/// The same with another status: why nothing happened.
pub(super) async fn page_saying(
    visit: &Visit,
    key: &InitiativeKey,
    status: StatusCode,
    notice: Notice,
) -> Result<HttpResponse, WebError> {
    let whole = whole(visit, key).await?;
    let mut page = page(visit, &whole).await?;
    page.page.notices.push(notice);
    reply::html_with(status, &page)
}

/// The page as this person sees it now.
async fn page(visit: &Visit, whole: &Whole) -> Result<Show, WebError> {
    let initiative = &whole.initiative;
    let is_on = |framework: &&Framework| whole.standing(framework.id).is_some();
    let on: Vec<_> = whole.frameworks.iter().filter(is_on).collect();
    let model = whole.model.as_ref().filter(|_| initiative.use_math_model);
    let desk = Desk::load(visit, initiative.id).await?;
    let summary = summaries::load((visit, &desk), initiative).await?;
    let (mut editor_of_model, mut said, mut suggestion) = (None, Said::default(), None);
    if let Some(model) = model {
        said = suggestions::load((visit, &desk), model).await?;
        let params = whole.params_of(model.framework_id);
        let facts = facts(whole, model, &params);
        suggestion = Some(suggestions::panel((visit, &desk), model, &facts, &said));
        editor_of_model = Some(editor(visit, whole, model).await?);
    }
    let hands = four_eyes::in_open_params(visit, &whole.params).await?;
    let grids = on
        .iter()
        .map(|framework| grid((visit, hands.clone()), whole, framework));
    let mut grids: Vec<_> = grids.collect();
    if let Some((model, grid)) = model.zip(grids.iter_mut().find(|grid| is_math_models(grid))) {
        let params = whole.params_of(model.framework_id);
        let of = (&initiative.key, MATH_MODEL);
        grid.words = Some(params::words::of_group((visit, &desk), model, &params, of).await?);
    }
    let subject = Subject::Initiative(initiative.key.clone());
    Ok(Show {
        page: Page {
            undo: Some(
                undo::place(
                    visit,
                    history::Subject::Initiative(initiative.key.to_string()),
                )
                .await?,
            ),
            ..visit.page(
                format!("{} {}", initiative.key, initiative.title()),
                Nav::Backlog,
            )
        },
        heading: whole::heading(whole, visit),
        journey: journey::journey(whole, visit),
        score: score_card::score_card(whole, visit),
        controls: overrides::controls(whole, visit),
        thread: Some(comments::thread(visit, &subject, initiative.id).await?),
        editor: editor_of_model,
        suggestion,
        model_fields: model
            .map(|model| math_models::fields(model, visit, &said))
            .unwrap_or_default(),
        unit_proposal: model.and_then(|model| {
            let params = whole.params_of(model.framework_id);
            math_models::unit_proposal(model, &params, (visit, &said), &whole.href())
        }),
        model_href: model.map(|model| format!("/math-models/{}", model.id)),
        formulas: on
            .iter()
            .filter_map(|framework| formula(&initiative.key, framework))
            .collect(),
        param_notes: if on.is_empty() {
            Vec::new()
        } else {
            params::notes(visit)
        },
        grids,
        tools: params::tools(
            visit,
            whole.href(),
            &format!("initiative={}", initiative.key),
        ),
        summary: summaries::panel((visit, &desk), initiative, summary.as_ref(), whole.seen()),
        groups: initiative_fields::groups(initiative, visit),
    })
}

/// The formula's editor, with the person's own draft and the way back to the version approved last.
pub(super) async fn editor(
    visit: &Visit,
    whole: &Whole,
    model: &MathModel,
) -> Result<Editor, WebError> {
    let (id, user) = (model.id, visit.user.id);
    let params = whole.params_of(model.framework_id);
    let (read_model, read_params) = (model.clone(), params.clone());
    let has_moved_on = model.last_approved.is_some();
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let beside = model_templates::beside(&mut conn, id, user).await?;
        let latest = if has_moved_on {
            approvals::latest_of_formula(&mut conn, id).await?
        } else {
            None
        };
        let renames = renames::candidates_among(&mut conn, &read_model, &read_params).await?;
        Ok((beside, latest, renames))
    });
    let (beside, latest, renames) = read.await?;
    let facts = facts(whole, model, &params);
    let own = four_eyes::in_formula(visit, model.id).await?;
    let mut editor = math_models::editor(model, &facts, (visit, own), beside.draft.clone());
    let of = (&whole.initiative.key, model);
    math_models::offer_reuse(&mut editor, visit, of, &beside);
    math_models::offer_renames(&mut editor, visit, renames);
    if let Some(latest) = latest {
        let last = math_models::LastApproval {
            by: &latest.by_name,
            at: latest.at,
            was_taken_back: latest.was_taken_back(),
        };
        math_models::offer_way_back(&mut editor, model, (visit, own), last);
    }
    Ok(editor)
}

/// What a formula is judged by.
fn facts<'a>(whole: &Whole, model: &MathModel, params: &'a [Param]) -> math_models::Facts<'a> {
    let standing = whole.standing(model.framework_id);
    let recorded = standing.and_then(|standing| standing.score.as_ref());
    math_models::Facts {
        params,
        effort_days: effort_days(&whole.initiative),
        recorded: recorded.map(|score| (score.value, score.value_unit.clone())),
        next: whole.href(),
    }
}

fn formula(key: &InitiativeKey, framework: &Framework) -> Option<Formula> {
    let formula = framework.formula.as_ref()?;
    let lines = (1..).zip(formula.text.lines()).map(|(number, text)| Line {
        number,
        text: text.to_owned(),
        value: String::new(),
    });
    Some(Formula {
        id: format!("formula-{}", framework.key),
        name: framework.name.clone(),
        scenarios_href: comparison_href(&Whose {
            initiative: key.clone(),
            framework: framework.key.clone(),
        }),
        lines: lines.collect(),
    })
}

fn is_math_models(grid: &Grid) -> bool {
    grid.progress.framework_key == MATH_MODEL
}

/// The params of one framework.
pub(super) fn grid(
    viewer: (&Visit, four_eyes::OwnHands),
    whole: &Whole,
    framework: &Framework,
) -> Grid {
    let of = params::GridOf {
        key: whole.initiative.key.as_str(),
        title: whole.initiative.title(),
        framework_key: &framework.key,
        framework_name: &framework.name,
        names_initiative: false,
    };
    params::grid(
        &of,
        &whole.params_of(framework.id),
        whole.standing(framework.id),
        viewer,
    )
}

/// What the forms of step 1 and of a backlog row send.
#[derive(Clone, Debug, Deserialize)]
pub struct FrameworkChoice {
    #[serde(default)]
    framework: String,
    seen_revision: i64,
    #[serde(default)]
    confirmed: String,
    #[serde(default)]
    from: String,
}

/// POST /initiatives/{key}/framework
pub async fn choose_framework(
    visit: Visit,
    key: Path<String>,
    sent: Form<FrameworkChoice>,
) -> Result<HttpResponse, WebError> {
    let key = key_of(&key)?;
    let before = whole(&visit, &key).await?;
    if let Some(ask) = loss(&before, &sent) {
        return answer(&visit, &key, &sent.from, StatusCode::OK, Answer::Asks(ask)).await;
    }
    let (choice, of, same) = (sent.clone(), key.clone(), key.clone());
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, &same).await,
            async move |mut tx, actor, now| {
                let framework = (!choice.framework.is_empty()).then_some(choice.framework.as_str());
                let sent = (framework, choice.seen_revision);
                framework_acts::choose_active(&mut tx, &actor, now, &of, sent).await
            },
        )
        .await;
    finish(&visit, &key, &sent.from, done.map(drop)).await
}

/// What leaves the backlog if a framework that isn't scored yet takes the place of one that is; none: nothing.
fn loss(before: &Whole, sent: &FrameworkChoice) -> Option<Ask> {
    let active = before.active();
    if sent.confirmed == "yes" || active.map_or("", |active| &active.key) == sent.framework {
        return None;
    }
    let new = before.frameworks.iter().find(|f| f.key == sent.framework);
    if new.is_some_and(|f| before.own(f.id).value.is_some() || before.live_override(f.id).is_some())
    {
        return None;
    }
    let (sentence, keeps) = match counts_as_legacy(before) {
        Some(legacy) => (
            format!(
                "The legacy score ({}) leaves the backlog for good: it came with a workbook, for {}.",
                legacy.figures.words(),
                active.map_or("no framework", |active| &active.name)
            ),
            active.map_or_else(
                || "the legacy score".to_owned(),
                |active| active.name.clone(),
            ),
        ),
        None => (leaving(before, active?, new)?, active?.name.clone()),
    };
    let hidden = |name: &str, value: &str| Hidden {
        name: name.into(),
        value: value.into(),
    };
    Some(Ask {
        sentence,
        action: format!("{}/framework", before.href()),
        hidden: vec![
            hidden("framework", &sent.framework),
            hidden("from", &sent.from),
        ],
        confirm_label: "Change the framework".to_owned(),
        keep_label: format!("Keep {keeps}"),
        keep_href: if sent.from == "backlog" {
            "/backlog".to_owned()
        } else {
            before.href()
        },
        seen: before.seen(),
    })
}

/// How the score of the framework that is active now leaves.
fn leaving(before: &Whole, active: &Framework, new: Option<&Framework>) -> Option<String> {
    let leaving = before.effective(active.id).figures;
    let value = leaving.value.or(leaving.overall)?;
    let shown = super::figures::text(&super::figures::score(Some(value), &leaving.unit));
    Some(match new {
        Some(new) if new.is_math_model() => format!(
            "{} {shown} leaves the backlog until the math model is scored. To prepare the model while {} stays \
             active, press “Use math model” instead.",
            active.name, active.name
        ),
        Some(new) => {
            format!(
                "{} {shown} leaves the backlog until {} is scored.",
                active.name, new.name
            )
        }
        None => format!(
            "{} {shown} leaves the backlog; no framework will be active.",
            active.name
        ),
    })
}

/// What the toggle sends.
#[derive(Debug, Deserialize)]
pub struct MathModelChoice {
    #[serde(rename = "use")]
    wanted: bool,
    seen_revision: i64,
    #[serde(default)]
    from: String,
}

/// POST /initiatives/{key}/math-model
pub async fn use_math_model(
    visit: Visit,
    key: Path<String>,
    sent: Form<MathModelChoice>,
) -> Result<HttpResponse, WebError> {
    let key = key_of(&key)?;
    let (of, same, choice) = (key.clone(), key.clone(), (sent.wanted, sent.seen_revision));
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, &same).await,
            async move |mut tx, actor, now| {
                framework_acts::use_math_model(&mut tx, &actor, now, &of, choice).await
            },
        )
        .await;
    finish(&visit, &key, &sent.from, done.map(drop)).await
}

/// What a toggle of *Compare with* sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Comparison {
    framework: String,
    on: bool,
    seen_revision: i64,
}

/// POST /initiatives/{key}/comparison
pub async fn compare(
    visit: Visit,
    key: Path<String>,
    sent: Form<Comparison>,
) -> Result<HttpResponse, WebError> {
    let key = key_of(&key)?;
    let (of, same, choice) = (key.clone(), key.clone(), sent.into_inner());
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, &same).await,
            async move |mut tx, actor, now| {
                let sent = (choice.framework.as_str(), choice.on, choice.seen_revision);
                framework_acts::compare(&mut tx, &actor, now, &of, sent).await
            },
        )
        .await;
    finish(&visit, &key, "initiative", done.map(drop)).await
}

/// What stands in the row or in step 1 after a choice.
enum Answer {
    Done,
    Asks(Ask),
    Error(String),
}

async fn finish(
    visit: &Visit,
    key: &InitiativeKey,
    from: &str,
    done: Result<(), ActionError>,
) -> Result<HttpResponse, WebError> {
    match done {
        Ok(()) => answer(visit, key, from, StatusCode::OK, Answer::Done).await,
        Err(ActionError::Invalid(why)) => {
            answer(
                visit,
                key,
                from,
                StatusCode::UNPROCESSABLE_ENTITY,
                Answer::Error(why),
            )
            .await
        }
        Err(ActionError::Conflict(theirs)) => {
            let why = format!(
                "{} changed this meanwhile. What you see now is current; choose again if you still want to.",
                theirs.by_name
            );
            answer(visit, key, from, StatusCode::CONFLICT, Answer::Error(why)).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn answer(
    visit: &Visit,
    key: &InitiativeKey,
    from: &str,
    status: StatusCode,
    answer: Answer,
) -> Result<HttpResponse, WebError> {
    let is_row = from == "backlog" && visit.is_htmx;
    if is_row {
        let (ask, error) = match answer {
            Answer::Done => (None, String::new()),
            Answer::Asks(ask) => (Some(ask), String::new()),
            Answer::Error(error) => (None, error),
        };
        return super::backlog::row_fragment(visit, key, status, ask, error).await;
    }
    if matches!(answer, Answer::Done) {
        let path = if from == "backlog" {
            "/backlog".to_owned()
        } else {
            format!("/initiatives/{key}")
        };
        return Ok(reply::go_to(&path));
    }
    let mut page = page(visit, &whole(visit, key).await?).await?;
    match answer {
        Answer::Asks(ask) => page.journey.turn_on.ask = Some(ask),
        Answer::Error(error) => page.journey.turn_on.error = error,
        Answer::Done => {}
    }
    reply::html_with(status, &page)
}

/// What the archive and restore buttons send.
#[derive(Debug, Deserialize)]
pub struct Seen {
    seen_revision: i64,
}

/// POST /initiatives/{key}/archival
pub async fn archive(
    visit: Visit,
    key: Path<String>,
    sent: Form<Seen>,
) -> Result<HttpResponse, WebError> {
    set_archived(visit, &key, true, sent.seen_revision).await
}

/// POST /initiatives/{key}/restoration
pub async fn restore(
    visit: Visit,
    key: Path<String>,
    sent: Form<Seen>,
) -> Result<HttpResponse, WebError> {
    set_archived(visit, &key, false, sent.seen_revision).await
}

async fn set_archived(
    visit: Visit,
    key: &str,
    wanted: bool,
    seen: i64,
) -> Result<HttpResponse, WebError> {
    let key = key_of(key)?;
    let (of, same) = (key.clone(), key.clone());
    visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, &same).await,
            async move |mut tx, actor, now| {
                acts::set_archived(&mut tx, &actor, now, &of, (wanted, seen)).await
            },
        )
        .await?;
    Ok(reply::go_to(&format!("/initiatives/{key}")))
}

//! Which scenario drives the score: the effect first, then one act.

use super::{
    load::{comparison_href, driver_href, head, of_path},
    refusal, scenario_id,
};
use crate::{
    actions::drive_score::{self as acts, Outlook},
    domain::{ids::MathModelId, rights::Act, scenario::Whose},
    web::{
        error::WebError,
        figures, reply,
        sent_form::fresh_key,
        undo,
        view::{
            Figure, Seen,
            layout::Nav,
            scenario::{Driver, Effect},
        },
        visit::Visit,
    },
};
use actix_web::{
    HttpResponse,
    web::{Form, Path, Query},
};
use serde::Deserialize;

/// Which one is asked about, or chosen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// Its number; empty: Base.
    scenario: String,
    seen_revision: i64,
}

impl Chosen {
    fn id(&self) -> Result<Option<MathModelId>, WebError> {
        match self.scenario.as_str() {
            "" => Ok(None),
            id => scenario_id(id).map(Some),
        }
    }
}

/// GET /initiatives/{key}/frameworks/{framework}/driver
pub async fn choose(
    visit: Visit,
    of: Path<(String, String)>,
    chosen: Query<Chosen>,
) -> Result<HttpResponse, WebError> {
    reply::html(&page(&visit, &of_path(&of)?, chosen.id()?).await?)
}

/// POST /initiatives/{key}/frameworks/{framework}/driver
pub async fn drive(
    visit: Visit,
    of: Path<(String, String)>,
    chosen: Form<Chosen>,
) -> Result<HttpResponse, WebError> {
    let (whose, scenario, seen) = (of_path(&of)?, chosen.id()?, chosen.seen_revision);
    let of = whose.clone();
    let done = visit
        .act_once(
            async move |_tx| Ok(()),
            async move |mut tx, actor, now| {
                acts::let_drive(&mut tx, &actor, now, &of, (scenario, seen)).await
            },
        )
        .await;
    match done {
        Ok(()) => Ok(undo::go_back_telling(&visit, &comparison_href(&whose))),
        Err(error) => {
            let (status, notice) = refusal(error)?;
            let mut again = page(&visit, &whose, scenario).await?;
            again.page.notices.push(notice);
            reply::html_with(status, &again)
        }
    }
}

async fn page(
    visit: &Visit,
    whose: &Whose,
    scenario: Option<MathModelId>,
) -> Result<Driver, WebError> {
    let of = whose.clone();
    let read = visit
        .db
        .read(async move |mut conn| acts::outlook(&mut conn, &of, scenario).await);
    let outlook = read.await?;
    let chosen = match &outlook.scenario {
        Some(scenario) => format!("scenario {}", scenario.label),
        None => "Base".to_owned(),
    };
    let missing = outlook.after.as_ref().err().cloned().unwrap_or_default();
    let drives = outlook.drives();
    let is_away = outlook
        .scenario
        .as_ref()
        .is_some_and(|it| it.put_away_at.is_some());
    let is_open = missing.is_empty() && outlook.group.is_on;
    let can_be_done = !drives && !is_away && (is_open || scenario.is_none());
    let refusal = visit.may(Act::DriveScore).err();
    let mut page = visit.page(format!("Let {chosen} drive the score"), Nav::Models);
    page.path = driver_href(whose, None);
    Ok(Driver {
        page,
        head: head(&outlook.group, scenario, false),
        present: match outlook.group.driver() {
            Some(present) => format!("Scenario {}", present.label),
            None => "Base".to_owned(),
        },
        effects: effects(&outlook),
        sentence: sentence(&outlook, &chosen, drives),
        missing: missing
            .iter()
            .map(|one| (one.to_string(), one.owed_by().to_owned()))
            .collect(),
        action: if can_be_done {
            driver_href(whose, None)
        } else {
            String::new()
        },
        scenario: scenario.map(|id| id.to_string()).unwrap_or_default(),
        why_not: refusal.map(|refusal| refusal.short()).unwrap_or_default(),
        keep_href: comparison_href(whose),
        seen: Seen {
            revision: outlook.group.initiative.revision,
            form_key: fresh_key(),
        },
        chosen,
    })
}

fn effects(outlook: &Outlook) -> Vec<Effect> {
    let before = outlook.before.as_ref();
    let unit = outlook.group.base.unit();
    // What can't be recorded leaves the last score standing.
    let after = outlook.after.as_ref().ok();
    let rank = |rank: Option<(i64, i64)>| match rank {
        Some((rank, among)) => Figure {
            digits: rank.to_string(),
            after: format!("of {among}"),
            ..Figure::default()
        },
        None => Figure::default(),
    };
    let effect = |label: &str, before, after| Effect {
        label: label.to_owned(),
        before,
        after,
    };
    let figure = figures::score;
    vec![
        effect(
            "Value",
            before.map_or_else(Figure::default, |it| figure(Some(it.value), &it.value_unit)),
            figure(after.map(|it| it.value), unit),
        ),
        effect(
            "Effort",
            figure(before.and_then(|it| it.effort), ""),
            figure(after.and_then(|it| it.effort), ""),
        ),
        effect(
            "Overall",
            figure(before.and_then(|it| it.overall), ""),
            figure(after.and_then(|it| it.overall), ""),
        ),
        effect("Rank", rank(outlook.rank_before), rank(outlook.rank_after)),
    ]
}

fn sentence(outlook: &Outlook, chosen: &str, drives: bool) -> String {
    let is_base = outlook.scenario.is_none();
    let why_none = outlook.group.why_none_drives();
    match (drives, &outlook.after, &outlook.before) {
        (true, ..) => format!("It is {chosen} that drives the score already."),
        _ if !is_base && why_none.is_some() => why_none.unwrap_or_default(),
        (false, Ok(_), _) => {
            format!(
                "From then on the score for the record is that of {chosen}, and follows its values."
            )
        }
        (false, Err(_), _) if !is_base => {
            format!("It can’t be done yet: {chosen} isn’t ready for a score of record.")
        }
        (false, Err(_), Some(_)) => {
            "Base isn’t ready, so the last score stays and is marked stale until it is.".to_owned()
        }
        (false, Err(_), None) => "Base isn’t ready, so there is no score until it is.".to_owned(),
    }
}

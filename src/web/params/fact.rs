//! Which shared fact a param follows: search for one, see what would change, follow it, stop following.
//!
//! The choice is an address, so that Back works; only following and stopping are posts.

use super::fields::range_text;
use crate::{
    actions::{
        ActionError, follow_fact,
        follow_together::{self, Verdict},
        params as acts,
    },
    domain::{
        fact::Fact,
        ids::{FactId, ParamId},
        param::{Param, Source},
        rights::Act,
    },
    store::{
        db::Conn,
        facts::{self, FactQuery},
    },
    web::{
        error::WebError,
        facts::outlook,
        figures,
        history::plain,
        reply,
        sent_form::fresh_key,
        undo,
        view::{
            Hidden, Link, Seen,
            fact::{Change, Choice, Follow},
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

/// How many facts are offered at once.
const OFFERED: usize = 20;

/// What is looked for and what is chosen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    fact: Option<i64>,
}

/// GET /params/{id}/fact
pub async fn choose(
    visit: Visit,
    id: Path<i64>,
    asked: Query<Asked>,
) -> Result<HttpResponse, WebError> {
    visit.may(Act::EditParam).map_err(ActionError::from)?;
    reply::html(&page(&visit, ParamId(*id), &asked, String::new()).await?)
}

/// What the forms send.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    fact: i64,
    seen_revision: i64,
}

/// POST /params/{id}/fact
pub async fn follow(
    visit: Visit,
    id: Path<i64>,
    sent: Form<Sent>,
) -> Result<HttpResponse, WebError> {
    let (id, fact, seen) = (ParamId(*id), FactId(sent.fact), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                follow_fact::follow(&mut tx, &actor, now, (id, seen), fact).await
            },
        )
        .await;
    answer(&visit, id, Some(sent.fact), done).await
}

/// POST /params/{id}/fact/removal
pub async fn stop(visit: Visit, id: Path<i64>, sent: Form<Sent>) -> Result<HttpResponse, WebError> {
    let (id, seen) = (ParamId(*id), sent.seen_revision);
    let done = visit
        .act_once(
            async move |mut tx| acts::get(&mut tx, id).await,
            async move |mut tx, actor, now| {
                follow_fact::stop(&mut tx, &actor, now, (id, seen)).await
            },
        )
        .await;
    answer(&visit, id, None, done).await
}

/// The param's page, or the choice again with why it wasn't done.
async fn answer(
    visit: &Visit,
    id: ParamId,
    fact: Option<i64>,
    done: Result<Param, ActionError>,
) -> Result<HttpResponse, WebError> {
    let (status, why) = match done {
        Ok(_) => return Ok(undo::go_back_telling(visit, &format!("/params/{id}"))),
        Err(ActionError::Invalid(why)) => (StatusCode::UNPROCESSABLE_ENTITY, why),
        Err(ActionError::Conflict(theirs)) => {
            let theirs = plain(&theirs);
            let why = format!(
                "{} {} while you were looking at this. Nothing was changed; below is how it stands now.",
                theirs.who, theirs.sentence
            );
            (StatusCode::CONFLICT, why)
        }
        Err(other) => return Err(other.into()),
    };
    let asked = Asked {
        q: String::new(),
        fact,
    };
    reply::html_with(status, &page(visit, id, &asked, why).await?)
}

async fn page(
    visit: &Visit,
    id: ParamId,
    asked: &Asked,
    error: String,
) -> Result<Follow, WebError> {
    let (query, chosen) = (asked.q.clone(), asked.fact.map(FactId));
    let (actor, now) = (visit.actor(), visit.now());
    let read = visit.db.read(async move |mut conn| {
        let param = acts::get(&mut conn, id).await?;
        let (found, chosen) = find(&mut conn, (query, chosen)).await?;
        let prospect = match &chosen {
            Some(fact) if follow_fact::check(&param, fact).is_ok() => {
                Some(follow_together::look(&mut conn, (&actor, now), fact, &[id]).await?)
            }
            _ => None,
        };
        Ok::<_, ActionError>((param, found, (chosen, prospect)))
    });
    let (param, found, (chosen, prospect)) = read.await?;
    let offer = Offer::of(visit, found, std::slice::from_ref(&param));
    let waits = |prospect: &follow_together::Prospect| {
        let mut all = prospect.candidates.iter();
        all.any(|one| one.verdict == Verdict::FollowsAndWaits)
    };
    let waits = prospect.as_ref().is_some_and(waits);
    let outlook = prospect.map(|prospect| prospect.outlook);
    let fault = chosen
        .as_ref()
        .and_then(|fact| follow_fact::check(&param, fact).err());
    let can_be = fault.is_none();
    let href = format!("/params/{id}");
    Ok(Follow {
        page: visit.page("Follow a shared fact", Nav::Params),
        label: param.label().to_owned(),
        follows: param
            .follows
            .as_ref()
            .map_or_else(Link::default, |fact| Link {
                label: fact.name.clone(),
                href: format!("/facts/{}", fact.id),
            }),
        query: asked.q.clone(),
        choices: choices(&offer.facts, chosen.as_ref()),
        note: offer.note(&asked.q),
        changes: chosen
            .as_ref()
            .map(|fact| changes(&param, fact, waits))
            .unwrap_or_default(),
        summary: outlook.as_ref().map(outlook::summary).unwrap_or_default(),
        effect: outlook.as_ref().map(outlook::effect).unwrap_or_default(),
        button: chosen
            .as_ref()
            .map(|fact| format!("Follow {}", fact.words.name))
            .unwrap_or_default(),
        chosen: chosen.filter(|_| can_be).map(|fact| Hidden {
            name: "fact".to_owned(),
            value: fact.id.to_string(),
        }),
        error: match fault {
            Some(fault) if error.is_empty() => fault.to_string(),
            _ => error,
        },
        seen: Seen {
            revision: param.revision,
            form_key: fresh_key(),
        },
        action: format!("{href}/fact"),
        param: Link {
            label: param.label().to_owned(),
            href,
        },
    })
}

/// The approved facts that a search finds, and the one that is chosen.
pub(super) async fn find(
    conn: &mut Conn,
    (search, chosen): (String, Option<FactId>),
) -> sqlx::Result<(Vec<Fact>, Option<Fact>)> {
    let query = FactQuery {
        search,
        is_proposed: Some(false),
        ..FactQuery::default()
    };
    let found = facts::list(conn, &query).await?;
    let chosen = match chosen {
        Some(id) => facts::get(conn, id).await?,
        None => None,
    };
    Ok((found, chosen))
}

/// The facts that can be chosen.
pub(super) struct Offer {
    pub(super) facts: Vec<Fact>,
    /// How many a search found beside that none of the params could follow.
    unfit: usize,
}

impl Offer {
    /// Those of the found facts that one of these params could follow, by this person's hand.
    pub(super) fn of(visit: &Visit, found: Vec<Fact>, params: &[Param]) -> Self {
        let actor = visit.actor();
        let fits = |fact: &Fact| {
            let mut all = params.iter();
            all.any(|param| {
                follow_fact::can_let_follow(&actor, visit.settings, param, fact).is_ok()
            })
        };
        let (facts, unfit): (Vec<_>, Vec<_>) = found.into_iter().partition(fits);
        Self {
            facts,
            unfit: unfit.len(),
        }
    }

    /// What to know about them; empty: nothing.
    pub(super) fn note(&self, search: &str) -> String {
        let unfit = match self.unfit {
            0 => return note(self.facts.len(), search),
            1 => "1 approved fact isn’t offered:".to_owned(),
            count => format!("{count} approved facts aren’t offered:"),
        };
        let why = "following would put the number outside its framework’s bounds, or give the param to an owner whom you can’t choose.";
        let offered = match self.facts.len() {
            0 => String::new(),
            count => note(count, search),
        };
        format!("{offered} {unfit} {why}").trim().to_owned()
    }
}

/// The facts that are offered, the chosen one among them.
pub(super) fn choices(found: &[Fact], chosen: Option<&Fact>) -> Vec<Choice> {
    let offered = &found[..found.len().min(OFFERED)];
    let is_there = |fact: &&Fact| offered.iter().any(|one| one.id == fact.id);
    let first = chosen.filter(|fact| !is_there(fact));
    let choice = |fact: &Fact| Choice {
        id: fact.id.0,
        name: fact.words.name.clone(),
        about: about(fact),
        is_chosen: chosen.is_some_and(|one| one.id == fact.id),
    };
    first.into_iter().chain(offered).map(choice).collect()
}

/// What to know about the facts that were found; empty: nothing.
fn note(found: usize, search: &str) -> String {
    match found {
        0 if search.is_empty() => {
            "No fact is approved yet. Add one in the library of shared facts.".to_owned()
        }
        0 => format!("No approved fact has “{search}” in its name or meaning."),
        _ if found > OFFERED => format!("These are the first {OFFERED}. Search for the others."),
        _ => String::new(),
    }
}

/// A number with its unit.
fn reading(digits: &str, unit: &str) -> String {
    figures::text(&figures::stored(digits, unit).0)
}

fn about(fact: &Fact) -> String {
    fact.in_force.as_ref().map_or_else(String::new, |of| {
        format!(
            "{} · {} · approved by {}",
            reading(of.numbers.value.decimal(), &of.numbers.unit),
            of.numbers.source.key(),
            of.approval.by_name
        )
    })
}

/// What following would change of a param, always the same fields.
pub(super) fn changes(param: &Param, fact: &Fact, waits: bool) -> Vec<Change> {
    let Some(of) = &fact.in_force else {
        return Vec::new();
    };
    let numbers = &of.numbers;
    let value = param.value.as_ref();
    let approved = param.value_approval.as_ref();
    let range_then = if param.has_hard_bounds() {
        range_text(&param.range, &param.unit)
    } else {
        range_text(&numbers.range, &numbers.unit)
    };
    vec![
        Change {
            field: "Value",
            now: value
                .map(|value| reading(value.decimal(), &param.unit))
                .unwrap_or_default(),
            then: reading(numbers.value.decimal(), &numbers.unit),
        },
        Change {
            field: "Unit",
            now: param.unit.clone(),
            then: numbers.unit.clone(),
        },
        Change {
            field: "Range",
            now: range_text(&param.range, &param.unit),
            then: range_then,
        },
        Change {
            field: "Owner",
            now: param.source.map_or("", Source::key).to_owned(),
            then: numbers.source.key().to_owned(),
        },
        Change {
            field: "Approved by",
            now: approved
                .map(|approval| approval.by_name.clone())
                .unwrap_or_default(),
            then: if waits {
                "nobody yet: you can’t approve this param, so it waits for who can".to_owned()
            } else {
                format!("{}, with the fact", of.approval.by_name)
            },
        },
    ]
}

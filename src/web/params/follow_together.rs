//! Which shared fact the chosen rows follow: search for one, see what would become of each, let them follow at once.

use super::{
    back,
    bulk::{Sent, chosen, field, nothing_chosen, told},
    fact::{Offer, changes, choices, find},
    preview::with_undo,
};
use crate::{
    actions::{
        ActionError, Actor,
        follow_together::{self as acts, Candidate, Verdict},
    },
    domain::{
        fact::Fact,
        ids::{FactId, ParamId},
        rights::Act,
    },
    store::params as store,
    web::{
        error::WebError,
        facts::outlook,
        reply,
        sent_form::batch_of,
        view::{
            Hidden, Link,
            fact::{FollowTogether, Prospect, WouldFollow},
            layout::Nav,
        },
        visit::Visit,
    },
};
use actix_web::{HttpResponse, http::StatusCode};

/// The fact that the form names, or else that the grid was narrowed to.
fn fact_of(sent: &Sent) -> Option<FactId> {
    let named = field(sent, "fact").parse().ok().map(FactId);
    named.or_else(|| back::asked(field(sent, "next")).fact())
}

/// POST /params/facts/preview: the facts to choose from, and what following the chosen one would do. Writes nothing.
pub async fn preview(visit: Visit, sent: Sent) -> Result<HttpResponse, WebError> {
    visit.may(Act::EditParam).map_err(ActionError::from)?;
    if chosen(&sent).is_empty() {
        return back::to_page(&visit, field(&sent, "next"), nothing_chosen()).await;
    }
    reply::html(&page(&visit, &sent, String::new()).await?)
}

/// POST /params/facts
pub async fn follow(visit: Visit, sent: Sent) -> Result<HttpResponse, WebError> {
    let (rows, next) = (chosen(&sent), field(&sent, "next"));
    let fact = fact_of(&sent).ok_or(WebError::NotFound("fact"))?;
    let batch = batch_of(visit.sent.as_ref());
    let done = visit
        .act_long_once(
            "follow a fact together",
            async move |_tx| Ok::<_, ActionError>(None),
            async move |mut tx, actor, now| {
                let actor = Actor { batch, ..actor };
                let decided = acts::follow(&mut tx, &actor, now, fact, &rows).await?;
                Ok(Some(decided))
            },
        )
        .await;
    let decided = match done {
        Ok(decided) => decided,
        Err(ActionError::Invalid(why)) => {
            let page = page(&visit, &sent, why).await?;
            return reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        Err(other) => return Err(other.into()),
    };
    let notice = told(decided.as_ref(), "set to follow the fact");
    let notice = match decided {
        Some(decided) if decided.done == 0 => notice,
        _ => with_undo(notice, batch),
    };
    back::to_page(&visit, next, notice).await
}

async fn page(visit: &Visit, sent: &Sent, error: String) -> Result<FollowTogether, WebError> {
    let next = field(sent, "next").to_owned();
    let query = field(sent, "q").to_owned();
    let ids: Vec<ParamId> = chosen(sent).into_keys().collect();
    let (search, wanted) = (query.clone(), fact_of(sent));
    let (actor, now) = (visit.actor(), visit.now());
    let count = ids.len();
    let read = visit.db.read(async move |mut conn| {
        let (found, chosen) = find(&mut conn, (search, wanted)).await?;
        let prospect = match &chosen {
            Some(fact) => Some(acts::look(&mut conn, (&actor, now), fact, &ids).await),
            None => None,
        };
        let rows: Vec<_> = if let Some(Ok(prospect)) = &prospect {
            let all = prospect.candidates.iter();
            all.map(|candidate| candidate.param.clone()).collect()
        } else {
            let all = store::groups_of(&mut conn, &ids).await?.into_iter();
            all.filter(|param| ids.contains(&param.id)).collect()
        };
        Ok::<_, ActionError>((found, rows, (chosen, prospect)))
    });
    let (found, rows, (fact, prospect)) = read.await?;
    let offer = Offer::of(visit, found, &rows);
    let (prospect, why_not) = match prospect {
        None => (None, String::new()),
        Some(Ok(prospect)) => (Some(prospect), String::new()),
        Some(Err(ActionError::Invalid(why))) => (None, why),
        Some(Err(other)) => return Err(other.into()),
    };
    let both = fact.as_ref().zip(prospect);
    Ok(FollowTogether {
        page: visit.page("Let params follow a shared fact", Nav::Params),
        intro: match count {
            1 => "1 param is chosen.".to_owned(),
            count => format!("{count} params are chosen."),
        },
        hidden: carried(sent, &next),
        query: query.clone(),
        choices: choices(&offer.facts, fact.as_ref()),
        note: offer.note(&query),
        error: if error.is_empty() { why_not } else { error },
        prospect: both.map(|(fact, prospect)| prospect_view(fact, &prospect, &next)),
        back: Link {
            label: "Params".to_owned(),
            href: reply::own_path(&next, "/params").to_owned(),
        },
    })
}

fn hidden(name: &str, value: &str) -> Hidden {
    Hidden {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// The chosen rows and the way back, as they were sent.
fn carried(sent: &Sent, next: &str) -> Vec<Hidden> {
    let rows = sent.iter().filter(|(name, _)| name == "row");
    let rows = rows.map(|(name, value)| hidden(name, value));
    rows.chain([hidden("next", next)]).collect()
}

fn prospect_view(fact: &Fact, prospect: &acts::Prospect, next: &str) -> Prospect {
    let all = prospect.candidates.iter();
    let new: Vec<_> = all.filter(|one| one.verdict.follows()).collect();
    let rows = new.iter().map(|one| {
        let row = format!("{}:{}", one.param.id, one.param.revision);
        hidden("row", &row)
    });
    let others = [hidden("fact", &fact.id.to_string()), hidden("next", next)];
    Prospect {
        fact: Link {
            label: fact.words.name.clone(),
            href: format!("/facts/{}", fact.id),
        },
        summary: summary(prospect),
        rows: prospect
            .candidates
            .iter()
            .map(|one| would_follow(one, fact))
            .collect(),
        effect: outlook::effect(&prospect.outlook),
        hidden: rows.chain(others).collect(),
        button: match new.len() {
            0 => String::new(),
            1 => "Let 1 param follow".to_owned(),
            count => format!("Let {count} params follow"),
        },
    }
}

fn summary(prospect: &acts::Prospect) -> Vec<String> {
    let count = |is_it: fn(&Verdict) -> bool| {
        let of = prospect.candidates.iter();
        of.filter(|one| is_it(&one.verdict)).count()
    };
    let params = |count: usize, (one, many): (&str, &str)| match count {
        0 => None,
        1 => Some(format!("1 param {one}.")),
        count => Some(format!("{count} params {many}.")),
    };
    let counts = [
        params(count(Verdict::follows), ("would follow", "would follow")),
        params(
            count(|of| *of == Verdict::FollowsAndWaits),
            (
                "of these then waits for approval, since you can’t approve it",
                "of these then wait for approval, since you can’t approve them",
            ),
        ),
        params(
            count(|of| *of == Verdict::Same),
            ("follows it already", "follow it already"),
        ),
        params(
            count(|of| matches!(of, Verdict::Refused(_))),
            (
                "is left out, for the reason beside it",
                "are left out, each for the reason beside it",
            ),
        ),
    ];
    let moved = outlook::summary(&prospect.outlook);
    counts.into_iter().flatten().chain(moved).collect()
}

fn would_follow(one: &Candidate, fact: &Fact) -> WouldFollow {
    let param = &one.param;
    let unused = if param.is_used() { "" } else { ", not used" };
    WouldFollow {
        param: Link {
            label: param.label().to_owned(),
            href: format!("/params/{}", param.id),
        },
        of: format!("{}, {}{unused}", one.key, one.framework),
        changes: match one.verdict {
            Verdict::Follows => changes(param, fact, false),
            Verdict::FollowsAndWaits => changes(param, fact, true),
            _ => Vec::new(),
        },
        why: match &one.verdict {
            Verdict::Refused(why) => why.clone(),
            _ => "It follows the fact already.".to_owned(),
        },
    }
}

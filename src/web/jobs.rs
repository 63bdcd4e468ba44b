//! What the app does beside its pages: requests to the LLM and the scoring of everybody. Anybody may look; PMs and admins
//! stop what runs and have what failed done again.

use super::{
    asking, chips,
    error::WebError,
    figures::when,
    reply,
    view::{
        Empty, Link, Pager,
        badge::{Badge, State},
        error::Notice,
        jobs::{Index, Row},
        layout::Nav,
    },
    visit::Visit,
};
use crate::{
    domain::{ids::LlmRequestId, rights::Act},
    store::{
        jobs::{self, JobLine},
        llm_requests::{self, RequestState, Status},
    },
};
use actix_web::{HttpResponse, http::StatusCode, web::Query};
use serde::{Deserialize, Serialize};

/// What of the jobs is asked for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Asked {
    /// A state; empty: all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<i64>,
}

impl Asked {
    fn status(&self) -> Option<Status> {
        Status::from_key(&self.state)
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = self.clone();
        other.before = None;
        change(&mut other);
        match serde_urlencoded::to_string(other) {
            Ok(query) if !query.is_empty() => format!("/jobs?{query}"),
            _ => "/jobs".to_owned(),
        }
    }
}

const STATES: [(&str, &str); 6] = [
    ("All", ""),
    ("Waiting", "waiting"),
    ("Running", "running"),
    ("Failed", "failed"),
    ("Done", "done"),
    ("Cancelled", "cancelled"),
];

/// GET /jobs
pub async fn index(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    reply::html(&page(&visit, &asked).await?)
}

/// The page with why something wasn't done.
pub(super) async fn refused(visit: &Visit, why: String) -> Result<HttpResponse, WebError> {
    let mut page = page(visit, &Asked::default()).await?;
    page.page
        .notices
        .push(Notice::problem(why, "Nothing was changed."));
    reply::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn page(visit: &Visit, asked: &Asked) -> Result<Index, WebError> {
    let (status, before) = (asked.status(), asked.before.map(LlmRequestId));
    let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
        let requests = llm_requests::list(&mut conn, status, before).await?;
        // There are few of these: they all stand on the first page.
        let others = match before {
            None => jobs::list(&mut conn, status.map(Status::key)).await?,
            Some(_) => Vec::new(),
        };
        Ok((requests, others))
    });
    let (requests, others) = read.await?;
    let can_act = visit.may(Act::AskLlm).is_ok();
    let can_define = visit.may(Act::DefineFramework).is_ok();
    let mut rows: Vec<_> = requests
        .iter()
        .map(|request| (request.asked_at, of_request(request, can_act)))
        .collect();
    rows.extend(
        others
            .iter()
            .map(|job| (job.created_at, of_job(job, can_define))),
    );
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let is_full = i64::try_from(requests.len()).is_ok_and(|count| count >= llm_requests::PAGE);
    let last = requests.last().filter(|_| is_full);
    let filters = chips::row("State", &STATES, status.map_or("", Status::key), |key| {
        asked.with(|asked| key.clone_into(&mut asked.state))
    });
    Ok(Index {
        page: visit.page("Jobs", Nav::Elsewhere),
        states: filters,
        empty: rows.is_empty().then(|| Empty {
            title: "No jobs here".to_owned(),
            text: "What the LLM is asked, and the scoring of everybody after a framework’s change, is listed here.".to_owned(),
            links: Vec::new(),
            offers_sample_data: false,
        }),
        pager: Pager {
            summary: match rows.len() {
                1 => "1 job".to_owned(),
                n => format!("{n} jobs shown"),
            },
            first_href: asked.before.map(|_| asked.with(|_| ())),
            next_href: last.map(|last| asked.with(|asked| asked.before = Some(last.id.0))),
        },
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}

fn of_request(request: &RequestState, can_act: bool) -> Row {
    let act = |verb| format!("/llm/requests/{}/{verb}", request.id);
    let is_open = request.status.is_open();
    let can_repeat = matches!(request.status, Status::Failed | Status::Cancelled);
    Row {
        element: format!("request-{}", request.id),
        does: request.workflow.label(),
        about: Some(Link {
            label: request.initiative_key.clone(),
            href: format!("/initiatives/{}", request.initiative_key),
        }),
        badge: badge(request.status),
        says: if is_open {
            asking::says(request)
        } else {
            request.why.clone().unwrap_or_default()
        },
        by: asking::asked_by(request),
        since: when(request.asked_at),
        ended: request.finished_at.map(when),
        cancel_action: Some(act("cancellation"))
            .filter(|_| can_act && is_open)
            .unwrap_or_default(),
        repeat_action: Some(act("repetition"))
            .filter(|_| can_act && can_repeat)
            .unwrap_or_default(),
    }
}

fn badge(status: Status) -> Badge {
    match status {
        Status::Waiting => Badge::saying(State::Draft, "Waiting"),
        Status::Running => Badge::saying(State::Draft, "Running"),
        Status::Failed => Badge::saying(State::NotReady, "Failed"),
        Status::Done => Badge::saying(State::Archived, "Done"),
        Status::Cancelled => Badge::saying(State::Archived, "Cancelled"),
    }
}

/// The scoring of everybody by a framework.
fn of_job(job: &JobLine, can_define: bool) -> Row {
    let status = match job.status.as_str() {
        "queued" => Status::Waiting,
        other => Status::from_key(other).unwrap_or(Status::Waiting),
    };
    let progress = format!("{} of {} initiatives", job.done, job.total);
    Row {
        element: format!("job-{}", job.id),
        does: "Scoring everybody afresh",
        about: job.framework.as_ref().map(|(key, name)| Link {
            label: name.clone(),
            href: format!("/frameworks/{key}"),
        }),
        badge: badge(status),
        says: job
            .last_error
            .as_ref()
            .map_or(progress.clone(), |error| format!("{progress}. {error}")),
        by: String::new(),
        since: when(job.created_at),
        ended: job.finished_at.map(when),
        cancel_action: String::new(),
        repeat_action: match &job.framework {
            Some((key, _)) if can_define && status == Status::Failed => {
                format!("/frameworks/{key}/rescoring")
            }
            _ => String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{super::asking::tests::request, *};

    #[test]
    fn what_runs_can_be_cancelled_and_what_came_to_nothing_done_again_by_those_who_may() {
        for (status, cancels, repeats) in [
            (Status::Waiting, true, false),
            (Status::Running, true, false),
            (Status::Done, false, false),
            (Status::Failed, false, true),
            (Status::Cancelled, false, true),
        ] {
            let row = of_request(&request(status, ""), true);
            assert_eq!(!row.cancel_action.is_empty(), cancels, "{status:?}");
            assert_eq!(!row.repeat_action.is_empty(), repeats, "{status:?}");
            let reads = of_request(&request(status, ""), false);
            assert!(reads.cancel_action.is_empty() && reads.repeat_action.is_empty());
        }
    }

    #[test]
    fn a_job_that_is_queued_counts_as_waiting_and_says_how_far_it_is() {
        let job = JobLine {
            id: 3,
            status: "queued".to_owned(),
            framework: Some(("REACH".to_owned(), "Reach".to_owned())),
            done: 5,
            total: 9,
            last_error: Some("The database was away.".to_owned()),
            created_at: chrono::DateTime::UNIX_EPOCH,
            finished_at: None,
        };
        let row = of_job(&job, true);
        assert_eq!(
            (&*row.badge.text, row.says.as_str()),
            ("Waiting", "5 of 9 initiatives. The database was away.")
        );
        assert_eq!(row.about.unwrap().href, "/frameworks/REACH");
    }
}

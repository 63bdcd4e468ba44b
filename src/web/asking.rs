//! Asking the LLM, as pages show it: whether this person can ask now, how far what was asked is, why nothing came of it;
//! and what people do about one request.

use super::{
    error::WebError,
    figures::when,
    reply,
    view::suggestion::{Asking, Failure, Progress},
    visit::Visit,
};
use crate::{
    actions::{ActionError, ask_llm},
    domain::{
        ids::{InitiativeId, LlmCallId, LlmRequestId, MathModelId},
        llm_request::Workflow,
        rights::Act,
    },
    store::llm_requests::{self, RequestState, Status},
};
use actix_web::{
    HttpResponse,
    web::{Form, Path},
};
use serde::Deserialize;

/// What was asked about an initiative, and whether this person can ask for more.
#[derive(Clone, Debug, Default)]
pub(super) struct Desk {
    /// The latest of each kind, for the initiative and each of its models.
    requests: Vec<RequestState>,
    /// Why nothing can be asked now.
    why_off: Option<String>,
    /// How many calls are left for this person today, of how many.
    left: (i32, i32),
    can_cancel: bool,
    can_read: bool,
}

impl Desk {
    pub(super) async fn load(visit: &Visit, initiative: InitiativeId) -> Result<Self, WebError> {
        let (actor, now) = (visit.actor(), visit.now());
        let read = visit.db.read(async move |mut conn| -> sqlx::Result<_> {
            let requests = llm_requests::latest(&mut conn, initiative).await?;
            Ok((
                requests,
                ask_llm::open_budget(&mut conn, &actor, now).await?,
            ))
        });
        let (requests, budget) = read.await?;
        let (left, why_off) = match budget {
            Ok(budget) => ((budget.persons_left().calls, budget.person_cap.calls), None),
            Err(why) => ((0, 0), Some(why)),
        };
        Ok(Self {
            requests,
            why_off,
            left,
            can_cancel: visit.may(Act::AskLlm).is_ok(),
            can_read: visit.may(Act::ReadLlmCalls).is_ok(),
        })
    }

    fn latest(&self, workflow: Workflow, model: Option<MathModelId>) -> Option<&RequestState> {
        let mut requests = self.requests.iter();
        requests.find(|request| request.workflow == workflow && request.model == model)
    }

    /// Whether it was ever asked for that. If not, there is no answer to look for.
    pub(super) fn was_asked(&self, workflow: Workflow, model: Option<MathModelId>) -> bool {
        self.latest(workflow, model).is_some()
    }

    /// The button; `bars`: why this very thing can't be asked for.
    pub(super) fn button(&self, label: &str, bars: Option<String>) -> Asking {
        let why_not = self.why_off.clone().or(bars);
        let (left, of) = self.left;
        Asking {
            label: label.to_owned(),
            remark: match why_not {
                None => format!("{left} of {of} calls left for you today."),
                Some(_) => String::new(),
            },
            why_not: why_not.unwrap_or_default(),
        }
    }

    /// How far it is; none: nothing is under way.
    pub(super) fn progress(
        &self,
        workflow: Workflow,
        model: Option<MathModelId>,
    ) -> Option<Progress> {
        let request = self.latest(workflow, model)?;
        request.status.is_open().then(|| Progress {
            says: says(request),
            since: when(request.asked_at),
            by: asked_by(request),
            cancel_action: if self.can_cancel {
                format!("/llm/requests/{}/cancellation", request.id)
            } else {
                String::new()
            },
        })
    }

    /// Why nothing came of it the last time.
    pub(super) fn failure(
        &self,
        workflow: Workflow,
        model: Option<MathModelId>,
    ) -> Option<Failure> {
        let request = self.latest(workflow, model)?;
        (request.status == Status::Failed).then(|| Failure {
            reason: request.why.clone().unwrap_or_default(),
            at: when(request.finished_at.unwrap_or(request.asked_at)),
            call_href: self.call_href(request.last_call),
        })
    }

    /// Where a call can be read; empty: there is none, or this person may not.
    pub(super) fn call_href(&self, call: Option<LlmCallId>) -> String {
        match call.filter(|_| self.can_read) {
            Some(call) => format!("/llm/calls/{call}"),
            None => String::new(),
        }
    }
}

/// Who asked; empty: nobody pressed for it.
pub(super) fn asked_by(request: &RequestState) -> String {
    if request.is_on_request {
        request.asked_by_name.clone()
    } else {
        String::new()
    }
}

/// How far an open request is, in words.
pub(super) fn says(request: &RequestState) -> String {
    match (request.status, request.progress.as_str(), &request.why) {
        (Status::Running, "asking" | "", _) => "Asking the LLM".to_owned(),
        (Status::Running, other, _) => {
            let mut letters = other.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
        (_, _, Some(why)) => format!("Trying again soon. {why}"),
        _ => "Waiting for its turn".to_owned(),
    }
}

/// Where to go on after an act on one request.
#[derive(Clone, Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// POST /llm/requests/{id}/cancellation
pub async fn cancel(
    visit: Visit,
    id: Path<i64>,
    next: Form<Next>,
) -> Result<HttpResponse, WebError> {
    let id = LlmRequestId(*id);
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, _now| ask_llm::cancel(&mut tx, &actor, id).await,
    );
    done.await?;
    Ok(reply::go_to(reply::own_path(&next.next, "/jobs")))
}

/// POST /llm/requests/{id}/repetition
pub async fn repeat(
    visit: Visit,
    id: Path<i64>,
    next: Form<Next>,
) -> Result<HttpResponse, WebError> {
    let id = LlmRequestId(*id);
    let done = visit.act_once(
        async move |_tx| Ok(()),
        async move |mut tx, actor, now| ask_llm::again(&mut tx, &actor, now, id).await.map(drop),
    );
    match done.await {
        Ok(()) => Ok(reply::go_to(reply::own_path(&next.next, "/jobs"))),
        Err(ActionError::Invalid(why)) => super::jobs::refused(&visit, why).await,
        Err(other) => Err(other.into()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::ids::UserId;
    use chrono::DateTime;

    pub(in crate::web) fn request(status: Status, progress: &str) -> RequestState {
        RequestState {
            id: LlmRequestId(4),
            workflow: Workflow::SuggestMathModel,
            initiative_key: "INIT-1".to_owned(),
            model: Some(MathModelId(7)),
            params: Vec::new(),
            is_on_request: true,
            asked_by: UserId(1),
            asked_by_name: "Bo".to_owned(),
            asked_at: DateTime::UNIX_EPOCH,
            status,
            progress: progress.to_owned(),
            run_at: DateTime::UNIX_EPOCH,
            finished_at: None,
            why: None,
            last_call: Some(LlmCallId(9)),
        }
    }

    fn desk(request: RequestState) -> Desk {
        Desk {
            requests: vec![request],
            left: (3, 10),
            can_cancel: true,
            can_read: true,
            ..Desk::default()
        }
    }

    const OF: (Workflow, Option<MathModelId>) = (Workflow::SuggestMathModel, Some(MathModelId(7)));

    #[test]
    fn each_stage_of_an_open_request_has_its_words() {
        let tried = RequestState {
            why: Some("The LLM is busy.".to_owned()),
            ..request(Status::Waiting, "trying again")
        };
        for (request, expected) in [
            (request(Status::Waiting, ""), "Waiting for its turn"),
            (request(Status::Running, "asking"), "Asking the LLM"),
            (
                request(Status::Running, "repairing, 2nd try"),
                "Repairing, 2nd try",
            ),
            (tried, "Trying again soon. The LLM is busy."),
        ] {
            let progress = desk(request).progress(OF.0, OF.1).unwrap();
            assert_eq!(progress.says, expected);
            assert_eq!(progress.cancel_action, "/llm/requests/4/cancellation");
        }
    }

    #[test]
    fn what_ended_is_no_progress_and_only_a_failure_says_why() {
        for status in [Status::Done, Status::Cancelled] {
            let desk = desk(request(status, ""));
            assert_eq!(desk.progress(OF.0, OF.1), None);
            assert_eq!(desk.failure(OF.0, OF.1), None);
        }
        let failed = RequestState {
            why: Some("It refused.".to_owned()),
            ..request(Status::Failed, "")
        };
        let failure = desk(failed.clone()).failure(OF.0, OF.1).unwrap();
        assert_eq!(
            (failure.reason.as_str(), failure.call_href.as_str()),
            ("It refused.", "/llm/calls/9")
        );
        let reader = Desk {
            can_read: false,
            ..desk(failed)
        };
        assert_eq!(reader.failure(OF.0, OF.1).unwrap().call_href, "");
    }

    #[test]
    fn a_button_that_is_off_says_why_and_one_that_is_on_says_what_is_left() {
        let desk = desk(request(Status::Done, ""));
        let on = desk.button("Ask", None);
        assert_eq!(
            (on.why_not.as_str(), on.remark.as_str()),
            ("", "3 of 10 calls left for you today.")
        );
        let barred = desk.button("Ask", Some("It is approved.".to_owned()));
        assert_eq!(
            (barred.why_not.as_str(), barred.remark.as_str()),
            ("It is approved.", "")
        );
        let off = Desk {
            why_off: Some("Nobody is there.".to_owned()),
            ..desk
        };
        assert_eq!(
            off.button("Ask", Some("It is approved.".to_owned()))
                .why_not,
            "Nobody is there."
        );
    }
}

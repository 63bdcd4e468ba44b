//! One signed-in request: who asks, with what they need to read and act. Most handlers begin with it.

use super::{
    assets,
    error::{WebError, is_htmx},
    mirror, rate,
    sent_form::{fresh_batch, fresh_key},
    session,
    view::layout::{Nav, Page, Viewer},
};
use crate::{
    actions::{
        ActionError, Actor, Through,
        params::{self, Edited},
    },
    clock::Clock,
    domain::{
        ids::{BatchId, ParamId},
        param_input::{ParamField, Typed},
        rights::{Act, Refusal, may},
        settings::Settings,
    },
    store::{
        Db,
        db::Conn,
        idempotency::{self, Claim, SentForm},
        mirror_light::MirrorLight,
        queue::QueueCounts,
        users::User,
    },
};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, web::Data};
use chrono::{DateTime, Utc};
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

/// How long an act may take that concerns everybody.
const LONG: Duration = Duration::from_mins(1);

/// A signed-in person's request.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who.
    pub user: User,
    /// What held for everybody when they asked. Good for what is shown; what is decided reads them again.
    pub settings: Settings,
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Whether htmx asks.
    pub is_htmx: bool,
    /// How much waits for whom.
    pub queue: QueueCounts,
    /// How the mirror stands.
    pub mirror: MirrorLight,
    /// The page's own path and query.
    pub path: String,
    /// The form that was sent, if it carries a key.
    pub sent: Option<SentForm>,
    /// The act that everything it changes belongs to.
    pub batch: Option<BatchId>,
}

impl FromRequest for Visit {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (Some(db), Some(clock), Some(queue), Some(mirror)) = (
                request.app_data::<Data<Db>>(),
                request.app_data::<Data<Clock>>(),
                request.app_data::<Data<QueueCounts>>(),
                request.app_data::<Data<MirrorLight>>(),
            ) else {
                return Err(anyhow::anyhow!("the app is not put together").into());
            };
            let (user, settings) = session::user(&request, db)
                .await?
                .ok_or(WebError::Unauthenticated)?;
            rate::of_person(&request, user.id)?;
            Ok(Self {
                user,
                settings,
                db: (***db).clone(),
                clock: (***clock).clone(),
                queue: (***queue).clone(),
                mirror: (***mirror).clone(),
                is_htmx: is_htmx(&request),
                sent: request.extensions().get::<SentForm>().cloned(),
                batch: fresh_batch(),
                path: request
                    .uri()
                    .path_and_query()
                    .map_or("/", |p| p.as_str())
                    .to_owned(),
            })
        })
    }
}

impl Visit {
    /// The time of this request.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Whether the person may, and if not who may.
    ///
    /// # Errors
    /// They may not.
    pub fn may(&self, act: Act) -> Result<(), Refusal> {
        may(&self.user.roles, act)
    }

    /// Who acts.
    pub(super) fn actor(&self) -> Actor {
        Actor::new(&self.user, Through::Form).within(self.batch)
    }

    /// Does an act in a transaction of its own, as this person, now.
    pub async fn act<T, F, Fut>(&self, work: F) -> Result<T, ActionError>
    where
        F: FnOnce(Conn, Actor, DateTime<Utc>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, ActionError>> + Send,
        T: Send + 'static,
    {
        let (actor, now) = (self.actor(), self.now());
        self.db.transaction(move |tx| work(tx, actor, now)).await
    }

    /// Does what a form asks for, once: sent again (a double click, Back, a lost answer), it changes nothing, and
    /// `again` gives what the first time gave.
    pub async fn act_once<T, F, Fut, G, Gut>(&self, again: G, work: F) -> Result<T, ActionError>
    where
        F: FnOnce(Conn, Actor, DateTime<Utc>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, ActionError>> + Send,
        G: FnOnce(Conn) -> Gut + Send + 'static,
        Gut: Future<Output = Result<T, ActionError>> + Send,
        T: Send + 'static,
    {
        let sent = self.sent.clone();
        self.act(async move |tx, actor, now| once(tx, sent, (actor, now), again, work).await)
            .await
    }

    /// The same for an act that may concern everybody, and so may take longer than others; `name` is what the log
    /// calls it.
    pub async fn act_long_once<T, F, Fut, G, Gut>(
        &self,
        name: &'static str,
        again: G,
        work: F,
    ) -> Result<T, ActionError>
    where
        F: FnOnce(Conn, Actor, DateTime<Utc>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, ActionError>> + Send,
        G: FnOnce(Conn) -> Gut + Send + 'static,
        Gut: Future<Output = Result<T, ActionError>> + Send,
        T: Send + 'static,
    {
        let (actor, now) = (self.actor(), self.now());
        let sent = self.sent.clone();
        self.db
            .bulk(name, LONG, async move |tx| {
                once(tx, sent, (actor, now), again, work).await
            })
            .await
    }

    /// Changes a field of a param as this person, now, once: as one statement, or after those who came first if it
    /// meets others twice.
    pub async fn change_param(
        &self,
        id: ParamId,
        (field, typed, seen): (ParamField, Typed, i64),
    ) -> Result<Edited, ActionError> {
        let (actor, now) = (self.actor(), self.now());
        let asked = Arc::new((actor, typed, self.sent.clone()));
        for _ in 0..2 {
            let asked = Arc::clone(&asked);
            let edited = self.db.write(async move |mut conn| {
                let (actor, typed, form) = &*asked;
                let typing = (field, typed, seen);
                params::change_field(&mut conn, actor, now, id, typing, form.as_ref()).await
            });
            if let Some(edited) = edited.await? {
                return Ok(edited);
            }
        }
        self.db
            .transaction(async move |mut tx| {
                let (actor, typed, form) = &*asked;
                let typing = (field, typed, seen);
                params::change_field_in_turn(&mut tx, actor, now, id, typing, form.as_ref()).await
            })
            .await
    }

    /// The frame of a page.
    #[must_use]
    pub fn page(&self, title: impl Into<String>, nav: Nav) -> Page {
        Page {
            title: title.into(),
            nav,
            viewer: Some(Viewer {
                id: self.user.id.0,
                name: self.user.name.clone(),
                roles: self.user.roles.to_string(),
                initials: initials(&self.user.name),
                decimal_separator: self.user.decimal_separator.key(),
                waiting: waiting(self.queue.of(self.user.id, &self.user.roles, self.settings)),
                mirror: Some(mirror::light(self.mirror.seen())),
            }),
            assets: assets::addresses(),
            path: self.path.clone(),
            notices: Vec::new(),
            form_key: fresh_key(),
            undo: None,
        }
    }
}

/// Does the work if the form's key wasn't used up by the very same form; a form without a key always counts.
async fn once<T, F, Fut, G, Gut>(
    mut tx: Conn,
    sent: Option<SentForm>,
    (actor, now): (Actor, DateTime<Utc>),
    again: G,
    work: F,
) -> Result<T, ActionError>
where
    F: FnOnce(Conn, Actor, DateTime<Utc>) -> Fut,
    Fut: Future<Output = Result<T, ActionError>>,
    G: FnOnce(Conn) -> Gut,
    Gut: Future<Output = Result<T, ActionError>>,
{
    if let Some(sent) = sent
        && idempotency::claim(&mut tx, &sent, actor.id, now).await? == Claim::Again
    {
        return again(tx).await;
    }
    work(tx, actor, now).await
}

/// How much waits, for the top bar; empty: nothing.
#[must_use]
pub fn waiting(count: u32) -> String {
    match count {
        0 => String::new(),
        1..100 => count.to_string(),
        _ => "99+".to_owned(),
    }
}

/// One or two letters for the round mark beside a name.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    first
        .into_iter()
        .chain(last)
        .collect::<String>()
        .to_uppercase()
}

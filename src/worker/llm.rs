//! Asks the LLM what people, an approval or the app itself want to know. A lane of its own beside the jobs, since an
//! answer may take a minute: a few requests at a time, no connection to the database held while the endpoint thinks.

mod request;

use crate::{
    actions::{ActionError, ask_llm},
    clock::Clock,
    llm::Llm,
    store::{Db, llm_requests, llm_settings},
};
use request::Asking;
use std::time::Duration;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout},
};

/// How many requests a process has in hand at the same time.
const AT_ONCE: usize = 4;
/// How long to wait before looking for requests again.
const LOOK: Duration = Duration::from_millis(500);
/// How often to ask whether it is time to look for models that nobody has asked about.
const OWN_LOOK: Duration = Duration::from_secs(20);

/// Answers requests until told to stop; what is under way then is handed to whoever claims it next.
pub(super) async fn keep((db, clock, llm): (Db, Clock, Llm), mut stop: watch::Receiver<bool>) {
    let mut at_work = JoinSet::new();
    let mut own_look = Instant::now();
    loop {
        if let Err(error) = begin(&mut at_work, (&db, &clock, &llm), &stop).await {
            tracing::debug!(%error, "requests to the LLM wait for the database");
        }
        if own_look <= Instant::now() {
            own_look = Instant::now() + OWN_LOOK;
            if let Err(error) = look(&db, &clock).await {
                tracing::debug!(%error, "can’t look for models to suggest something for; trying again");
            }
        }
        while at_work.try_join_next().is_some() {}
        // An error in time: whoever could tell is gone.
        if timeout(LOOK, stop.wait_for(|told| *told)).await.is_ok() {
            break;
        }
    }
    while at_work.join_next().await.is_some() {}
}

/// Claims what is due, as long as hands are free.
async fn begin(
    at_work: &mut JoinSet<()>,
    (db, clock, llm): (&Db, &Clock, &Llm),
    stop: &watch::Receiver<bool>,
) -> sqlx::Result<()> {
    while at_work.len() < AT_ONCE {
        let claimed = db
            .write(async move |mut conn| llm_requests::claim(&mut conn).await)
            .await?;
        let Some(claimed) = claimed else {
            return Ok(());
        };
        let asking = Asking {
            db: db.clone(),
            clock: clock.clone(),
            llm: llm.clone(),
            claimed,
        };
        at_work.spawn(asking.run(stop.clone()));
    }
    Ok(())
}

/// Asks for suggestions where nobody has, if that is set and due. Each model has a transaction of its own.
async fn look(db: &Db, clock: &Clock) -> Result<(), ActionError> {
    let now = clock.now();
    let is_due = db.write(async move |mut conn| llm_settings::take_look(&mut conn, now).await);
    if !is_due.await? {
        return Ok(());
    }
    let models = db.read(async move |mut conn| ask_llm::to_look_at(&mut conn, now).await);
    for model in models.await? {
        let asked =
            db.transaction(async move |mut tx| ask_llm::by_itself(&mut tx, now, model).await);
        match asked.await {
            Ok(is_asked) => tracing::debug!(math_model.id = model.0, is_asked, "looked at a model"),
            Err(ActionError::Db(error)) => return Err(error.into()),
            Err(why) => {
                // The budget: there is another day.
                tracing::info!(%why, "asks for no more suggestions by itself");
                return Ok(());
            }
        }
    }
    Ok(())
}

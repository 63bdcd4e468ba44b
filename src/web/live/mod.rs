//! Others' changes, and who else is there, told to every open page: `GET /live` is a stream of events, and one task a
//! process looks for what changed and says who is with it. A stream holds no connection to the database; what a page fetches then is its own business and its own
//! rights.

mod crowd;
mod hub;
mod presence;
mod top_bar;

pub use crowd::Crowd;
pub use hub::Hub;
pub use presence::tell as tell_presence;

use super::{error::WebError, session};
use crate::{
    actions::facts::SAID,
    store::{
        Db,
        live::{Heard, News, Tail},
        mirror_light::MirrorLight,
        queue::QueueCounts,
        sessions,
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    http::header,
    web::{Bytes, Data, Query},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    collections::BTreeMap,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc::Receiver,
    time::{sleep, sleep_until},
};
use top_bar::TopBar;

/// How long alarms are gathered before the next look: at most ten a second.
const GATHER: Duration = Duration::from_millis(100);
/// How often to look without an alarm: for what a command changed, or a process that died before it told.
const LOOK: Duration = Duration::from_secs(1);
/// How often a stream looks whether the top bar says something else by now.
const GLANCE: Duration = Duration::from_secs(1);
/// After how many of these it says that it lives, and asks whether its session does.
const BEAT: u32 = 5;
/// How long to wait before connecting again, at first and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

const RESYNC: Bytes = Bytes::from_static(b"event: resync\ndata: 0\n\n");

/// How old the page is that listens, in milliseconds.
#[derive(Debug, Deserialize)]
pub struct Age {
    #[serde(default)]
    age: u64,
}

/// GET /live
pub async fn stream(
    request: HttpRequest,
    db: Data<Db>,
    hub: Data<Hub>,
    (queue, mirror): (Data<QueueCounts>, Data<MirrorLight>),
    page: Query<Age>,
) -> Result<HttpResponse, WebError> {
    let Some(hash) = session::id_hash(&request) else {
        return Ok(HttpResponse::Unauthorized().finish());
    };
    let Some((user, settings)) = session::user(&request, &db).await? else {
        return Ok(HttpResponse::Unauthorized().finish());
    };
    let Some((id, heard)) = hub.listen(Instant::now(), Duration::from_millis(page.age), RESYNC)
    else {
        return Ok(HttpResponse::ServiceUnavailable().finish());
    };
    let bar = TopBar {
        user,
        settings,
        queue: QueueCounts::clone(&queue),
        mirror: MirrorLight::clone(&mirror),
    };
    actix_web::rt::spawn(beat(Db::clone(&db), (Hub::clone(&hub), id), hash, bar));
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        // Said already, so that nothing on the way gathers it up to compress it.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .body(Stream { heard }))
}

/// Says that the stream lives, and what its top bar says now, until nobody listens or the session has ended.
async fn beat(db: Db, (hub, id): (Hub, u64), hash: [u8; 32], mut bar: TopBar) {
    let mut said = Bytes::new();
    while hub.tell_one(id, Bytes::from_static(b":\n\n")) {
        for _ in 0..BEAT {
            match bar.event() {
                Ok(event) if event != said => {
                    said = event;
                    // Whether anybody listens shows with the next beat.
                    let _ = hub.tell_one(id, said.clone());
                }
                _ => {}
            }
            sleep(GLANCE).await;
        }
        let asked = db.read(async move |mut conn| sessions::look_at_user(&mut conn, &hash).await);
        match asked.await {
            // With the roles and settings that hold by now: what waits for whom goes by them.
            Ok(Some((user, settings))) => (bar.user, bar.settings) = (user, settings),
            Ok(None) => hub.end(id),
            // Without a database nobody knows; what is told then waits as well.
            Err(_) => {}
        }
    }
}

/// What a browser hears, as it is told.
struct Stream {
    heard: Receiver<Bytes>,
}

impl MessageBody for Stream {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.heard.poll_recv(context).map(|said| said.map(Ok))
    }
}

/// Looks for what changed and for who is there, and tells it, for as long as the process lives.
pub async fn keep(db: Db, hub: Hub, crowd: Crowd) {
    let mut wait = AGAIN.0;
    loop {
        match Tail::open(&db).await {
            Ok(tail) => {
                wait = AGAIN.0;
                // Whatever happened meanwhile wasn't told.
                hub.begins(Instant::now());
                hub.tell(Instant::now(), &RESYNC);
                let lost = follow(&db, (&hub, &crowd), tail).await;
                tracing::info!(?lost, "lost the connection that hears of changes");
            }
            Err(error) => tracing::debug!(%error, "can’t listen for changes now; trying again"),
        }
        sleep(wait).await;
        wait = (wait * 2).min(AGAIN.1);
    }
}

/// Until the connection is lost.
async fn follow(db: &Db, (hub, crowd): (&Hub, &Crowd), mut tail: Tail) -> sqlx::Result<()> {
    let committed = db.committed();
    let mut next_look = Instant::now();
    loop {
        let woken = tokio::select! {
            heard = tail.hears() => Woken::Heard(heard?),
            () = committed.notified() => Woken::Committed,
            () = crowd.moved() => Woken::Moved,
            () = sleep_until(next_look.into()) => Woken::Late,
        };
        if woken == Woken::Committed {
            tail.raise().await?;
        }
        let mut is_due = Instant::now() >= next_look || woken == Woken::Committed;
        let mut heard = match woken {
            Woken::Heard(text) => Some(text),
            _ => tail.has_heard(),
        };
        // Alarms that are heard by now are answered by one look.
        while let Some(text) = heard {
            is_due |= text.is_empty();
            crowd.hears(Instant::now(), &text);
            heard = tail.has_heard();
        }
        tell_who_is_there((hub, crowd), &mut tail).await?;
        if is_due {
            next_look = Instant::now() + LOOK;
            tell_what_changed(hub, &mut tail).await?;
        }
        sleep(GATHER).await;
    }
}

/// Why there is something to do.
#[derive(Debug, PartialEq, Eq)]
enum Woken {
    /// A process said something.
    Heard(String),
    /// This one committed something.
    Committed,
    /// Somebody came, went or opened a form.
    Moved,
    /// Nothing, for a while.
    Late,
}

async fn tell_who_is_there((hub, crowd): (&Hub, &Crowd), tail: &mut Tail) -> sqlx::Result<()> {
    let round = crowd.round(Instant::now());
    if !round.to_browsers.is_empty() {
        let data = json!(round.to_browsers);
        hub.tell_in_passing(&Bytes::from(format!("event: present\ndata: {data}\n\n")));
    }
    for message in round.to_processes {
        tail.say(&message).await?;
    }
    Ok(())
}

async fn tell_what_changed(hub: &Hub, tail: &mut Tail) -> sqlx::Result<()> {
    // Even when nobody listens: a page that is on its way to somebody hears of it in a moment.
    match tail.look().await? {
        News::Many => hub.tell(Instant::now(), &RESYNC),
        News::Changes(changes) if changes.is_empty() => {}
        News::Changes(changes) => hub.tell(Instant::now(), &event(&changes)),
    }
    Ok(())
}

/// What an event says of an initiative.
#[derive(Default, Serialize)]
struct Moved<'a> {
    /// Who changed it.
    by: BTreeMap<String, &'a str>,
    /// Where the fields that changed are edited, and who changed them.
    what: Vec<(String, &'a str)>,
    /// Whether lists have a row more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    adds: bool,
}

/// The changes as one event, initiative by initiative; what concerns shared facts is one more.
fn event(changes: &[Heard]) -> Bytes {
    let mut initiatives: BTreeMap<&str, Moved<'_>> = BTreeMap::new();
    for change in changes {
        if change.entity == "param" && change.field == "fact" {
            let facts = initiatives.entry("facts").or_default();
            facts.by.insert(change.by.to_string(), &change.by_name);
        }
        let moved = initiatives.entry(&change.key).or_default();
        moved.by.insert(change.by.to_string(), &change.by_name);
        // Nobody edits what somebody says.
        if change.entity != "comment" {
            moved.what.push((address(change), &change.by_name));
        }
        moved.adds |= ["created", "seeded", "archived", "use_math_model"].contains(&&*change.field);
    }
    Bytes::from(format!("event: changed\ndata: {}\n\n", json!(initiatives)))
}

/// Where the form of that field posts.
fn address(change: &Heard) -> String {
    let field = match change.field.as_str() {
        "min" | "max" => "range",
        other => other,
    };
    match (change.entity.as_str(), field) {
        ("math_model", "formula" | "restored_formula") => {
            format!("/math-models/{}/formula", change.entity_id)
        }
        ("math_model", _) => format!("/math-models/{}/fields/{field}", change.entity_id),
        ("scenario", "scenario_formula") => format!("/scenarios/{}/formula", change.entity_id),
        ("param", _) => format!("/params/{}/fields/{field}", change.entity_id),
        ("fact", field) if SAID.contains(&field) => format!("/facts/{}/proposal", change.entity_id),
        ("fact", _) => format!("/facts/{}/words", change.entity_id),
        _ => format!("/initiatives/{}/fields/{field}", change.key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(key: &str, entity: &str, field: &str) -> Heard {
        Heard {
            key: key.into(),
            by: 7,
            by_name: "Bo Li".into(),
            entity: entity.into(),
            entity_id: 42,
            field: field.into(),
        }
    }

    #[test]
    fn pages_about_facts_hear_of_their_forms_and_of_whoever_follows() {
        let changes = [
            heard("facts", "fact", "fact_proposed"),
            heard("facts", "fact", "description"),
            heard("INIT-1", "param", "fact"),
        ];
        let said = event(&changes);
        let said = std::str::from_utf8(&said).unwrap();
        assert!(
            said.contains("\"facts\":{\"by\":{\"7\":\"Bo Li\"}"),
            "{said}"
        );
        assert!(
            said.contains("[\"/facts/42/proposal\",\"Bo Li\"]"),
            "{said}"
        );
        assert!(said.contains("[\"/facts/42/words\",\"Bo Li\"]"), "{said}");
        let followed = event(&changes[2..]);
        let followed = std::str::from_utf8(&followed).unwrap();
        assert!(followed.contains("\"facts\":{"), "{followed}");
    }

    #[test]
    fn whoever_writes_a_scenarios_formula_hears_of_another_text() {
        let changed = heard("INIT-1", "scenario", "scenario_formula");
        assert_eq!(address(&changed), "/scenarios/42/formula");
    }

    #[test]
    fn an_event_names_each_initiative_once_with_people_and_the_forms_of_what_changed() {
        let changes = [
            heard("INIT-1", "param", "max"),
            heard("INIT-1", "math_model", "formula"),
            heard("INIT-2", "initiative", "title"),
            heard("INIT-3", "param", "seeded"),
        ];
        let said = event(&changes);
        let said = std::str::from_utf8(&said).unwrap();
        let data = said
            .strip_prefix("event: changed\ndata: ")
            .and_then(|data| data.strip_suffix("\n\n"))
            .unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(
            data,
            json!({
                "INIT-1": {
                    "by": { "7": "Bo Li" },
                    "what": [["/params/42/fields/range", "Bo Li"], ["/math-models/42/formula", "Bo Li"]],
                },
                "INIT-2": { "by": { "7": "Bo Li" }, "what": [["/initiatives/INIT-2/fields/title", "Bo Li"]] },
                "INIT-3": { "by": { "7": "Bo Li" }, "what": [["/params/42/fields/seeded", "Bo Li"]], "adds": true },
            })
        );
    }
}

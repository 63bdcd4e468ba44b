//! An endpoint of our own making that speaks chat completions over real HTTP: it answers as scripted, one answer after the
//! other, then sensibly for whatever is asked, and it can fail in every way. Knows nothing of the app.

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    body::{BodySize, MessageBody},
    http::{StatusCode, header},
    web::{Bytes, Data, PayloadConfig, post},
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    io,
    net::TcpListener,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};
use tokio::sync::Notify;

/// The key that it is given.
pub(crate) const KEY: &str = "canary-4711-secret-key";

/// One scripted answer.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// This as the content of the first choice.
    Content(String),
    /// This status, with a header or two and a body.
    Status(u16, Vec<(&'static str, &'static str)>, String),
    /// This body, as it is, with 200.
    Body(String),
    /// The first half of a body; then the connection ends.
    Half,
    /// Nothing before [`Endpoint::let_go`]; then this content.
    Held(String),
}

/// A content, as JSON.
pub(crate) fn content(value: &Value) -> Say {
    Say::Content(value.to_string())
}

/// A suggestion of this formula.
pub(crate) fn formula(text: &str) -> Value {
    json!({
        "formula": text,
        "assumptions": ["Each avoided ticket saves its whole cost.", "No effect on churn."],
        "notes": "Tickets avoided, times what each costs, over the horizon.",
        "value_unit": "£",
        "params": [{"name": "cost_per_ticket", "label": "Cost per ticket", "unit": "£", "description": "",
                    "min": 0, "max": null, "source": "Finance"}],
    })
}

struct State {
    script: Mutex<VecDeque<Say>>,
    asked: Mutex<Vec<Value>>,
    keys: Mutex<Vec<String>>,
    held: Notify,
}

/// The endpoint, listening.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) base: String,
    state: Arc<State>,
}

impl Endpoint {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let state = Arc::new(State {
            script: Mutex::default(),
            asked: Mutex::default(),
            keys: Mutex::default(),
            held: Notify::new(),
        });
        let data = Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(PayloadConfig::new(4 << 20))
                .route("/v1/chat/completions", post().to(answer))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("a server");
        tokio::spawn(server.run());
        Self { base, state }
    }

    /// The variables that lead an app here.
    pub(crate) fn variables(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("MIRROR_MODE", "off"),
            ("LLM_BASE_URL", &self.base),
            ("LLM_API_KEY", KEY),
            ("LLM_MODEL", "scripted-1"),
            ("LLM_PRICE_INPUT", "2"),
            ("LLM_PRICE_OUTPUT", "10"),
        ]
    }

    /// Says this next.
    pub(crate) fn say(&self, said: impl IntoIterator<Item = Say>) {
        self.state
            .script
            .lock()
            .expect("no test that panicked")
            .extend(said);
    }

    /// Everything that was asked, in order.
    pub(crate) fn asked(&self) -> Vec<Value> {
        self.state
            .asked
            .lock()
            .expect("no test that panicked")
            .clone()
    }

    /// The keys that came with it.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.state
            .keys
            .lock()
            .expect("no test that panicked")
            .clone()
    }

    /// Lets an answer that is held go.
    pub(crate) fn let_go(&self) {
        self.state.held.notify_one();
    }
}

async fn answer(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let asked: Value = serde_json::from_slice(&body).expect("JSON");
    let key = request.headers().get(header::AUTHORIZATION);
    let key = key.map(|key| key.to_str().expect("a text").to_owned());
    state
        .keys
        .lock()
        .expect("no test that panicked")
        .extend(key);
    let said = state
        .script
        .lock()
        .expect("no test that panicked")
        .pop_front();
    let said = said.unwrap_or_else(|| Say::Content(sensible(&asked).to_string()));
    state
        .asked
        .lock()
        .expect("no test that panicked")
        .push(asked);
    match said {
        Say::Content(content) => HttpResponse::Ok().json(completion(&content)),
        Say::Held(content) => {
            state.held.notified().await;
            HttpResponse::Ok().json(completion(&content))
        }
        Say::Status(status, headers, body) => {
            let mut response = HttpResponse::build(StatusCode::from_u16(status).expect("a status"));
            for (name, value) in headers {
                response.insert_header((name, value));
            }
            response.body(body)
        }
        Say::Body(body) => HttpResponse::Ok().body(body),
        Say::Half => HttpResponse::Ok().body(HalfAnAnswer(0)),
    }
}

fn completion(content: &str) -> Value {
    json!({
        "id": "x", "object": "chat.completion", "model": "scripted-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    })
}

/// What fits the question: which one it is stands in the name of its schema, or in its instructions.
fn sensible(asked: &Value) -> Value {
    let instructions = asked["messages"][0]["content"].as_str().unwrap_or_default();
    if instructions.contains("You describe the parameters") {
        let data = asked["messages"][1]["content"].as_str().unwrap_or_default();
        let names = data
            .split_once("| Names to describe:\n| ")
            .map_or("", |(_, rest)| rest);
        let names = names.lines().next().unwrap_or_default().split(", ");
        let params: Vec<_> = names
            .map(|name| {
                json!({"name": name, "label": format!("About {name}"), "unit": "widgets",
                       "description": format!("What {name} is."), "min": 0, "max": 50, "source": "Eng"})
            })
            .collect();
        json!({ "params": params })
    } else if instructions.contains("You write a short text") {
        json!({"summary": "Fewer tickets, at less cost.", "notes": "The horizon is open."})
    } else if instructions.contains("second opinion") {
        json!({"score": 70, "verdict": "Plausible.", "issues": ["No churn"], "strengths": ["Simple"], "improvements": []})
    } else {
        formula("tickets_avoided_per_month * cost_per_ticket * horizon_months")
    }
}

/// A body that breaks off.
struct HalfAnAnswer(u8);

impl MessageBody for HalfAnAnswer {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        self.0 += 1;
        Poll::Ready(Some(if self.0 == 1 {
            Ok(Bytes::from_static(b"{\"choices\": [{\"mess"))
        } else {
            Err(io::ErrorKind::ConnectionAborted.into())
        }))
    }
}

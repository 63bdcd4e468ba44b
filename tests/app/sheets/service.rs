//! The service itself, over HTTP on this machine: a token endpoint that checks what the account signed, the three methods
//! that the mirror uses, and faults before and after a write is applied.

use super::{
    people::Deed,
    tab::{Refusal, Tab},
    witness,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE};
use productops::clock::Clock;
use rsa::{
    RsaPrivateKey,
    pkcs1v15::{Signature, VerifyingKey},
    pkcs8::{EncodePrivateKey as _, LineEnding},
    rand_core::OsRng,
    signature::Verifier as _,
};
use serde_json::{Value, json};
use sha2::Sha256;
use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, OnceLock},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

pub(crate) const SPREADSHEET: &str = "1SpreadsheetOfTheTests";
pub(crate) const ACCOUNT: &str = "mirror@tests.iam.gserviceaccount.com";
const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets";
/// With a token of this scope nothing can be written.
const READING: &str = "https://www.googleapis.com/auth/spreadsheets.readonly";

/// One key for the whole process: making it takes a second.
fn account_key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| RsaPrivateKey::new(&mut OsRng, 2048).expect("a key"))
}

/// How a request goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// None: for the ones before another.
    Fine,
    /// Refused, nothing done: status, message, Retry-After.
    Refuse(u16, &'static str, Option<u32>),
    /// The connection breaks before anything is done.
    BreakBefore,
    /// It is done, and the connection breaks before the answer.
    BreakAfter,
    /// It is done, and the answer ends in the middle.
    CutAfter,
    /// It is done, and the answer is an error.
    FailAfter(u16),
    /// Never answered, nothing done.
    HangBefore,
    /// It is done and never answered.
    HangAfter,
}

/// What the service knows and does.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tab: Tab,
    /// The spreadsheet's other tabs.
    pub(crate) others: Vec<Tab>,
    /// What people do right before each of the next writes is applied.
    pub(crate) people: VecDeque<Vec<Deed>>,
    /// What they do right after each of the next writes, before anybody reads.
    pub(crate) people_after: VecDeque<Vec<Deed>>,
    /// Whether people's deeds are left out that nobody could tell ([`super::witness`]).
    pub(crate) leaves_out: bool,
    pub(crate) read_faults: VecDeque<Fault>,
    pub(crate) write_faults: VecDeque<Fault>,
    /// What was asked: `token`, `get`, `read` or `write`, whatever came of it.
    pub(crate) asked: Vec<&'static str>,
    /// The bodies of the writes.
    pub(crate) bodies: Vec<Value>,
    /// The largest body, in bytes.
    pub(crate) largest: usize,
    /// The token that is good; none: none is any more.
    good_token: Option<String>,
    /// The same for reading only.
    reading_token: Option<String>,
    tokens: usize,
}

/// A running service; it ends with this.
pub(crate) struct Service {
    pub(crate) base: String,
    state: Arc<Mutex<State>>,
    /// Told when a request hangs.
    pub(crate) hangs: Arc<Notify>,
    serving: JoinHandle<()>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl State {
    /// All tabs, the backlog's first.
    fn tabs(&self) -> impl Iterator<Item = &Tab> {
        std::iter::once(&self.tab).chain(&self.others)
    }

    /// The other tab of that title.
    pub(crate) fn other(&self, title: &str) -> &Tab {
        let mut others = self.others.iter();
        others.find(|tab| tab.title == title).expect("the tab")
    }
}

impl Service {
    pub(crate) async fn with(tab: Tab) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State {
            tab,
            others: Vec::new(),
            people: VecDeque::new(),
            people_after: VecDeque::new(),
            leaves_out: false,
            read_faults: VecDeque::new(),
            write_faults: VecDeque::new(),
            asked: Vec::new(),
            bodies: Vec::new(),
            largest: 0,
            good_token: None,
            reading_token: None,
            tokens: 0,
        }));
        let hangs = Arc::new(Notify::new());
        let (shared, told, token_uri) = (state.clone(), hangs.clone(), format!("{base}/token"));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let beside = (shared.clone(), told.clone(), token_uri.clone());
                tokio::spawn(async move {
                    // Whoever asked may be gone.
                    let _ = serve(stream, beside).await;
                });
            }
        });
        Self {
            base,
            state,
            hangs,
            serving,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the state")
    }

    /// The account's key, as Google's console gives it out.
    pub(crate) fn key(&self) -> String {
        let key = account_key().to_pkcs8_pem(LineEnding::LF).expect("a key");
        json!({
            "type": "service_account",
            "client_email": ACCOUNT,
            "private_key": key.as_str(),
            "token_uri": format!("{}/token", self.base),
        })
        .to_string()
    }

    /// Reads and writes since this was asked last.
    pub(crate) fn calls(&self) -> (usize, usize) {
        let mut state = self.state();
        let count = |kind| state.asked.iter().filter(|asked| **asked == kind).count();
        let calls = (count("read"), count("write"));
        state.asked.clear();
        calls
    }

    /// The token at hand isn't good any more, though it hasn't expired.
    pub(crate) fn revoke(&self) {
        let mut state = self.state();
        (state.good_token, state.reading_token) = (None, None);
    }
}

enum Reply {
    Json(u16, Value, Option<u32>),
    Cut(Value),
    Break,
    Hang,
}

type Beside = (Arc<Mutex<State>>, Arc<Notify>, String);

async fn serve(mut stream: TcpStream, (state, hangs, token_uri): Beside) -> std::io::Result<()> {
    let (head, body) = request(&mut stream).await?;
    let reply = answer(
        &mut state.lock().expect("the state"),
        &head,
        &body,
        &token_uri,
    );
    let (status, text, wait, is_cut) = match reply {
        Reply::Json(status, body, wait) => (status, body.to_string(), wait, false),
        Reply::Cut(body) => (200, body.to_string(), None, true),
        Reply::Break => {
            let socket = socket_option_linger_zero(&stream);
            return socket;
        }
        Reply::Hang => {
            hangs.notify_one();
            std::future::pending::<()>().await;
            return Ok(());
        }
    };
    let wait = wait.map_or(String::new(), |wait| format!("retry-after: {wait}\r\n"));
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{wait}connection: close\r\n\r\n",
        text.len()
    );
    let sent = if is_cut { text.len() / 2 } else { text.len() };
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&text.as_bytes()[..sent]).await?;
    stream.shutdown().await
}

/// Closing with nothing lingering tells the other side so at once.
fn socket_option_linger_zero(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_zero_linger()
}

/// The head's first line with the headers, and the body.
async fn request(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let lower = head.to_ascii_lowercase();
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().expect("a length"));
        while bytes.len() < end + 4 + length {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        return Ok((head, bytes.split_off(end + 4)));
    }
}

fn answer(state: &mut State, head: &str, body: &[u8], token_uri: &str) -> Reply {
    let path = head.split(' ').nth(1).unwrap_or_default();
    if path == "/token" {
        state.asked.push("token");
        return match signed_by_account(body, token_uri) {
            Ok(scope) => {
                state.tokens += 1;
                let token = format!("token-{}", state.tokens);
                if scope == READING {
                    state.reading_token = Some(token.clone());
                } else {
                    state.good_token = Some(token.clone());
                }
                let token =
                    json!({ "access_token": token, "expires_in": 3600, "token_type": "Bearer" });
                Reply::Json(200, token, None)
            }
            Err(why) => {
                let body = json!({ "error": "invalid_grant", "error_description": why });
                Reply::Json(400, body, None)
            }
        };
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let rest = path.strip_prefix("/v4/spreadsheets/").unwrap_or_default();
    let (id, method) = rest.split_once(':').unwrap_or((rest, "get"));
    let kind = match method {
        "get" => "get",
        "getByDataFilter" => "read",
        "batchUpdate" => "write",
        _ => return refused(&(404, "no such method".to_owned()), None),
    };
    state.asked.push(kind);
    state.largest = state.largest.max(body.len());
    let reads = state.reading_token.iter().filter(|_| kind != "write");
    let good: Vec<_> = state
        .good_token
        .iter()
        .chain(reads)
        .map(|token| format!("Bearer {token}"))
        .collect();
    let shown = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("authorization").then_some(value)
    });
    if !shown.is_some_and(|shown| good.iter().any(|good| good == shown)) {
        return refused(
            &(
                401,
                "Request had invalid authentication credentials.".to_owned(),
            ),
            None,
        );
    }
    if id != SPREADSHEET {
        return refused(&(404, "Requested entity was not found.".to_owned()), None);
    }
    if !query.contains("fields=") || !query.contains("prettyPrint=false") {
        return refused(&(400, "asks for everything".to_owned()), None);
    }
    let body = serde_json::from_slice(body).unwrap_or(Value::Null);
    match kind {
        "get" => {
            let sheets: Vec<_> = state
                .tabs()
                .map(|tab| json!({ "properties": tab.properties() }))
                .collect();
            let title = json!({ "title": "Roadmap 2027 / EU" });
            Reply::Json(200, json!({ "properties": title, "sheets": sheets }), None)
        }
        "read" => read(state, &body, query.contains("effectiveValue")),
        _ => write(state, body),
    }
}

fn refused((status, message): &Refusal, wait: Option<u32>) -> Reply {
    let error = json!({ "error": { "code": status, "message": message, "status": "X" } });
    Reply::Json(*status, error, wait)
}

fn read(state: &mut State, body: &Value, wants_results: bool) -> Reply {
    let done = |state: &mut State| {
        let filters = body["dataFilters"].as_array().into_iter().flatten();
        let mut sheets = Vec::new();
        for (at, filter) in filters.enumerate() {
            let id = filter["gridRange"]["sheetId"].as_i64().unwrap_or(0);
            let tab = state.tabs().find(|tab| tab.id == id).ok_or((
                400,
                format!("Invalid dataFilters[{at}]: No grid with id: {id}"),
            ))?;
            sheets.push(if wants_results {
                tab.results()
            } else {
                tab.answer()
            });
        }
        state.tab.is_read();
        Ok(json!({ "sheets": sheets }))
    };
    let fault = state.read_faults.pop_front();
    with_fault(state, fault, done)
}

fn write(state: &mut State, body: Value) -> Reply {
    state.bodies.push(body.clone());
    let fault = state.write_faults.pop_front();
    with_fault(state, fault, move |state: &mut State| {
        let deeds = state.people.pop_front().unwrap_or_default();
        if state.leaves_out {
            let covered = covered(&body, state.tab.id);
            witness::happen(&mut state.tab, &deeds, &covered);
        } else {
            for deed in &deeds {
                deed.happens_to(&mut state.tab);
            }
        }
        let mut tabs: Vec<_> = state.tabs().cloned().collect();
        let requests = body["requests"].as_array().into_iter().flatten();
        for (at, request) in requests.enumerate() {
            apply(&mut tabs, request)
                .map_err(|(status, why)| (status, format!("Invalid requests[{at}]{why}")))?;
        }
        state.others = tabs.split_off(1);
        state.tab = tabs.remove(0);
        let ranges = body["responseRanges"].as_array().into_iter().flatten();
        let mut sheets = Vec::new();
        for range in ranges.filter_map(Value::as_str) {
            let named = |tab: &&Tab| range == format!("'{}'", tab.title.replace('\'', "''"));
            let tab = state.tabs().find(named);
            let tab = tab.ok_or((400, format!("Unable to parse range: {range}")))?;
            sheets.push(tab.answer());
        }
        state.tab.is_read();
        for deed in state.people_after.pop_front().unwrap_or_default() {
            deed.happens_to(&mut state.tab);
        }
        Ok(json!({ "updatedSpreadsheet": { "sheets": sheets } }))
    })
}

/// Does what one request asks to the tab that it names.
fn apply(tabs: &mut Vec<Tab>, request: &Value) -> Result<(), Refusal> {
    if let Some(properties) = request.get("addSheet").map(|body| &body["properties"]) {
        let title = properties["title"].as_str().unwrap_or_default();
        let is_named = |tab: &Tab| tab.title.eq_ignore_ascii_case(title);
        if tabs.iter().any(is_named) {
            let why = format!(
                ".addSheet: A sheet with the name \"{title}\" already exists. Please enter another name."
            );
            return Err((400, why));
        }
        if tabs.iter().any(|tab| properties["sheetId"] == tab.id) {
            return Err((
                400,
                ".addSheet: A sheet with that ID already exists.".to_owned(),
            ));
        }
        tabs.push(Tab::made(properties)?);
        return Ok(());
    }
    let tab = tabs.iter_mut().find(|tab| tab.is_meant(request));
    let tab = tab.ok_or((400, ": No grid with id: 0".to_owned()))?;
    let done = tab.apply(request, ACCOUNT);
    done.map_err(|(status, why)| (status, format!(": {why}")))
}

/// The cells of the backlog's tab that a write covers.
fn covered(body: &Value, tab: i64) -> HashSet<(usize, usize)> {
    let requests = body["requests"].as_array().into_iter().flatten();
    let ours = requests.filter(|request| request["updateCells"]["start"]["sheetId"] == tab);
    ours.flat_map(|request| Tab::covered(&request["updateCells"]))
        .collect()
}

#[expect(clippy::needless_pass_by_value, reason = "a fault happens once")]
fn with_fault(
    state: &mut State,
    fault: Option<Fault>,
    done: impl FnOnce(&mut State) -> Result<Value, Refusal>,
) -> Reply {
    match &fault {
        Some(Fault::Refuse(status, why, wait)) => {
            return refused(&(*status, (*why).to_owned()), *wait);
        }
        Some(Fault::BreakBefore) => return Reply::Break,
        Some(Fault::HangBefore) => return Reply::Hang,
        _ => {}
    }
    let body = match done(state) {
        Ok(body) => body,
        Err(refusal) => return refused(&refusal, None),
    };
    match fault {
        Some(Fault::BreakAfter) => Reply::Break,
        Some(Fault::CutAfter) => Reply::Cut(body),
        Some(Fault::FailAfter(status)) => refused(&(status, "Internal error".to_owned()), None),
        Some(Fault::HangAfter) => Reply::Hang,
        _ => Reply::Json(200, body, None),
    }
}

/// Checks what the account signed: by whom, for whom, for what, until when.
fn signed_by_account(body: &[u8], token_uri: &str) -> Result<&'static str, &'static str> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let value = |name: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| &**value)
    };
    if value("grant_type") != Some("urn:ietf:params:oauth:grant-type:jwt-bearer") {
        return Err("grant_type");
    }
    let token = value("assertion").ok_or("assertion")?;
    let (signed, signature) = token.rsplit_once('.').ok_or("parts")?;
    let signature = URL_SAFE
        .decode(signature.trim_end_matches('='))
        .map_err(|_why| "encoding")?;
    let signature = Signature::try_from(&signature[..]).map_err(|_why| "signature's form")?;
    let key = VerifyingKey::<Sha256>::new(account_key().to_public_key());
    key.verify(signed.as_bytes(), &signature)
        .map_err(|_why| "signature")?;
    let (_, claims) = signed.split_once('.').ok_or("parts")?;
    let claims = URL_SAFE
        .decode(claims.trim_end_matches('='))
        .map_err(|_why| "encoding")?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|_why| "claims")?;
    let now = Clock::system().now().timestamp();
    let mut scopes = [SCOPE, READING].into_iter();
    let scope = scopes
        .find(|scope| claims["scope"] == *scope)
        .ok_or("scope")?;
    let is_fit = claims["iss"] == ACCOUNT
        && claims["aud"] == token_uri
        && claims["exp"].as_i64().is_some_and(|until| until > now);
    if is_fit { Ok(scope) } else { Err("claims") }
}

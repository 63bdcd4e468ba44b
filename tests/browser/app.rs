//! The app under test: inside this process with a database of its own, or as the program that people start.

use crate::{
    driver::{Browser, Screen},
    person::{Person, Way},
};
use productops::{
    app, clock::Clock, config::Config, domain::rights::Role, store::users::SAMPLE_PEOPLE,
    testing::TestDb,
};
use serde_json::json;
use sqlx::Connection as _;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// The promise: what was approved stands in the mirror within this.
const MIRRORED_WITHIN: Duration = Duration::from_secs(5);
/// How often to look.
const GLANCE: Duration = Duration::from_millis(40);

/// An app, and whoever comes to it.
pub(crate) struct App {
    pub(crate) base: String,
    database: TestDb,
    data: Data,
    /// How those who come work with it.
    way: Way,
}

/// Creates an initiative, saves its formula and approves it, each by the form of the page that came before.
const APPROVED_FORMULA: &str = r#"
const [key, formula, done] = arguments;
const read = async (answer) => new DOMParser().parseFromString(await (await answer).text(), "text/html");
const send = (page, selector, typed) => {
  const form = page.querySelector(selector), body = new URLSearchParams(new FormData(form));
  Object.entries(typed).forEach(([name, text]) => body.set(name, text));
  return read(fetch(form.getAttribute("action"), { method: "POST", body }));
};
(async () => {
  let page = await read(fetch("/initiatives/new"));
  page = await send(page, "form.sheet", { key, title: "Checkout conversion value", active_framework: "MATH_MODEL" });
  page = await send(page, "form.write", { formula });
  await send(page, "form[action$='/approval']:has([name=formula_version])", {});
  done(`/initiatives/${key}`);
})();"#;

impl App {
    /// In this process, on any port.
    pub(crate) async fn start() -> Self {
        Self::start_for(Way::Pointer).await
    }

    /// The same for people who work with it in this way.
    pub(crate) async fn start_for(way: Way) -> Self {
        Self::start_with(way, &[]).await
    }

    /// The same with these variables set.
    pub(crate) async fn start_with(way: Way, variables: &[(&str, String)]) -> Self {
        let database = TestDb::new().await;
        let data = Data::new();
        let config = Config::from_lookup(|name| match name {
            "PRODUCTOPS_ADDR" => Some("127.0.0.1:0".to_owned()),
            "PRODUCTOPS_DATA_DIR" => data.0.to_str().map(str::to_owned),
            _ => {
                let set = variables.iter().find(|(variable, _)| *variable == name);
                let unset = (name == "MIRROR_MODE").then(|| "write".to_owned());
                set.map(|(_, value)| value.clone()).or(unset)
            }
        });
        let config = config.expect("a configuration");
        let server = app::build(&config, database.db.clone(), Clock::system()).await;
        let server = server.expect("a server");
        let base = format!("http://127.0.0.1:{}", server.port());
        tokio::spawn(server.run());
        Self {
            base,
            database,
            data,
            way,
        }
    }

    /// As the program, which can be stopped and started again.
    pub(crate) async fn start_program() -> (Self, Program) {
        let database = TestDb::new().await;
        let data = Data::new();
        let program = Program::start(&database, &data, 0);
        let base = format!("http://127.0.0.1:{}", program.port);
        let way = Way::Pointer;
        let app = Self {
            base,
            database,
            data,
            way,
        };
        (app, program)
    }

    /// Starts the program again where it was.
    pub(crate) fn start_again(&self, stopped: &Stopped) -> Program {
        Program::start(&self.database, &self.data, stopped.port)
    }

    /// The sample person of that role, signed in at a browser of their own.
    pub(crate) async fn signs_in(&self, role: Role) -> Person {
        self.signs_in_with(role, Screen::Desk).await
    }

    /// The same with a phone.
    pub(crate) async fn signs_in_by_phone(&self, role: Role) -> Person {
        self.signs_in_with(role, Screen::Phone).await
    }

    async fn signs_in_with(&self, role: Role, screen: Screen) -> Person {
        let sample = SAMPLE_PEOPLE
            .iter()
            .find(|sample| sample.role == role)
            .expect("a sample");
        let person = self.comes(sample.name, screen).await;
        person.opens("/sign-in").await;
        person.presses(sample.name).await;
        person.sees_in("h1", "Backlog").await;
        person
    }

    /// Somebody who isn't signed in yet.
    pub(crate) async fn comes(&self, name: &'static str, screen: Screen) -> Person {
        let browser = Browser::open(screen, self.way != Way::NoScript).await;
        Person::new(name, self.way, browser, self.base.clone())
    }

    /// An initiative on MATH_MODEL whose formula is approved, and the PM who made it so: by the pages' own forms, sent
    /// without showing the pages, since nearly every test begins with it.
    pub(crate) async fn with_approved_formula(&self, key: &str, formula: &str) -> Person {
        let priya = self.signs_in(Role::Pm).await;
        let made = priya
            .client()
            .execute_async(APPROVED_FORMULA, vec![json!(key), json!(formula)])
            .await;
        let page = made.expect("the forms sent");
        priya.opens(page.as_str().expect("an address")).await;
        priya.sees("Withdraw approval").await;
        priya
    }

    /// Waits until the mirror's file says this about an initiative: in seconds since then, as is promised.
    pub(crate) async fn mirrors(&self, key: &str, column: &str, text: &str, since: Instant) {
        loop {
            let found = self.data.mirrored(key, column);
            if found.as_deref() == Some(text) {
                return;
            }
            assert!(
                since.elapsed() < MIRRORED_WITHIN,
                "after {MIRRORED_WITHIN:?} the mirror has “{text}” not yet in {column} of {key}, but {found:?}"
            );
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Does this to the database, behind the app's back.
    pub(crate) async fn sql(&self, statement: &'static str) {
        let connected = sqlx::PgConnection::connect_with(&self.database.connect_options()).await;
        let mut connection = connected.expect("a connection");
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .expect(statement);
    }
}

/// The folder that an app keeps its files in; it goes when this is dropped.
struct Data(PathBuf);

impl Data {
    fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("data-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).expect("a folder for the app's files");
        Self(path)
    }

    /// What the mirror's file says in this column about this initiative, if it does.
    fn mirrored(&self, key: &str, column: &str) -> Option<String> {
        let mut file = csv::Reader::from_path(self.0.join("central_backlog.csv")).ok()?;
        let headers = file.headers().ok()?.clone();
        let place = |header: &str| headers.iter().position(|found| found == header);
        let (keys, column) = (place("initiative_key")?, place(column)?);
        let mut rows = file.records().map_while(Result::ok);
        let row = rows.find(|row| row.get(keys) == Some(key))?;
        row.get(column).map(str::to_owned)
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program as people start it; it goes when this is dropped.
pub(crate) struct Program {
    running: Child,
    port: u16,
}

/// Where a program was.
pub(crate) struct Stopped {
    port: u16,
}

impl Program {
    fn start(database: &TestDb, data: &Data, port: u16) -> Self {
        let started = Command::new(env!("CARGO_BIN_EXE_productops"))
            .env("DATABASE_URL", database.url())
            .env("PRODUCTOPS_ADDR", format!("127.0.0.1:{port}"))
            .env("RUST_LOG", "warn")
            .env_remove("PRODUCTOPS_PUBLIC_URL")
            .env_remove("OIDC_ISSUER_URL")
            .env("PRODUCTOPS_DATA_DIR", &data.0)
            .env("MIRROR_MODE", "write")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let mut running = started.expect("the program");
        let says = running.stdout.take().expect("its standard output");
        let mut lines = BufReader::new(says).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            line.split_once("ProductOps is at ")
                .map(|(_, at)| at.to_owned())
        });
        let port = address
            .as_deref()
            .and_then(|at| at.rsplit(':').next()?.trim().parse().ok());
        let port =
            port.unwrap_or_else(|| panic!("the program didn't say where it is: {address:?}"));
        // To the end: a program whose output nobody reads would stop.
        thread::spawn(move || lines.for_each(drop));
        Self { running, port }
    }

    /// Stops it as the machine would, and waits until it has ended.
    pub(crate) fn stop(mut self) -> Stopped {
        let pid = rustix::process::Pid::from_child(&self.running);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("a signal");
        let ended = self.running.wait().expect("an end");
        assert!(ended.success(), "the program didn't stop cleanly: {ended}");
        Stopped { port: self.port }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

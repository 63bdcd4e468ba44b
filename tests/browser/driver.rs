//! One chromedriver for the whole test process, and browsers from it. Knows nothing of the app.

use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    str::FromStr,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

/// Starts the driver given as `$2` and waits on standard input, which ends when the test process does, however it
/// does: then the driver goes, with it its browsers (they hang on its pipe), and then their profiles in `$1`.
const KEEPER: &str = r#"
trap '' INT
"$2" --port=0 </dev/null & driver=$!
read -r _
kill "$driver"; wait "$driver"
for again in 1 2 3 4 5; do rm -rf "$1" && break; sleep 1; done 2>/dev/null
"#;

/// How long chromedriver may take to start.
const STARTING: Duration = Duration::from_secs(30);

struct Driver {
    port: u16,
    chromium: PathBuf,
    profiles: PathBuf,
    /// Holds the pipe whose end tells the keeper that this process has ended. A static is never dropped, and needn't be.
    _keeper: Child,
}

fn driver() -> &'static Driver {
    static DRIVER: OnceLock<Driver> = OnceLock::new();
    DRIVER.get_or_init(start)
}

fn start() -> Driver {
    let chromium = program(
        &["chromium", "chromium-browser", "google-chrome"],
        "Chromium",
    );
    let chromedriver = program(&["chromedriver"], "chromedriver");
    let profiles =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browsers-{}", std::process::id()));
    fs::create_dir_all(&profiles).expect("a folder for the browsers' profiles");
    let keeper = Command::new("sh")
        .args(["-c", KEEPER, "keeper"])
        .args([&profiles, &chromedriver])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut keeper = keeper.expect("sh, to keep chromedriver");
    let says = keeper.stdout.take().expect("its standard output");
    let (found, port) = mpsc::channel();
    thread::spawn(move || {
        // To the end: a driver whose output nobody reads would stop.
        for line in BufReader::new(says).lines().map_while(Result::ok) {
            let told = line.split_once("successfully on port ");
            if let Some(port) = told.and_then(|(_, port)| port.trim_end_matches('.').parse().ok()) {
                let _ = found.send(port);
            }
        }
    });
    let port = port.recv_timeout(STARTING);
    let port = port.expect(
        "chromedriver didn't say on which port it listens; try `chromedriver --port=0` by hand",
    );
    Driver {
        port,
        chromium,
        profiles,
        _keeper: keeper,
    }
}

/// The first of these programs that there is.
fn program(names: &[&str], what: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places =
        env::split_paths(&path).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    places.find(|place| place.is_file()).unwrap_or_else(|| {
        panic!(
            "{what} isn't on the PATH, and the browser tests can't run without it. `scripts/test` gets it; by hand, as \
             root on Debian: apt-get install chromium chromium-driver."
        )
    })
}

/// What a browser is held in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    /// 1440 by 1000.
    Desk,
    /// 390 by 844, touched with fingers.
    Phone,
}

/// A browser of its own, with nothing remembered; it goes when this is dropped.
pub(crate) struct Browser {
    pub(crate) client: Client,
    session: String,
}

impl Browser {
    pub(crate) async fn open(screen: Screen, runs_scripts: bool) -> Self {
        let driver = driver();
        let mut options = options(driver, screen);
        if !runs_scripts {
            // 2: blocked. WebDriver's own scripts run all the same, so that a test can look at the page.
            options["prefs"] = json!({ "profile.default_content_setting_values.javascript": 2 });
        }
        let capabilities = json!({
            "goog:chromeOptions": options,
            "unhandledPromptBehavior": "accept",
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("an object")
        };
        let connected = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await;
        let client = connected.unwrap_or_else(|why| {
            panic!(
                "Chromium ({}) doesn't start: {why}",
                driver.chromium.display()
            )
        });
        let session = client.session_id().await.ok().flatten().expect("a session");
        // Ended below, which also works where the test has panicked and its runtime is going.
        client
            .persist()
            .await
            .expect("a session that outlives its client");
        Self { client, session }
    }
}

fn options(driver: &Driver, screen: Screen) -> Value {
    static OPENED: AtomicU32 = AtomicU32::new(0);
    let profile = driver
        .profiles
        .join(OPENED.fetch_add(1, Ordering::Relaxed).to_string());
    let mut args = vec![
        // By a pipe instead of a port, so that no browser outlives the driver.
        "--remote-debugging-pipe".to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    let flags = "--headless --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                 --disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars \
                 --force-prefers-reduced-motion --window-size=1440,1000 --lang=en-GB";
    args.extend(flags.split(' ').map(str::to_owned));
    // Chromium refuses to run as root with its sandbox.
    if rustix::process::geteuid().is_root() {
        args.push("--no-sandbox".to_owned());
    }
    let mut options = json!({ "args": args, "binary": driver.chromium });
    if screen == Screen::Phone {
        options["mobileEmulation"] =
            json!({ "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 2.0 } });
    }
    options
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A plain socket: the test's runtime may be gone. What fails here, the keeper ends with the process.
        let Ok(mut driver) = TcpStream::connect(("127.0.0.1", driver().port)) else {
            return;
        };
        let _ = driver.set_read_timeout(Some(Duration::from_secs(5)));
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
            self.session
        );
        if driver.write_all(request.as_bytes()).is_ok() {
            let _ = driver.read(&mut [0; 64]);
        }
    }
}

/// What only Chromium's own developer tools can do.
#[derive(Debug)]
pub(crate) struct DevTools {
    pub(crate) command: &'static str,
    pub(crate) params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base_url: &Url,
        session_id: Option<&str>,
    ) -> Result<Url, <Url as FromStr>::Err> {
        let session = session_id.unwrap_or_default();
        base_url.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _request_url: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.params });
        (Method::POST, Some(body.to_string()))
    }
}

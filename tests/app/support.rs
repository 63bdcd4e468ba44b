//! A running app, people signed in to it, and pages whose forms can be filled in and sent.

use productops::{
    app,
    clock::Clock,
    config::Config,
    domain::rights::Role,
    store::{Db, users::SAMPLE_PEOPLE},
    testing::TestDb,
};
use reqwest::{StatusCode, redirect::Policy};
use scraper::{ElementRef, Html, Selector};
use std::io;
use tokio::task::JoinHandle;

/// An app of its own, with an empty database of its own.
pub(crate) struct TestApp {
    pub(crate) database: TestDb,
    pub(crate) base: String,
    /// Ended, it is as if the process were gone, for the mirror at least.
    pub(crate) server: JoinHandle<io::Result<()>>,
}

impl TestApp {
    /// Without a mirror, whose file would be the machine's own.
    pub(crate) async fn start() -> Self {
        let database = TestDb::new().await;
        let (base, server) = serve(database.db.clone(), &[("MIRROR_MODE", "off")]).await;
        Self {
            database,
            base,
            server,
        }
    }

    /// With these variables set, and a pool of its own, so that the database can be asked when the server is gone.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        let database = TestDb::new().await;
        let (base, server) = serve(database.db.apart(4), variables).await;
        Self {
            database,
            base,
            server,
        }
    }

    /// The same, at the time of that clock.
    pub(crate) async fn start_at(clock: Clock, variables: &[(&str, &str)]) -> Self {
        let database = TestDb::new().await;
        let (base, server) = serve_at(database.db.apart(4), variables, clock).await;
        Self {
            database,
            base,
            server,
        }
    }

    /// The sample person of that role, signed in.
    pub(crate) async fn sign_in(&self, role: Role) -> Person {
        let person = self.nobody();
        let sample = SAMPLE_PEOPLE
            .iter()
            .find(|sample| sample.role == role)
            .expect("a sample");
        let page = person.get("/sign-in").await;
        let signed_in = page.submit_button(&person, sample.name).await;
        assert_eq!(signed_in.status, StatusCode::OK, "{}", signed_in.html);
        person
    }

    /// Somebody who isn't signed in.
    pub(crate) fn nobody(&self) -> Person {
        Person::nobody_at(self.base.clone())
    }

    /// One number from the database.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.database
            .db
            .read(async move |mut conn| sqlx::query_scalar(sql).fetch_one(&mut *conn).await)
            .await
            .expect(sql)
    }

    /// Something done to the database past the app.
    pub(crate) async fn run(&self, sql: &'static str) {
        let done = self
            .database
            .db
            .write(async move |mut conn| sqlx::query(sql).execute(&mut *conn).await);
        done.await.expect(sql);
    }

    /// An initiative that is on MATH_MODEL with this formula saved and approved, made by a PM through the pages.
    pub(crate) async fn with_approved_formula(&self, key: &str, formula: &str) -> Person {
        let pm = self.sign_in(Role::Pm).await;
        pm.create(key, "Checkout conversion value", "MATH_MODEL")
            .await;
        pm.save_formula(key, formula).await;
        let approved = pm.approve_formula(key).await;
        assert_eq!(approved.status, StatusCode::OK, "{}", approved.text("main"));
        pm
    }
}

/// The app on that database, with these variables set. Where it listens, and what runs there.
pub(crate) async fn serve(
    db: Db,
    variables: &[(&str, &str)],
) -> (String, JoinHandle<io::Result<()>>) {
    serve_at(db, variables, Clock::system()).await
}

/// The same, at the time of that clock.
async fn serve_at(
    db: Db,
    variables: &[(&str, &str)],
    clock: Clock,
) -> (String, JoinHandle<io::Result<()>>) {
    let config = Config::from_lookup(|name| {
        let mut all = variables
            .iter()
            .chain(&[("PRODUCTOPS_ADDR", "127.0.0.1:0")]);
        let found = all.find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    let config = config.expect("a configuration");
    let server = app::build(&config, db, clock).await;
    let server = server.expect("a server");
    let base = format!("http://127.0.0.1:{}", server.port());
    (base, tokio::spawn(server.run()))
}

/// A browser without JavaScript.
pub(crate) struct Person {
    client: reqwest::Client,
    base: String,
}

impl Person {
    /// Somebody who isn't signed in to the app there.
    pub(crate) fn nobody_at(base: String) -> Self {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            // It only speaks plain http; so it also runs where no authorities are known.
            .tls_certs_only([])
            .build()
            .expect("a client");
        Self { client, base }
    }

    /// A page; a redirect is followed.
    pub(crate) async fn get(&self, path: &str) -> Page {
        let mut path = path.to_owned();
        loop {
            let page = self
                .answer(self.client.get(format!("{}{path}", self.base)))
                .await;
            match &page.location {
                Some(to) if page.status.is_redirection() => path.clone_from(to),
                _ => return Page { path, ..page },
            }
        }
    }

    /// Sends a form as a browser would, and follows where it leads.
    pub(crate) async fn post(&self, path: &str, form: &[(String, String)]) -> Page {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("sec-fetch-site", "same-origin")
            .form(form);
        self.follow(path, self.answer(request).await).await
    }

    /// Sends a form as htmx would.
    pub(crate) async fn post_htmx(&self, path: &str, form: &[(String, String)]) -> Page {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("sec-fetch-site", "same-origin")
            .header("hx-request", "true")
            .form(form);
        self.answer(request).await
    }

    /// Any request, answered as it is.
    pub(crate) async fn raw(
        &self,
        make: impl FnOnce(&reqwest::Client, &str) -> reqwest::RequestBuilder,
    ) -> Page {
        self.answer(make(&self.client, &self.base)).await
    }

    /// What a download holds.
    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = self.client.get(format!("{}{path}", self.base));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.bytes().await.expect("a body").to_vec()
    }

    /// An answer that goes on, for whoever reads it piece by piece.
    pub(crate) async fn stream(&self, path: &str) -> reqwest::Response {
        let request = self.client.get(format!("{}{path}", self.base));
        request.send().await.expect("an answer")
    }

    async fn follow(&self, path: &str, page: Page) -> Page {
        match &page.location {
            Some(to) if page.status.is_redirection() => self.get(&to.clone()).await,
            _ => Page {
                path: path.to_owned(),
                ..page
            },
        }
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Page {
        let response = request.send().await.expect("an answer");
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let headers = response.headers().clone();
        Page {
            status: response.status(),
            location: header("location"),
            headers,
            path: String::new(),
            html: response.text().await.expect("a body"),
        }
    }

    /// Makes an initiative through its form.
    pub(crate) async fn create(&self, key: &str, title: &str, framework: &str) -> Page {
        let form = self.get("/initiatives/new").await;
        let fields = [
            ("key", key),
            ("title", title),
            ("active_framework", framework),
        ];
        form.submit(self, "form[action='/initiatives']", &fields)
            .await
    }

    /// Saves a formula through the editor.
    pub(crate) async fn save_formula(&self, key: &str, formula: &str) -> Page {
        let page = self.get(&format!("/initiatives/{key}")).await;
        page.submit(self, "form.write", &[("formula", formula)])
            .await
    }

    /// Presses *Approve formula*.
    pub(crate) async fn approve_formula(&self, key: &str) -> Page {
        let page = self.get(&format!("/initiatives/{key}")).await;
        page.submit(
            self,
            "form[action$='/approval']:has([name=formula_version])",
            &[],
        )
        .await
    }

    /// Opens a param's field, types, saves.
    pub(crate) async fn fill(&self, key: &str, param: &str, field: &str, typed: &str) -> Page {
        let page = self.get(&format!("/initiatives/{key}")).await;
        let id = page.param_id(param);
        let form = self.get(&format!("/params/{id}/fields/{field}/edit")).await;
        form.submit(self, "form.edit", &[("value", typed)]).await
    }

    /// Presses a param's *Approve*.
    pub(crate) async fn approve(&self, key: &str, param: &str) -> Page {
        let page = self.get(&format!("/initiatives/{key}")).await;
        let id = page.param_id(param);
        page.submit(self, &format!("form[action='/params/{id}/approval']"), &[])
            .await
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) path: String,
    pub(crate) html: String,
}

impl Page {
    /// The text of the first element that matches, white space folded; panics with the page if there is none.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.find_text(selector)
            .unwrap_or_else(|| panic!("no {selector} in {}", self.gist()))
    }

    /// The same, or none.
    pub(crate) fn find_text(&self, selector: &str) -> Option<String> {
        let document = Html::parse_document(&self.html);
        document
            .select(&parse(selector))
            .next()
            .map(|element| folded(&element))
    }

    /// The page in short, for messages.
    fn gist(&self) -> String {
        let text = self.find_text("body").unwrap_or_else(|| self.html.clone());
        format!(
            "{} {}: {}",
            self.status,
            self.path,
            text.chars().take(1500).collect::<String>()
        )
    }

    /// How many elements match.
    pub(crate) fn count(&self, selector: &str) -> usize {
        Html::parse_document(&self.html)
            .select(&parse(selector))
            .count()
    }

    /// An attribute of the first element that matches.
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> String {
        let document = Html::parse_document(&self.html);
        let element = document.select(&parse(selector)).next();
        let value = element.and_then(|element| element.value().attr(name));
        value
            .unwrap_or_else(|| panic!("no {selector} with {name} in {}", self.gist()))
            .to_owned()
    }

    /// All texts that match.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        document
            .select(&parse(selector))
            .map(|element| folded(&element))
            .collect()
    }

    /// The number of the row of that param.
    pub(crate) fn param_id(&self, name: &str) -> String {
        let document = Html::parse_document(&self.html);
        document
            .select(&parse("tr[id^='param-']"))
            .find(|row| {
                row.select(&parse(".code-name"))
                    .any(|code| folded(&code) == name)
            })
            .and_then(|row| {
                row.value()
                    .attr("id")?
                    .strip_prefix("param-")
                    .map(str::to_owned)
            })
            .unwrap_or_else(|| panic!("no param {name} in {}", self.gist()))
    }

    /// The fields of a form as they stand, for sending it by hand.
    pub(crate) fn form(&self, selector: &str) -> (String, Vec<(String, String)>) {
        let document = Html::parse_document(&self.html);
        let Some(form) = document.select(&parse(selector)).next() else {
            return row_button(&document, selector)
                .unwrap_or_else(|| panic!("no {selector} on {}: {}", self.path, self.gist()));
        };
        (
            form.value().attr("action").unwrap_or(&self.path).to_owned(),
            fields(&form),
        )
    }

    /// Fills a form in and sends it.
    pub(crate) async fn submit(
        &self,
        person: &Person,
        selector: &str,
        with: &[(&str, &str)],
    ) -> Page {
        let (action, mut fields) = self.form(selector);
        for (name, value) in with {
            fields.retain(|(field, _)| field != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        person.post(&action, &fields).await
    }

    /// Presses the button that says this, in its own form.
    pub(crate) async fn submit_button(&self, person: &Person, says: &str) -> Page {
        let (action, fields) = {
            let document = Html::parse_document(&self.html);
            let all = parse("form");
            let buttons = parse("button");
            let pressed = document.select(&all).find_map(|form| {
                let button = form
                    .select(&buttons)
                    .find(|button| folded(button).contains(says))?;
                let mut fields = fields(&form);
                if let Some(name) = button.value().attr("name") {
                    fields.retain(|(field, _)| field != name);
                    let value = button.value().attr("value").unwrap_or_default();
                    fields.push((name.to_owned(), value.to_owned()));
                }
                Some((
                    form.value().attr("action").unwrap_or_default().to_owned(),
                    fields,
                ))
            });
            pressed.unwrap_or_else(|| panic!("no button {says} in {}", self.gist()))
        };
        person.post(&action, &fields).await
    }
}

fn parse(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

fn folded(element: &ElementRef<'_>) -> String {
    element
        .text()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// A button in a row posts where its `formaction` says, with its own value and the fields of the form that it shares: it
/// is found as if it had a form of its own.
fn row_button(document: &Html, selector: &str) -> Option<(String, Vec<(String, String)>)> {
    let button = selector.replace("form[action=", "button[formaction=");
    let button = document.select(&parse(&button)).next()?;
    let form = format!("form#{}", button.value().attr("form")?);
    let mut fields = fields(&document.select(&parse(&form)).next()?);
    let name = button.value().attr("name")?.to_owned();
    fields.push((name, button.value().attr("value")?.to_owned()));
    Some((button.value().attr("formaction")?.to_owned(), fields))
}

/// What a form sends: its fields, and its button's own name if it has just one button.
fn fields(form: &ElementRef<'_>) -> Vec<(String, String)> {
    let buttons: Vec<_> = form.select(&parse("button:not([type=button])")).collect();
    let pressed = buttons
        .first()
        .filter(|_| buttons.len() == 1)
        .and_then(|button| {
            let value = button.value().attr("value").unwrap_or_default();
            Some((button.value().attr("name")?.to_owned(), value.to_owned()))
        });
    let mut sent: Vec<_> = form
        .select(&parse("input[name], textarea[name], select[name]"))
        .map(|field| {
            let element = field.value();
            let value = match element.name() {
                "textarea" => {
                    let text: String = field.text().collect();
                    text.strip_prefix('\n').unwrap_or(&text).to_owned()
                }
                "select" => field
                    .select(&parse("option[selected]"))
                    .next()
                    .and_then(|option| option.value().attr("value"))
                    .unwrap_or_default()
                    .to_owned(),
                _ => element.attr("value").unwrap_or_default().to_owned(),
            };
            (element.attr("name").unwrap_or_default().to_owned(), value)
        })
        .collect();
    sent.extend(pressed);
    sent
}

//! Somebody's browser without JavaScript, or with htmx: pages, forms, one cookie.

use anyhow::{Context as _, ensure};
use reqwest::{Client, StatusCode, redirect::Policy};
use scraper::{ElementRef, Html, Selector};
use std::time::Duration;

/// A form, filled in and ready to be sent, as often as need be.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field.map(|(_, value)| value.as_str())
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    client: Client,
    cookie: String,
    /// Who.
    pub(crate) name: String,
}

impl Person {
    /// Signs a sample person in.
    pub(crate) async fn sign_in(base: &str, name: &str) -> anyhow::Result<Self> {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(15))
            .build()?;
        let mut person = Self {
            client,
            cookie: String::new(),
            name: name.to_owned(),
        };
        let (status, html) = person.get(base, "/sign-in", false).await?;
        ensure!(
            status == StatusCode::OK,
            "the sign-in page answers {status}"
        );
        let id = button_of(&html, name).with_context(|| format!("no sample person {name}"))?;
        let response = person
            .client
            .post(format!("{base}/sign-in"))
            .header("sec-fetch-site", "same-origin")
            .form(&[("person", id.as_str()), ("next", "")])
            .send()
            .await?;
        let cookie = response.headers().get("set-cookie").context("no session")?;
        let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
        cookie.clone_into(&mut person.cookie);
        Ok(person)
    }

    /// A page, or for htmx a fragment.
    pub(crate) async fn get(
        &self,
        base: &str,
        path: &str,
        is_htmx: bool,
    ) -> anyhow::Result<(StatusCode, String)> {
        let mut request = self
            .client
            .get(format!("{base}{path}"))
            .header("cookie", &self.cookie);
        if is_htmx {
            request = request.header("hx-request", "true");
        }
        let response = request.send().await?;
        Ok((response.status(), response.text().await?))
    }

    /// The first form of a page that matches; none: the page has none for this person.
    pub(crate) async fn form(
        &self,
        base: &str,
        path: &str,
        selector: &str,
    ) -> anyhow::Result<Option<Form>> {
        let (status, html) = self.get(base, path, false).await?;
        ensure!(status == StatusCode::OK, "{path} answers {status}");
        find_form(&html, selector)
    }

    /// Sends a form; the status and where it leads to.
    pub(crate) async fn send(
        &self,
        base: &str,
        form: &Form,
        is_htmx: bool,
    ) -> anyhow::Result<(StatusCode, String)> {
        let mut request = self
            .client
            .post(format!("{base}{}", form.action))
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .form(&form.fields);
        if is_htmx {
            request = request.header("hx-request", "true");
        }
        let response = request.send().await?;
        let status = response.status();
        let to = response
            .headers()
            .get("location")
            .and_then(|to| to.to_str().ok());
        let to = to.unwrap_or_default().to_owned();
        // The answer counts once all of it is there.
        response.bytes().await?;
        Ok((status, to))
    }
}

fn selector(text: &str) -> anyhow::Result<Selector> {
    Selector::parse(text).map_err(|error| anyhow::anyhow!("{text}: {error}"))
}

fn attribute(element: &ElementRef<'_>, name: &str) -> String {
    element.value().attr(name).unwrap_or_default().to_owned()
}

fn button_of(html: &str, says: &str) -> Option<String> {
    let document = Html::parse_document(html);
    let buttons = selector("button[name=person]").ok()?;
    document
        .select(&buttons)
        .find(|button| button.text().collect::<String>().contains(says))
        .map(|button| attribute(&button, "value"))
}

fn find_form(html: &str, which: &str) -> anyhow::Result<Option<Form>> {
    let document = Html::parse_document(html);
    let Some(form) = document.select(&selector(which)?).next() else {
        return Ok(None);
    };
    let mut fields: Vec<_> = form
        .select(&selector("input[name], textarea[name], select[name]")?)
        .map(|field| (attribute(&field, "name"), attribute(&field, "value")))
        .collect();
    // Its first button, if that says something by itself.
    if let Some(button) = form.select(&selector("button:first-of-type[name]")?).next() {
        fields.push((attribute(&button, "name"), attribute(&button, "value")));
    }
    Ok(Some(Form {
        action: attribute(&form, "action"),
        fields,
    }))
}

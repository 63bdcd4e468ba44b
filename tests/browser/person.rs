//! A person at a browser, in words that make a test read like a story. Finds things as people do: by what they say.

use crate::driver::{Browser, DevTools};
use fantoccini::{Client, elements::Element, key::Key, wd::WindowHandle};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// How long a page may take to show what was asked for. Reached only when a test fails.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often to look.
const GLANCE: Duration = Duration::from_millis(40);

/// What is visible in the scope, white space folded.
const TEXT: &str = r#"
const within = document.querySelector(arguments[0]);
return within ? within.innerText.replace(/\s+/g, " ").trim() : null;"#;

/// Whether nothing is under way that would change the page under the person's fingers.
const CALM: &str = r#"
return document.readyState === "complete"
  && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added");"#;

/// The button, link or menu in the scope that says this; null while there is none, or while the page isn't calm.
const PRESSABLE: &str = r#"
const [scope, label] = arguments;
const fold = (text) => (text || "").replace(/\s+/g, " ").trim();
const within = document.querySelector(scope);
if (!within) return null;
const there = [...within.querySelectorAll("button, a[href], summary")]
  // What is barred only says why.
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && !e.closest(".barred"));
const says = (e) => [fold(e.innerText), fold(e.getAttribute("aria-label")), fold(e.title)];
return there.find((e) => says(e).includes(label)) ?? there.find((e) => says(e).some((t) => t.includes(label))) ?? null;"#;

/// The box whose label says this.
const LABELLED: &str = r#"
const label = arguments[0];
const fold = (text) => (text || "").replace(/\s+/g, " ").trim();
const boxes = [...document.querySelectorAll("input:not([type=hidden]), textarea, select")];
const says = (e) => [...[...(e.labels || [])].map((l) => fold(l.textContent)), fold(e.getAttribute("aria-label"))];
return boxes.find((e) => says(e).includes(label)) ?? null;"#;

/// The button that sends a list's form where no script does.
const SET: &str = "return arguments[0].form?.querySelector('button.no-js') ?? null;";

/// The row of a param.
const ROW: &str = r#"
const row = [...document.querySelectorAll("tr[id^='param-']")]
  .find((row) => [...row.querySelectorAll("code, .code-name")].some((e) => e.textContent.trim() === arguments[0]));
return row ? row.id : null;"#;

/// What holds the focus, if it can be typed into.
const TYPED_INTO: &str = r#"
const at = document.activeElement;
return at && at.matches("input, textarea, select") ? at : null;"#;

/// How somebody works with the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Clicks and types.
    Pointer,
    /// Only presses keys.
    Keys,
    /// Clicks and types in a browser that runs no scripts.
    NoScript,
}

pub(crate) struct Person {
    pub(crate) name: &'static str,
    way: Way,
    browser: Browser,
    base: String,
}

impl Person {
    pub(crate) fn new(name: &'static str, way: Way, browser: Browser, base: String) -> Self {
        Self {
            name,
            way,
            browser,
            base,
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.browser.client
    }

    /// Whether their browser runs scripts.
    pub(crate) fn has_scripts(&self) -> bool {
        self.way != Way::NoScript
    }

    /// Goes to a page.
    pub(crate) async fn opens(&self, path: &str) {
        let gone = self.client().goto(&format!("{}{path}", self.base)).await;
        gone.unwrap_or_else(|why| panic!("{} can't open {path}: {why}", self.name));
    }

    /// Loads the page again.
    pub(crate) async fn reloads(&self) {
        self.client().refresh().await.expect("the page again");
    }

    /// Presses the button, follows the link or opens the menu that says this.
    pub(crate) async fn presses(&self, label: &str) {
        self.presses_in("body", label).await;
    }

    /// The same, of several, in this part of the page.
    pub(crate) async fn presses_in(&self, scope: &str, label: &str) {
        let what = format!("to press “{label}” in {scope}");
        self.click(&what, PRESSABLE, json!([scope, label])).await;
    }

    /// Clicks an element.
    pub(crate) async fn clicks(&self, selector: &str) {
        let script = "return document.querySelector(arguments[0])";
        self.click(&format!("to click {selector}"), script, json!([selector]))
            .await;
    }

    async fn click(&self, what: &str, script: &str, args: Value) {
        self.until(what, async || {
            self.is_calm().await?;
            let found = self.element(script, &args).await?;
            if self.way == Way::Keys {
                self.walks_to(&found).await?;
                return self.strikes(&[Key::Enter.into()]).await;
            }
            // Not under the top bar, which stays where it is.
            let script = "arguments[0].scrollIntoView({ block: 'center' })";
            self.run(script, vec![argument(&found)?]).await?;
            found.click().await.map_err(said)
        })
        .await;
    }

    /// Types into what holds the focus.
    pub(crate) async fn types(&self, text: &str) {
        self.until("to type", async || {
            self.is_calm().await?;
            let field = self.element(TYPED_INTO, &json!([])).await?;
            if self.way == Way::Keys {
                return self.strikes(&text.chars().collect::<Vec<_>>()).await;
            }
            field.send_keys(text).await.map_err(said)
        })
        .await;
    }

    /// Presses Enter.
    pub(crate) async fn enter(&self) {
        self.types(&char::from(Key::Enter).to_string()).await;
    }

    /// Presses Escape.
    pub(crate) async fn escape(&self) {
        self.types(&char::from(Key::Escape).to_string()).await;
    }

    /// Goes back with an arrow to what was refused in the cell above, unless the cursor still stands in it.
    pub(crate) async fn returns(&self) {
        self.until("to be back in the box", async || {
            let script = "return Boolean(document.activeElement.closest('form.edit'))";
            if self.run(script, vec![]).await? == Value::Bool(true) {
                return Ok(());
            }
            self.strikes(&[Key::Up.into()]).await?;
            Err("not yet".to_owned())
        })
        .await;
    }

    /// Puts a text into the box with this label, in place of what is in it.
    pub(crate) async fn enters(&self, label: &str, text: &str) {
        let what = format!("to go to the box “{label}”");
        if self.way == Way::Keys {
            self.until(&what, async || {
                self.is_calm().await?;
                let found = self.element(LABELLED, &json!([label])).await?;
                self.walks_to(&found).await
            })
            .await;
        } else {
            self.click(&what, LABELLED, json!([label])).await;
        }
        self.replaces_with(text).await;
    }

    /// Types in place of what is in the box that holds the focus.
    async fn replaces_with(&self, text: &str) {
        let select_all = format!("{}a{}", char::from(Key::Control), char::from(Key::Null));
        self.types(&select_all).await;
        self.types(text).await;
    }

    /// Opens a field by what it says, types in place of what is in it, and saves it.
    pub(crate) async fn fills_in(&self, invitation: &str, field: &str, text: &str) {
        self.presses(invitation).await;
        self.until("an open field", async || {
            self.element(TYPED_INTO, &json!([])).await.map(drop)
        })
        .await;
        self.replaces_with(text).await;
        self.enter().await;
        if self.way == Way::NoScript {
            self.sees_in("main", text).await;
        } else {
            self.sees(&format!("{field} saved")).await;
        }
    }

    /// Writes into the formula's editor, in place of what is in it.
    pub(crate) async fn writes_formula(&self, text: &str) {
        self.enters("Formula", text).await;
    }

    /// Has what is in the editor checked: by itself while it is typed, without scripts by a button.
    pub(crate) async fn waits_for_the_check(&self) {
        if self.way == Way::NoScript {
            self.presses("Check").await;
        }
    }

    /// Goes to the page they are already on, unless the check without scripts has led to the model's own.
    pub(crate) async fn goes_on_at(&self, path: &str) {
        if self.way == Way::NoScript {
            self.opens(path).await;
        }
    }

    /// Chooses from the list with this label.
    pub(crate) async fn chooses(&self, label: &str, option: &str) {
        self.until(
            &format!("to choose {option} in “{label}”"),
            async || {
                self.is_calm().await?;
                let list = self.element(LABELLED, &json!([label])).await?;
                match self.way {
                    Way::Keys => self.chooses_by_keys(&list, option).await,
                    Way::Pointer => list.select_by_label(option).await.map_err(said),
                    Way::NoScript => {
                        list.select_by_label(option).await.map_err(said)?;
                        let set = self.run(SET, vec![argument(&list)?]).await?;
                        match found_in(self.client(), &set) {
                            Some(set) => set.click().await.map_err(said),
                            None => Ok(()),
                        }
                    }
                }
            },
        )
        .await;
    }

    /// Waits until the page shows this.
    pub(crate) async fn sees(&self, text: &str) {
        self.sees_in("body", text).await;
    }

    /// Waits until a part of the page shows this.
    pub(crate) async fn sees_in(&self, scope: &str, text: &str) {
        self.until(&format!("to see “{text}” in {scope}"), async || {
            let shown = self.shown(scope).await?;
            if shown.contains(text) {
                Ok(())
            } else {
                Err(format!("{scope} shows: {shown}"))
            }
        })
        .await;
    }

    /// Waits until the page doesn't show this any more.
    pub(crate) async fn sees_no(&self, text: &str) {
        self.until(&format!("not to see “{text}”"), async || {
            let shown = self.shown("body").await?;
            if shown.contains(text) {
                Err(format!("the page shows: {shown}"))
            } else {
                Ok(())
            }
        })
        .await;
    }

    /// Once the page is calm, there is no such button in this part of it.
    pub(crate) async fn is_not_offered(&self, scope: &str, label: &str) {
        self.until("a calm page", async || {
            self.is_calm().await?;
            self.shown(scope).await
        })
        .await;
        let found = self.run(PRESSABLE, vec![json!(scope), json!(label)]).await;
        assert_eq!(
            found,
            Ok(Value::Null),
            "{} is offered “{label}” in {scope}",
            self.name
        );
    }

    /// Waits until what holds the focus contains exactly this.
    pub(crate) async fn still_has_typed(&self, text: &str) {
        let script = "const at = document.querySelector('form.edit :is(input:not([type=hidden]), textarea)'); return at && at.value;";
        self.until(
            &format!("to find “{text}” still in the field"),
            async || {
                let value = self.run(script, vec![]).await?;
                if value == json!(text) {
                    Ok(())
                } else {
                    Err(format!("the field holds {value}"))
                }
            },
        )
        .await;
    }

    /// The row of a param, as a selector.
    pub(crate) async fn row_of(&self, param: &str) -> String {
        self.until(&format!("to see the param {param}"), async || {
            let id = self.run(ROW, vec![json!(param)]).await?;
            id.as_str()
                .map(|id| format!("#{id}"))
                .ok_or_else(|| "there is no such row".to_owned())
        })
        .await
    }

    /// Opens a param's value in the grid, as with a click on it.
    pub(crate) async fn edits(&self, param: &str) {
        let row = self.row_of(param).await;
        self.clicks(&format!("{row} td:nth-child(2) :is(a, input)"))
            .await;
        self.until("the value's field", async || {
            self.element(TYPED_INTO, &json!([])).await.map(drop)
        })
        .await;
    }

    /// Fills a value in through the grid: click, type, Enter.
    pub(crate) async fn fills(&self, param: &str, typed: &str) {
        self.edits(param).await;
        self.types(typed).await;
        self.enter().await;
        if self.way != Way::NoScript {
            self.sees("saved").await;
        }
        self.sees_closed(param).await;
    }

    /// Waits until a param's row is only read again.
    pub(crate) async fn sees_closed(&self, param: &str) {
        let form = format!("{} form.edit", self.row_of(param).await);
        let script = "return !document.querySelector(arguments[0])";
        self.until(
            &format!("to see {param}’s field closed"),
            async || match self.run(script, vec![json!(form)]).await? {
                Value::Bool(true) => Ok(()),
                _ => Err("it is open".to_owned()),
            },
        )
        .await;
    }

    /// Presses a param's *Approve*.
    pub(crate) async fn approves(&self, param: &str) {
        let row = self.row_of(param).await;
        self.presses_in(&row, "Approve").await;
        self.sees_in(&row, "Approved").await;
    }

    /// The params on the page, in their order.
    pub(crate) async fn params(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll(\"tr[id^='param-']\")]\
                      .map((row) => row.querySelector('code, .code-name').textContent.trim())";
        let names = self.run(script, vec![]).await.expect("the params");
        let names = names.as_array().cloned().unwrap_or_default();
        names
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect()
    }

    /// How much wider the page is than the screen, in CSS pixels.
    pub(crate) async fn has_to_scroll_sideways_by(&self) -> i64 {
        self.until("a calm page", async || self.is_calm().await)
            .await;
        let script =
            "const page = document.scrollingElement; return page.scrollWidth - page.clientWidth;";
        self.run(script, vec![])
            .await
            .expect("widths")
            .as_i64()
            .expect("a number of pixels")
    }

    /// Follows a link into a new tab, as with Ctrl and a click; gives the tab they came from.
    pub(crate) async fn follows_into_a_new_tab(&self, label: &str) -> WindowHandle {
        let here = self.client().window().await.expect("this tab");
        let script = format!(
            "const found = (function () {{ {PRESSABLE} }}).apply(null, arguments); return found && found.href;"
        );
        let address = self
            .until(&format!("to find the link “{label}”"), async || {
                let href = self.run(&script, vec![json!("body"), json!(label)]).await?;
                href.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| "there is none".to_owned())
            })
            .await;
        let tab = self.client().new_window(true).await.expect("a new tab");
        self.client()
            .switch_to_window(tab.handle)
            .await
            .expect("the new tab");
        self.client()
            .goto(&address)
            .await
            .expect("the page behind the link");
        here
    }

    /// Closes this tab and goes back to another.
    pub(crate) async fn goes_back_to(&self, tab: WindowHandle) {
        self.client().close_window().await.expect("one tab less");
        self.client()
            .switch_to_window(tab)
            .await
            .expect("the tab from before");
    }

    /// Makes the window as large.
    pub(crate) async fn resizes_to(&self, width: u32, height: u32) {
        self.client()
            .set_window_size(width, height)
            .await
            .expect("another size");
    }

    /// Takes a picture of what is in the window.
    pub(crate) async fn takes_picture(&self, file: &Path) {
        self.until("a calm page", async || self.is_calm().await)
            .await;
        let picture = self.client().screenshot().await.expect("a picture");
        fs::write(file, picture).expect("a place for the picture");
    }

    /// Whatever JavaScript says.
    pub(crate) async fn asks_page(&self, script: &str) -> Value {
        self.run(script, vec![])
            .await
            .expect("an answer of the page")
    }

    /// Has the browser do what no page could.
    pub(crate) async fn tells_browser(&self, command: &'static str, params: Value) {
        let told = self.client().issue_cmd(DevTools { command, params }).await;
        told.unwrap_or_else(|why| panic!("{command}: {why}"));
    }

    /// The same, and what the browser answers.
    pub(crate) async fn asks_browser(&self, command: &'static str, params: Value) -> Value {
        let told = self.client().issue_cmd(DevTools { command, params }).await;
        told.unwrap_or_else(|why| panic!("{command}: {why}"))
    }

    pub(crate) async fn run(&self, script: &str, args: Vec<Value>) -> Result<Value, String> {
        self.client().execute(script, args).await.map_err(said)
    }

    pub(crate) async fn is_calm(&self) -> Result<(), String> {
        match self.run(CALM, vec![]).await? {
            Value::Bool(true) => Ok(()),
            _ => Err("the page is still busy".to_owned()),
        }
    }

    async fn shown(&self, scope: &str) -> Result<String, String> {
        let text = self.run(TEXT, vec![json!(scope)]).await?;
        text.as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("there is no {scope}"))
    }

    async fn element(&self, script: &str, args: &Value) -> Result<Element, String> {
        let args = args.as_array().cloned().unwrap_or_default();
        let found = self.run(script, args).await?;
        found_in(self.client(), &found).ok_or_else(|| "there is none".to_owned())
    }

    /// Tries until it works; gives up with what the page shows instead, and a picture of it.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        attempt: impl AsyncFnMut() -> Result<T, String>,
    ) -> T {
        self.until_within(PATIENCE, what, attempt).await
    }

    /// The same for what takes the app itself long: thousands of changes at once.
    pub(crate) async fn until_within<T>(
        &self,
        patience: Duration,
        what: &str,
        mut attempt: impl AsyncFnMut() -> Result<T, String>,
    ) -> T {
        let began = Instant::now();
        loop {
            match attempt().await {
                Ok(found) => return found,
                Err(why) if began.elapsed() > patience => self.gives_up(what, &why).await,
                Err(_not_yet) => tokio::time::sleep(GLANCE).await,
            }
        }
    }

    async fn gives_up(&self, what: &str, why: &str) -> ! {
        let test = std::thread::current()
            .name()
            .unwrap_or("test")
            .replace("::", "-");
        let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.png"));
        if let Ok(pixels) = self.client().screenshot().await {
            let _ = fs::write(&picture, pixels);
        }
        let at = self
            .client()
            .current_url()
            .await
            .map(|url| url.to_string())
            .unwrap_or_default();
        let page = self.shown("body").await.unwrap_or_else(|why| why);
        panic!(
            "{} wanted {what} at {at}, but {why}\n--- the page shows:\n{page}\n--- see {}",
            self.name,
            picture.display()
        )
    }
}

/// An element as a script's argument.
pub(crate) fn argument(element: &Element) -> Result<Value, String> {
    serde_json::to_value(element).map_err(said)
}

/// The element that a script answered with.
fn found_in(client: &Client, answer: &Value) -> Option<Element> {
    let reference = answer.as_object()?.values().next()?.as_str()?;
    let reference = fantoccini::elements::ElementRef::from(reference.to_owned());
    Some(Element::from_element_id(client.clone(), reference))
}

pub(crate) fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

//! Working by keyboard alone: from place to place with Tab and Shift-Tab, as somebody does who uses no mouse. On the
//! way, what holds the focus must be seen, nothing may hold it for good, and no swap may lose it.

use crate::person::{Person, argument, said};
use fantoccini::{
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
    key::Key,
};
use serde_json::{Value, json};

/// More places than any page has.
const FAR: usize = 600;

/// Where the focus is, seen from where it shall go: `there`, `ahead` or `behind`; or what is wrong with it, with
/// `wrong: ` before it. Each place gets a number, so that one who doesn't get on is noticed.
const FOCUS: &str = r#"
const to = arguments[0];
const at = document.activeElement;
const known = (window.placesOfFocus ??= []);
if (!to.isConnected) return ["gone", -1];
if (!at || at === document.body) return [known.length ? "wrong: the focus was lost to the page" : "ahead", -1];
if (!known.includes(at)) known.push(at);
const name = at.outerHTML.slice(0, 160);
const rings = [at, at.parentElement].map((e) => getComputedStyle(e));
if (at.id !== "main" && !rings.some((ring) => ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2))
  return ["wrong: nothing shows the focus on " + name, -1];
if (!at.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return ["wrong: the focus is on what can't be seen: " + name, -1];
const box = at.getBoundingClientRect();
const points = [[.5, .5], [.1, .1], [.9, .1], [.1, .9], [.9, .9]];
const seen = points.some(([x, y]) => {
  const on = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
  return on && (at.contains(on) || on.contains(at));
});
if (!seen) return ["wrong: the focus is covered or out of sight on " + name, -1];
const where = at === to ? "there" : at.compareDocumentPosition(to) & Node.DOCUMENT_POSITION_FOLLOWING ? "ahead" : "behind";
return [where, known.indexOf(at)];"#;

/// Where an option is in its list, and which one is chosen now.
const OPTION: &str = r#"
const [list, label] = arguments;
return [[...list.options].findIndex((option) => option.label === label), list.selectedIndex, list.form?.hasAttribute("data-autosubmit")];"#;

impl Person {
    /// Presses keys one after the other; a modifier is held until the keys end, or until `Key::Null`.
    pub(crate) async fn strikes(&self, keys: &[char]) -> Result<(), String> {
        let mut strokes = KeyActions::new("keyboard".to_owned());
        let mut held = Vec::new();
        for &value in keys {
            if [Key::Shift, Key::Control].map(char::from).contains(&value) {
                strokes = strokes.then(KeyAction::Down { value });
                held.push(value);
            } else if value == char::from(Key::Null) {
                for value in held.drain(..) {
                    strokes = strokes.then(KeyAction::Up { value });
                }
            } else {
                strokes = strokes.then(KeyAction::Down { value });
                strokes = strokes.then(KeyAction::Up { value });
            }
        }
        for value in held {
            strokes = strokes.then(KeyAction::Up { value });
        }
        self.client().perform_actions(strokes).await.map_err(said)
    }

    /// Walks to an element, the shorter way.
    pub(crate) async fn walks_to(&self, element: &Element) -> Result<(), String> {
        let mut before = None;
        for _ in 0..FAR {
            let answer = self.run(FOCUS, vec![argument(element)?]).await?;
            let (place, number) = (answer[0].as_str().unwrap_or_default(), answer[1].as_i64());
            let step: &[char] = match place {
                "there" => return Ok(()),
                "ahead" => &[Key::Tab.into()],
                "behind" => &[Key::Shift.into(), Key::Tab.into()],
                wrong => return Err(wrong.to_owned()),
            };
            if number != Some(-1) && number == before {
                return Err("Tab doesn’t lead away from where the focus is".to_owned());
            }
            before = number;
            self.strikes(step).await?;
        }
        Err("Tab doesn’t lead there".to_owned())
    }

    /// Walks to a list and chooses with the arrow keys; Enter says that it is chosen.
    pub(crate) async fn chooses_by_keys(&self, list: &Element, option: &str) -> Result<(), String> {
        self.walks_to(list).await?;
        let places = self
            .run(OPTION, vec![argument(list)?, json!(option)])
            .await?;
        let (Some(to), Some(from)) = (places[0].as_i64(), places[1].as_i64()) else {
            return Err(format!("the list has {places}"));
        };
        if to < 0 {
            return Err("there is no such option".to_owned());
        }
        let arrow = if to > from { Key::Down } else { Key::Up };
        for _ in 0..to.abs_diff(from) {
            self.strikes(&[arrow.into()]).await?;
        }
        if places[2] == Value::Bool(true) {
            self.strikes(&[Key::Enter.into()]).await?;
        }
        Ok(())
    }
}

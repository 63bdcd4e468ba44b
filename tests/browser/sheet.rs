//! The grid as fast as a sheet: filled in and approved without a mouse, rows and cells chosen with one, and read out.

use crate::{
    app::App,
    person::{Person, argument, said},
};
use fantoccini::{
    Locator,
    actions::{
        Actions, InputSource as _, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions,
        PointerAction,
    },
    elements::Element,
    key::Key,
};
use productops::domain::rights::Role;
use serde_json::{Value, json};
use std::time::Duration;

/// The seed's model, and what its seven params are.
const SEED: &str = "traffic = monthly_sessions * horizon_months
value = traffic * baseline_conv * uplift_conv * aov * margin - infra_cost";
const VALUES: [(&str, &str, &str); 7] = [
    ("monthly_sessions", "500000", "500,000"),
    ("horizon_months", "12", "12"),
    ("baseline_conv", "3%", "3 %"),
    ("uplift_conv", "4%", "4 %"),
    ("aov", "46", "46"),
    ("margin", "25%", "25 %"),
    ("infra_cost", "15000", "15,000"),
];
/// What a person may press beside the values' own characters.
const MOST_KEYS: usize = 40;

const FOCUSED_ROW: &str = "return document.activeElement.closest(\"tr[id^='param-']\")?.querySelector('.code-name').textContent ?? ''";

impl Person {
    async fn is_at(&self, param: &str) {
        self.until(&format!("the focus at {param}"), async || {
            self.is_calm().await?;
            let at = self.run(FOCUSED_ROW, vec![]).await?;
            if at == json!(param) {
                Ok(())
            } else {
                Err(format!("it is at {at}"))
            }
        })
        .await;
    }

    /// Follows the second skip link, which only whoever goes by keys sees.
    async fn goes_to_grid(&self) {
        self.until("to go to the grid", async || {
            self.is_calm().await?;
            let script = "document.querySelector('[data-to-grid]').click()";
            self.run(script, vec![]).await.map(drop)
        })
        .await;
    }

    async fn element_at(&self, selector: &str) -> Element {
        let found = self.client().find(Locator::Css(selector)).await;
        found.unwrap_or_else(|why| panic!("{selector}: {why}"))
    }

    /// Presses the mouse on one element and lets go on another.
    async fn drags(&self, from: &str, to: &str) {
        let (from, to) = (self.element_at(from).await, self.element_at(to).await);
        let script = "arguments[0].scrollIntoView({ block: 'center' })";
        let into_view = self
            .run(script, vec![argument(&from).expect("an element")])
            .await;
        into_view.expect("the element in view");
        let onto = |element| PointerAction::MoveToElement {
            element,
            duration: None,
            x: 0.0,
            y: 0.0,
        };
        let button = MOUSE_BUTTON_LEFT;
        let mouse = MouseActions::new("mouse".to_owned())
            .then(onto(from))
            .then(PointerAction::Down { button })
            .then(onto(to))
            .then(PointerAction::Up { button });
        self.client().perform_actions(mouse).await.expect("a drag");
    }

    /// Clicks while Shift is held.
    async fn clicks_with_shift(&self, selector: &str) {
        let element = self.element_at(selector).await;
        let pause = || KeyAction::Pause {
            duration: Duration::ZERO,
        };
        let value = Key::Shift.into();
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(pause())
            .then(pause())
            .then(KeyAction::Up { value });
        let button = MOUSE_BUTTON_LEFT;
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveToElement {
                element,
                duration: None,
                x: 0.0,
                y: 0.0,
            })
            .then(PointerAction::Down { button })
            .then(PointerAction::Up { button });
        let both = Actions::from(keys).and(mouse);
        self.client().perform_actions(both).await.expect("a click");
    }

    async fn cell_of(&self, param: &str, column: usize) -> String {
        format!("{} > :nth-child({column}) .field", self.row_of(param).await)
    }

    async fn selected_cells(&self) -> Value {
        self.asks_page("return document.querySelectorAll('.many .selected').length")
            .await
    }
}

#[tokio::test]
async fn the_seven_params_of_the_seed_are_filled_in_and_approved_with_few_keys() {
    let app = App::start().await;
    let priya = app.with_approved_formula("INIT-1", SEED).await;
    for page in ["/initiatives/INIT-1", "/params"] {
        let mut keys = 0;
        let mut press = async |strokes: &[char]| {
            keys += strokes
                .iter()
                .filter(|key| **key != char::from(Key::Null))
                .count();
            priya.strikes(strokes).await.expect("keys");
        };
        priya.opens(page).await;
        // Past everything before the grid.
        press(&[Key::Tab.into(), Key::Tab.into(), Key::Enter.into()]).await;
        for (param, typed, shown) in VALUES {
            priya.is_at(param).await;
            let typed: Vec<_> = typed.chars().collect();
            priya
                .strikes(&typed)
                .await
                .expect("the value’s own characters");
            press(&[Key::Enter.into()]).await;
            let row = priya.row_of(param).await;
            priya.sees_in(&row, shown).await;
            priya.sees_closed(param).await;
        }
        priya.is_at("infra_cost").await;
        press(&[Key::Control.into(), 'a']).await;
        priya.sees_in("#bulk", "7 rows chosen").await;
        press(&[Key::Control.into(), Key::Enter.into()]).await;
        priya.sees_in("#notices", "7 params approved.").await;
        assert!(keys < MOST_KEYS, "{keys} keys on {page}");
        if page == "/params" {
            return;
        }
        // Once more in the grid over everything, with other values for the same params.
        app.sql(
            "update approvals set withdrawn_at = now(), withdrawn_by = 1, withdrawn_why = 'test'
                 where subject_kind = 'param' and withdrawn_at is null",
        )
        .await;
        app.sql("update params set value = null, revision = revision + 1")
            .await;
    }
}

#[tokio::test]
async fn what_is_typed_before_the_form_is_there_is_not_lost_and_a_refusal_keeps_the_cursor() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params").await;
    let skip: &[char] = &[Key::Tab.into(), Key::Tab.into(), Key::Enter.into()];
    priya.strikes(skip).await.expect("keys");
    priya.is_at("sessions").await;
    // All at once, as fast fingers do.
    let mut keys: Vec<_> = "1200".chars().collect();
    keys.push(Key::Enter.into());
    priya.strikes(&keys).await.expect("keys");
    let row = priya.row_of("sessions").await;
    priya.sees_in(&row, "1,200").await;
    priya.is_at("margin").await;
    priya
        .strikes(&['4', Key::Enter.into()])
        .await
        .expect("keys");
    priya.sees("Did you mean 4 % (0.04)?").await;
    priya.still_has_typed("4").await;
    priya.is_at("margin").await;
    priya.escape().await;
    priya.is_at("margin").await;
    priya.strikes(&[Key::Up.into()]).await.expect("keys");
    priya.is_at("sessions").await;
}

#[tokio::test]
async fn tab_saves_a_cell_and_goes_to_the_side_and_what_is_typed_meanwhile_stands_there() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params").await;
    priya
        .run(
            "document.querySelector('tr[id^=param-] a[href$=\"/value/edit\"]').focus()",
            vec![],
        )
        .await
        .expect("a cell");
    let tab = char::from(Key::Tab);
    let strokes: Vec<_> = "500".chars().chain([tab]).chain("people".chars()).collect();
    priya.strikes(&strokes).await.expect("keys");
    let row = priya.row_of("sessions").await;
    priya.sees_in(&row, "500").await;
    priya.still_has_typed("people").await;
    // Back to the value, and nothing of either is lost.
    priya
        .strikes(&[Key::Shift.into(), tab])
        .await
        .expect("keys");
    priya.sees_in(&row, "500 people").await;
    priya.sees_closed("sessions").await;
    priya.is_at("sessions").await;
    // Refused: it stays open where it is; back in it, Tab leads to what can be done.
    let nonsense: Vec<_> = "5x5".chars().chain([tab]).collect();
    priya.strikes(&nonsense).await.expect("keys");
    priya.sees_in("form.edit .error", "5x5").await;
    priya.strikes(&[Key::Left.into()]).await.expect("keys");
    priya.strikes(&[tab]).await.expect("keys");
    let at = priya
        .run("return document.activeElement.textContent", vec![])
        .await;
    assert_eq!(at.expect("a button"), "Save");
}

#[tokio::test]
async fn cells_are_chosen_with_shift_and_a_click_or_by_drawing_over_them() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = alpha * beta * gamma")
        .await;
    priya.opens("/params").await;
    let (first, last) = (
        priya.cell_of("alpha", 2).await,
        priya.cell_of("gamma", 3).await,
    );
    priya.drags(&first, &last).await;
    priya.sees("3 rows by 2 columns selected").await;
    assert_eq!(priya.selected_cells().await, json!(6));
    priya.strikes(&[Key::Escape.into()]).await.expect("Escape");
    assert_eq!(priya.selected_cells().await, json!(0));
    let second = priya.cell_of("beta", 3).await;
    priya.clicks_with_shift(&second).await;
    priya.sees("2 rows by 2 columns selected").await;
    assert_eq!(priya.selected_cells().await, json!(4));
    let opened = priya
        .asks_page("return document.querySelectorAll('form.edit').length")
        .await;
    assert_eq!(opened, json!(0), "a Shift-click opens nothing");
}

#[tokio::test]
async fn a_unit_is_set_for_many_and_cleared_again() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = alpha * beta")
        .await;
    priya.opens("/params").await;
    for (button, says) in [
        ("Set unit", "2 params given their unit."),
        ("Clear unit", "2 params left without a unit."),
    ] {
        priya.goes_to_grid().await;
        priya
            .strikes(&[Key::Control.into(), 'a'])
            .await
            .expect("keys");
        priya.sees_in("#bulk", "2 rows chosen").await;
        if button == "Set unit" {
            priya.clicks("#bulk-unit").await;
            priya.types("visits").await;
        }
        priya.presses_in("#bulk", button).await;
        priya.sees_in("#notices", says).await;
        let units = "return [...document.querySelectorAll('.many tr[id] > :nth-child(3)')].map((cell) => cell.textContent.trim()).join()";
        let shown = priya.asks_page(units).await;
        let expected = if button == "Set unit" {
            "visits,visits"
        } else {
            "Add a unit,Add a unit"
        };
        assert_eq!(shown, json!(expected));
    }
}

#[tokio::test]
async fn columns_are_left_out_and_the_keys_pass_over_them() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = alpha * beta")
        .await;
    priya.opens("/params").await;
    priya.presses("Columns").await;
    for column in ["Unit", "Range", "Changed"] {
        let script = "const box = [...document.querySelectorAll('.columns label')].find((label) => label.textContent.trim() === arguments[0]); box.click();";
        priya
            .run(script, vec![json!(column)])
            .await
            .map_err(said)
            .expect("a tick");
    }
    priya.presses("Show these").await;
    priya.sees_in("h1", "Params").await;
    let heads = "return [...document.querySelectorAll('.many thead:first-of-type th')].filter((head) => head.offsetParent).map((head) => head.textContent).join()";
    assert_eq!(
        priya.asks_page(heads).await,
        json!("Param,Value,Source,State,Evidence")
    );
    priya.goes_to_grid().await;
    priya.strikes(&[Key::Right.into()]).await.expect("keys");
    let at = priya
        .asks_page("return document.activeElement.closest('td').cellIndex")
        .await;
    assert_eq!(at, json!(4), "from the value to the source");
    priya
        .strikes(&[Key::Shift.into(), Key::Right.into()])
        .await
        .expect("keys");
    priya.sees("1 row by 2 columns selected").await;
}

#[tokio::test]
async fn a_group_by_state_counts_again_what_is_approved_in_it_and_moves_nothing() {
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = alpha * beta")
        .await;
    priya.opens("/params?group=state").await;
    let counted = "section header .progress";
    priya.sees_in(counted, "0 of 2 approved").await;
    priya.edits("alpha").await;
    priya.types("400").await;
    priya.enter().await;
    priya.sees_closed("alpha").await;
    let row = priya.row_of("alpha").await;
    priya.clicks(&format!("{row} button[id$='-approve']")).await;
    priya.sees_in(counted, "1 of 2 approved").await;
    let heads = "return [...document.querySelectorAll('.many section h2')].map((head) => head.textContent).join()";
    assert_eq!(priya.asks_page(heads).await, json!("Missing"));
}

/// The parts of the page that a screen reader reads: role, name, and the rest.
async fn read_out(person: &Person) -> Vec<Value> {
    let tree = person
        .asks_browser("Accessibility.getFullAXTree", json!({}))
        .await;
    let nodes = tree["nodes"].as_array().cloned().unwrap_or_default();
    nodes
        .into_iter()
        .filter(|node| node["ignored"] != json!(true))
        .collect()
}

fn role(node: &Value) -> &str {
    node["role"]["value"].as_str().unwrap_or_default()
}

fn name(node: &Value) -> &str {
    node["name"]["value"].as_str().unwrap_or_default()
}

fn property<'a>(node: &'a Value, wanted: &str) -> &'a Value {
    let properties = node["properties"].as_array();
    let found = properties.into_iter().flatten();
    let found = found.filter(|property| property["name"] == json!(wanted));
    found
        .map(|property| &property["value"]["value"])
        .next()
        .unwrap_or(&Value::Null)
}

fn of_role<'a>(nodes: &'a [Value], wanted: &str) -> Vec<&'a Value> {
    nodes.iter().filter(|node| role(node) == wanted).collect()
}

#[tokio::test]
async fn a_screen_reader_finds_heads_for_every_cell_and_hears_what_was_saved_refused_and_overtaken()
{
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params").await;
    let nodes = read_out(&priya).await;
    let heads: Vec<_> = of_role(&nodes, "columnheader")
        .into_iter()
        .map(name)
        .collect();
    assert_eq!(
        heads,
        [
            "Param", "Value", "Unit", "Range", "Source", "State", "Evidence", "Changed"
        ]
    );
    let rows = of_role(&nodes, "rowheader");
    assert_eq!(rows.len(), 2);
    assert!(name(rows[0]).contains("sessions"), "{}", name(rows[0]));
    assert_eq!(
        of_role(&nodes, "cell").len(),
        2 * (heads.len() - 1),
        "each cell has its row’s and its column’s head"
    );
    for node in &nodes {
        if ["link", "button", "checkbox", "textbox", "combobox"].contains(&role(node)) {
            assert!(
                !name(node).is_empty(),
                "a {} without a name: {node}",
                role(node)
            );
        }
    }
    let live = |nodes: &[Value]| {
        let all = of_role(nodes, "status").into_iter();
        all.filter(|node| property(node, "live") == &json!("polite"))
            .count()
    };
    assert!(live(&nodes) >= 1, "what is saved is told");

    priya.edits("margin").await;
    priya.types("4").await;
    priya.enter().await;
    priya.sees("Did you mean 4 % (0.04)?").await;
    let nodes = read_out(&priya).await;
    let box_of = |nodes: &[Value]| {
        let found = of_role(nodes, "textbox");
        found
            .into_iter()
            .find(|node| name(node) == "Value of Margin")
            .cloned()
    };
    let typed_into = box_of(&nodes).expect("the value’s box, by its name");
    assert_eq!(property(&typed_into, "invalid"), &json!("true"));
    let told = typed_into["description"]["value"]
        .as_str()
        .unwrap_or_default();
    assert!(told.contains("Did you mean"), "{told}");
    assert!(
        !of_role(&nodes, "alert").is_empty(),
        "a refusal is told at once"
    );

    let anders = app.signs_in(Role::Admin).await;
    anders.opens("/params").await;
    anders.fills("margin", "5%").await;
    priya.clicks("form.edit input.num").await;
    priya
        .types(&format!(
            "{}a{}6%",
            char::from(Key::Control),
            char::from(Key::Null)
        ))
        .await;
    priya.enter().await;
    priya.sees("saved this while you were editing").await;
    let nodes = read_out(&priya).await;
    assert!(
        !of_role(&nodes, "alert").is_empty(),
        "a conflict is told at once"
    );
    priya.presses("Save mine anyway").await;
    priya.sees_in("#notices", "Value of Margin saved").await;
    let row = priya.row_of("margin").await;
    priya.sees_in(&row, "6 %").await;
}

#[tokio::test]
async fn whoever_chooses_a_chip_by_keys_goes_on_from_there() {
    const AT: &str = "return document.activeElement.textContent";
    let app = App::start().await;
    let priya = app
        .with_approved_formula("INIT-1", "value = sessions * margin")
        .await;
    priya.opens("/params").await;
    let chips = "document.querySelector(\"[aria-label='Sort by'] a.chip:nth-of-type(2)\")";
    let name = priya
        .asks_page(&format!("return {chips}.textContent"))
        .await;
    priya.asks_page(&format!("{chips}.focus()")).await;
    priya.strikes(&[Key::Enter.into()]).await.expect("a stroke");
    priya
        .until("the focus on the chip", async || {
            let search = priya.run("return location.search", vec![]).await?;
            let at = priya.run(AT, vec![]).await?;
            if at == name && search.as_str().is_some_and(|asked| asked.contains("sort=")) {
                Ok(())
            } else {
                Err(format!("{at} at {search}"))
            }
        })
        .await;
    // Whoever then goes elsewhere begins there as always.
    priya.opens("/backlog").await;
    assert_ne!(priya.asks_page(AT).await, name);
}

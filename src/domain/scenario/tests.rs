//! What a scenario sets and what it follows, whatever happens to either.

use super::*;
use crate::domain::{
    approval::Origin,
    formula::Formula,
    framework::{Framework, FrameworkFormula},
    ids::{ApprovalId, FormulaVersionId},
    math_model::MathModel,
    param::tests::approved_param,
    scoring::{self, Case, FormulaState, Missing},
};
use std::{collections::BTreeMap, sync::Arc};

fn number(digits: &str) -> Number {
    Number::from_decimal(digits.to_owned())
}

fn setting(param: i64, digits: &str) -> ScenarioValue {
    ScenarioValue {
        param: ParamId(param),
        revision: 1,
        value: number(digits),
        range: Bounds::default(),
        set_by: (UserId(1), "Ana".to_owned()),
        set_at: DateTime::UNIX_EPOCH,
    }
}

fn optimistic(values: Vec<ScenarioValue>) -> Scenario {
    Scenario {
        id: MathModelId(2),
        initiative_id: InitiativeId(1),
        framework_id: FrameworkId(1),
        shares: None,
        label: "Optimistic".to_owned(),
        revision: 1,
        drives: false,
        put_away_at: None,
        formula: None,
        values,
        approval: None,
    }
}

fn param(id: i64, name: &str, digits: &str) -> Param {
    Param {
        id: ParamId(id),
        range: Bounds::default(),
        ..approved_param(name, digits)
    }
}

/// Something that happens to Base or to the scenario.
#[derive(Clone, Debug)]
enum Edit {
    SetBase(usize, i32),
    ClearBase(usize),
    Rename(usize, u32),
    Formula(Vec<usize>),
    Set(usize, i32),
    Drop(usize),
    SetFormula(Vec<usize>),
    DropFormula,
}

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn of(seed: u64) -> Self {
        Self(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed + 1) | 1)
    }

    fn throw(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 % u64::from(sides)).unwrap()
    }

    fn at(&mut self) -> usize {
        self.throw(4) as usize
    }

    fn number(&mut self) -> i32 {
        i32::try_from(self.throw(199)).unwrap() - 99
    }

    fn some(&mut self) -> Vec<usize> {
        let many = 1 + self.at();
        let mut reads: Vec<_> = (0..many).map(|_| self.at()).collect();
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    fn edit(&mut self) -> Edit {
        match self.throw(8) {
            0 => Edit::SetBase(self.at(), self.number()),
            1 => Edit::ClearBase(self.at()),
            2 => Edit::Rename(self.at(), self.throw(9)),
            3 => Edit::Formula(self.some()),
            4 => Edit::Set(self.at(), self.number()),
            5 => Edit::SetFormula(self.some()),
            6 => Edit::DropFormula,
            _ => Edit::Drop(self.at()),
        }
    }
}

/// A param is called otherwise, and a formula of the scenario's own with it.
fn rename(base: &mut [Param], scenario: &mut Scenario, at: usize, n: u32) {
    let new = format!("p{at}_{n}");
    if let Some(own) = &mut scenario.formula
        && let Some(text) = formula::renamed(&own.text, &base[at].name, &new).unwrap()
    {
        own.text = text;
    }
    base[at].name = new;
}

/// A formula that reads these params, by the names they have now.
fn text(base: &[Param], reads: &[usize]) -> String {
    let names: Vec<_> = reads.iter().map(|at| base[*at].name.clone()).collect();
    format!("value = {}", names.join(" + "))
}

fn version(text: String) -> FormulaVersion {
    FormulaVersion {
        id: FormulaVersionId(1),
        version: 1,
        text,
        saved_by_name: "Ana".to_owned(),
        saved_at: DateTime::UNIX_EPOCH,
    }
}

/// Base's model with this formula, which its params know.
fn model(base: &mut [Param], reads: &[usize]) -> MathModel {
    for (at, param) in base.iter_mut().enumerate() {
        let position = reads.iter().position(|read| *read == at);
        param.position = position.and_then(|at| i32::try_from(at).ok());
    }
    MathModel {
        id: MathModelId(1),
        initiative_id: InitiativeId(1),
        framework_id: FrameworkId(1),
        scenario_label: BASE.to_owned(),
        revision: 1,
        texts: Default::default(),
        formula: Some(version(text(base, reads))),
        versions: 1,
        approval: None,
        last_approved: None,
        driver: None,
    }
}

/// What each number must be, kept apart from the code that is tested.
struct Wanted {
    own: BTreeMap<usize, i32>,
    /// What its own formula reads; none: it follows Base's.
    reads: Option<Vec<usize>>,
    bases: [Option<i32>; 4],
}

impl Wanted {
    fn at(&self, at: usize) -> Option<i32> {
        self.own.get(&at).copied().or(self.bases[at])
    }
}

fn happens(edit: &Edit, base: &mut [Param], scenario: &mut Scenario, wanted: &mut Wanted) {
    match *edit {
        Edit::SetBase(at, n) => {
            base[at].value = Some(number(&n.to_string()));
            wanted.bases[at] = Some(n);
        }
        Edit::ClearBase(at) => {
            base[at].value = None;
            wanted.bases[at] = None;
        }
        Edit::Rename(at, n) => rename(base, scenario, at, n),
        Edit::Formula(_) => {}
        Edit::SetFormula(ref reads) => {
            scenario.formula = Some(version(text(base, reads)));
            wanted.reads = Some(reads.clone());
        }
        Edit::DropFormula => {
            scenario.formula = None;
            wanted.reads = None;
        }
        Edit::Set(at, n) => {
            let id = base[at].id;
            scenario.values.retain(|value| value.param != id);
            scenario.values.push(setting(id.0, &n.to_string()));
            wanted.own.insert(at, n);
        }
        Edit::Drop(at) => {
            let id = base[at].id;
            scenario.values.retain(|value| value.param != id);
            wanted.own.remove(&at);
        }
    }
}

/// Base with this formula: the initiative's own model, or a framework's.
fn base_with(formula: MathModel, is_shared: bool) -> Base {
    let shared = formula.formula.as_ref().map(|saved| FrameworkFormula {
        id: saved.id,
        version: saved.version,
        text: saved.text.clone(),
    });
    Base {
        framework: Framework {
            id: FrameworkId(1),
            key: "RICE".to_owned(),
            name: "RICE".to_owned(),
            is_builtin: true,
            is_archived: false,
            revision: 1,
            formula: shared.filter(|_| is_shared),
            params: Vec::new(),
        },
        model: Some(formula).filter(|_| !is_shared),
    }
}

#[test]
fn after_any_edits_a_scenarios_values_and_formula_are_bases_except_where_it_has_its_own() {
    for seed in 0..1_000 {
        follows_base(seed, false);
    }
}

#[test]
fn beside_a_frameworks_formula_it_follows_that_and_every_value_but_its_own() {
    for seed in 0..1_000 {
        follows_base(seed, true);
    }
}

/// A run of edits; beside a framework's formula a scenario gets none of its own, and what changes is the framework's.
fn follows_base(seed: u64, is_shared: bool) {
    let mut dice = Dice::of(seed);
    let mut base: Vec<_> = (0..4).map(|at| param(at, &format!("p{at}"), "1")).collect();
    let mut scenario = optimistic(Vec::new());
    scenario.shares = is_shared.then(|| "RICE".to_owned());
    let (own, bases) = (BTreeMap::new(), [Some(1); 4]);
    let mut wanted = Wanted {
        own,
        bases,
        reads: None,
    };
    let mut reads = vec![0, 1];
    for step in 0..20 {
        let mut edit = dice.edit();
        if is_shared && let Edit::SetFormula(names) = edit {
            edit = Edit::Formula(names);
        }
        happens(&edit, &mut base, &mut scenario, &mut wanted);
        if let Edit::Formula(names) = &edit {
            reads.clone_from(names);
        }
        let context = format!("seed {seed}, step {step}: {edit:?}");
        let stands_beside = base_with(model(&mut base, &reads), is_shared);
        let (_, counts) = stands_beside.text_in(Some(&scenario)).unwrap();
        let wants = wanted.reads.as_ref().unwrap_or(&reads);
        assert_eq!(counts, text(&base, wants), "{context}");
        let formula = formula::read(counts, &base).unwrap();
        let laid_over = scenario.over(&base);
        for (at, param) in laid_over.iter().enumerate() {
            let digits = wanted.at(at).map(|n| n.to_string());
            let counts = param.counts().map(|n| n.decimal().to_owned());
            assert_eq!(counts, digits, "{context}");
            let is_own = wanted.own.contains_key(&at);
            assert_eq!(
                param.scenario.is_some(),
                is_own,
                "kept, read or not; {context}"
            );
        }
        let sum: Option<i32> = wants.iter().map(|at| wanted.at(*at)).sum();
        let result = scoring::preview(&formula, &laid_over, None).ok();
        let value = result.map(|score| score.value);
        assert_eq!(value, sum.map(f64::from), "{context}");
        // What it replaces is still there, and so is everything else of Base.
        assert_eq!(super::base(&laid_over), base, "{context}");
    }
}

fn approval() -> Approval {
    Approval {
        id: ApprovalId(9),
        by: UserId(1),
        by_name: "Priya".to_owned(),
        at: DateTime::UNIX_EPOCH,
        origin: Origin::Person,
    }
}

#[test]
fn a_scenario_is_scored_by_its_own_approval_and_what_it_follows_by_bases() {
    let base = vec![
        Param {
            value_approval: None,
            ..param(1, "a", "1")
        },
        param(2, "b", "2"),
    ];
    let mut scenario = optimistic(vec![setting(1, "10")]);
    let state = FormulaState::Approved(Arc::new(Formula::parse("value = a * b").unwrap()));
    let score = |params: &[Param]| {
        let case = Case {
            formula: &state,
            params,
            effort_days: None,
        };
        scoring::score(&case).map(|score| score.value)
    };
    let waits = |label: &str| Missing::Approval {
        name: "a".to_owned(),
        label: label.to_owned(),
        source: base[0].source,
    };
    assert_eq!(score(&base), Err(vec![waits(base[0].label())]));
    let label = format!("{} in scenario Optimistic", base[0].label());
    assert_eq!(score(&scenario.over(&base)), Err(vec![waits(&label)]));
    scenario.approval = Some(approval());
    assert_eq!(
        score(&scenario.over(&base)),
        Ok(20.0),
        "base's a needs no approval here"
    );
    let unapproved = vec![
        base[0].clone(),
        Param {
            value_approval: None,
            ..base[1].clone()
        },
    ];
    assert!(
        score(&scenario.over(&unapproved)).is_err(),
        "b is followed and waits"
    );
}

#[test]
fn an_own_formula_needs_the_scenarios_approval_and_not_bases() {
    let mut params = vec![param(1, "a", "2"), param(2, "b", "3")];
    let unapproved = base_with(model(&mut params, &[0]), false);
    let mut scenario = Scenario {
        formula: Some(version("value = a * b".to_owned())),
        ..optimistic(vec![])
    };
    let waits_for = |scenario: &Scenario| match unapproved.state_in(Some(scenario)) {
        FormulaState::NotApproved { scenario, .. } => Some(scenario),
        _ => None,
    };
    assert_eq!(waits_for(&scenario), Some(Some("Optimistic".to_owned())));
    scenario.approval = Some(approval());
    assert_eq!(waits_for(&scenario), None, "it is approved");
    let text = unapproved.text_in(Some(&scenario));
    assert_eq!(text, Some((1, "value = a * b")));
    // What follows Base's formula follows its approval, whatever the scenario's own says.
    scenario.formula = None;
    assert_eq!(waits_for(&scenario), Some(None));
    let text = unapproved.text_in(Some(&scenario));
    assert_eq!(text, unapproved.text_in(None));
}

#[test]
fn a_frameworks_formula_waits_for_nobody() {
    let mut params = vec![param(1, "a", "2")];
    let shared = base_with(model(&mut params, &[0]), true);
    for scenario in [None, Some(&optimistic(vec![setting(1, "3")]))] {
        let state = shared.state_in(scenario);
        assert!(matches!(state, FormulaState::Approved(_)), "{state:?}");
    }
    assert_eq!((shared.is_shared(), shared.unit()), (true, ""));
}

#[test]
fn an_own_formula_reads_only_params_that_there_are() {
    let base = vec![param(1, "orders", "2"), param(2, "margin", "3")];
    assert!(formula::read("value = orders * margin", &base).is_ok());
    let said = |text: &str, base: &[Param]| formula::read(text, base).unwrap_err().to_string();
    assert_eq!(
        said("value = orders * markup * zeal", &base),
        "`markup`, `zeal` are no params of this model. It has orders, margin. Add the param first, among the initiative’s params, then use it here."
    );
    assert!(said("value = x", &[]).starts_with("`x` is no param of this model. It has none yet."));
    assert!(
        said("value = orders *", &base).starts_with("This formula can’t be taken yet. Line 1:")
    );
    let many: Vec<_> = (0..15).map(|n| param(n, &format!("p{n}"), "1")).collect();
    assert!(said("value = x", &many).contains("p11 and 3 more."));
}

#[test]
fn a_renamed_param_is_read_under_its_new_name_unless_that_means_something_else() {
    let renamed = |text: &str| formula::renamed(text, "a", "b");
    for (text, new) in [
        (
            "value = a * aa # a",
            Ok(Some("value = b * aa # a".to_owned())),
        ),
        ("value = c", Ok(None)),
        ("value = b", Ok(None)),
        ("value = a + b", Err(formula::MeansOtherwise)),
        ("b = 2\nvalue = a * b", Err(formula::MeansOtherwise)),
    ] {
        assert_eq!(renamed(text), new, "{text}");
    }
    let into_a_function = formula::renamed("value = a", "a", "max");
    assert_eq!(into_a_function, Err(formula::MeansOtherwise));
}

#[test]
fn names_are_unique_whatever_the_case_and_base_is_reserved() {
    let away = Scenario {
        put_away_at: Some(DateTime::UNIX_EPOCH),
        label: "Old".to_owned(),
        ..optimistic(vec![])
    };
    let here = optimistic(vec![]);
    let others = [&here, &away];
    assert_eq!(
        read_label("  Very   bold ", &others),
        Ok("Very bold".to_owned())
    );
    for (typed, refusal) in [
        (" ", LabelRefusal::Empty),
        ("bAsE", LabelRefusal::Reserved),
        ("optimistic", LabelRefusal::Taken("Optimistic".to_owned())),
        ("OLD", LabelRefusal::PutAway("Old".to_owned())),
    ] {
        assert_eq!(read_label(typed, &others), Err(refusal), "{typed}");
    }
    let long = "ü".repeat(41);
    assert_eq!(read_label(&long, &others), Err(LabelRefusal::TooLong(41)));
    assert!(read_label(&"ü".repeat(40), &others).is_ok());
}

#[test]
fn a_value_is_read_as_in_the_params_own_row() {
    let typed = |value: &str, min: &str, max: &str| TypedValue {
        value: value.to_owned(),
        min: min.to_owned(),
        max: max.to_owned(),
        ..TypedValue::default()
    };
    let share = Param {
        unit: "%".to_owned(),
        ..param(1, "margin", "0.3")
    };
    let read = |typed| read_value(&share, &typed);
    assert_eq!(
        read(typed("35%", "", "")),
        Ok((number("0.35"), Bounds::default()))
    );
    let (_, range) = read(typed("35%", "", "90%")).unwrap();
    assert_eq!((range.min, range.max), (None, Some(number("0.9"))));
    for (what, place) in [
        (typed("4", "", ""), Place::Value),
        (typed("", "", ""), Place::Value),
        (typed("none", "", ""), Place::Value),
        (typed("much", "", ""), Place::Value),
        (typed("35%", "90%", "10%"), Place::Range),
    ] {
        assert_eq!(read(what.clone()).unwrap_err().0, place, "{what:?}");
    }
    let hard = Bounds {
        min: Some(number("0")),
        max: Some(number("1")),
    };
    let bounded = Param {
        hard: hard.clone(),
        range: hard,
        ..share.clone()
    };
    let refused = read_value(&bounded, &typed("1.5", "", "")).unwrap_err();
    assert_eq!(refused.0, Place::Value, "{}", refused.1);
    assert!(read_value(&bounded, &typed("50%", "0", "2")).is_err());
}

#[test]
fn an_approval_falls_with_unit_source_and_a_range_that_leaves_the_value_out() {
    let change = |field| FieldChange {
        field,
        old: Value::Null,
        new: Value::Null,
    };
    let mut value = setting(1, "10");
    let with_max = |max: &str| Param {
        range: Bounds {
            min: None,
            max: Some(number(max)),
        },
        source: Some(Source::Finance),
        ..param(1, "a", "1")
    };
    let falls =
        |value: &ScenarioValue, max, field| super::falls(value, &with_max(max), &[change(field)]);
    assert!(falls(&value, "20", "unit").is_some());
    assert!(falls(&value, "20", "source").is_some());
    assert!(falls(&value, "9", "max").is_some());
    for field in ["max", "value", "notes"] {
        assert_eq!(falls(&value, "20", field), None, "{field}");
    }
    assert_eq!(falls(&value, "9", "value"), None);
    value.range.max = Some(number("11"));
    assert_eq!(falls(&value, "9", "max"), None, "it has a range of its own");
}

#[test]
fn only_values_within_their_range_can_be_approved() {
    let base = vec![Param {
        range: Bounds {
            min: None,
            max: Some(number("5")),
        },
        ..param(1, "a", "1")
    }];
    let error = |scenario: &Scenario| scenario.check_approvable(&base).unwrap_err().to_string();
    assert!(error(&optimistic(vec![])).starts_with("Scenario Optimistic follows Base"));
    assert!(
        error(&optimistic(vec![setting(1, "6")])).contains("in scenario Optimistic is 6, outside")
    );
    let own = ScenarioValue {
        range: Bounds {
            min: None,
            max: Some(number("9")),
        },
        ..setting(1, "6")
    };
    assert_eq!(optimistic(vec![own]).check_approvable(&base), Ok(()));
}

#[test]
fn changes_read_as_sentences() {
    let margin = |digits: &str| json!({ "label": "Margin", "value": digits, "unit": "%" });
    let null = Value::Null;
    let approved = json!({ "values": [margin("0.4")], "origin": "person" });
    let formula = json!({ "version": 2, "text": "value = a" });
    let both = json!({ "values": [margin("0.4")], "formula": formula, "origin": "reinstated" });
    for (field, old, new, says) in [
        (
            "scenario_value",
            &null,
            &margin("0.4"),
            "set Margin to 40 % in scenario Bold",
        ),
        (
            "scenario_value",
            &margin("0.3"),
            &margin("0.4"),
            "changed Margin in scenario Bold from 30 % to 40 %",
        ),
        (
            "scenario_value",
            &margin("0.3"),
            &null,
            "dropped Margin from scenario Bold: it follows Base again (was 30 %)",
        ),
        (
            "scenario_formula",
            &null,
            &formula,
            "gave scenario Bold a formula of its own, version 2",
        ),
        (
            "scenario_formula",
            &json!({ "version": 1 }),
            &formula,
            "changed the formula of scenario Bold to version 2",
        ),
        (
            "scenario_formula",
            &formula,
            &null,
            "dropped the formula of scenario Bold: it follows Base’s again",
        ),
        (
            "scenario_approval",
            &null,
            &both,
            "reinstated the approval of scenario Bold: its formula, version 2, Margin at 40 %",
        ),
        (
            "scenario_label",
            &json!("Bald"),
            &json!("Bold"),
            "renamed scenario Bald to Bold",
        ),
        (
            "scenario_put_away",
            &null,
            &json!(true),
            "put scenario Bold away",
        ),
        (
            "scenario_put_away",
            &json!(true),
            &null,
            "brought scenario Bold back",
        ),
        (
            "scenario_approval",
            &null,
            &approved,
            "approved scenario Bold: Margin at 40 %",
        ),
        (
            "scenario_approval",
            &approved,
            &json!({ "why": "taken back" }),
            "withdrew the approval of scenario Bold: taken back",
        ),
    ] {
        assert_eq!(
            change_sentence(field, "scenario Bold", old, new).as_deref(),
            Some(says)
        );
    }
}

#[test]
fn who_drives_reads_as_a_sentence_that_names_a_framework() {
    let drives = |label: &str| json!({ "label": label });
    let said = change_sentence(
        "driving_scenario",
        "INIT-1",
        &drives("Base"),
        &drives("Bold"),
    );
    assert_eq!(
        said.as_deref(),
        Some("let scenario Bold drive the score of INIT-1 (was Base)")
    );
    let by_rice = json!({ "label": "Bold", "framework": "RICE" });
    let said = change_sentence("driving_scenario", "INIT-1", &drives("Base"), &by_rice);
    assert_eq!(
        said.as_deref(),
        Some("let scenario Bold drive the score of INIT-1 by RICE (was Base)")
    );
    let null = Value::Null;
    assert_eq!(change_sentence("title", "INIT-1", &null, &null), None);
}

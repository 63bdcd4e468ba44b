//! The dependency rule and the habits that no compiler checks, held by reading the source.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no .{ending} files in {folder}");
    found
}

/// The code of a file without comments and without its tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// `use crate::{web::x, store}` as `crate::web::x` and `crate::store`, so that a rule finds what it looks for.
fn ungrouped(code: &str) -> String {
    let mut all = String::new();
    for group in code.split("use crate::{").skip(1) {
        let mut depth = 0;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    all.extend(["crate::", item.trim(), "\n"]);
                    item.clear();
                    continue;
                }
                _ => {}
            }
            item.push(c);
        }
        all.extend(["crate::", item.trim(), "\n"]);
    }
    all
}

#[test]
fn grouped_imports_are_seen_by_the_rules() {
    let code = "use crate::{a, web::{b, c}, store};\nuse x;";
    assert_eq!(
        ungrouped(code),
        "crate::a\ncrate::web::{b, c}\ncrate::store\n"
    );
}

fn must_not_contain(folder: &str, forbidden: &[&str], rule: &str) {
    for (path, text) in files(folder, "rs") {
        let is_tests = |name: &std::ffi::OsStr| name == "tests.rs" || name == "run_tests.rs";
        if path.file_name().is_some_and(is_tests) {
            continue;
        }
        let code = code(&text);
        let code = ungrouped(&code) + &code;
        for word in forbidden {
            assert!(
                !code.contains(word),
                "{}: {word}\nthe rule: {rule}",
                path.display()
            );
        }
    }
}

#[test]
fn the_domain_knows_nothing_of_ours_and_no_infrastructure() {
    let forbidden = [
        "sqlx",
        "actix",
        "askama",
        "reqwest",
        "tokio",
        "crate::store",
        "crate::actions",
        "crate::web",
        "crate::imports",
        "crate::app",
        "crate::config",
        "crate::mirror",
        "crate::worker",
        "Utc::now",
    ];
    must_not_contain(
        "src/domain",
        &forbidden,
        "domain -> nothing of ours; no I/O, no clock",
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole rule in one table")]
fn imports_point_down_only() {
    let rules: [(&str, &[&str], &str); 9] = [
        (
            "src/store",
            &[
                "crate::llm",
                "crate::actions",
                "crate::web",
                "crate::imports",
                "crate::app",
                "crate::config",
                "crate::mirror",
                "crate::worker",
            ],
            "store -> domain",
        ),
        (
            "src/actions",
            &[
                "crate::llm",
                "crate::web",
                "crate::imports",
                "crate::app",
                "crate::config",
                "crate::postgres",
                "crate::mirror",
                "crate::worker",
            ],
            "actions -> store, domain",
        ),
        (
            "src/imports",
            &[
                "crate::llm",
                "crate::web",
                "crate::app",
                "crate::cli",
                "crate::config",
                "crate::worker",
                "mirror::{",
                "mirror::run",
                "mirror::local",
                "mirror::google",
            ],
            "imports -> actions, store, mirror::layout, domain",
        ),
        (
            "src/web",
            &[
                "crate::llm",
                "crate::app",
                "crate::cli",
                "crate::config",
                "crate::postgres",
                "crate::mirror",
                "crate::worker",
            ],
            "web -> actions (to write), store (to read), imports, domain",
        ),
        (
            "src/mirror",
            &[
                "sqlx",
                "crate::store",
                "crate::actions",
                "crate::imports",
                "crate::web",
                "crate::worker",
                "crate::app",
                "crate::config",
                "crate::clock",
            ],
            "mirror -> domain",
        ),
        (
            "src/llm",
            &[
                "sqlx",
                "crate::store",
                "crate::actions",
                "crate::imports",
                "crate::web",
                "crate::worker",
                "crate::mirror",
                "crate::app",
                "crate::config",
                "crate::clock",
            ],
            "llm -> domain",
        ),
        (
            "src/identity",
            &["sqlx", "actix", "crate::"],
            "identity -> nothing of ours",
        ),
        (
            "src/worker",
            &[
                "crate::web",
                "crate::cli",
                "crate::app",
                "crate::config",
                "crate::imports",
                "crate::postgres",
            ],
            "worker -> actions, store, mirror, llm, domain",
        ),
        (
            "src/web/view",
            &["crate::domain", "crate::store", "crate::actions"],
            "views know askama only",
        ),
    ];
    for (folder, forbidden, rule) in rules {
        must_not_contain(folder, forbidden, rule);
    }
}

#[test]
fn only_actions_and_the_stores_own_bookkeeping_write() {
    for (path, text) in files("src", "rs") {
        let path = path.display().to_string();
        let may =
            path.contains("/store/") || path.ends_with("testing.rs") || path.contains("/postgres/");
        let code = code(&text).to_lowercase();
        for word in [
            "insert into ",
            "delete from ",
            "update initiatives",
            "update params",
        ] {
            assert!(
                may || !code.contains(word),
                "{path}: {word}: SQL belongs into src/store"
            );
        }
    }
    let writers = [
        "initiatives::insert",
        "initiatives::save",
        "params::insert",
        "params::save",
        "approvals::insert",
        "approvals::withdraw",
        "math_models::insert",
        "math_models::save",
        "scores::record",
        "change_log::append",
    ];
    for (path, text) in files("src/web", "rs") {
        let code = code(&text);
        for word in writers {
            assert!(
                !code.contains(&format!("store::{word}")) && !code.contains(&format!(" {word}")),
                "{}: {word}: pages write through actions only",
                path.display()
            );
        }
    }
}

/// Acts that write and don't ask themselves: who asked for them, and why that is enough.
const ASKED_BY_OTHERS: &[(&str, &str, &str)] = &[
    (
        "people.rs",
        "set_decimal_separator",
        "one's own habit of writing numbers, which changes nothing that anybody signs",
    ),
    (
        "add_param.rs",
        "insert",
        "`add` asks, and only admins import, which call it too",
    ),
    (
        "carry_over.rs",
        "change_places",
        "`carry_over` asks, and so does taking its act back",
    ),
    (
        "facts.rs",
        "log",
        "what was done to a fact, by acts that have asked",
    ),
    (
        "follow_fact.rs",
        "begin_all",
        "`begin` asks, and `follow_together` asks for each row",
    ),
    (
        "comments.rs",
        "settle",
        "it settles the actor’s own mention, and nobody else’s can be named",
    ),
    (
        "ask_llm.rs",
        "after_approval",
        "part of an approval, which has asked",
    ),
    (
        "ask_llm.rs",
        "open_budget",
        "it only says what would be refused",
    ),
    (
        "suggestions.rs",
        "keep",
        "the LLM's own; it writes only where no person has",
    ),
    (
        "param_metadata.rs",
        "keep",
        "the LLM's own; `domain::param_metadata::plan` says where it may write",
    ),
    (
        "summaries.rs",
        "keep",
        "the LLM's own; it writes only where no person has",
    ),
    (
        "frameworks.rs",
        "set_compared",
        "`compare` asks, and so does taking its act back",
    ),
    (
        "scenarios.rs",
        "set_label",
        "`rename` asks, and so does taking its act back",
    ),
    (
        "scenarios.rs",
        "put_value",
        "`set_value` and `drop_value` ask, and so does taking their acts back",
    ),
    (
        "scenarios.rs",
        "withdraw_covering",
        "what follows from an edit of a param, which has asked",
    ),
    (
        "scenarios.rs",
        "withdraw",
        "what follows from an act on a scenario, which has asked",
    ),
    (
        "scenarios.rs",
        "rescore",
        "what follows from an act on a scenario, which has asked",
    ),
    (
        "scenarios.rs",
        "reinstate",
        "part of taking an act back, which has asked",
    ),
    (
        "scenario_formula.rs",
        "put_formula",
        "`set_formula` and `drop_formula` ask, and so does taking their acts back",
    ),
    (
        "scenario_formula.rs",
        "follow_new_name",
        "what follows from an edit of a param; `carry_name`, which it calls, asks",
    ),
    (
        "seeding.rs",
        "seed",
        "part of a formula’s approval, which has asked",
    ),
    (
        "seeding.rs",
        "mark_anew",
        "part of acts on scenarios, which have asked",
    ),
    (
        "bulk.rs",
        "decide",
        "`edit` and `approve_shown` ask for each row, which it calls",
    ),
    (
        "paste.rs",
        "apply",
        "`domain::paste::plan` asks for each cell",
    ),
    (
        "put_back.rs",
        "initiative",
        "`initiatives::change_field` asks, which it calls",
    ),
    (
        "put_back.rs",
        "math_model",
        "`math_models::change_text` asks, which it calls",
    ),
    (
        "undo.rs",
        "undo",
        "only one’s own acts, and each field, formula and approval asks anew",
    ),
    ("params.rs", "change_field", "`change` asks, which it calls"),
    (
        "params.rs",
        "change_field_in_turn",
        "`change` asks, which it calls",
    ),
    (
        "params.rs",
        "approve",
        "`approve_shown` asks, which it calls",
    ),
    (
        "whole_param.rs",
        "as_a_whole",
        "part of taking an act back; the acts that it calls ask",
    ),
    (
        "whole_param.rs",
        "carry_back",
        "part of taking an act back, which asks before it",
    ),
    (
        "params.rs",
        "approve_as",
        "`approve` asks; an import asks for each row",
    ),
    (
        "approve_formula.rs",
        "approve_as",
        "its callers ask; an import is an admin's act",
    ),
    (
        "approve_formula.rs",
        "withdraw",
        "part of an act that has asked",
    ),
    (
        "effects.rs",
        "settle",
        "the history of an act that has asked",
    ),
    (
        "frameworks.rs",
        "set_active",
        "`choose_active` asks; an import is an admin's act",
    ),
    (
        "frameworks.rs",
        "set_use_math_model",
        "`use_math_model` asks; an import is an admin's act",
    ),
    (
        "frameworks.rs",
        "turn_on",
        "part of an act that has asked; an import is an admin's act",
    ),
    (
        "math_models.rs",
        "set_text",
        "`change_text` asks; an import is an admin's act",
    ),
    (
        "math_models.rs",
        "save_version",
        "`save_formula` asks; an import is an admin's act",
    ),
    (
        "initiatives.rs",
        "insert",
        "`create` asks; an import is an admin's act",
    ),
    (
        "initiatives.rs",
        "set_field",
        "`change_field` asks; an import is an admin's act",
    ),
    (
        "initiatives.rs",
        "set_fields",
        "`change_field` asks; an import is an admin's act",
    ),
    (
        "scores.rs",
        "rescore_by_id",
        "what follows from an act that has asked",
    ),
    (
        "scores.rs",
        "rescore",
        "what follows from an act that has asked",
    ),
    (
        "scores.rs",
        "rescore_all",
        "what follows from an act that has asked",
    ),
    (
        "initiative.rs",
        "take_back",
        "the parts that it calls ask, each for what it takes back",
    ),
    (
        "mod.rs",
        "before_approving",
        "reads what the right is asked with",
    ),
    (
        "mod.rs",
        "before_approving_all",
        "reads what the right is asked with",
    ),
    ("mod.rs", "own_hands", "reads what the right is asked with"),
];

#[test]
fn every_act_asks_the_table_of_rights() {
    let mut asked = 0;
    let mut unneeded: Vec<_> = ASKED_BY_OTHERS
        .iter()
        .map(|(of, name, _)| (*of, *name))
        .collect();
    for (path, text) in files("src/actions", "rs") {
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let code = code(&text);
        // From one function to the next, whatever stands between them.
        for (at, _) in code.match_indices("async fn ") {
            let is_open = code[..at]
                .lines()
                .last()
                .unwrap_or_default()
                .contains("pub");
            let function = &code[at + "async fn ".len()..];
            let body = &function[..function.find("\n}").unwrap_or(function.len())];
            let name = function.split(['(', '<']).next().unwrap();
            let head = body.split(") -> ").next().unwrap();
            let is_act = head.contains("&Actor") || head.contains("&self");
            if !is_open || !is_act {
                continue;
            }
            let is_listed = |(of, listed): &(&str, &str)| *of == file && *listed == name;
            let asks = body.contains("must_be_allowed(");
            let listed = unneeded.iter().position(is_listed);
            if let Some(at) = listed.filter(|_| !asks) {
                unneeded.remove(at);
            }
            assert!(
                asks || listed.is_some(),
                "{file}: {name} writes as somebody and doesn't ask whether they may: actor.must_be_allowed(…), or a line \
                 in ASKED_BY_OTHERS with the reason"
            );
            asked += 1;
        }
    }
    assert!(
        unneeded.is_empty(),
        "needs no line in ASKED_BY_OTHERS: {unneeded:?}"
    );
    assert!(
        asked > 25,
        "only {asked} acts found: does src/actions still look the same?"
    );
}

#[test]
fn templates_hold_no_unescaped_text_no_styles_and_no_blocks_in_loops() {
    for (path, text) in files("templates", "html") {
        let path = path.display();
        assert!(
            !text.contains("|safe") && !text.contains("| safe"),
            "{path}: |safe is banned"
        );
        assert!(
            !text.contains("style="),
            "{path}: the CSP blocks style attributes"
        );
        assert!(
            !text.contains("hx-on"),
            "{path}: eval is off, hx-on does nothing"
        );
        assert!(
            !text.contains("<script>"),
            "{path}: the CSP blocks inline scripts"
        );
        let mut depth = 0_i32;
        for tag in text.split("{%").skip(1) {
            let tag = tag.trim_start_matches(['-', '~', ' ']);
            if tag.starts_with("for ") || tag.starts_with("if ") {
                depth += 1;
            } else if tag.starts_with("endfor") || tag.starts_with("endif") {
                depth -= 1;
            } else if tag.starts_with("block ") {
                assert_eq!(
                    depth, 0,
                    "{path}: a block in a loop renders as nothing when it is asked for alone"
                );
            }
        }
    }
}

#[test]
fn every_environment_variable_is_documented() {
    let documented = include_str!("../../docs/operations.md");
    let example = include_str!("../../.env.example");
    let config = include_str!("../../src/config.rs");
    let config = config.split("mod tests").next().unwrap();
    let oidc = include_str!("../../src/config/oidc.rs");
    let llm = include_str!("../../src/config/llm.rs");
    let sheets = include_str!("../../src/config/sheets.rs");
    let parts = [config, oidc, llm, sheets].map(|part| part.split("mod tests").next().unwrap());
    let config = parts.concat();
    let mut names = 0;
    for name in config.split('"').filter(|part| {
        part.len() > 6
            && part.contains('_')
            && part.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    }) {
        names += 1;
        assert!(
            documented.contains(name),
            "docs/operations.md doesn't explain {name}"
        );
        assert!(example.contains(name), ".env.example doesn't name {name}");
    }
    assert!(
        names > 5,
        "no variables found: does config.rs still look the same?"
    );
}

#[test]
fn sql_is_built_only_where_it_is_listed() {
    // Built from names in the code, never from what people send.
    let listed = [
        ("src/postgres/cluster.rs", 1),
        ("src/store/db.rs", 1),
        ("src/store/initiatives.rs", 1),
        ("src/store/math_models.rs", 1),
        ("src/testing.rs", 2),
    ];
    let binds = [
        "store/history.rs",
        "store/params_grid.rs",
        "store/params_grid/which.rs",
    ];
    let mut found = Vec::new();
    for (path, text) in files("src", "rs") {
        // Some files name their tests in the middle: only tests that stand there themselves are left out.
        let code: String = text
            .split("\nmod tests {")
            .next()
            .unwrap()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        assert!(
            !code.contains("QueryBuilder") || binds.iter().any(|file| path.ends_with(file)),
            "{}: SQL only with bound parameters",
            path.display()
        );
        let built = code.matches("AssertSqlSafe(").count();
        if built > 0 {
            let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
            found.push((path.display().to_string(), built));
        }
    }
    found.sort();
    let found: Vec<_> = found.iter().map(|(path, n)| (&**path, *n)).collect();
    assert_eq!(
        found, listed,
        "a text that isn’t the program’s own only becomes SQL by AssertSqlSafe: bind it, or list it here"
    );
}

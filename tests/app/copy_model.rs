//! Copying a formula to other initiatives: what goes along, what never does, who is left out, and the way back.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;

/// INIT-1 with an approved formula whose margin is filled in and approved, INIT-2 on RICE, INIT-3 on nothing.
async fn app() -> (TestApp, Person) {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = orders * margin")
        .await;
    pm.fill("INIT-1", "margin", "source", "Finance").await;
    pm.fill("INIT-1", "margin", "value", "30%").await;
    pm.fill("INIT-1", "margin", "notes", "Ask Fiona").await;
    pm.approve("INIT-1", "margin").await;
    pm.create("INIT-2", "Two", "RICE").await;
    pm.create("INIT-3", "Three", "").await;
    (app, pm)
}

async fn preview(pm: &Person, keys: &[&str]) -> Page {
    let targets: Vec<_> = keys.iter().map(|key| format!("&target={key}")).collect();
    let page = pm
        .get(&format!("/copies/preview?from=model:1{}", targets.concat()))
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text("main"));
    page
}

/// Presses *Copy*, with the boxes of these initiatives ticked.
async fn copies(pm: &Person, preview: &Page, over: &[&str]) -> Page {
    let (action, mut fields) = preview.form("#copy");
    fields.retain(|(name, _)| name != "over");
    fields.extend(
        over.iter()
            .map(|key| ("over".to_owned(), (*key).to_owned())),
    );
    pm.post(&action, &fields).await
}

#[tokio::test]
async fn formula_and_metadata_go_along_and_no_number_approval_or_note_does() {
    let (app, pm) = app().await;
    let page = preview(&pm, &["INIT-2", "INIT-3"]).await;
    let says = page.text("#target-INIT-2");
    assert!(
        says.contains("the active framework stays as it is")
            && says.contains("Version 1 appears, unapproved.")
            && says.contains("Params that appear: orders, margin"),
        "{says}"
    );
    let nothing_yet = "select count(*) from formula_origins";
    assert_eq!(app.count(nothing_yet).await, 0, "a preview writes nothing");
    let done = copies(&pm, &page, &[]).await;
    assert!(
        done.text("#notices").contains("copied to 2 initiatives"),
        "{}",
        done.text("main")
    );
    let two = pm.get("/initiatives/INIT-2").await;
    let header = two.text(".editor header");
    assert!(
        header.contains("Needs approval") && header.contains("copied from INIT-1 v1"),
        "{header}"
    );
    let margin = two.param_id("margin");
    let row = two.text(&format!("#param-{margin}"));
    assert!(row.contains("Finance") && !row.contains("30"), "{row}");
    for (sql, count) in [
        ("select count(*) from params p join initiatives i on i.id = p.initiative_id
          where i.key in ('INIT-2', 'INIT-3') and p.name in ('orders', 'margin') and p.value is null and p.notes = ''
            and p.is_auto_seeded and p.position is not null", 4),
        ("select count(*) from params where name = 'margin' and unit = '%' and source = 'Finance'", 3),
        ("select count(*) from approvals a join math_models m on m.id = a.subject_id
          where a.subject_kind = 'math_model' and m.id <> 1", 0),
        ("select count(*) from initiatives i join frameworks f on f.id = i.active_framework_id
          where i.key = 'INIT-2' and f.key = 'RICE' and i.use_math_model", 1),
        ("select count(distinct batch_id) from change_log where field = 'copied'", 1),
        ("select count(*) from initiative_frameworks s join initiatives i on i.id = s.initiative_id
          join frameworks f on f.id = s.framework_id where i.key in ('INIT-2', 'INIT-3') and f.key = 'MATH_MODEL'
            and s.is_on and s.status = 'not_ready' and s.missing = '[{\"what\": \"formula_approval\", \"version\": 1}]'", 2),
        ("select count(*) from mirror_dirty d join initiatives i on i.id = d.initiative_id
          where i.key in ('INIT-2', 'INIT-3')", 2),
    ] {
        assert_eq!(app.count(sql).await, count, "{sql}");
    }
    let history = pm.get("/initiatives/INIT-3/history").await.text("main");
    for sentence in [
        "turned the math model on for INIT-3",
        "saved version 1 of the formula of INIT-3_MATH_MODEL_V1, copied from INIT-1 v1",
        "added the param Margin, copied from INIT-1 v1",
    ] {
        assert!(history.contains(sentence), "{sentence}: {history}");
    }
    let versions = pm.get("/math-models/2").await.text(".versions");
    assert!(versions.contains("copied from INIT-1 v1"), "{versions}");
}

#[tokio::test]
async fn a_copied_formula_is_approved_and_scored_like_any_other() {
    let (app, pm) = app().await;
    copies(&pm, &preview(&pm, &["INIT-3"]).await, &[]).await;
    for (param, value) in [("orders", "1,000"), ("margin", "40%")] {
        pm.fill("INIT-3", param, "value", value).await;
        pm.approve("INIT-3", param).await;
    }
    assert_eq!(app.count("select count(*) from scores").await, 0);
    let approved = pm.approve_formula("INIT-3").await;
    assert_eq!(approved.status, StatusCode::OK);
    assert_eq!(
        app.count("select value::bigint from scores").await,
        400,
        "values that were filled in while it waited count"
    );
}

#[tokio::test]
async fn a_formula_that_is_there_stays_unless_it_is_chosen_and_then_its_approval_falls() {
    let (app, pm) = app().await;
    pm.create("INIT-4", "Four", "MATH_MODEL").await;
    pm.save_formula("INIT-4", "value = margin * 7").await;
    pm.approve_formula("INIT-4").await;
    pm.fill("INIT-4", "margin", "value", "0.5").await;
    pm.approve("INIT-4", "margin").await;
    assert_eq!(app.count("select count(*) from scores").await, 1);
    let page = preview(&pm, &["INIT-3", "INIT-4"]).await;
    let says = page.text("#target-INIT-4");
    assert!(
        says.contains("The approval of its formula is withdrawn")
            && says.contains("Param that keeps everything: margin")
            && says.contains("Param that appears: orders"),
        "{says}"
    );
    let left = copies(&pm, &page, &[]).await;
    assert!(
        left.text("main")
            .contains("INIT-4: it has a formula, and you didn’t choose to replace it"),
        "{}",
        left.text("main")
    );
    let page = preview(&pm, &["INIT-4"]).await;
    let one = copies(&pm, &page, &["INIT-4"]).await;
    assert!(one.path.starts_with("/math-models/2?act="), "{}", one.path);
    for (sql, count) in [
        ("select count(*) from initiative_frameworks where status = 'stale'", 1),
        ("select count(*) from approvals where withdrawn_why = 'version 2 of the formula waits for approval'", 1),
        ("select count(*) from params p join approvals a on a.subject_kind = 'param' and a.subject_id = p.id
          and a.part = 'value' and a.withdrawn_at is null where p.value = 0.5", 1),
    ] {
        assert_eq!(app.count(sql).await, count, "{sql}");
    }
    let undone = one.submit(&pm, "#notices form[action$='/undo']", &[]).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text("main"));
    let header = pm.get("/initiatives/INIT-4").await.text(".editor header");
    assert!(
        header.starts_with("FormulaApprovedVersion 3"),
        "the text of before, and its approval: {header}"
    );
}

#[tokio::test]
async fn what_moved_since_the_preview_is_archived_or_says_the_same_is_left_out_by_name() {
    let (app, pm) = app().await;
    pm.create("INIT-4", "Four", "").await;
    pm.create("INIT-5", "Five", "MATH_MODEL").await;
    pm.save_formula("INIT-5", "value = orders * margin").await;
    let page = preview(&pm, &["INIT-1", "INIT-3", "INIT-4", "INIT-5", "INIT-99"]).await;
    let says = page.text("main");
    for sentence in [
        "Left out: it is where the formula comes from",
        "Nothing to do: its formula says the same already",
        "There is no initiative INIT-99.",
        "Copy to 2 initiatives",
    ] {
        assert!(says.contains(sentence), "{sentence}: {says}");
    }
    let four = pm.get("/initiatives/INIT-4").await;
    four.submit_button(&pm, "Archive").await;
    let done = copies(&pm, &page, &[]).await.text("main");
    assert!(
        done.contains("INIT-4: it changed since it was shown"),
        "{done}"
    );
    let page = preview(&pm, &["INIT-4"]).await.text("main");
    assert!(page.contains("Refused: it is archived"), "{page}");
    assert_eq!(app.count("select count(*) from formula_origins").await, 1);
}

#[tokio::test]
async fn a_formula_that_changed_since_the_preview_is_not_copied_unseen() {
    let (app, pm) = app().await;
    let page = preview(&pm, &["INIT-3"]).await;
    pm.save_formula("INIT-1", "value = orders * margin * 2")
        .await;
    let answer = copies(&pm, &page, &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer
            .text("#notices")
            .contains("has changed since it was shown"),
        "{}",
        answer.html
    );
    assert!(
        answer
            .text("[aria-labelledby=copied-formula] pre")
            .contains("* 2")
    );
    assert_eq!(app.count("select count(*) from formula_origins").await, 0);
}

#[tokio::test]
async fn a_copy_sent_twice_is_made_once_and_undone_from_the_second_answer() {
    let (app, pm) = app().await;
    let page = preview(&pm, &["INIT-2", "INIT-3"]).await;
    copies(&pm, &page, &[]).await;
    let again = copies(&pm, &page, &[]).await;
    assert!(
        again.text("#notices").contains("copied already"),
        "{}",
        again.text("#notices")
    );
    assert_eq!(app.count("select count(*) from formula_origins").await, 2);
    let undone = again
        .submit(&pm, "#notices form[action$='/undo']", &[])
        .await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text("main"));
    assert_eq!(
        app.count("select count(*) from initiatives where use_math_model")
            .await,
        1
    );
}

/// What a copy leaves behind: formulas, params and texts of initiatives other than INIT-1, and models in the list.
const COPIED: &str = "select (select count(*) from math_models m where m.id <> 1
      and (m.formula_version_id is not null or m.value_unit <> '' or m.assumptions_text <> ''))
    + (select count(*) from params p join initiatives i on i.id = p.initiative_id
       join frameworks k on k.id = p.framework_id where i.key <> 'INIT-1' and k.key = 'MATH_MODEL')
    + (select count(*) from initiative_frameworks f join initiatives i on i.id = f.initiative_id
       join frameworks k on k.id = f.framework_id where i.key <> 'INIT-1' and k.key = 'MATH_MODEL' and f.is_on)";

#[tokio::test]
async fn undo_takes_a_whole_copy_back_and_redo_makes_it_again() {
    let (app, pm) = app().await;
    let done = copies(&pm, &preview(&pm, &["INIT-2", "INIT-3"]).await, &[]).await;
    assert_eq!(app.count(COPIED).await, 2 + 4 + 2);
    let undone = done
        .submit(&pm, "#notices form[action$='/undo']", &[])
        .await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text("main"));
    let said = undone.text("main");
    assert!(
        said.contains("took version 1 of the formula of INIT-3_MATH_MODEL_V1 out again")
            && said.contains("took the param Margin out again, which a copy had added"),
        "{said}"
    );
    assert_eq!(app.count(COPIED).await, 0, "{said}");
    let list = pm.get("/math-models").await.text("main");
    assert!(!list.contains("INIT-3"), "{list}");
    let again = undone.submit_button(&pm, "Redo").await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text("main"));
    assert_eq!(app.count(COPIED).await, 2 + 4 + 2);
    let exact = "select count(*) from params p join initiatives i on i.id = p.initiative_id
        where i.key <> 'INIT-1' and p.name = 'margin' and p.unit = '%' and p.source = 'Finance' and p.is_auto_seeded
          and p.position is not null";
    assert_eq!(app.count(exact).await, 2);
    // Versions are kept, so that a later one has a number of its own.
    pm.save_formula("INIT-3", "value = orders").await;
    let versions = "select max(version)::bigint from formula_versions where owner_id <> 1 and owner_kind = 'math_model'";
    assert_eq!(app.count(versions).await, 3);
}

#[tokio::test]
async fn undo_leaves_a_target_that_somebody_went_on_with_and_says_who_did_what() {
    let (app, pm) = app().await;
    let done = copies(&pm, &preview(&pm, &["INIT-2", "INIT-3"]).await, &[]).await;
    pm.fill("INIT-2", "reach", "value", "7").await;
    let fiona = app.sign_in(Role::Finance).await;
    fiona.fill("INIT-3", "margin", "value", "30%").await;
    let undone = done
        .submit(&pm, "#notices form[action$='/undo']", &[])
        .await;
    let said = undone.text("main");
    assert!(
        said.contains("INIT-3 stays as it is: Fiona Grant"),
        "{said}"
    );
    assert!(
        !said.contains("INIT-2 stays"),
        "RICE is another matter: {said}"
    );
    assert_eq!(app.count(COPIED).await, 1 + 2 + 1, "INIT-3 whole");
}

#[tokio::test]
async fn undo_brings_the_formula_back_that_gave_way_with_its_approval() {
    let (app, pm) = app().await;
    pm.create("INIT-4", "Four", "MATH_MODEL").await;
    pm.save_formula("INIT-4", "value = margin * 7").await;
    pm.approve_formula("INIT-4").await;
    let page = preview(&pm, &["INIT-4"]).await;
    let done = copies(&pm, &page, &["INIT-4"]).await;
    let names = "select count(*) from params p join initiatives i on i.id = p.initiative_id where i.key = 'INIT-4'";
    assert_eq!(app.count(names).await, 2, "margin and orders");
    done.submit(&pm, "#notices form[action$='/undo']", &[])
        .await;
    assert_eq!(app.count(names).await, 1);
    let holds = "select count(*) from approvals a join math_models m on m.id = a.subject_id
        join formula_versions v on v.id = m.formula_version_id and v.id = a.formula_version_id
        where a.part = 'formula' and a.withdrawn_at is null and m.id <> 1 and v.text = 'value = margin * 7'";
    assert_eq!(app.count(holds).await, 1);
}

#[tokio::test]
async fn the_page_of_a_copy_that_was_done_asked_for_again_is_the_list_of_models() {
    let (_app, pm) = app().await;
    let page = pm.get("/copies").await;
    assert_eq!(
        (page.status, page.path.as_str()),
        (StatusCode::OK, "/math-models")
    );
}

#[tokio::test]
async fn bad_input_is_said_and_only_a_pm_copies() {
    let (app, pm) = app().await;
    let none = pm.get("/copies/preview?from=model:1").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        none.text("main")
            .contains("Choose at least one initiative first.")
    );
    let many: Vec<_> = (1..=201).map(|at| format!("&target=I-{at}")).collect();
    let many = many.concat();
    let many = pm.get(&format!("/copies/preview?from=model:1{many}")).await;
    assert_eq!(many.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(many.text("main").contains("Choose at most 200 at once."));
    for nonsense in [
        "",
        "?from=sheet:1",
        "?from=model:99",
        "?from=pattern:none",
        "?from=template:1",
    ] {
        let page = pm.get(&format!("/copies/new{nonsense}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{nonsense}");
    }
    pm.save_formula("INIT-1", "value = orders *").await;
    let broken = pm.get("/copies/new?from=model:1").await;
    assert!(
        broken
            .html
            .contains("Correct it there first, then copy it."),
        "{}",
        broken.html
    );
    let finance = app.sign_in(Role::Finance).await;
    let refused = finance.get("/copies/new?from=pattern:rate-uplift").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn initiatives_are_searched_and_what_is_chosen_stays_chosen() {
    let (_app, pm) = app().await;
    let page = pm
        .get("/copies/new?from=model:1&q=three&target=INIT-2")
        .await;
    let found = page.texts("#choices label");
    assert_eq!(found, ["INIT-2 Two", "INIT-3 Three"]);
    assert_eq!(page.attribute("#choices input[checked]", "value"), "INIT-2");
    let none = pm.get("/copies/new?from=model:1&q=nothing+like+this").await;
    assert!(
        none.text("#choices")
            .contains("No other initiative has “nothing like this”"),
        "{}",
        none.text("#choices")
    );
}

//! What htmx is answered: fragments that carry everything an act moved, in an order that survives its parser.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;

async fn param(app: &TestApp) -> (Person, String) {
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let id = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    (pm, id)
}

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn revision(app: &TestApp) -> String {
    app.count("select revision from params").await.to_string()
}

fn header(page: &Page, name: &str) -> String {
    page.headers
        .get(name)
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_saved_value_answers_with_its_row_first_and_what_else_it_moved_after_it() {
    let app = TestApp::start().await;
    let (pm, id) = param(&app).await;
    let sent = form(&[("value", "400"), ("seen_revision", &revision(&app).await)]);
    let saved = pm
        .post_htmx(&format!("/params/{id}/fields/value"), &sent)
        .await;
    assert_eq!(saved.status, StatusCode::OK);
    assert!(
        saved
            .html
            .trim_start()
            .starts_with(&format!("<tr id=\"param-{id}\"")),
        "{}",
        saved.html
    );
    assert!(saved.html.contains("hx-swap-oob") && saved.html.contains("score-MATH_MODEL-INIT-1"));
    assert_eq!(header(&saved, "hx-retarget"), format!("#param-{id}"));
}

#[tokio::test]
async fn in_a_list_without_heads_the_notice_says_how_the_initiative_stands() {
    let app = TestApp::start().await;
    let (pm, id) = param(&app).await;
    for question in ["sort=value", "group=source"] {
        let seen = revision(&app).await;
        let value = question.len().to_string();
        let sent = form(&[("value", &value), ("seen_revision", &seen)]);
        let saved = pm.raw(|client, base| {
            client
                .post(format!("{base}/params/{id}/fields/value"))
                .header("sec-fetch-site", "same-origin")
                .header("hx-request", "true")
                .header("hx-current-url", format!("{base}/params?{question}"))
                .form(&sent)
        });
        let saved = saved.await;
        assert_eq!(saved.status, StatusCode::OK);
        assert!(
            !saved.html.contains("score-MATH_MODEL-INIT-1"),
            "{question}"
        );
        assert!(
            saved.html.contains("INIT-1: 0 of 1 approved"),
            "{question}: {}",
            saved.html
        );
    }
}

#[tokio::test]
async fn a_refused_value_answers_with_its_own_form_and_what_was_typed() {
    let app = TestApp::start().await;
    let (pm, id) = param(&app).await;
    let sent = form(&[("value", "lots"), ("seen_revision", &revision(&app).await)]);
    let refused = pm
        .post_htmx(&format!("/params/{id}/fields/value"), &sent)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.html.trim_start().starts_with("<form"),
        "{}",
        refused.html
    );
    assert!(refused.html.contains("value=\"lots\"") && refused.html.contains("role=\"alert\""));
}

#[tokio::test]
async fn a_stale_approval_answers_with_the_fresh_row_and_says_who_changed_it() {
    let app = TestApp::start().await;
    let (pm, id) = param(&app).await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    let seen = revision(&app).await;
    let analyst = app.sign_in(Role::Analytics).await;
    analyst.fill("INIT-1", "sessions", "value", "500").await;
    let sent = form(&[("seen_revision", &seen)]);
    let refused = pm.post_htmx(&format!("/params/{id}/approval"), &sent).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.html.trim_start().starts_with("<tr"),
        "{}",
        refused.html
    );
    assert!(refused.html.contains("500") && refused.html.contains("Anders Holm"));
}

#[tokio::test]
async fn an_ended_session_leaves_the_form_alone_and_offers_signing_in() {
    let app = TestApp::start().await;
    let (_, id) = param(&app).await;
    let sent = form(&[("value", "400"), ("seen_revision", "1")]);
    let answer = app
        .nobody()
        .post_htmx(&format!("/params/{id}/fields/value"), &sent)
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(header(&answer, "hx-retarget"), "#notices");
    assert!(answer.html.contains("/sign-in"), "{}", answer.html);
}

#[tokio::test]
async fn checking_a_formula_says_what_is_wrong_and_keeps_a_private_draft() {
    let app = TestApp::start().await;
    let (pm, _) = param(&app).await;
    let check = "/math-models/1/formula/check";
    let wrong = pm
        .post_htmx(check, &form(&[("formula", "value = sessions * sqroot(2)")]))
        .await;
    assert_eq!(wrong.status, StatusCode::OK);
    assert!(wrong.html.contains("sqroot"), "{}", wrong.html);
    let right = pm
        .post_htmx(
            check,
            &form(&[("formula", "value = sessions * uplift_rate")]),
        )
        .await;
    assert!(
        right.html.contains("uplift_rate") && right.html.contains("new"),
        "{}",
        right.html
    );
    assert_eq!(
        app.count("select count(*) from formula_versions where owner_kind = 'math_model'")
            .await,
        1
    );
    let page = pm.get("/initiatives/INIT-1").await;
    assert_eq!(
        page.text("form.write textarea"),
        "value = sessions * uplift_rate",
        "the draft is mine"
    );
    assert!(
        page.text("#score-card header").contains("Not ready: 1"),
        "and changes nothing"
    );
    let admin = app.sign_in(Role::Admin).await;
    let theirs = admin.get("/initiatives/INIT-1").await;
    assert_eq!(
        theirs.text("form.write textarea"),
        "value = sessions * 2",
        "nobody else sees it"
    );
    pm.post_htmx(check, &form(&[("formula", "value = sessions × 2")]))
        .await;
    assert_eq!(
        app.count("select count(*) from formula_drafts").await,
        0,
        "what is saved is no draft"
    );
}

#[tokio::test]
async fn on_an_initiatives_page_a_saved_value_moves_heading_steps_score_card_and_check() {
    let app = TestApp::start().await;
    let (pm, id) = param(&app).await;
    let sent = form(&[("value", "400"), ("seen_revision", &revision(&app).await)]);
    let saved = pm
        .raw(|client, base| {
            client
                .post(format!("{base}/params/{id}/fields/value"))
                .header("sec-fetch-site", "same-origin")
                .header("hx-request", "true")
                .header("hx-current-url", format!("{base}/initiatives/INIT-1"))
                .form(&sent)
        })
        .await;
    for moved in [
        "id=\"heading\"",
        "id=\"journey\"",
        "id=\"score-card\"",
        "id=\"math-model-1-check\"",
    ] {
        let at = saved
            .html
            .find(moved)
            .unwrap_or_else(|| panic!("no {moved} in {}", saved.html));
        let tag: String = saved.html[at..].chars().take_while(|c| *c != '>').collect();
        assert!(tag.contains("hx-swap-oob"), "{moved}: {tag}");
    }
}

#[tokio::test]
async fn a_page_that_a_form_led_to_gives_the_browser_its_own_address_and_no_other_answer_does() {
    let app = TestApp::start().await;
    let (pm, id) = param(&app).await;
    let asked = async |path: &str, target: &str, from: &str| {
        let (path, target, from) = (path.to_owned(), target.to_owned(), from.to_owned());
        let answer = pm.raw(|client, base| {
            let from = format!("{base}{from}");
            client
                .get(format!("{base}{path}"))
                .header("hx-request", "true")
                .header("hx-target", target)
                .header("hx-current-url", from)
        });
        header(&answer.await, "hx-push-url")
    };
    let (new, old) = ("/params?state=missing", "/params");
    assert_eq!(asked(new, "main", old).await, new);
    assert_eq!(asked(new, "main", new).await, "", "the same page again");
    let form = format!("/params/{id}/fields/value/edit");
    assert_eq!(
        asked(&form, &format!("param-{id}"), old).await,
        "",
        "a part"
    );
    assert_eq!(
        asked("/params/9999/history", "main", old).await,
        "",
        "no page"
    );
    assert_eq!(header(&pm.get(new).await, "hx-push-url"), "", "not htmx");
}

#[tokio::test]
async fn a_unit_that_makes_a_share_of_a_large_number_says_how_it_reads() {
    let app = TestApp::start().await;
    let (pm, id) = param(&app).await;
    let steps = [
        ("value", "420000", "saved"),
        ("unit", "%", "reads 42,000,000 % now"),
    ];
    for (field, typed, says) in steps {
        let sent = form(&[("value", typed), ("seen_revision", &revision(&app).await)]);
        let saved = pm
            .post_htmx(&format!("/params/{id}/fields/{field}"), &sent)
            .await;
        assert!(saved.html.contains(says), "{field}: {}", saved.html);
    }
}

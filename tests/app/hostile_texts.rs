//! Text from people is shown as text: whatever is typed into whatever form, no element, attribute or script comes of it,
//! on any page.

use crate::support::{Person, TestApp};
use productops::domain::rights::Role;
use scraper::{Html, Selector};

/// Breaks out of an attribute, a title, a textarea, a script, and begins an element of its own.
const HOSTILE: &str =
    "\"'></title></textarea></script><svg onload=alert(1)><b class=injected>{{7*7}}";

/// What must not be on a page, and what each link must look like.
fn looks_like_text(path: &str, html: &str) {
    let document = Html::parse_document(html);
    let all = |selector: &str| Selector::parse(selector).expect("a selector");
    for injected in [".injected", "[onload]", "main script"] {
        let found = document.select(&all(injected)).count();
        assert_eq!(found, 0, "{injected} on {path}");
    }
    for link in document.select(&all("a[href], form[action]")) {
        let to = link.value().attr("href").or(link.value().attr("action"));
        let to = to.unwrap_or_default().trim().to_lowercase();
        let is_plain = ["/", "#", "?", "https://", "http://"]
            .iter()
            .any(|begin| to.starts_with(begin));
        assert!(is_plain, "{to} on {path}");
    }
    for element in document.select(&all("*")) {
        for (name, _) in element.value().attrs() {
            assert!(!name.starts_with("on"), "{name} on {path}");
        }
    }
}

/// Types the text into every form's every text field that a page has, one form after the other.
async fn types_everywhere(person: &Person, path: &str) {
    let page = person.get(path).await;
    let actions: Vec<String> = {
        let document = Html::parse_document(&page.html);
        let forms = Selector::parse("main form[method=post]").expect("a selector");
        let texts = Selector::parse("textarea, input[type=text], input:not([type])").expect("one");
        let with_texts = document
            .select(&forms)
            .filter(|form| form.select(&texts).next().is_some());
        with_texts
            .filter_map(|form| form.value().attr("action").map(str::to_owned))
            .collect()
    };
    assert!(!actions.is_empty(), "no form on {path}");
    for action in actions {
        let (_, mut fields) = page.form(&format!("main form[action='{action}']"));
        for (name, value) in &mut fields {
            let is_ours = [
                "seen_revision",
                "idempotency_key",
                "next",
                "key",
                "email",
                "role",
            ];
            if !is_ours.contains(&name.as_str()) {
                HOSTILE.clone_into(value);
            }
        }
        let answer = person.post(&action, &fields).await;
        assert!(
            !answer.status.is_server_error(),
            "{action}: {}",
            answer.html
        );
        looks_like_text(&action, &answer.html);
    }
}

#[tokio::test]
async fn whatever_is_typed_into_whatever_form_stays_text_on_every_page() {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    let admin = app.sign_in(Role::Admin).await;
    let param = pm.get("/initiatives/INIT-1").await.param_id("sessions");
    let made = [
        ("title".to_owned(), HOSTILE.to_owned()),
        ("key".to_owned(), "INIT-2".to_owned()),
    ];
    pm.post("/initiatives", &made).await;
    let mut forms = vec!["/initiatives/INIT-1/override/edit".to_owned()];
    for field in [
        "title",
        "problem_statement",
        "department",
        "requester_email",
        "impact_metric",
    ] {
        forms.push(format!("/initiatives/INIT-1/fields/{field}/edit"));
    }
    for field in [
        "model_name",
        "model_description_free_text",
        "model_prompt_to_llm",
        "value_unit",
        "assumptions_text",
        "llm_notes",
    ] {
        forms.push(format!("/math-models/1/fields/{field}/edit"));
    }
    for field in [
        "value",
        "unit",
        "param_display",
        "description",
        "notes",
        "evidence_link",
    ] {
        forms.push(format!("/params/{param}/fields/{field}/edit"));
    }
    forms.extend(
        [
            "/math-models/1",
            "/params/paste",
            "/initiatives/INIT-1/comments",
        ]
        .map(str::to_owned),
    );
    for form in &forms {
        types_everywhere(&pm, form).await;
    }
    for form in ["/people/new", "/frameworks/new"] {
        types_everywhere(&admin, form).await;
    }
    let asked = serde_urlencoded::to_string([("q", HOSTILE), ("next", HOSTILE)]).expect("a query");
    let mut pages: Vec<String> = [
        "/initiatives/INIT-1",
        "/initiatives/INIT-2",
        "/initiatives/INIT-1/history",
        "/history",
        "/params",
        "/math-models",
        "/math-models/1",
        "/backlog",
        "/scoring",
        "/people",
        "/frameworks",
        "/queue",
        "/settings",
        "/sessions",
    ]
    .map(str::to_owned)
    .into();
    pages.extend([
        format!("/params/{param}"),
        format!("/params/{param}/history"),
    ]);
    pages.extend(
        [
            "/backlog",
            "/params",
            "/scoring",
            "/math-models",
            "/people",
            "/sign-in",
        ]
        .map(|path| format!("{path}?{asked}")),
    );
    for path in pages {
        let page = admin.get(&path).await;
        assert!(page.status.is_success(), "{path}: {}", page.status);
        looks_like_text(&path, &page.html);
    }
    // It was taken somewhere, or this shows nothing.
    let page = admin.get("/initiatives/INIT-1").await;
    assert!(
        page.text("main").contains("<b class=injected>"),
        "{}",
        page.text("main")
    );
}

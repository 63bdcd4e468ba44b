//! Renders every page and fragment from its samples and holds the HTML to the house's rules.

use super::{
    backlog,
    badge::Legend,
    comments::{ThreadFragment, ThreadPage},
    decimal_separator::Habit,
    error::{ErrorPage, NoticeFragment, SignedOutNotice, SignedOutPage},
    fact,
    field::{Edit, EditPage, Field, FieldEdit, FieldSaved},
    formula_language::FormulaLanguage,
    framework,
    history::History,
    imports,
    initiative::{self, New},
    jobs, llm, mirror,
    model::{self, CheckFragment, Editor},
    model_copy, model_template,
    params::{self, CellAlone, Saved},
    paste, people, queue,
    receipt::Receipt,
    scenario,
    score_history::ScoreHistory,
    score_override, scoring, settings,
    sign_in::SignIn,
    suggestion, summary,
};
use askama::Template;

/// Whole pages by name.
pub(crate) fn pages() -> Vec<(&'static str, String)> {
    let read_only = initiative::Show {
        editor: Some(Editor::sample_read_only()),
        ..initiative::Show::sample()
    };
    let mut all = vec![
        ("sign_in", render(&SignIn::sample())),
        ("sign_in_off", render(&SignIn::sample_not_configured())),
        ("backlog", render(&backlog::Index::sample())),
        ("backlog_empty", render(&backlog::Index::sample_empty())),
        ("scoring", render(&scoring::Index::sample())),
        ("comments", render(&ThreadPage::sample())),
        ("queue", render(&queue::Index::sample())),
        ("queue_empty", render(&queue::Index::sample_empty())),
        ("initiative_new", render(&New::sample())),
        ("initiative", render(&initiative::Show::sample())),
        (
            "initiative_start",
            render(&initiative::Show::sample_start()),
        ),
        ("initiative_read_only", render(&read_only)),
        ("history", render(&History::sample())),
        ("frameworks", render(&framework::Index::sample())),
        ("framework_new", render(&framework::New::sample())),
        ("framework", render(&framework::Show::sample())),
        (
            "framework_read_only",
            render(&framework::Show::sample_read_only()),
        ),
        ("math_model", render(&model::Show::sample())),
        ("math_models", render(&model::Index::sample())),
        ("copy_choose", render(&model_copy::Choose::sample())),
        ("copy_preview", render(&model_copy::Preview::sample())),
        ("copy_done", render(&model_copy::Done::sample())),
        ("templates", render(&model_template::Index::sample())),
        (
            "templates_empty",
            render(&model_template::Index::sample_empty()),
        ),
        ("template", render(&model_template::Show::sample())),
        (
            "template_read_only",
            render(&model_template::Show::sample_read_only()),
        ),
        ("template_edit", render(&model_template::Edit::sample())),
        (
            "initiative_summarising",
            render(&initiative::Show {
                summary: summary::Panel::sample_asking(),
                ..initiative::Show::sample()
            }),
        ),
        ("params", render(&params::Index::sample())),
        ("params_by_owner", render(&params::Index::sample_by_owner())),
        ("params_no_hits", render(&params::Index::sample_no_hits())),
        ("paste", render(&paste::PastePage::sample())),
        ("paste_preview", render(&paste::Preview::sample())),
        ("param", render(&params::Show::sample())),
        ("edit", render(&EditPage::sample())),
        ("receipt", render(&Receipt::sample())),
        ("scenarios", render(&scenario::Index::sample())),
        ("scenario", render(&scenario::Show::sample())),
        (
            "scenario_read_only",
            render(&scenario::Show::sample_read_only()),
        ),
        ("scenario_formula", render(&scenario::FormulaForm::sample())),
        ("scenario_value", render(&scenario::Value::sample())),
        ("scenario_driver", render(&scenario::Driver::sample())),
        ("override", render(&score_override::EditPage::sample())),
        (
            "override_receipt",
            render(&score_override::Receipt::sample()),
        ),
        ("score_history", render(&ScoreHistory::sample())),
        ("signed_out", render(&SignedOutPage::sample())),
        ("error", render(&ErrorPage::sample())),
        ("settings", render(&settings::Show::sample())),
        (
            "settings_read_only",
            render(&settings::Show::sample_read_only()),
        ),
        ("decimal_separator", render(&Habit::sample())),
        ("legend", render(&Legend::sample())),
        ("formula_language", render(&FormulaLanguage::sample())),
    ];
    all.extend(administration());
    all
}

/// Pages about what comes in and goes out, and about who may do what.
fn administration() -> Vec<(&'static str, String)> {
    vec![
        ("imports", render(&imports::Index::sample())),
        (
            "imports_read_only",
            render(&imports::Index::sample_read_only()),
        ),
        ("import", render(&imports::Show::sample())),
        ("import_untold", render(&imports::Show::sample_untold())),
        ("import_done", render(&imports::Show::sample_done())),
        ("import_undone", render(&imports::Show::sample_undone())),
        ("suggestions", render(&suggestion::Former::sample())),
        ("llm_usage", render(&llm::Usage::sample())),
        ("llm_usage_empty", render(&llm::Usage::sample_empty())),
        ("llm_call", render(&llm::Call::sample())),
        (
            "llm_call_unanswered",
            render(&llm::Call::sample_unanswered()),
        ),
        ("mirror", render(&mirror::Show::sample())),
        (
            "mirror_read_only",
            render(&mirror::Show::sample_read_only()),
        ),
        ("mirror_asking", render(&mirror::Show::sample_asking())),
        (
            "mirror_of_a_file",
            render(&mirror::Show::sample_of_a_file()),
        ),
        (
            "mirror_not_begun",
            render(&mirror::Show::sample_not_begun()),
        ),
        ("mirror_set_up", render(&mirror::SetUp::sample())),
        ("jobs", render(&jobs::Index::sample())),
        ("jobs_empty", render(&jobs::Index::sample_empty())),
        ("people", render(&people::Index::sample())),
        ("person_new", render(&people::New::sample())),
        ("person", render(&people::Show::sample())),
        ("my_sessions", render(&people::MySessions::sample())),
        ("facts", render(&fact::Index::sample())),
        ("fact", render(&fact::Show::sample())),
        ("fact_bare", render(&fact::Show::sample_bare())),
        ("fact_form", render(&fact::Form::sample())),
        ("fact_approve", render(&fact::Approve::sample())),
        ("fact_follow", render(&fact::Follow::sample())),
        (
            "fact_follow_together",
            render(&fact::FollowTogether::sample()),
        ),
    ]
}

fn render(page: &dyn askama::DynTemplate) -> String {
    page.dyn_render().unwrap()
}

/// Fragments by name.
pub(crate) fn fragments() -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("row", backlog::RowFragment::sample().render().unwrap()),
        ("check", CheckFragment::sample().render().unwrap()),
        ("comments", ThreadFragment::sample().render().unwrap()),
        (
            "framework_definition",
            framework::DefinitionFragment::sample().render().unwrap(),
        ),
        (
            "framework_rescoring",
            framework::RescoringFragment::sample().render().unwrap(),
        ),
        ("param_row", params::Row::sample().render().unwrap()),
        ("param_cell", CellAlone::sample().render().unwrap()),
        ("param_saved", Saved::sample().render().unwrap()),
        ("field", Field::sample().render().unwrap()),
        ("field_edit", FieldEdit::sample().render().unwrap()),
        (
            "override_form",
            score_override::FormFragment {
                form: score_override::Form::sample(),
            }
            .render()
            .unwrap(),
        ),
        (
            "override_saved",
            score_override::Saved::sample().render().unwrap(),
        ),
        ("field_saved", FieldSaved::sample().render().unwrap()),
        ("notice", NoticeFragment::sample().render().unwrap()),
        (
            "signed_out_notice",
            SignedOutNotice::sample().render().unwrap(),
        ),
    ];
    all.extend(
        Edit::samples()
            .into_iter()
            .map(|edit| ("edit_of_each_kind", FieldEdit { edit }.render().unwrap())),
    );
    all
}

/// The values of an attribute, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(&start)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn every_page_has_one_heading_of_the_first_level_and_one_main() {
    for (name, html) in pages() {
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert_eq!(html.matches("<main ").count(), 1, "{name}");
    }
}

#[test]
fn ids_are_unique_and_every_label_and_description_points_at_one() {
    for (name, html) in pages().into_iter().chain(fragments()) {
        let mut ids = values(&html, "id");
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id occurs twice in {name}: {ids:?}");
        for attribute in ["for", "aria-describedby", "aria-labelledby"] {
            for id in values(&html, attribute)
                .into_iter()
                .flat_map(str::split_whitespace)
            {
                assert!(
                    ids.contains(&id),
                    "{attribute} {id} points nowhere in {name}"
                );
            }
        }
    }
}

#[test]
fn nothing_carries_a_style_or_a_script_of_its_own() {
    for (name, html) in pages().into_iter().chain(fragments()) {
        for forbidden in [
            " style=",
            "<style",
            " onclick",
            " hx-on",
            "javascript:",
            "<script>",
        ] {
            assert!(!html.contains(forbidden), "{forbidden} in {name}");
        }
    }
}

#[test]
fn texts_are_escaped() {
    let html: String = fragments().into_iter().map(|(_, html)| html).collect();
    assert!(
        !html.contains("<b>Two</b>"),
        "markup typed into a field came through"
    );
}

#[test]
fn in_a_reply_with_a_table_row_the_row_comes_first() {
    for (name, html) in fragments() {
        if html.contains("<tr") {
            assert!(html.trim_start().starts_with("<tr"), "{name}");
        }
    }
}

#[test]
fn every_form_that_writes_says_what_it_saw() {
    const WITHOUT: [&str; 5] = [
        "/sign-in",
        "/sign-out",
        "/sample-data",
        "/initiatives",
        "/people",
    ];
    for (name, html) in pages().into_iter().chain(fragments()) {
        for form in html
            .split("<form")
            .skip(1)
            .filter_map(|rest| rest.split("</form>").next())
        {
            let action = values(form, "action").first().copied().unwrap_or_default();
            if form.starts_with(" id=\"decide\"") || form.contains("id=\"bulk\"") {
                continue; // its buttons, or the chosen rows, say it
            }
            // Computing a receipt again writes nothing, nor does looking at what a paste would do; a comment never
            // changes, and ending a session conflicts with nothing. An import says itself, row by row, where it came out
            // otherwise than the preview that is kept with its file.
            let is_comment = action.ends_with("/comments")
                || action.starts_with("/comments/")
                || action.starts_with("/mentions/");
            let writes = !WITHOUT.contains(&action)
                && !action.ends_with("/recomputation")
                && !action.ends_with("/ending")
                // a job says by its own number what it is
                && !action.ends_with("/cancellation")
                && !action.ends_with("/repetition")
                && action != "/params/paste/preview"
                // one's own habit: what was chosen last
                && action != "/decimal-separator"
                && !action.starts_with("/imports")
                && !is_comment;
            if form.contains("method=\"post\"") && writes {
                // a copy says it for each target
                let says = form.contains("seen_revision")
                    || form.contains(r#"type="hidden" name="row" value=""#);
                assert!(says, "{action} in {name}");
            }
        }
    }
}

#[test]
fn every_button_in_a_row_says_where_it_posts_and_what_it_saw() {
    let mut seen = 0;
    for (name, html) in pages().into_iter().chain(fragments()) {
        for button in html
            .split("<button")
            .skip(1)
            .filter_map(|rest| rest.split('>').next())
        {
            if button.contains("form=\"decide\"") {
                assert!(button.contains(" formaction=\"/"), "{button} in {name}");
                assert!(
                    button.contains(" name=\"seen_revision\" value=\""),
                    "{button} in {name}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 0);
}

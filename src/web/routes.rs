//! The whole URL map, grouped by page. Forms only GET and POST, so that each works without JavaScript.

use super::{
    asking, assets, backlog, comments, decimal_separator, error, facts, formula_language,
    frameworks, health, history, imports, initiative_fields, initiatives, jobs, legacy_score,
    legend, live, llm, math_models, mirror, model_copies, model_templates, new_initiative,
    overrides, params, people, put_back, queue, receipts, reply, sample_data, scenarios,
    score_history, scoring, sessions, settings, sign_in, single_sign_on, suggestions, summaries,
    undo,
};
use actix_web::{
    HttpResponse,
    web::{ServiceConfig, get, post, route},
};

/// Every route there is.
pub fn all(app: &mut ServiceConfig) {
    app
        // for whoever watches the process
        .route("/healthz", get().to(health::healthz))
        .route("/readyz", get().to(health::readyz))
        .route("/assets/{name}", get().to(assets::show))
        // what others change, and who they are
        .route("/live", get().to(live::stream))
        .route("/presence", post().to(live::tell_presence))
        // signing in
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::begin))
        .route("/sign-out", post().to(sign_in::end))
        .route("/auth/attempt", post().to(single_sign_on::begin))
        .route("/auth/callback", get().to(single_sign_on::finish))
        // the backlog
        .route("/", get().to(front))
        .route("/backlog", get().to(backlog::index))
        .route("/backlog.{format}", get().to(backlog::export))
        // all frameworks side by side
        .route("/scoring", get().to(scoring::index))
        .route("/scoring.{format}", get().to(scoring::export))
        .route("/sample-data", post().to(sample_data::bring_in))
        .configure(import_pages)
        .configure(mirror_pages)
        .route("/legend", get().to(legend::show))
        .route("/formula-language", get().to(formula_language::show))
        // what holds for everybody
        .route("/settings", get().to(settings::show))
        .route("/settings", post().to(settings::save))
        .route("/settings/llm", post().to(settings::save_llm))
        .configure(initiative_pages)
        .configure(history_pages)
        .configure(framework_pages)
        .configure(people_pages)
        // math models
        .route("/math-models", get().to(math_models::index))
        .route(
            "/math-models.{format}",
            get().to(math_models::export::export),
        )
        .route("/math-models/{id}", get().to(math_models::show))
        .route(
            "/math-models/{id}/fields/{field}/edit",
            get().to(math_models::edit_field),
        )
        .route(
            "/math-models/{id}/fields/{field}",
            post().to(math_models::save_field),
        )
        .route(
            "/math-models/{id}/formula",
            post().to(math_models::save_formula),
        )
        .route(
            "/math-models/{id}/formula/check",
            post().to(math_models::check),
        )
        .route(
            "/math-models/{id}/formula/restoration",
            post().to(math_models::restore),
        )
        .route(
            "/math-models/{id}/carrying-over",
            post().to(math_models::carry_over),
        )
        .route(
            "/math-models/{id}/approval",
            post().to(math_models::approve),
        )
        .route(
            "/math-models/{id}/approval/withdrawal",
            post().to(math_models::withdraw),
        )
        .configure(scenario_pages)
        .configure(reuse_pages)
        .configure(llm_pages)
        .configure(fact_pages)
        .configure(number_pages)
        .default_service(route().to(error::no_such_page));
}

/// Files that come in.
fn import_pages(app: &mut ServiceConfig) {
    app.route("/imports", get().to(imports::index))
        .route("/imports.{format}", get().to(imports::export::export))
        .route("/imports", post().to(imports::receive))
        .route("/imports/google", post().to(imports::receive_tab))
        .route("/imports/{id}", get().to(imports::show))
        .route("/imports/{id}/preview", post().to(imports::preview))
        .route("/imports/{id}/application", post().to(imports::import))
        .route("/imports/{id}/undo", post().to(imports::undo));
}

/// One initiative, from its first title to its scores.
fn initiative_pages(app: &mut ServiceConfig) {
    app.route("/initiatives/new", get().to(new_initiative::show))
        .route("/initiatives", post().to(new_initiative::create))
        .route("/initiatives/{key}", get().to(initiatives::show))
        .route(
            "/initiatives/{key}/fields/{field}/edit",
            get().to(initiative_fields::edit_form),
        )
        .route(
            "/initiatives/{key}/fields/{field}",
            post().to(initiative_fields::save),
        )
        .route(
            "/initiatives/{key}/framework",
            post().to(initiatives::choose_framework),
        )
        .route(
            "/initiatives/{key}/math-model",
            post().to(initiatives::use_math_model),
        )
        .route(
            "/initiatives/{key}/archival",
            post().to(initiatives::archive),
        )
        .route(
            "/initiatives/{key}/restoration",
            post().to(initiatives::restore),
        )
        .route(
            "/initiatives/{key}/legacy-score/removal",
            post().to(legacy_score::remove),
        )
        .route("/initiatives/{key}/history", get().to(history::show))
        .route(
            "/initiatives/{key}/comparison",
            post().to(initiatives::compare),
        )
        .route("/initiatives/{key}/scores", get().to(score_history::show))
        .route(
            "/initiatives/{key}/scores.{format}",
            get().to(score_history::export::export),
        );
}

/// What the mirror does, and what admins decide about it.
fn mirror_pages(app: &mut ServiceConfig) {
    app.route("/mirror", get().to(mirror::show))
        .route("/mirror/set-up", get().to(mirror::set_up))
        .route("/mirror/central_backlog.csv", get().to(mirror::download))
        .route("/mirror/run", post().to(mirror::run_now))
        .route("/mirror/mode", post().to(mirror::set_mode))
        .route("/mirror/pause", post().to(mirror::pause))
        .route("/mirror/resumption", post().to(mirror::resume))
        .route("/mirror/confirmation", post().to(mirror::confirm))
        .route(
            "/mirror/missing-columns/refusal",
            post().to(mirror::decline_missing),
        )
        .route("/mirror/columns", post().to(mirror::hand_back))
        .route("/mirror/tabs", post().to(mirror::set_tab))
        .route("/mirror/formats", post().to(mirror::renew_formats))
        .route("/mirror/left-out", post().to(mirror::leave_out));
}

/// What happened, and what of it comes back.
fn history_pages(app: &mut ServiceConfig) {
    app.route("/history", get().to(history::index))
        .route("/history.{format}", get().to(history::export))
        .route("/params/{id}/history", get().to(history::of_param))
        .route("/changes/last", get().to(undo::show_last))
        .route("/changes/{batch}/undo", post().to(undo::undo))
        .route(
            "/params/{id}/fields/{field}/restoration",
            post().to(put_back::param),
        )
        .route(
            "/initiatives/{key}/fields/{field}/restoration",
            post().to(put_back::initiative),
        )
        .route(
            "/math-models/{id}/fields/{field}/restoration",
            post().to(put_back::math_model),
        );
}

/// Frameworks, for everybody to read and for admins to define.
fn framework_pages(app: &mut ServiceConfig) {
    app.route("/frameworks", get().to(frameworks::index))
        .route("/frameworks.{format}", get().to(frameworks::export::export))
        .route("/frameworks", post().to(frameworks::create))
        .route("/frameworks/new", get().to(frameworks::new))
        .route("/frameworks/check", post().to(frameworks::check))
        .route("/frameworks/{key}", get().to(frameworks::show))
        .route("/frameworks/{key}/definition", post().to(frameworks::save))
        .route("/frameworks/{key}/preview", post().to(frameworks::preview))
        .route("/frameworks/{key}/archival", post().to(frameworks::archive))
        .route(
            "/frameworks/{key}/restoration",
            post().to(frameworks::restore),
        )
        .route(
            "/frameworks/{key}/rescoring",
            get().to(frameworks::rescoring),
        )
        .route(
            "/frameworks/{key}/rescoring",
            post().to(frameworks::score_again),
        );
}

/// Who is here and what they are, and where one is signed in.
fn people_pages(app: &mut ServiceConfig) {
    app.route("/people", get().to(people::index))
        .route("/people.{format}", get().to(people::export::export))
        .route("/people", post().to(people::add))
        .route("/people/new", get().to(people::new))
        .route("/people/{id}", get().to(people::show))
        .route("/people/{id}/roles", post().to(people::set_roles))
        .route("/people/{id}/deactivation", post().to(people::deactivate))
        .route("/people/{id}/reactivation", post().to(people::reactivate))
        .route(
            "/people/{id}/sessions/ending",
            post().to(people::end_sessions),
        )
        .route(
            "/people/{id}/sessions/{session}/ending",
            post().to(people::end_session),
        )
        .route("/decimal-separator", get().to(decimal_separator::show))
        .route("/decimal-separator", post().to(decimal_separator::set))
        .route("/sessions", get().to(sessions::index))
        .route("/sessions/ending", post().to(sessions::end_all))
        .route("/sessions/{session}/ending", post().to(sessions::end_one));
}

/// What an initiative would be worth by a framework if some of its numbers were others.
fn scenario_pages(app: &mut ServiceConfig) {
    app.route(
        "/initiatives/{key}/frameworks/{framework}/scenarios",
        get().to(scenarios::index),
    )
    .route(
        "/initiatives/{key}/frameworks/{framework}/scenarios",
        post().to(scenarios::create),
    )
    .route(
        "/initiatives/{key}/frameworks/{framework}/scenarios.{format}",
        get().to(scenarios::export),
    )
    .route(
        "/initiatives/{key}/frameworks/{framework}/driver",
        get().to(scenarios::choose),
    )
    .route(
        "/initiatives/{key}/frameworks/{framework}/driver",
        post().to(scenarios::drive),
    )
    .route("/scenarios/{id}", get().to(scenarios::show))
    .route("/scenarios/{id}/name", post().to(scenarios::rename))
    .route("/scenarios/{id}/archival", post().to(scenarios::put_away))
    .route(
        "/scenarios/{id}/restoration",
        post().to(scenarios::bring_back),
    )
    .route(
        "/scenarios/{id}/values/{param}/edit",
        get().to(scenarios::edit_value),
    )
    .route(
        "/scenarios/{id}/values/{param}",
        post().to(scenarios::set_value),
    )
    .route(
        "/scenarios/{id}/values/{param}/removal",
        post().to(scenarios::drop_value),
    )
    .route(
        "/scenarios/{id}/formula/edit",
        get().to(scenarios::edit_formula),
    )
    .route("/scenarios/{id}/formula", post().to(scenarios::set_formula))
    .route(
        "/scenarios/{id}/formula/check",
        post().to(scenarios::check_formula),
    )
    .route(
        "/scenarios/{id}/formula/removal",
        post().to(scenarios::drop_formula),
    )
    .route("/scenarios/{id}/approval", post().to(scenarios::approve))
    .route(
        "/scenarios/{id}/approval/withdrawal",
        post().to(scenarios::withdraw),
    );
}

/// Formulas that serve others: copies, templates, patterns.
fn reuse_pages(app: &mut ServiceConfig) {
    app.route("/copies/new", get().to(model_copies::choose))
        .route("/copies/preview", get().to(model_copies::preview))
        .route("/copies", get().to(model_copies::leave))
        .route("/copies", post().to(model_copies::copy))
        .route("/templates", get().to(model_templates::index))
        .route(
            "/templates.{format}",
            get().to(model_templates::export::export),
        )
        .route("/templates/{key}", get().to(model_templates::show))
        .route(
            "/math-models/{id}/template",
            get().to(model_templates::form),
        )
        .route(
            "/math-models/{id}/template",
            post().to(model_templates::mark),
        )
        .route(
            "/math-models/{id}/template/removal",
            post().to(model_templates::unmark),
        )
        .route(
            "/math-models/{id}/template/postponement",
            post().to(model_templates::put_off),
        );
}

/// What the LLM is asked, what it proposes, what of that people take; and what runs beside the pages.
fn llm_pages(app: &mut ServiceConfig) {
    app.route("/jobs", get().to(jobs::index))
        .route("/llm", get().to(llm::usage))
        .route("/llm/calls/{id}", get().to(llm::call))
        .route("/llm/requests/{id}/cancellation", post().to(asking::cancel))
        .route("/llm/requests/{id}/repetition", post().to(asking::repeat))
        .route(
            "/math-models/{id}/suggestions",
            get().to(suggestions::index),
        )
        .route("/math-models/{id}/suggestion", post().to(suggestions::ask))
        .route("/math-models/{id}/review", post().to(suggestions::review))
        .route(
            "/math-models/{id}/metadata",
            post().to(params::words::ask_about_all),
        )
        .route("/suggestions/{id}/adoption", post().to(suggestions::adopt))
        .route("/suggestions/{id}/refusal", post().to(suggestions::refuse))
        .route("/params/{id}/metadata", post().to(params::words::ask))
        .route(
            "/params/{id}/confirmation",
            post().to(params::confirm::confirm),
        )
        .route(
            "/param-proposals/{id}/adoption",
            post().to(params::words::take),
        )
        .route(
            "/param-proposals/{id}/dismissal",
            post().to(params::words::dismiss),
        )
        .route("/initiatives/{key}/summary", post().to(summaries::ask))
        .route(
            "/initiatives/{key}/summary/adoption",
            post().to(summaries::take),
        );
}

/// Shared facts, and which of them a param follows.
fn fact_pages(app: &mut ServiceConfig) {
    app.route("/facts", get().to(facts::library::index))
        .route("/facts", post().to(facts::forms::add))
        .route("/facts.{format}", get().to(facts::library::export))
        .route("/facts/new", get().to(facts::forms::new))
        .route("/facts/{id}", get().to(facts::show))
        .route("/facts/{id}/edit", get().to(facts::forms::edit))
        .route("/facts/{id}/words", post().to(facts::forms::describe))
        .route("/facts/{id}/proposal", get().to(facts::forms::proposal))
        .route("/facts/{id}/proposal", post().to(facts::forms::propose))
        .route(
            "/facts/{id}/proposal/withdrawal",
            post().to(facts::decide::withdraw),
        )
        .route(
            "/facts/{id}/proposal/refusal",
            post().to(facts::decide::refuse),
        )
        .route("/facts/{id}/approval", get().to(facts::decide::preview))
        .route("/facts/{id}/approval", post().to(facts::decide::approve))
        .route("/facts/{id}/archival", post().to(facts::decide::archive))
        .route("/facts/{id}/restoration", post().to(facts::decide::restore))
        .route(
            "/params/facts/preview",
            post().to(params::follow_together::preview),
        )
        .route("/params/facts", post().to(params::follow_together::follow))
        .route("/params/{id}/fact", get().to(params::fact::choose))
        .route("/params/{id}/fact", post().to(params::fact::follow))
        .route("/params/{id}/fact/removal", post().to(params::fact::stop));
}

/// Params, overrides, receipts: the numbers and who stands behind them.
fn number_pages(app: &mut ServiceConfig) {
    app
        // params
        .route("/params", get().to(params::index))
        .route("/params.{format}", get().to(params::export::export))
        .route("/params/paste", get().to(params::paste::page))
        .route("/params/paste", post().to(params::paste::apply))
        .route(
            "/params/paste/preview",
            post().to(params::paste::show_preview),
        )
        .route("/params/approvals", post().to(params::bulk::approve))
        .route("/params/sources", post().to(params::bulk::set_source))
        .route("/params/units", post().to(params::bulk::set_unit))
        .route("/initiatives/{key}/params/new", get().to(params::add::form))
        .route("/initiatives/{key}/params", post().to(params::add::add))
        .route(
            "/params/confirmations",
            post().to(params::confirm::confirm_chosen),
        )
        .route("/params/{id}", get().to(params::show))
        .route(
            "/params/{id}/fields/{field}/edit",
            get().to(params::edit_field),
        )
        .route("/params/{id}/fields/{field}", post().to(params::save_field))
        .route("/params/{id}/approval", post().to(params::approve))
        .route(
            "/params/{id}/approval/withdrawal",
            post().to(params::withdraw),
        )
        // overrides of a score
        .route(
            "/initiatives/{key}/override/edit",
            get().to(overrides::edit_form),
        )
        .route("/initiatives/{key}/override", post().to(overrides::set))
        .route("/overrides/{id}", get().to(overrides::show))
        .route("/overrides/{id}/withdrawal", post().to(overrides::withdraw))
        // what people say to each other
        .configure(comment_pages)
        // what waits for whoever looks
        .route("/queue", get().to(queue::index))
        .route("/queue.{format}", get().to(queue::export::export))
        // receipts
        .route("/scores/{id}", get().to(receipts::show))
        .route("/scores/{id}/recomputation", post().to(receipts::recompute));
}

/// Comments and what they call people to.
fn comment_pages(app: &mut ServiceConfig) {
    app.route(
        "/initiatives/{key}/comments",
        get().to(comments::of_initiative),
    )
    .route(
        "/initiatives/{key}/comments",
        post().to(comments::add_to_initiative),
    )
    .route("/math-models/{id}/comments", get().to(comments::of_model))
    .route(
        "/math-models/{id}/comments",
        post().to(comments::add_to_model),
    )
    .route("/params/{id}/comments", get().to(comments::of_param))
    .route("/params/{id}/comments", post().to(comments::add_to_param))
    .route("/comments/{id}/withdrawal", post().to(comments::withdraw))
    .route("/mentions/{id}/settlement", post().to(comments::settle));
}

async fn front() -> HttpResponse {
    reply::go_to("/backlog")
}

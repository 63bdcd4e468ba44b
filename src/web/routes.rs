//! The whole URL map, grouped by page. Forms only GET and POST, so that each works without JavaScript.

use super::{
    assets, backlog, error, formula_language, frameworks, health, history, initiative_fields,
    initiatives, legend, math_models, new_initiative, overrides, params, put_back, receipts, reply,
    sample_data, score_history, scoring, sign_in, undo,
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
        // signing in
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::begin))
        .route("/sign-out", post().to(sign_in::end))
        // the backlog
        .route("/", get().to(front))
        .route("/backlog", get().to(backlog::index))
        .route("/backlog.{format}", get().to(backlog::export))
        // all frameworks side by side
        .route("/scoring", get().to(scoring::index))
        .route("/scoring.{format}", get().to(scoring::export))
        .route("/sample-data", post().to(sample_data::bring_in))
        .route("/legend", get().to(legend::show))
        .route("/formula-language", get().to(formula_language::show))
        // one initiative
        .route("/initiatives/new", get().to(new_initiative::show))
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
        .route("/initiatives/{key}/history", get().to(history::show))
        .configure(history_pages)
        .route(
            "/initiatives/{key}/comparison",
            post().to(initiatives::compare),
        )
        .route("/initiatives/{key}/scores", get().to(score_history::show))
        .configure(framework_pages)
        // math models
        .route("/math-models", get().to(math_models::index))
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
            "/math-models/{id}/approval",
            post().to(math_models::approve),
        )
        .route(
            "/math-models/{id}/approval/withdrawal",
            post().to(math_models::withdraw),
        )
        .configure(number_pages)
        .default_service(route().to(error::no_such_page));
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

/// Params, overrides, receipts: the numbers and who stands behind them.
fn number_pages(app: &mut ServiceConfig) {
    app
        // params
        .route("/params", get().to(params::index))
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
        // receipts
        .route("/scores/{id}", get().to(receipts::show))
        .route("/scores/{id}/recomputation", post().to(receipts::recompute));
}

async fn front() -> HttpResponse {
    reply::go_to("/backlog")
}

//! The whole URL map, grouped by page. Forms only GET and POST, so that each works without JavaScript.

use super::{
    assets, backlog, error, health, history, initiative_fields, initiatives, legend, math_models,
    new_initiative, params, receipts, reply, sample_data, score_history, sign_in,
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
        .route("/sample-data", post().to(sample_data::bring_in))
        .route("/legend", get().to(legend::show))
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
        .route("/initiatives/{key}/scores", get().to(score_history::show))
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
        // receipts
        .route("/scores/{id}", get().to(receipts::show))
        .route("/scores/{id}/recomputation", post().to(receipts::recompute))
        .default_service(route().to(error::no_such_page));
}

async fn front() -> HttpResponse {
    reply::go_to("/backlog")
}

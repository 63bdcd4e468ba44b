//! Pages for browsers: routes, who is asking, forms in, HTML out. Writes through [`crate::actions`] only, reads through
//! [`crate::store`]. Every form works without JavaScript; htmx only saves the reload.

pub mod address;
pub mod asking;
pub mod assets;
pub mod backlog;
pub mod chips;
pub mod comments;
pub mod decimal_separator;
pub mod diff;
pub mod download;
pub mod error;
pub mod facts;
pub mod figures;
pub mod formula_language;
pub mod four_eyes;
pub mod frameworks;
pub mod guard;
pub mod health;
pub mod history;
pub mod imports;
pub mod initiative_fields;
pub mod initiatives;
pub mod jobs;
pub mod journey;
pub mod legacy_score;
pub mod legend;
pub mod limits;
pub mod live;
pub mod llm;
pub mod math_models;
pub mod mirror;
pub mod model_copies;
pub mod model_templates;
pub mod new_initiative;
pub mod overrides;
pub mod params;
pub mod people;
pub mod put_back;
pub mod queue;
pub mod rate;
pub mod receipts;
pub mod reply;
pub mod routes;
pub mod sample_data;
pub mod scenarios;
pub mod score_card;
pub mod score_history;
pub mod scoring;
pub mod sent_form;
pub mod session;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod sign_in_refusal;
pub mod signed_out;
pub mod single_sign_on;
pub mod suggestions;
pub mod summaries;
pub mod undo;
pub mod view;
pub mod visit;
pub mod wall;
pub mod whole;

pub use mirror::MirrorSetUp;
pub use sign_in::SignIn;
pub use single_sign_on::SingleSignOn;
pub use wall::Wall;

use crate::{
    clock::Clock,
    imports::google_tab::Tabs,
    store::{Db, mirror_light::MirrorLight, queue::QueueCounts},
};
use actix_web::{
    App, HttpServer,
    dev::Server,
    middleware::{Compress, from_fn},
    web::{Data, FormConfig, PathConfig, PayloadConfig, QueryConfig},
};
use std::{io, net::TcpListener};

use limits::LARGEST_FORM;

/// What the top bar of every page prints, as it was looked at last: what waits for whom, and how the mirror stands.
pub type TopBar = (QueueCounts, MirrorLight);

/// A server on that listener. It stops by itself: on SIGTERM after what has begun is answered, on Ctrl-C at once.
///
/// # Errors
/// The listener can't be used.
pub fn serve(
    listener: TcpListener,
    db: Db,
    clock: Clock,
    (sign_in, wall): (SignIn, Wall),
    ((counts, light), (live, crowd), (set_up, tabs)): (
        TopBar,
        (live::Hub, live::Crowd),
        (MirrorSetUp, Option<Tabs>),
    ),
) -> io::Result<Server> {
    // Nobody waits for it; a visitor who comes before its end does.
    std::thread::spawn(assets::compress);
    let (db, clock, sign_in) = (Data::new(db), Data::new(clock), Data::new(sign_in));
    let (counts, live, wall) = (Data::new(counts), Data::new(live), Data::new(wall));
    let (crowd, set_up, tabs) = (Data::new(crowd), Data::new(set_up), Data::new(tabs));
    let light = Data::new(light);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(db.clone())
            .app_data(clock.clone())
            .app_data(sign_in.clone())
            .app_data(counts.clone())
            .app_data(light.clone())
            .app_data(live.clone())
            .app_data(crowd.clone())
            .app_data(set_up.clone())
            .app_data(tabs.clone())
            .app_data(wall.clone())
            .app_data(
                FormConfig::default()
                    .limit(LARGEST_FORM)
                    .error_handler(error::bad_form),
            )
            .app_data(PayloadConfig::new(LARGEST_FORM))
            .app_data(PathConfig::default().error_handler(error::bad_path))
            .app_data(QueryConfig::default().error_handler(error::bad_query))
            .configure(routes::all)
            // The last one named sees the request first.
            .wrap(from_fn(address::follow))
            .wrap(from_fn(sent_form::remember))
            .wrap(from_fn(rate::hold_back))
            .wrap(from_fn(guard::refuse_forgery))
            .wrap(from_fn(limits::refuse_oversized))
            .wrap(from_fn(guard::refuse_misdirected))
            .wrap(from_fn(error::render_errors))
            .wrap(Compress::default())
            .wrap(from_fn(guard::set_headers))
            .wrap(from_fn(guard::trace_request))
    })
    .workers(2)
    .client_request_timeout(limits::HEAD_WITHIN)
    .keep_alive(limits::KEPT_FOR)
    .shutdown_timeout(8)
    .listen(listener)?;
    Ok(server.run())
}

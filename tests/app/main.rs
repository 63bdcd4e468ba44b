//! The real server on a real Postgres, spoken to over HTTP the way a browser without JavaScript would: pages are read,
//! their forms filled in and sent.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on ends"
)]

mod architecture;
mod bulk;
mod command_line;
mod comments;
mod conflicts;
mod copy_model;
mod decimal_separator;
mod downloads;
mod editor;
mod every_route;
mod facts;
mod facts_of_many;
mod follow_together;
mod four_eyes;
mod fragments;
mod framework_scenarios;
mod frameworks;
mod grid;
mod guards;
mod hand_params;
mod history;
mod hostile_texts;
mod import_google;
mod import_pages;
mod import_undo;
mod imports;
mod journey;
mod legacy_scores;
mod live;
mod llm;
mod llm_budget;
mod llm_endpoint;
mod llm_failures;
mod llm_pages;
mod llm_said;
mod mirror;
mod mirror_page;
mod mirror_tabs;
mod overrides;
mod pages;
mod paste;
mod people;
mod provider;
mod queue;
mod receipts;
mod refusals;
mod scenario_steps;
mod scenarios;
mod scoring;
mod sent_twice;
mod sessions;
mod settings;
mod sheets;
mod single_sign_on;
mod stale;
mod statements;
mod support;
mod templates;
mod thousand_receipts;
mod undo;
mod undo_cost;
mod wall;

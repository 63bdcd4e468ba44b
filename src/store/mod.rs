//! All SQL. Functions take a connection and domain values and return rows as domain values; `Ok(None)` is "not found".
//! Knows the domain only; who may do what, and what follows from it, is decided in [`crate::actions`].

pub mod approvals;
pub mod backlog;
pub mod change_log;
pub mod comments;
pub mod db;
pub mod fact_proposals;
pub mod fact_scenarios;
pub mod fact_spread;
pub mod facts;
pub mod four_eyes;
pub mod framework_spread;
pub mod frameworks;
pub mod history;
pub mod idempotency;
pub mod identities;
pub mod import_files;
pub mod imports;
pub mod initiatives;
pub mod jobs;
pub mod legacy_scores;
pub mod live;
pub mod llm_calls;
pub mod llm_requests;
pub mod llm_settings;
pub mod math_models;
pub mod mirror_control;
pub mod mirror_found;
pub mod mirror_light;
pub mod mirror_page;
pub mod mirror_snapshot;
pub mod mirror_state;
pub mod mirror_tabs;
pub mod model_copies;
pub mod model_templates;
pub mod param_blocks;
pub mod param_edit;
pub mod param_proposals;
pub mod params;
pub mod params_by;
pub mod params_grid;
pub mod people;
pub mod queue;
pub mod receipt_details;
pub mod renames;
pub mod rescoring;
pub mod scenarios;
pub mod score_history;
pub mod score_overrides;
pub mod scores;
pub mod scoring;
mod search;
pub mod sessions;
pub mod settings;
pub mod sign_in_attempts;
pub mod suggestions;
pub mod summaries;
pub mod types;
pub mod users;

pub use db::Db;

/// The schema's steps, compiled in.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// The version of the newest migration that the database has.
pub async fn migrated_to(conn: &mut sqlx::PgConnection) -> sqlx::Result<i64> {
    // The table is the migrator's own, so no checked query can know it before the first migration.
    sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations where success")
        .fetch_one(conn)
        .await
}

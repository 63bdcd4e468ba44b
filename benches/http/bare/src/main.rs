//! The bare comparator: the least that actix-web, sqlx and askama can do for one page and one edit. No sessions, no
//! rights, no rules; the app's cost is told as a ratio to it. Without arguments it serves; `bare apply FILE` runs a
//! file of SQL against `DATABASE_URL`, so that the bench needs no database client.

use actix_web::{App, HttpResponse, HttpServer, web};
use askama::Template;
use sqlx::{AssertSqlSafe, PgPool, postgres::PgPoolOptions};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    param_name: String,
    param_display: String,
    description: String,
    value: Option<f64>,
    unit: String,
    min: Option<f64>,
    max: Option<f64>,
    source: String,
    approved: bool,
    version: i64,
}

#[derive(Template)]
#[template(path = "params.html")]
struct Page<'a> {
    rows: &'a [Row],
}

#[derive(Template)]
#[template(path = "cell.html")]
struct Cell {
    id: i64,
    value: f64,
    version: i64,
}

#[derive(serde::Deserialize)]
struct Asked {
    initiative: i64,
}

#[derive(serde::Deserialize)]
struct Edit {
    id: i64,
    value: f64,
    version: i64,
}

fn opt(value: &Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn html(page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

fn away(error: &sqlx::Error) -> HttpResponse {
    HttpResponse::ServiceUnavailable().body(error.to_string())
}

/// One indexed SELECT of 200 rows, rendered as a table.
async fn params(db: web::Data<PgPool>, asked: web::Query<Asked>) -> HttpResponse {
    let rows = sqlx::query_as::<_, Row>(
        "SELECT id, param_name, param_display, description, value, unit, min, max, source, approved, version \
         FROM params WHERE initiative_id = $1 ORDER BY id LIMIT 200",
    )
    .bind(asked.initiative)
    .fetch_all(db.get_ref())
    .await;
    rows.map_or_else(|error| away(&error), |rows| html(&Page { rows: &rows }))
}

/// An optimistic UPDATE with its history and its outbox row, all in one statement.
async fn cell_full(db: web::Data<PgPool>, edit: web::Form<Edit>) -> HttpResponse {
    let saved = sqlx::query_as::<_, (i64, f64, i64)>(
        "WITH u AS (UPDATE params SET value = $2, version = version + 1, updated_at = now() \
                    WHERE id = $1 AND version = $3 RETURNING id, value, version), \
              a AS (INSERT INTO audit(param_id, version, actor, field, new) \
                    SELECT id, version, 'pm@example.com', 'value', value::text FROM u), \
              o AS (INSERT INTO outbox(kind, key) SELECT 'mirror', id FROM u) \
         SELECT id, value, version FROM u",
    )
    .bind(edit.id)
    .bind(edit.value)
    .bind(edit.version)
    .fetch_optional(db.get_ref())
    .await;
    match saved {
        Ok(Some((id, value, version))) => html(&Cell { id, value, version }),
        Ok(None) => HttpResponse::Conflict().body("conflict"),
        Err(error) => away(&error),
    }
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL")?;
    let db = PgPoolOptions::new().max_connections(8).test_before_acquire(false).connect(&url).await?;
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [apply, file] = arguments.as_slice()
        && apply == "apply"
    {
        let sql = std::fs::read_to_string(file)?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&db).await?;
        return Ok(());
    }
    let port: u16 = std::env::var("PORT")?.parse()?;
    let db = web::Data::new(db);
    HttpServer::new(move || {
        App::new()
            .app_data(db.clone())
            .route("/params", web::get().to(params))
            .route("/cell_full", web::post().to(cell_full))
    })
    .workers(2)
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}

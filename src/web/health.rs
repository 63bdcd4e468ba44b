//! For whoever watches the process.

use crate::store::{Db, MIGRATOR};
use actix_web::{HttpResponse, web::Data};

/// GET /healthz: the process is up, whatever the database does.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// GET /readyz: the database answers and has this program's schema.
pub async fn readyz(db: Data<Db>) -> HttpResponse {
    let newest = MIGRATOR
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default();
    let known: sqlx::Result<i64> = db
        .read(async move |mut conn| crate::store::migrated_to(&mut conn).await)
        .await;
    let (mut answer, body) = match known {
        Ok(version) if version >= newest => (HttpResponse::Ok(), "ready\n"),
        Ok(_) => (
            HttpResponse::ServiceUnavailable(),
            "the database is not migrated\n",
        ),
        Err(_) => (
            HttpResponse::ServiceUnavailable(),
            "the database does not answer\n",
        ),
    };
    answer.content_type("text/plain; charset=utf-8").body(body)
}

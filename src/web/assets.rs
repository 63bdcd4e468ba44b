//! Static files: inside the binary, under names that carry their fingerprint, so that browsers may keep them for ever.

use super::{error::WebError, view::layout::Assets};
use actix_web::{HttpResponse, http::header, web};
use sha2::{Digest as _, Sha256};
use std::sync::OnceLock;

struct Asset {
    name: String,
    content_type: &'static str,
    body: &'static str,
}

const CSS: &str = include_str!("../../static/app.css");
/// htmx first, then ours, in one file.
const JS: &str = concat!(
    include_str!("../../static/vendor/htmx.min.js"),
    "\n",
    include_str!("../../static/app.js"),
    "\n",
    include_str!("../../static/undo.js")
);
const ICON: &str = include_str!("../../static/favicon.svg");

fn all() -> &'static [Asset; 3] {
    static ALL: OnceLock<[Asset; 3]> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            ("app", "css", "text/css; charset=utf-8", CSS),
            ("app", "js", "text/javascript; charset=utf-8", JS),
            ("icon", "svg", "image/svg+xml", ICON),
        ]
        .map(|(stem, ending, content_type, body)| {
            let digest = format!("{:x}", Sha256::digest(body));
            let short = &digest[..16];
            Asset {
                name: format!("{stem}.{short}.{ending}"),
                content_type,
                body,
            }
        })
    })
}

/// The addresses that pages link to.
#[must_use]
pub fn addresses() -> Assets {
    let [css, js, icon] = all()
        .each_ref()
        .map(|asset| format!("/assets/{}", asset.name));
    Assets { css, js, icon }
}

/// GET /assets/{name}
pub async fn show(name: web::Path<String>) -> Result<HttpResponse, WebError> {
    let asset = all()
        .iter()
        .find(|asset| asset.name == *name)
        .ok_or(WebError::NotFound("file"))?;
    Ok(HttpResponse::Ok()
        .content_type(asset.content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.body))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    #[test]
    fn htmx_is_the_pinned_file_unmodified() {
        let digest = Sha256::digest(include_str!("../../static/vendor/htmx.min.js"));
        let hex = format!("{digest:x}");
        let documented = include_str!("../../static/vendor/VENDORED.md");
        assert!(
            documented.contains(&hex),
            "static/vendor/VENDORED.md must name sha256 {hex}"
        );
    }
}

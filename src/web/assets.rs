//! Static files: inside the binary, under names that carry their fingerprint, so that browsers may keep them for ever.

use super::{error::WebError, view::layout::Assets};
use actix_web::{HttpResponse, http::header, web};
use sha2::{Digest as _, Sha256};
use std::sync::OnceLock;

struct Asset {
    name: String,
    content_type: &'static str,
    body: String,
}

const CSS: &str = include_str!("../../static/app.css");
/// In one file: htmx, what a page does by itself, what others' changes do to it.
const JS: [&str; 6] = [
    include_str!("../../static/vendor/htmx.min.js"),
    include_str!("../../static/app.js"),
    include_str!("../../static/grid.js"),
    include_str!("../../static/kept.js"),
    include_str!("../../static/live.js"),
    include_str!("../../static/undo.js"),
];
const ICON: &str = include_str!("../../static/favicon.svg");

/// Without indentation and lines that are only a comment: a seventh of what ours would weigh on the way.
fn bare(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn all() -> &'static [Asset; 3] {
    static ALL: OnceLock<[Asset; 3]> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            ("app", "css", "text/css; charset=utf-8", CSS.to_owned()),
            (
                "app",
                "js",
                "text/javascript; charset=utf-8",
                JS.map(bare).join("\n"),
            ),
            ("icon", "svg", "image/svg+xml", ICON.to_owned()),
        ]
        .map(|(stem, ending, content_type, body)| {
            let digest = format!("{:x}", Sha256::digest(&body));
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
        .body(asset.body.as_str()))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    #[test]
    fn scripts_are_served_without_comments_and_otherwise_as_written() {
        let written =
            "// Why.\n(() => {\n  // Then.\n  const at = \"http://a\"; // kept\n\n})();\n";
        assert_eq!(
            super::bare(written),
            "(() => {\nconst at = \"http://a\"; // kept\n})();"
        );
        // What spans lines would lose its indentation.
        for script in super::JS {
            let is_whole = |line: &str| line.matches('`').count().is_multiple_of(2);
            assert!(script.lines().filter(|line| line.len() < 400).all(is_whole));
        }
    }

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

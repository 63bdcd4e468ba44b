//! Static files: inside the binary, under names that carry their fingerprint, so that browsers may keep them for ever.

use super::{error::WebError, view::layout::Assets};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, AcceptEncoding, ContentEncoding, Encoding, Header as _},
    web,
};
use sha2::{Digest as _, Sha256};
use std::{io::Write as _, sync::OnceLock};

struct Asset {
    name: String,
    content_type: &'static str,
    body: String,
    /// The body compressed with brotli.
    brotli: OnceLock<Vec<u8>>,
}

impl Asset {
    /// As small as brotli makes it. That takes too long for every answer, so it is done once.
    fn brotli(&self) -> &[u8] {
        self.brotli.get_or_init(|| {
            let (quality, window) = (11, 22);
            let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, quality, window);
            // Writing into memory doesn't fail; if it did, half a script must not be kept for ever.
            let written = writer.write_all(self.body.as_bytes());
            written.map_or_else(|_never| Vec::new(), |()| writer.into_inner())
        })
    }
}

const CSS: &str = include_str!("../../static/app.css");
/// In one file: htmx, and what a page does by itself and what others' changes do to it, as `scripts/minify` made it.
const JS: [&str; 2] = [
    include_str!("../../static/vendor/htmx.min.js"),
    include_str!("../../static/app.min.js"),
];
const ICON: &str = include_str!("../../static/favicon.svg");

/// Without indentation and lines that are only a comment.
fn bare(text: &str) -> String {
    let is_comment =
        |line: &str| line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/"));
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !is_comment(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn all() -> &'static [Asset; 3] {
    static ALL: OnceLock<[Asset; 3]> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            ("app", "css", "text/css; charset=utf-8", bare(CSS)),
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
                brotli: OnceLock::new(),
            }
        })
    })
}

/// Compresses them, so that the first visitor needn't wait for it.
pub fn compress() {
    for asset in all() {
        asset.brotli();
    }
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
pub async fn show(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, WebError> {
    let asset = all()
        .iter()
        .find(|asset| asset.name == *name)
        .ok_or(WebError::NotFound("file"))?;
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(asset.content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    if !takes_brotli(&request) || asset.brotli().is_empty() {
        return Ok(answer.body(asset.body.as_str()));
    }
    Ok(answer
        .insert_header(ContentEncoding::Brotli)
        .insert_header((header::VARY, "accept-encoding"))
        .body(asset.brotli()))
}

fn takes_brotli(request: &HttpRequest) -> bool {
    let supported = [Encoding::brotli(), Encoding::identity()];
    let accepted = AcceptEncoding::parse(request);
    accepted.is_ok_and(|accepted| accepted.negotiate(supported.iter()) == Some(Encoding::brotli()))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};
    use std::io::Read as _;

    #[test]
    fn a_style_sheet_is_served_without_comments() {
        let written = "/* Why. */\n.a {\n  color: red; /* kept */\n}\n";
        assert_eq!(super::bare(written), ".a {\ncolor: red; /* kept */\n}");
    }

    #[test]
    fn the_minified_script_is_made_of_the_scripts_as_they_are() {
        let sources = [
            include_str!("../../static/app.js"),
            include_str!("../../static/saves.js"),
            include_str!("../../static/cells.js"),
            include_str!("../../static/grid.js"),
            include_str!("../../static/kept.js"),
            include_str!("../../static/live.js"),
            include_str!("../../static/present.js"),
            include_str!("../../static/undo.js"),
        ];
        let sum = format!("{:x}", sha2::Sha256::digest(sources.concat()));
        let head = super::JS[1].lines().next().unwrap_or_default();
        assert!(head.contains(&sum), "run scripts/minify");
    }

    #[test]
    fn what_is_compressed_is_the_same_text() {
        for asset in super::all() {
            let mut text = String::new();
            brotli::Decompressor::new(asset.brotli(), 4096)
                .read_to_string(&mut text)
                .unwrap();
            assert_eq!(text, asset.body);
        }
    }

    #[test]
    fn script_and_style_sheet_stay_small_on_the_way() {
        let [css, js, _icon] = super::all().each_ref().map(|asset| asset.brotli().len());
        assert!((1..=9_000).contains(&css), "the style sheet weighs {css}");
        // Of which htmx is 15,300.
        assert!((1..=27_000).contains(&js), "the script weighs {js}");
    }

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

//! The few files that pages are made with. Each is served under a name that changes with its bytes,
//! so that a browser may keep it for ever.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;

use super::fault::Fault;
use super::named::Named;

/// A file.
#[derive(Debug)]
pub(super) struct Asset {
    text: &'static str,
    media_type: &'static str,
    path: String,
}

impl Asset {
    fn new(name: &str, media_type: &'static str, text: &'static str) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        let short = HEXLOWER.encode(digest.as_ref().get(..6).unwrap_or_default());
        Self { text, media_type, path: format!("/filer/{short}-{name}") }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// What all pages share, and then what each has of its own.
const STYLES: &str = concat!(
    include_str!("assets/konsol.css"),
    include_str!("assets/drift.css"),
    include_str!("assets/parkeret.css"),
    include_str!("assets/indbakke.css"),
    include_str!("assets/ny.css"),
    include_str!("assets/soeg.css"),
    include_str!("assets/pligter.css"),
    include_str!("assets/bevillinger.css"),
    include_str!("assets/aftale.css"),
    include_str!("assets/revision.css"),
);

pub(super) static CSS: LazyLock<Asset> = LazyLock::new(|| Asset::new("konsol.css", "text/css; charset=utf-8", STYLES));
pub(super) static JS: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("konsol.js", "text/javascript; charset=utf-8", include_str!("assets/konsol.js")));
pub(super) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("budstikke.svg", "image/svg+xml", include_str!("assets/budstikke.svg")));

/// Serves one.
pub(super) async fn serve(path: Named<String>) -> Result<Response, Fault> {
    let name = path.read()?;
    let wanted = format!("/filer/{name}");
    let asset = [&*CSS, &*JS, &*ICON].into_iter().find(|asset| asset.path == wanted).ok_or(Fault::NotFound)?;
    let headers =
        [(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.text).into_response())
}

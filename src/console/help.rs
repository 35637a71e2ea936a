//! The runbook, as pages: what a code means and what to do.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use include_dir::{Dir, include_dir};
use pulldown_cmark::{Event, Options, Parser, html};

use super::Console;
use super::fault::{Fault, page_of};
use super::gate::Visitor;
use super::layout::Frame;
use super::named::Named;

static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/deploy/runbook");

#[derive(Template)]
#[template(path = "help.html", config = "src/console/askama.toml")]
struct Page<'a> {
    frame: Frame,
    code: &'a str,
    text: String,
}

/// The page of a code.
pub(super) async fn page(
    State(_): State<Arc<Console>>,
    visitor: Visitor,
    path: Named<String>,
) -> Result<Response, Fault> {
    let code = path.read()?;
    let text = PAGES.get_file(format!("{code}.md")).filter(|_| code != "README");
    let text = text.and_then(|file| file.contents_utf8()).ok_or(Fault::NotFound)?;
    Ok(page_of(&Page { frame: Frame::new(&visitor, None), code: &code, text: written(text) }))
}

/// Whether there is a page of a code.
#[cfg(test)]
pub(super) fn has(code: &str) -> bool {
    PAGES.get_file(format!("{code}.md")).is_some()
}

/// The text as HTML. What stands in it as HTML is shown as text: pages are prose and commands.
fn written(text: &str) -> String {
    let parts = Parser::new_ext(text, Options::ENABLE_TABLES)
        .map(|part| if let Event::Html(text) | Event::InlineHtml(text) = part { Event::Text(text) } else { part });
    let mut page = String::new();
    html::push_html(&mut page, parts);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_there_and_begins_with_its_code() {
        let codes: Vec<&str> = PAGES.files().filter_map(|file| file.path().file_stem()?.to_str()).collect();
        assert!(codes.contains(&"NO_RULE"), "{codes:?}");
        for code in codes.into_iter().filter(|code| *code != "README") {
            let page = written(PAGES.get_file(format!("{code}.md")).unwrap().contents_utf8().unwrap());
            assert!(page.starts_with(&format!("<h1>{code}</h1>")), "{code}");
        }
    }

    #[test]
    fn markup_in_a_page_is_text() {
        assert_eq!(written("a <b>c</b>\n"), "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n");
    }
}

//! What the address of a page asks for: a filter, a day, a place in a list.

use std::collections::BTreeMap;

use axum::http::Uri;

/// Its parameters. Of one that is given twice the last counts.
#[derive(Debug)]
pub(super) struct Address(BTreeMap<String, String>);

impl Address {
    /// Those of an address.
    pub(super) fn of(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// One of them, without space around it; empty where it was not given.
    pub(super) fn one(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }
}

//! Which redirections are followed. A body goes to the host that the settings name and to no other,
//! and what was a POST stays one: 301, 302 and 303 may make a GET of it, and so are never followed.

use super::Url;

/// How many redirections in a row are followed.
pub const MOST: usize = 3;

/// Where an answer leads, where that is followed: 307 and 308, to the same host and port, by HTTPS.
pub fn followed(from: &Url, status: u16, location: Option<&str>) -> Option<Url> {
    let to = from.join(location.filter(|_| matches!(status, 307 | 308))?).ok()?;
    let is_same = to.host() == from.host() && to.port_or_known_default() == from.port_or_known_default();
    let is_bare = to.username().is_empty() && to.password().is_none();
    (is_same && is_bare && to.scheme() == "https").then_some(to)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leads(status: u16, location: &str) -> Option<String> {
        let from = Url::parse("https://a.example/in?x=1").unwrap();
        followed(&from, status, Some(location)).map(Into::into)
    }

    #[test]
    fn the_same_host_is_followed_as_the_request_was() {
        assert_eq!(leads(307, "/other").as_deref(), Some("https://a.example/other"));
        assert_eq!(leads(308, "https://A.EXAMPLE:443/y").as_deref(), Some("https://a.example/y"));
    }

    #[test]
    fn nothing_else_is() {
        for elsewhere in [
            "https://b.example/in",
            "https://a.example.b.example/in",
            "https://a.example:8443/in",
            "http://a.example/in",
            "//b.example/in",
            "\\\\b.example\\in",
            "https://127.0.0.1/in",
            "https://user:secret@a.example/in",
            "file:///etc/passwd",
            "https://",
        ] {
            assert_eq!(leads(307, elsewhere), None, "{elsewhere}");
        }
        for status in [300, 301, 302, 303, 304, 305, 306, 200] {
            assert_eq!(leads(status, "/other"), None, "{status}");
        }
        assert_eq!(followed(&Url::parse("https://a.example/").unwrap(), 307, None), None);
    }

    proptest! {
        #[test]
        fn never_to_another_host(location in "\\PC{0,40}", status in 300_u16..400) {
            let from = Url::parse("https://a.example/in").unwrap();
            if let Some(to) = followed(&from, status, Some(&location)) {
                prop_assert_eq!((to.scheme(), to.host_str(), to.port()), ("https", Some("a.example"), None));
            }
        }
    }
}

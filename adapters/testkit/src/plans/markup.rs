//! Tags and texts.

use std::borrow::Cow;

/// An element filled by `content`.
pub(super) fn element(out: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    for part in ["<", name, ">"] {
        out.push_str(part);
    }
    content(out);
    for part in ["</", name, ">"] {
        out.push_str(part);
    }
}

/// An element with a text in it.
pub(super) fn field(out: &mut String, name: &str, text: &str) {
    element(out, name, |out| out.push_str(&escaped(text)));
}

/// A text in which nothing is taken for markup.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains(['&', '<', '>']) {
        return text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").into();
    }
    text.into()
}

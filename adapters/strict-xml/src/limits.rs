//! How much of anything a document may hold. Each limit ends the reading at the first piece that
//! is too much, so that an attack costs no more than what it sent.

/// How much of anything a document may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole document as it came. What was decoded never takes more than 4 GiB.
    pub bytes: usize,
    /// Levels of elements; the root is the first.
    pub depth: usize,
    /// Elements in all.
    pub elements: usize,
    /// Attributes of one element, namespace declarations among them.
    pub attributes: usize,
    /// Namespace declarations in force at one place.
    pub namespaces: usize,
    /// Bytes of one run of character data, or of one attribute value.
    pub text: usize,
}

impl Default for Limits {
    /// What a large real letter needs, and then some: a letter with a form in it has some thousand
    /// elements in twelve levels, and an envelope carries a letter as one text.
    fn default() -> Self {
        Self {
            bytes: 16 * 1024 * 1024,
            depth: 32,
            elements: 200_000,
            attributes: 64,
            namespaces: 64,
            text: 8 * 1024 * 1024,
        }
    }
}

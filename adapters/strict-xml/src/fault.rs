//! Why a document was not taken: what is wrong and where, never what stood there. The names of
//! elements are input too, so the place is told in numbers.

use std::fmt;

/// Why a document was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at {place}")]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where.
    pub place: Place,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The element, as a child sequence: `/1/2/3` is the third child element of the second child
    /// element of the root; `/` is outside the root.
    pub element: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}, element {}", self.line, self.column, self.element)
    }
}

impl Fault {
    /// A fault at byte `at` of `text`, in the element with the child sequence `path`.
    pub(crate) fn new(kind: FaultKind, text: &[u8], at: usize, path: &[usize]) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let lines = before.split(|&b| b == b'\n');
        let last = lines.clone().next_back().unwrap_or_default();
        let line = lines.count();
        // Every byte that does not continue a character of UTF-8 begins one.
        let column = 1 + last.iter().filter(|&&b| b & 0xC0 != 0x80).count();
        let path: Vec<String> = path.iter().map(usize::to_string).collect();
        let element = format!("/{}", path.join("/"));
        Self { kind, place: Place { line, column, element } }
    }
}

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Nothing but whitespace.
    #[error("no document")]
    Empty,
    /// More bytes than [`Limits::bytes`](crate::Limits::bytes).
    #[error("too large")]
    TooLarge,
    /// More levels than [`Limits::depth`](crate::Limits::depth).
    #[error("too many levels")]
    TooDeep,
    /// More elements than [`Limits::elements`](crate::Limits::elements).
    #[error("too many elements")]
    TooManyElements,
    /// More attributes than [`Limits::attributes`](crate::Limits::attributes).
    #[error("too many attributes")]
    TooManyAttributes,
    /// More declarations than [`Limits::namespaces`](crate::Limits::namespaces).
    #[error("too many namespace declarations")]
    TooManyNamespaces,
    /// A text longer than [`Limits::text`](crate::Limits::text).
    #[error("text too long")]
    TextTooLong,
    /// An encoding that is known and not read, by its own name.
    #[error("encoding {0} is not read")]
    Encoding(&'static str),
    /// An encoding that nobody knows.
    #[error("unknown encoding")]
    UnknownEncoding,
    /// A byte order mark and a declaration that say different things.
    #[error("byte order mark and declaration differ")]
    EncodingContradiction,
    /// Bytes that mean nothing in the encoding of the document.
    #[error("bytes that the encoding does not have")]
    InvalidBytes,
    /// An XML declaration that is malformed, or one that stands elsewhere than first.
    #[error("malformed or misplaced xml declaration")]
    Declaration,
    /// Another version than XML 1.0.
    #[error("another version than xml 1.0")]
    Version,
    /// A document type declaration.
    #[error("document type declaration")]
    Doctype,
    /// A reference to an entity other than the five of XML, or one that is not closed.
    #[error("entity reference")]
    Entity,
    /// A character that XML 1.0 does not allow, raw or as a reference.
    #[error("forbidden character")]
    ForbiddenCharacter,
    /// A tag, comment, section or instruction that is not closed or not formed as it must be.
    #[error("malformed markup")]
    Markup,
    /// A name that cannot be one.
    #[error("malformed name")]
    Name,
    /// An attribute that is not `name="value"`, or a `<` in its value.
    #[error("malformed attribute")]
    Attribute,
    /// The same attribute twice, by its name or by its namespace and local name.
    #[error("attribute given twice")]
    DuplicateAttribute,
    /// A prefix that no declaration in force names.
    #[error("undeclared prefix")]
    UndeclaredPrefix,
    /// A namespace declaration that the rules of namespaces forbid.
    #[error("forbidden namespace declaration")]
    Namespace,
    /// An end tag that is not that of the open element.
    #[error("unbalanced tags")]
    Unbalanced,
    /// The document ends inside an element.
    #[error("element not closed")]
    Unclosed,
    /// A second root element.
    #[error("two root elements")]
    SecondRoot,
    /// Text before or after the root element.
    #[error("text outside the root element")]
    TextOutsideRoot,
    /// No root element.
    #[error("no root element")]
    NoRoot,
}

/// What a fault means for the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// It is no XML.
    Malformed,
    /// It may be XML, and holds what is never taken: a DTD, an entity, more than the limits.
    Forbidden,
    /// It is written in an encoding that is not read.
    Encoding,
}

impl FaultKind {
    /// What the fault means for the sender.
    pub fn nature(self) -> Nature {
        match self {
            Self::TooLarge
            | Self::TooDeep
            | Self::TooManyElements
            | Self::TooManyAttributes
            | Self::TooManyNamespaces
            | Self::TextTooLong
            | Self::Doctype
            | Self::Entity => Nature::Forbidden,
            Self::Encoding(_) | Self::UnknownEncoding | Self::EncodingContradiction => Nature::Encoding,
            Self::Empty
            | Self::InvalidBytes
            | Self::Declaration
            | Self::Version
            | Self::ForbiddenCharacter
            | Self::Markup
            | Self::Name
            | Self::Attribute
            | Self::DuplicateAttribute
            | Self::UndeclaredPrefix
            | Self::Namespace
            | Self::Unbalanced
            | Self::Unclosed
            | Self::SecondRoot
            | Self::TextOutsideRoot
            | Self::NoRoot => Nature::Malformed,
        }
    }

    /// The fault as a part of a sentence for people who sent the document, in Danish.
    pub fn in_danish(self) -> &'static str {
        match self {
            Self::Empty => "den er tom",
            Self::TooLarge => "den er for stor",
            Self::TooDeep => "den har for mange niveauer",
            Self::TooManyElements => "den har for mange elementer",
            Self::TooManyAttributes => "et element har for mange attributter",
            Self::TooManyNamespaces => "den har for mange navnerum",
            Self::TextTooLong => "en tekst er for lang",
            Self::Encoding(_) | Self::UnknownEncoding => "kun UTF-8, ISO-8859-1 og windows-1252 læses",
            Self::EncodingContradiction => "byte order mark og erklæret tegnsæt er uenige",
            Self::InvalidBytes => "den har tegn, som ikke findes i dens tegnsæt",
            Self::Declaration => "XML-erklæringen er forkert eller står forkert",
            Self::Version => "kun XML 1.0 læses",
            Self::Doctype => "den har en DTD",
            Self::Entity => "den har en ukendt entitet eller et løst &-tegn",
            Self::ForbiddenCharacter => "den har et tegn, som XML ikke tillader",
            Self::Markup => "et tag, en kommentar eller en sektion er forkert skrevet",
            Self::Name => "et navn er forkert skrevet",
            Self::Attribute => "en attribut er forkert skrevet",
            Self::DuplicateAttribute => "en attribut står to gange",
            Self::UndeclaredPrefix => "et præfiks er ikke erklæret",
            Self::Namespace => "et navnerum er erklæret forkert",
            Self::Unbalanced => "start- og sluttags passer ikke sammen",
            Self::Unclosed => "den slutter midt i et element",
            Self::SecondRoot => "den har to rodelementer",
            Self::TextOutsideRoot => "der står tekst uden for rodelementet",
            Self::NoRoot => "den har intet rodelement",
        }
    }
}

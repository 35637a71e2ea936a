//! The tree: elements and texts in the order of the document, in one flat list, so that a letter
//! of a hundred elements costs three allocations.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::decode::decode;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::markup::Span;
use crate::reader;
use crate::scope::Namespace;

/// Where a text stands: in the document as it is, or among the texts that had to be changed
/// because they held references or line ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stored {
    Plain(Span),
    Cooked(Span),
}

/// An entry of the flat list.
pub(crate) enum Entry {
    Element(ElementEntry),
    Text(Stored),
}

/// An element of the flat list; what it contains follows it.
pub(crate) struct ElementEntry {
    /// The local name.
    pub(crate) name: Span,
    pub(crate) namespace: Option<Namespace>,
    /// From the `<` of the start tag to after the `>` of the end tag.
    pub(crate) source: Span,
    /// Its part of the list of attributes.
    pub(crate) attributes: Range<u32>,
    /// The first entry after all that it contains.
    pub(crate) end: u32,
}

pub(crate) struct AttributeEntry {
    /// The local name.
    pub(crate) name: Span,
    pub(crate) namespace: Option<Namespace>,
    pub(crate) value: Stored,
}

/// What the reader makes of a text.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) entries: Vec<Entry>,
    pub(crate) attributes: Vec<AttributeEntry>,
    pub(crate) namespaces: Vec<Stored>,
    pub(crate) cooked: String,
}

impl Tree {
    pub(crate) fn stored<'d>(&'d self, text: &'d str, stored: Stored) -> &'d str {
        match stored {
            Stored::Plain(span) => span.of(text),
            Stored::Cooked(span) => span.of(&self.cooked),
        }
    }

    pub(crate) fn namespace<'d>(&'d self, text: &'d str, number: Option<Namespace>) -> Option<&'d str> {
        let stored = self.namespaces.get(number? as usize)?;
        Some(self.stored(text, *stored))
    }
}

/// A document that has passed every check.
pub struct Document<'a> {
    text: Cow<'a, str>,
    tree: Tree,
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} bytes, {} entries)", self.text.len(), self.tree.entries.len())
    }
}

impl<'a> Document<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// The first rule or limit that it breaks, with the place.
    pub fn read(bytes: &'a [u8], limits: &Limits) -> Result<Self, Fault> {
        let decoded = decode(bytes, limits)?;
        let tree = reader::read(&decoded.text, decoded.body, limits)?;
        Ok(Self { text: decoded.text, tree })
    }

    /// The document as text, without its byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The root element.
    pub fn root(&self) -> Element<'_> {
        // The reader refuses a document without a root, and the root is always the first entry.
        Element { text: &self.text, tree: &self.tree, at: 0 }
    }
}

/// An element of a [`Document`].
#[derive(Clone, Copy)]
pub struct Element<'d> {
    text: &'d str,
    tree: &'d Tree,
    at: u32,
}

impl fmt::Debug for Element<'_> {
    /// Only where it stands: its name and content are input.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({:?})", self.span())
    }
}

/// Something that stands in an element.
#[derive(Debug, Clone, Copy)]
pub enum Node<'d> {
    /// An element.
    Element(Element<'d>),
    /// Character data: the text between two tags, in one piece whatever comments, sections and
    /// references it came in.
    Text(Text<'d>),
}

/// Character data.
#[derive(Clone, Copy)]
pub struct Text<'d>(&'d str);

impl<'d> Text<'d> {
    /// The characters.
    pub fn as_str(self) -> &'d str {
        self.0
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

/// An attribute of an [`Element`]. Declarations of namespaces are not among them.
#[derive(Clone, Copy)]
pub struct Attribute<'d> {
    /// The local name.
    pub name: &'d str,
    /// The namespace; an attribute without a prefix has none.
    pub namespace: Option<&'d str>,
    /// The value, normalised.
    pub value: &'d str,
}

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attribute({} bytes)", self.value.len())
    }
}

impl<'d> Element<'d> {
    fn entry(self) -> Option<&'d ElementEntry> {
        match self.tree.entries.get(self.at as usize) {
            Some(Entry::Element(entry)) => Some(entry),
            Some(Entry::Text(_)) | None => None,
        }
    }

    /// The local name.
    pub fn name(self) -> &'d str {
        self.entry().map_or("", |entry| entry.name.of(self.text))
    }

    /// The namespace, where it has one.
    pub fn namespace(self) -> Option<&'d str> {
        self.tree.namespace(self.text, self.entry()?.namespace)
    }

    /// Where it stands in [`Document::text`], both its tags included.
    pub fn span(self) -> Range<usize> {
        self.entry().map_or(0..0, |entry| entry.source.start as usize..entry.source.end as usize)
    }

    /// Its own source text, both its tags included.
    pub fn source(self) -> &'d str {
        self.text.get(self.span()).unwrap_or_default()
    }

    /// Its attributes, in their order.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'d>> {
        let range = self.entry().map_or(0..0, |entry| entry.attributes.start as usize..entry.attributes.end as usize);
        self.tree.attributes.get(range).unwrap_or_default().iter().map(move |attribute| Attribute {
            name: attribute.name.of(self.text),
            namespace: self.tree.namespace(self.text, attribute.namespace),
            value: self.tree.stored(self.text, attribute.value),
        })
    }

    /// The value of the attribute of that name that is in no namespace.
    pub fn attribute(self, name: &str) -> Option<&'d str> {
        self.attributes().find(|a| a.namespace.is_none() && a.name == name).map(|a| a.value)
    }

    /// What stands in it, in order.
    pub fn nodes(self) -> Nodes<'d> {
        let end = self.entry().map_or(0, |entry| entry.end);
        Nodes { text: self.text, tree: self.tree, at: self.at + 1, end }
    }

    /// The elements that stand in it, in order.
    pub fn children(self) -> impl Iterator<Item = Element<'d>> {
        self.nodes().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Its own character data, without that of the elements in it.
    pub fn text(self) -> Cow<'d, str> {
        let mut whole = Cow::Borrowed("");
        for node in self.nodes() {
            match node {
                Node::Text(text) if whole.is_empty() => whole = Cow::Borrowed(text.as_str()),
                Node::Text(text) => whole.to_mut().push_str(text.as_str()),
                Node::Element(_) => {}
            }
        }
        whole
    }
}

/// What stands in an element, in order.
#[derive(Clone)]
pub struct Nodes<'d> {
    text: &'d str,
    tree: &'d Tree,
    at: u32,
    end: u32,
}

impl fmt::Debug for Nodes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nodes({}..{})", self.at, self.end)
    }
}

impl<'d> Iterator for Nodes<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Node<'d>> {
        if self.at >= self.end {
            return None;
        }
        let at = self.at;
        match self.tree.entries.get(at as usize)? {
            Entry::Element(entry) => {
                self.at = entry.end;
                Some(Node::Element(Element { text: self.text, tree: self.tree, at }))
            }
            Entry::Text(stored) => {
                self.at += 1;
                Some(Node::Text(Text(self.tree.stored(self.text, *stored))))
            }
        }
    }
}

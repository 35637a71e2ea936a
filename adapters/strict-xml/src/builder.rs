//! The tree under construction: what is open, what is in force, how much there is already.

use std::ops::Range;

use crate::document::{AttributeEntry, ElementEntry, Entry, Stored, Tree};
use crate::fault::FaultKind;
use crate::limits::Limits;
use crate::markup::{Pairs, Span, is_space, push_attribute_value, push_text, resolve, split_name};
use crate::scope::{Namespace, Scope, XML};

/// An element whose end tag has not come yet.
struct Open {
    /// Its entry.
    entry: usize,
    /// Declarations in force outside it.
    scope: usize,
    /// Child elements so far.
    children: usize,
}

/// A tree under construction.
pub(crate) struct Builder<'t> {
    text: &'t str,
    limits: &'t Limits,
    tree: Tree,
    scope: Scope<'t>,
    open: Vec<Open>,
    /// The character data since the last tag.
    pending: Option<Stored>,
    elements: usize,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(text: &'t str, limits: &'t Limits) -> Self {
        let mut tree = Tree::default();
        // A tag and its text take some thirty bytes; at most this much is set aside beforehand.
        tree.entries.reserve((text.len() / 32).min(4096));
        tree.cooked.push_str(XML);
        tree.namespaces.push(Stored::Cooked(Span::new(0, XML.len())));
        Self { text, limits, tree, scope: Scope::new(limits.namespaces), open: Vec::new(), pending: None, elements: 0 }
    }

    /// The tree, once [`Self::finish`] has found it whole.
    pub(crate) fn into_tree(self) -> Tree {
        self.tree
    }

    /// A start tag.
    pub(crate) fn start(&mut self, name_len: usize, tag: Span) -> Result<(), FaultKind> {
        self.open_element(name_len, tag, tag.end as usize - b">".len())
    }

    /// The tag of an empty element.
    pub(crate) fn empty(&mut self, name_len: usize, tag: Span) -> Result<(), FaultKind> {
        self.open_element(name_len, tag, tag.end as usize - b"/>".len())?;
        self.end(tag);
        Ok(())
    }

    /// Opens an element whose tag has attributes until `attributes_end`.
    fn open_element(&mut self, name_len: usize, tag: Span, attributes_end: usize) -> Result<(), FaultKind> {
        self.flush();
        self.count()?;
        let entry = self.tree.entries.len();
        let scope = self.scope.depth();
        let name_start = tag.start as usize + 1;
        let name_end = name_start + name_len;
        let (prefix, local) = split_name(Span::new(name_start, name_end).of(self.text))?;
        let attributes = self.attributes(name_end, attributes_end)?;
        let namespace = self.scope.resolve(prefix)?;
        self.tree.entries.push(Entry::Element(ElementEntry {
            name: Span::new(name_end - local.len(), name_end),
            namespace,
            source: tag,
            attributes,
            end: 0,
        }));
        self.open.push(Open { entry, scope, children: 0 });
        Ok(())
    }

    /// Counts an element against the limits.
    fn count(&mut self) -> Result<(), FaultKind> {
        self.elements += 1;
        match self.open.last_mut() {
            Some(parent) => parent.children += 1,
            None if self.elements > 1 => return Err(FaultKind::SecondRoot),
            None => {}
        }
        if self.elements > self.limits.elements {
            return Err(FaultKind::TooManyElements);
        }
        if self.open.len() >= self.limits.depth {
            return Err(FaultKind::TooDeep);
        }
        Ok(())
    }

    /// Reads the attributes of a tag. Their prefixes are resolved after the last of them, because a
    /// declaration is in force for the names before it too.
    fn attributes(&mut self, start: usize, end: usize) -> Result<Range<u32>, FaultKind> {
        let first = self.tree.attributes.len();
        let declared = self.scope.depth();
        for (index, pair) in Pairs::new(self.text, start, end).enumerate() {
            let pair = pair?;
            if index >= self.limits.attributes {
                return Err(FaultKind::TooManyAttributes);
            }
            let (prefix, local) = split_name(pair.name.of(self.text))?;
            let value = self.value(pair.value)?;
            match (prefix, local) {
                ("", "xmlns") => self.declare("", value, declared)?,
                ("xmlns", local) => self.declare(local, value, declared)?,
                _ => {
                    let name = pair.name;
                    self.tree.attributes.push(AttributeEntry { name, namespace: None, value });
                }
            }
        }
        let added = self.tree.attributes.get_mut(first..).unwrap_or_default();
        for attribute in added.iter_mut() {
            let (prefix, local) = split_name(attribute.name.of(self.text))?;
            let end = attribute.name.end as usize;
            attribute.name = Span::new(end - local.len(), end);
            // An attribute without a prefix is in no namespace, whatever the default is.
            attribute.namespace = if prefix.is_empty() { None } else { self.scope.resolve(prefix)? };
        }
        let same = |a: &AttributeEntry, b: &AttributeEntry| {
            a.namespace == b.namespace && a.name.of(self.text) == b.name.of(self.text)
        };
        let twice = added.iter().enumerate().any(|(i, a)| added.iter().skip(i + 1).any(|b| same(a, b)));
        if twice {
            return Err(FaultKind::DuplicateAttribute);
        }
        let range = Span::new(first, self.tree.attributes.len());
        Ok(range.start..range.end)
    }

    /// An attribute's value, resolved and normalised.
    fn value(&mut self, raw: Span) -> Result<Stored, FaultKind> {
        if raw.len() > self.limits.text {
            return Err(FaultKind::TextTooLong);
        }
        let text = raw.of(self.text);
        if !text.contains(['&', '\t', '\n', '\r']) {
            return Ok(Stored::Plain(raw));
        }
        let start = self.tree.cooked.len();
        push_attribute_value(text, &mut self.tree.cooked)?;
        Ok(Stored::Cooked(Span::new(start, self.tree.cooked.len())))
    }

    /// Puts a namespace declaration in force. `outside` is how many were in force before the tag.
    fn declare(&mut self, prefix: &'t str, value: Stored, outside: usize) -> Result<(), FaultKind> {
        let name = self.tree.stored(self.text, value);
        Scope::check(prefix, name)?;
        if self.scope.declares(prefix, outside) {
            return Err(FaultKind::DuplicateAttribute);
        }
        if name.is_empty() {
            return self.scope.declare(prefix, None);
        }
        let known = self.scope.namespaces().find(|&number| self.tree.namespace(self.text, Some(number)) == Some(name));
        let new = Namespace::try_from(self.tree.namespaces.len()).map_err(|_too_many| FaultKind::TooManyNamespaces)?;
        if known.is_none() {
            self.tree.namespaces.push(value);
        }
        self.scope.declare(prefix, Some(known.unwrap_or(new)))
    }

    /// An end tag, which the tokenizer has matched with the open element.
    pub(crate) fn end(&mut self, tag: Span) {
        self.flush();
        let entries = self.tree.entries.len();
        let Some(open) = self.open.pop() else { return };
        self.scope.leave(open.scope);
        if let Some(Entry::Element(element)) = self.tree.entries.get_mut(open.entry) {
            element.source.end = tag.end;
            element.end = u32::try_from(entries).unwrap_or(u32::MAX);
        }
    }

    /// A piece of text between two pieces of markup.
    pub(crate) fn text(&mut self, raw: Span) -> Result<(), FaultKind> {
        let text = raw.of(self.text);
        // Searching for one byte is many times faster, and it is rare in text.
        if text.as_bytes().contains(&b'>') && text.contains("]]>") {
            return Err(FaultKind::Markup);
        }
        if self.open.is_empty() {
            let blank = text.bytes().all(is_space);
            return if blank { Ok(()) } else { Err(FaultKind::TextOutsideRoot) };
        }
        self.characters(raw)
    }

    /// What stands in a CDATA section.
    pub(crate) fn section(&mut self, raw: Span) -> Result<(), FaultKind> {
        if self.open.is_empty() {
            return Err(FaultKind::TextOutsideRoot);
        }
        self.characters(raw)
    }

    fn characters(&mut self, raw: Span) -> Result<(), FaultKind> {
        let text = raw.of(self.text);
        if text.is_empty() {
            return Ok(());
        }
        if self.pending.is_none() && !text.as_bytes().contains(&b'\r') {
            self.pending = Some(Stored::Plain(raw));
        } else {
            let start = self.cook();
            push_text(text, &mut self.tree.cooked);
            self.pending = Some(Stored::Cooked(Span::new(start, self.tree.cooked.len())));
        }
        self.check_length()
    }

    /// A reference in character data.
    pub(crate) fn reference(&mut self, name: &str) -> Result<(), FaultKind> {
        let c = resolve(name)?;
        if self.open.is_empty() {
            return Err(FaultKind::TextOutsideRoot);
        }
        let start = self.cook();
        self.tree.cooked.push(c);
        self.pending = Some(Stored::Cooked(Span::new(start, self.tree.cooked.len())));
        self.check_length()
    }

    /// Makes the pending text one that can grow; where it begins.
    fn cook(&mut self) -> usize {
        match self.pending {
            Some(Stored::Cooked(span)) => span.start as usize,
            Some(Stored::Plain(span)) => {
                let start = self.tree.cooked.len();
                self.tree.cooked.push_str(span.of(self.text));
                start
            }
            None => self.tree.cooked.len(),
        }
    }

    fn check_length(&self) -> Result<(), FaultKind> {
        match self.pending {
            Some(Stored::Plain(span) | Stored::Cooked(span)) if span.len() > self.limits.text => {
                Err(FaultKind::TextTooLong)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Puts the pending text into the tree.
    fn flush(&mut self) {
        if let Some(text) = self.pending.take() {
            self.tree.entries.push(Entry::Text(text));
        }
    }

    /// The end of the document.
    pub(crate) fn finish(&self) -> Result<(), FaultKind> {
        match (self.open.is_empty(), self.elements) {
            (false, _) => Err(FaultKind::Unclosed),
            (true, 0) => Err(FaultKind::NoRoot),
            (true, _) => Ok(()),
        }
    }

    /// The child sequence of the element that is being read.
    pub(crate) fn path(&self) -> Vec<usize> {
        let Some((_innermost, outer)) = self.open.split_last() else { return Vec::new() };
        std::iter::once(1).chain(outer.iter().map(|open| open.children)).collect()
    }
}

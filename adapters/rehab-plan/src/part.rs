//! An element and what may stand in it: children are found by local name within the namespaces that
//! the format mixes, so that an element of somebody else's namespace is never read as ours.

use std::borrow::Cow;

use budstikke_contract::reason::Reason;
use budstikke_strict_xml::Element;

use crate::refusal;

/// The namespaces of GGOP 1.0. Which of the two an element has varies from place to place.
pub(crate) const MUNICIPALITY: [&str; 2] = ["urn:oio:medcom:municipality:1.0.4", "urn:oio:medcom:municipality:1.0.0"];

/// What the namespaces of all versions of GGOP begin with.
const MUNICIPALITY_PREFIX: &str = "urn:oio:medcom:municipality:";

/// Which namespaces belong together.
#[derive(Clone, Copy)]
enum Family<'d> {
    /// Those of GGOP 1.0.
    Municipality,
    /// Those of a GGOP of another version, which is read no further than to answer it.
    OtherMunicipality,
    /// One alone.
    One(Option<&'d str>),
}

impl<'d> Family<'d> {
    fn of(namespace: Option<&'d str>) -> Self {
        match namespace {
            Some(name) if MUNICIPALITY.contains(&name) => Self::Municipality,
            Some(name) if name.starts_with(MUNICIPALITY_PREFIX) => Self::OtherMunicipality,
            other => Self::One(other),
        }
    }

    fn has(self, namespace: Option<&str>) -> bool {
        match self {
            Self::Municipality => namespace.is_some_and(|name| MUNICIPALITY.contains(&name)),
            Self::OtherMunicipality => namespace.is_some_and(|name| name.starts_with(MUNICIPALITY_PREFIX)),
            Self::One(own) => own == namespace,
        }
    }
}

/// An element of a known family.
#[derive(Clone, Copy)]
pub(crate) struct Part<'d> {
    element: Element<'d>,
    family: Family<'d>,
}

impl<'d> Part<'d> {
    /// The root of a document: its namespace decides the family.
    pub(crate) fn root(element: Element<'d>) -> Self {
        Self { element, family: Family::of(element.namespace()) }
    }

    pub(crate) fn element(self) -> Element<'d> {
        self.element
    }

    pub(crate) fn name(self) -> &'d str {
        self.element.name()
    }

    pub(crate) fn namespace(self) -> &'d str {
        self.element.namespace().unwrap_or_default()
    }

    /// Whether it is a GGOP of the version that is read.
    pub(crate) fn is_municipality(self) -> bool {
        matches!(self.family, Family::Municipality)
    }

    /// Whether it is a GGOP of another version.
    pub(crate) fn is_other_municipality(self) -> bool {
        matches!(self.family, Family::OtherMunicipality)
    }

    /// The elements of the family in it.
    pub(crate) fn children(self) -> impl Iterator<Item = Self> {
        let own = move |element: &Element<'d>| self.family.has(element.namespace());
        self.element.children().filter(own).map(move |element| Self { element, family: self.family })
    }

    /// The elements in it that are not of the family, each as the root of its own.
    pub(crate) fn strangers(self) -> impl Iterator<Item = Self> {
        self.element.children().filter(move |element| !self.family.has(element.namespace())).map(Self::root)
    }

    /// The elements of that name in it.
    pub(crate) fn all(self, name: &'static str) -> impl Iterator<Item = Self> {
        // The name first: it is short, and most elements differ in it.
        let named = move |element: &Element<'d>| element.name() == name && self.family.has(element.namespace());
        self.element.children().filter(named).map(move |element| Self { element, family: self.family })
    }

    /// The first element of that name in it.
    pub(crate) fn child(self, name: &'static str) -> Option<Self> {
        self.all(name).next()
    }

    /// Its own text without the space around it; nothing where it is empty.
    pub(crate) fn value(self) -> Option<Cow<'d, str>> {
        let text = match self.element.text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The text of the first element of that name.
    pub(crate) fn get(self, name: &'static str) -> Option<Cow<'d, str>> {
        self.child(name)?.value()
    }

    /// The one element of that name.
    fn only(self, name: &'static str) -> Result<Option<Self>, Repeated> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (_, Some(_)) => Err(Repeated),
            (first, None) => Ok(first),
        }
    }

    /// The text of a field, where it has one.
    ///
    /// # Errors
    /// Where it, or an element that it stands in, is there twice.
    pub(crate) fn find(self, field: &Field) -> Result<Option<Cow<'d, str>>, Reason> {
        let mut part = self;
        for step in field.steps {
            match part.only(step) {
                Ok(Some(child)) => part = child,
                Ok(None) => return Ok(None),
                Err(Repeated) => return Err(refusal::repeated(field)),
            }
        }
        Ok(part.value())
    }

    /// The text of a field that must be there.
    pub(crate) fn require(self, field: &Field) -> Result<Cow<'d, str>, Reason> {
        self.find(field)?.ok_or_else(|| refusal::missing(field))
    }
}

/// An element that may stand once stands there more often.
struct Repeated;

/// A field that means so much that it may stand only once.
pub(crate) struct Field {
    /// What it stands in, from the outside in, and its own name.
    pub(crate) steps: &'static [&'static str],
    /// What people call it, in Danish.
    pub(crate) title: &'static str,
}

impl Field {
    /// The path within what it is looked for in: `Letter/Identifier`.
    pub(crate) fn path(&self) -> String {
        self.steps.join("/")
    }
}

//! Which prefix stands for which namespace at the place that is being read (Namespaces in XML 1.0).

use crate::fault::FaultKind;

/// The number of a namespace name among those of the document. Names that are equal and in force
/// at one place have one number there, so that two attributes are compared by it.
pub(crate) type Namespace = u32;

/// The namespace that the prefix `xml` always stands for.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of declarations themselves, which nothing may be bound to.
pub(crate) const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// The number of [`XML`].
pub(crate) const XML_NUMBER: Namespace = 0;

/// One declaration in force.
struct Binding<'t> {
    /// Empty for the default namespace.
    prefix: &'t str,
    /// `None` where `xmlns=""` takes the default namespace away.
    namespace: Option<Namespace>,
}

/// The declarations in force, the innermost last.
pub(crate) struct Scope<'t> {
    bindings: Vec<Binding<'t>>,
    limit: usize,
}

impl<'t> Scope<'t> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { bindings: Vec::new(), limit }
    }

    /// How many declarations are in force; what [`Self::leave`] goes back to.
    pub(crate) fn depth(&self) -> usize {
        self.bindings.len()
    }

    /// Leaves an element: what was declared in it is in force no more.
    pub(crate) fn leave(&mut self, depth: usize) {
        self.bindings.truncate(depth);
    }

    /// The namespaces in force, also those that an inner declaration hides.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = Namespace> {
        self.bindings.iter().filter_map(|binding| binding.namespace)
    }

    /// Checks a declaration that binds `prefix` to `name`.
    pub(crate) fn check(prefix: &str, name: &str) -> Result<(), FaultKind> {
        let own = (prefix == "xml") == (name == XML) && prefix != "xmlns" && name != XMLNS;
        let unbound = name.is_empty() && !prefix.is_empty();
        if own && !unbound { Ok(()) } else { Err(FaultKind::Namespace) }
    }

    /// Whether `prefix` was declared since `outside` declarations were in force.
    pub(crate) fn declares(&self, prefix: &str, outside: usize) -> bool {
        self.bindings.iter().skip(outside).any(|binding| binding.prefix == prefix)
    }

    /// Puts a declaration in force.
    pub(crate) fn declare(&mut self, prefix: &'t str, namespace: Option<Namespace>) -> Result<(), FaultKind> {
        if self.bindings.len() >= self.limit {
            return Err(FaultKind::TooManyNamespaces);
        }
        self.bindings.push(Binding { prefix, namespace });
        Ok(())
    }

    /// What `prefix` stands for; the empty prefix is the default namespace, which there may be none
    /// of.
    pub(crate) fn resolve(&self, prefix: &str) -> Result<Option<Namespace>, FaultKind> {
        if let Some(binding) = self.bindings.iter().rev().find(|binding| binding.prefix == prefix) {
            return Ok(binding.namespace);
        }
        match prefix {
            "" => Ok(None),
            "xml" => Ok(Some(XML_NUMBER)),
            _ => Err(FaultKind::UndeclaredPrefix),
        }
    }
}

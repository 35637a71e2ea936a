//! What stands round every page: the pages that its visitor may open, and who they are.

use super::access::Right;
use super::assets;
use super::gate::Visitor;

/// A page in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Drift,
}

impl Place {
    const ALL: [Self; 1] = [Self::Drift];

    /// Where it is.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Drift => "/drift",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Drift => "Drift",
        }
    }

    /// Whether somebody may open it.
    fn is_for(self, visitor: &Visitor) -> bool {
        match self {
            Self::Drift => visitor.person.may(Right::Operate),
        }
    }
}

/// A line of the menu.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: &'static str,
    pub(super) title: &'static str,
    pub(super) here: bool,
}

/// What stands round a page.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) css: &'static str,
    pub(super) js: &'static str,
    pub(super) icon: &'static str,
    pub(super) menu: Vec<Entry>,
    pub(super) name: String,
    pub(super) csrf: String,
}

impl Frame {
    /// Round the page at a place, or one that is in no menu.
    pub(super) fn new(visitor: &Visitor, here: Option<Place>) -> Self {
        let open = Place::ALL.into_iter().filter(|place| place.is_for(visitor));
        let menu = open.map(|it| Entry { path: it.path(), title: it.title(), here: here == Some(it) }).collect();
        Self {
            css: assets::CSS.path(),
            js: assets::JS.path(),
            icon: assets::ICON.path(),
            menu,
            name: visitor.person.name.clone(),
            csrf: visitor.csrf.clone(),
        }
    }
}

/// The first page that somebody may open.
pub(super) fn first(visitor: &Visitor) -> Option<Place> {
    Place::ALL.into_iter().find(|place| place.is_for(visitor))
}

//! What stands round every page: the pages that its visitor may open, and who they are.

use super::access::{Person, Right};
use super::gate::Visitor;
use super::{assets, grants, parked};

/// A page in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Tasks,
    Operations,
    Parked,
    Search,
    Raise,
    Duties,
    Grants,
    Agreement,
    Audit,
}

impl Place {
    /// In the order of the menu: first what somebody works with, then what they look up.
    const ALL: [Self; 9] = [
        Self::Operations,
        Self::Parked,
        Self::Tasks,
        Self::Raise,
        Self::Search,
        Self::Duties,
        Self::Grants,
        Self::Agreement,
        Self::Audit,
    ];

    /// Where it is.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Tasks => "/indbakke",
            Self::Operations => "/drift",
            Self::Parked => "/parkeret",
            Self::Search => "/soeg",
            Self::Raise => "/ny",
            Self::Duties => "/pligter",
            Self::Grants => "/bevillinger",
            Self::Agreement => "/aftale",
            Self::Audit => "/revision",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Tasks => "Indbakke",
            Self::Operations => "Drift",
            Self::Parked => "Parkeret",
            Self::Search => "Søg",
            Self::Raise => "Ny besked",
            Self::Duties => "Pligter",
            Self::Grants => "Bevillinger",
            Self::Agreement => "Aftale",
            Self::Audit => "Revision",
        }
    }

    /// Whether somebody may open it. What they see there is asked there.
    fn is_for(self, person: &Person) -> bool {
        let operates = person.may(Right::Operate);
        let has_mailbox = person.mailboxes().next().is_some();
        match self {
            Self::Operations => operates,
            Self::Parked => parked::may_see(person),
            Self::Search => operates || has_mailbox,
            Self::Tasks | Self::Raise => has_mailbox,
            Self::Duties => !person.parties().is_empty(),
            Self::Grants => !grants::mailboxes(person).is_empty(),
            Self::Agreement => person.may(Right::Agreement),
            Self::Audit => person.may(Right::Audit),
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
        let open = Place::ALL.into_iter().filter(|place| place.is_for(&visitor.person));
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
    Place::ALL.into_iter().find(|place| place.is_for(&visitor.person))
}

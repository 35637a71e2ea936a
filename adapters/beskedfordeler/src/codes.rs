//! Which code means what, and from when. Codes are data: KOMBIT's and CPR's classifications change,
//! and most of them are not public.

use budstikke_contract::event::EventKind;
use jiff::civil::Date;
use serde::Deserialize;

use crate::name::Name;

/// The table that is shipped, as JSON.
pub const SHIPPED: &str = include_str!("codes.json");

/// Why a table of codes is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not JSON of that form; the line and column of the fault.
    Form(usize, usize),
    /// The code at that place (from 1) becomes no event of the citizen.
    Becomes(usize),
    /// The code at that place (from 1) is empty.
    Empty(usize),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Form(line, column) => write!(f, "not a table of codes: see line {line}, column {column}"),
            Self::Becomes(place) => {
                write!(
                    f,
                    "code {place} must become \"citizen.moved\", \"citizen.died\" or \"citizen.protected\", or nothing"
                )
            }
            Self::Empty(place) => write!(f, "code {place} is empty"),
        }
    }
}

impl std::error::Error for Fault {}

/// Where a code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// In `Beskedtype`.
    Message,
    /// In a registration: `ObjektHandling`, or the number of a CPR event.
    Registration,
}

/// One code.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    #[serde(rename = "code")]
    name: String,
    of: Role,
    /// What it means, in its source's words.
    pub(crate) means: String,
    /// The kind of event that it becomes.
    #[serde(default)]
    pub(crate) becomes: Option<String>,
    /// Which protection it tells of.
    #[serde(default)]
    pub(crate) protection: Option<Protection>,
    /// Of a type of message: whether its registrations are looked at.
    #[serde(default)]
    pub(crate) reads: bool,
    #[serde(default)]
    from: Option<Date>,
    #[serde(default)]
    to: Option<Date>,
    /// Whether it stands in public sources, or is ours: for those who read the table.
    #[expect(dead_code, reason = "it must be said, and nothing goes by it")]
    known: Known,
}

/// Where a code is known from.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Known {
    Public,
    Ours,
    /// From the classification that the municipality has access to.
    Kombit,
}

/// Which protection of name and address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protection {
    /// CPR-loven § 28.
    NavneOgAdressebeskyttelse,
    /// Another one.
    Anden,
}

impl Protection {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NavneOgAdressebeskyttelse => "navne-og-adressebeskyttelse",
            Self::Anden => "anden",
        }
    }
}

impl Code {
    /// The kind of event that it becomes.
    pub(crate) fn kind(&self) -> Option<EventKind> {
        self.becomes.as_deref().and_then(EventKind::named)
    }
}

/// A table of codes.
#[derive(Debug)]
pub(crate) struct Codes(Vec<Code>);

impl Codes {
    pub(crate) fn shipped() -> Self {
        // A test reads it.
        Self(read(SHIPPED).unwrap_or_default())
    }

    /// This table and another one, which goes before it.
    pub(crate) fn and(mut self, table: &str) -> Result<Self, Fault> {
        let mut codes = read(table)?;
        codes.append(&mut self.0);
        Ok(Self(codes))
    }

    /// What a code means on a day.
    pub(crate) fn find(&self, of: Role, name: &Name, day: Date) -> Option<&Code> {
        let in_force = |code: &&Code| {
            code.of == of
                && code.name == name.compared()
                && code.from.is_none_or(|from| from <= day)
                && code.to.is_none_or(|to| day <= to)
        };
        self.0.iter().find(in_force)
    }

    /// The first of a registration's codes that is known: one that becomes an event before others.
    pub(crate) fn first(&self, names: &[Name], day: Date) -> Option<&Code> {
        let known: Vec<&Code> = names.iter().filter_map(|name| self.find(Role::Registration, name, day)).collect();
        known.iter().find(|code| code.becomes.is_some()).or_else(|| known.first()).copied()
    }
}

fn read(table: &str) -> Result<Vec<Code>, Fault> {
    let mut codes: Vec<Code> =
        serde_json::from_str(table).map_err(|fault| Fault::Form(fault.line(), fault.column()))?;
    for (place, code) in codes.iter_mut().enumerate() {
        let name = Name::parse(&code.name).ok_or(Fault::Empty(place + 1))?;
        name.compared().clone_into(&mut code.name);
        let good = code.becomes.is_none() || code.kind().is_some_and(|kind| kind.area() == "citizen");
        if !good {
            return Err(Fault::Becomes(place + 1));
        }
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn the_shipped_table_is_one() {
        assert_eq!(read(SHIPPED).unwrap().len(), Codes::shipped().0.len());
        let died = name("298AA424-0A16-4A5A-956C-2BDAB17FD11F");
        let code = Codes::shipped();
        let code = code.find(Role::Registration, &died, date(2016, 1, 1)).unwrap();
        assert_eq!((code.means.as_str(), code.becomes.as_deref()), ("Dødsfald", Some("citizen.died")));
    }

    #[test]
    fn another_table_goes_first_and_holds_from_and_to_its_days() {
        let table = r#"[{"code": "urn:oio:cpr:personhaendelse:7", "of": "registration", "means": "Flytning",
            "becomes": "citizen.moved", "from": "2026-01-01", "to": "2026-12-31", "known": "kombit"}]"#;
        let codes = Codes::shipped().and(table).unwrap();
        let moved = name("urn:oio:cpr:personhaendelse:7");
        let on = |day| codes.find(Role::Registration, &moved, day).is_some();
        assert_eq!(
            [on(date(2025, 12, 31)), on(date(2026, 1, 1)), on(date(2026, 12, 31)), on(date(2027, 1, 1))],
            [false, true, true, false]
        );
        assert!(codes.find(Role::Message, &moved, date(2026, 1, 1)).is_none());
    }

    #[test]
    fn a_table_that_is_none_says_where() {
        let codes = |table: &str| Codes::shipped().and(table).unwrap_err();
        assert_eq!(codes("[{}"), Fault::Form(1, 3));
        let becomes =
            r#"[{"code": "a", "of": "registration", "means": "b", "becomes": "rehab.level.set", "known": "ours"}]"#;
        assert_eq!(codes(becomes), Fault::Becomes(1));
        assert_eq!(codes(r#"[{"code": " ", "of": "message", "means": "b", "known": "ours"}]"#), Fault::Empty(1));
    }
}

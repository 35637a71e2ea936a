//! A form as a page shows it, line by line: groups open and close, fields stand between.

use super::field::{Field, Shape};
use super::typed::{NO, Typed, YES};
use super::{Faults, PREFIX};

/// Which way something is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::console) enum Way {
    /// In one line.
    Short,
    /// In several.
    Long,
    /// Digits.
    Digits,
    /// A date.
    Date,
    /// Out of a list.
    Choice,
}

/// One of the values that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) struct Pick {
    pub(in crate::console) value: String,
    pub(in crate::console) label: String,
    pub(in crate::console) chosen: bool,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) struct Input {
    /// What it is called in the post, and known by on the page.
    pub(in crate::console) name: String,
    pub(in crate::console) title: String,
    pub(in crate::console) help: Option<String>,
    /// Whether it must be filled in whatever else is.
    pub(in crate::console) required: bool,
    pub(in crate::console) way: Way,
    pub(in crate::console) value: String,
    pub(in crate::console) options: Vec<Pick>,
    pub(in crate::console) fault: Option<String>,
}

/// A group of fields, or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) struct Group {
    pub(in crate::console) name: String,
    pub(in crate::console) title: String,
    pub(in crate::console) help: Option<String>,
    pub(in crate::console) required: bool,
    pub(in crate::console) fault: Option<String>,
    /// What may be left out is folded away until something stands in it: `Some(true)` is unfolded.
    pub(in crate::console) folded: Option<bool>,
}

/// A line of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) enum Line {
    /// A group begins.
    Open(Group),
    /// The row of a list begins: its number, for people.
    Row(String),
    /// A row ends.
    EndRow,
    /// A field.
    Input(Input),
    /// The button for one more row of this list, and what its rows are.
    More(String, String),
    /// A group ends, one that could be folded away or not.
    Close(bool),
}

impl Line {
    /// What is wrong in it: the field, its title, and what.
    pub(in crate::console) fn fault(&self) -> Option<(String, String, String)> {
        match self {
            Self::Input(input) => Some((input.name.clone(), input.title.clone(), input.fault.clone()?)),
            Self::Open(group) => Some((group.name.clone(), group.title.clone(), group.fault.clone()?)),
            Self::Row(_) | Self::EndRow | Self::More(..) | Self::Close(_) => None,
        }
    }

    /// A field that is in no schema, in which one of these values is chosen, each with its word.
    pub(in crate::console) fn choice(
        (name, title): (&str, &str),
        help: Option<&str>,
        required: bool,
        (value, pairs): (&str, &[(String, String)]),
        faults: &Faults,
    ) -> Self {
        Self::Input(Input {
            name: name.to_owned(),
            title: title.to_owned(),
            help: help.map(str::to_owned),
            required,
            way: Way::Choice,
            value: value.to_owned(),
            options: picks(pairs.to_vec(), value),
            fault: faults.at(name).map(str::to_owned),
        })
    }
}

pub(super) fn of(fields: &[Field], typed: &Typed, faults: &Faults, row: Option<&str>) -> Vec<Line> {
    let mut writer = Writer { faults, row, lines: Vec::new() };
    writer.members(fields, PREFIX, typed, true);
    writer.lines
}

struct Writer<'a> {
    faults: &'a Faults,
    row: Option<&'a str>,
    lines: Vec<Line>,
}

impl Writer<'_> {
    /// `must`: whether what is required here is required whatever else is filled in.
    fn members(&mut self, fields: &[Field], name: &str, typed: &Typed, must: bool) {
        for field in fields {
            self.field(field, &format!("{name}.{}", field.name), typed.member(&field.name), must);
        }
    }

    fn field(&mut self, field: &Field, name: &str, typed: &Typed, must: bool) {
        let must = must && field.required;
        match &field.shape {
            Shape::Group { fields, .. } => {
                let folds = self.open(field, name, typed, must);
                self.members(fields, name, typed, must);
                self.lines.push(Line::Close(folds));
            }
            Shape::List { item, most } => {
                let folds = self.open(field, name, typed, must);
                self.rows(item, *most, (name, typed), must);
                self.lines.push(Line::Close(folds));
            }
            Shape::Text { .. }
            | Shape::Digits(_)
            | Shape::Date
            | Shape::Time
            | Shape::Choice(_)
            | Shape::Whole
            | Shape::Number
            | Shape::YesNo => self.lines.push(Line::Input(self.input(field, name, typed, must))),
        }
    }

    /// Begins a group; answers whether it can be folded away.
    fn open(&mut self, field: &Field, name: &str, typed: &Typed, must: bool) -> bool {
        let touched =
            !typed.is_empty() || self.faults.within(name) || self.row.is_some_and(|row| row.starts_with(name));
        let folded = (!field.required).then_some(touched);
        let fault = self.faults.at(name).map(str::to_owned);
        let (title, help) = (field.title.clone(), field.help.clone());
        self.lines.push(Line::Open(Group { name: name.to_owned(), title, help, required: must, fault, folded }));
        folded.is_some()
    }

    fn rows(&mut self, item: &Field, most: usize, (name, typed): (&str, &Typed), must: bool) {
        let rows = typed.rows();
        let asked = usize::from(self.row == Some(name));
        // There is always one to write in, and what was typed stands whatever the limit is.
        let shown = (rows.len() + asked).max(1).min(most.max(rows.len()));
        let nothing = Typed::default();
        for place in 0..shown {
            self.lines.push(Line::Row(format!("{} {}", item.title, place + 1)));
            let (name, typed) = (format!("{name}.{place}"), rows.get(place).unwrap_or(&nothing));
            let must = must && place == 0;
            match &item.shape {
                // The row says what it is: the group needs no frame of its own.
                Shape::Group { fields, .. } => {
                    if let Some(fault) = self.faults.at(&name) {
                        let group = Group {
                            name: name.clone(),
                            title: item.title.clone(),
                            help: None,
                            required: must,
                            fault: Some(fault.to_owned()),
                            folded: None,
                        };
                        self.lines.push(Line::Open(group));
                        self.members(fields, &name, typed, must);
                        self.lines.push(Line::Close(false));
                    } else {
                        self.members(fields, &name, typed, must);
                    }
                }
                Shape::Text { .. }
                | Shape::Digits(_)
                | Shape::Date
                | Shape::Time
                | Shape::Choice(_)
                | Shape::Whole
                | Shape::Number
                | Shape::YesNo
                | Shape::List { .. } => self.field(item, &name, typed, must),
            }
            self.lines.push(Line::EndRow);
        }
        if shown < most {
            self.lines.push(Line::More(name.to_owned(), item.title.clone()));
        }
    }

    fn input(&self, field: &Field, name: &str, typed: &Typed, must: bool) -> Input {
        let value = typed.text().to_owned();
        let way = match &field.shape {
            Shape::Text { long: true, .. } => Way::Long,
            Shape::Digits(_) | Shape::Whole => Way::Digits,
            // A browser shows nothing in a field for dates that holds something else.
            Shape::Date if value.is_empty() || value.parse::<jiff::civil::Date>().is_ok() => Way::Date,
            Shape::Choice(_) | Shape::YesNo => Way::Choice,
            Shape::Text { long: false, .. }
            | Shape::Date
            | Shape::Time
            | Shape::Number
            | Shape::Group { .. }
            | Shape::List { .. } => Way::Short,
        };
        Input {
            name: name.to_owned(),
            title: field.title.clone(),
            help: field.help.clone(),
            required: must,
            way,
            options: options(&field.shape, &value),
            fault: self.faults.at(name).map(str::to_owned),
            value,
        }
    }
}

/// What may be chosen.
fn options(shape: &Shape, value: &str) -> Vec<Pick> {
    let pairs = match shape {
        Shape::Choice(pairs) => pairs.clone(),
        Shape::YesNo => [(YES, "Ja"), (NO, "Nej")].map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec(),
        Shape::Text { .. }
        | Shape::Digits(_)
        | Shape::Date
        | Shape::Time
        | Shape::Whole
        | Shape::Number
        | Shape::Group { .. }
        | Shape::List { .. } => return Vec::new(),
    };
    picks(pairs, value)
}

/// What was sent and is none of it stands there too: what is typed is not lost.
fn picks(pairs: Vec<(String, String)>, value: &str) -> Vec<Pick> {
    let strange = !value.is_empty() && pairs.iter().all(|(own, _)| own != value);
    let strange = strange.then(|| Pick { value: value.to_owned(), label: value.to_owned(), chosen: true });
    let own = pairs.into_iter().map(|(own, label)| Pick { chosen: own == value, value: own, label });
    own.chain(strange).collect()
}

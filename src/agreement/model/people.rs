//! Who is in an agreement, and how its teams are reached.

use std::fmt;

use budstikke_contract::municipality::MunicipalityCode;
use serde::Serialize;

/// Whether a text can be a name in ids, queue names and files: lower-case letters, digits, hyphens.
pub(in crate::agreement) fn is_name(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(good)
}

/// The name of a party: `dragoer`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PartyId(String);

impl PartyId {
    /// Reads a name: lower-case letters, digits and hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        is_name(text).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A municipality of the agreement.
#[derive(Debug, Clone)]
pub struct Party {
    /// Its name in ids.
    pub id: PartyId,
    /// Its name for people.
    pub name: String,
    /// Its code, by which residence is known.
    pub municipality: MunicipalityCode,
}

/// The name of a mailbox: `dragoer/genoptraening`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MailboxId(String);

impl MailboxId {
    /// The mailbox of that team of that party.
    pub fn new(party: &PartyId, team: &str) -> Self {
        Self(format!("{party}/{team}"))
    }

    /// Reads `party/team`.
    pub fn parse(text: &str) -> Option<Self> {
        let (party, team) = text.split_once('/')?;
        (is_name(party) && is_name(team)).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The party that it belongs to.
    pub fn party(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for MailboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A team of a party that receives.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Its name in ids.
    pub id: MailboxId,
    /// Its name for people.
    pub name: String,
    /// How it is reached; never empty.
    pub channels: Vec<Channel>,
    /// What it gets.
    pub body: Body,
}

/// A way to reach a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// The queue `out.<party>.<team>`.
    Amqp,
    /// A POST to an address that the settings name.
    Http,
    /// The console's inbox.
    Inbox,
}

impl Channel {
    /// All of them, with their names.
    pub const ALL: [Self; 3] = [Self::Amqp, Self::Http, Self::Inbox];

    /// The name in files, ids and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Amqp => "amqp",
            Self::Http => "http",
            Self::Inbox => "inbox",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Amqp => "RabbitMQ",
            Self::Http => "HTTP",
            Self::Inbox => "indbakken",
        }
    }

    /// The channel of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// What a mailbox gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// The event.
    Event,
    /// The event, with the message that it came from in `data.original`.
    EventAndOriginal,
    /// The message that it came from, as it came.
    Original,
}

impl Body {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Event, Self::EventAndOriginal, Self::Original];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::EventAndOriginal => "event+original",
            Self::Original => "original",
        }
    }

    /// The body of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|body| body.name() == name)
    }
}

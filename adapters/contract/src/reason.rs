//! Why something was refused or parked: a stable code, and a sentence for the person who must act.
//!
//! The sentence is Danish (people of the municipalities and hospitals read it), says what, where
//! and what to do, and never quotes the message: a message is about a person.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A short stable name such as `OUTSIDE_AGREEMENT`. It is a metric label and the name of a page in
/// `deploy/runbook/`, so there are few of them and none is ever made from input.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(Cow<'static, str>);

impl Code {
    /// A code of this program. Each has a runbook page; a test looks for it.
    pub const fn new(code: &'static str) -> Self {
        Self(Cow::Borrowed(code))
    }

    /// A code read back from where an earlier version of this program may have written it.
    pub fn stored(code: String) -> Self {
        Self(Cow::Owned(code))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// XML that is none.
pub const XML_MALFORMED: Code = Code::new("XML_MALFORMED");
/// XML that is never taken: a DTD, an entity, more than the limits.
pub const XML_FORBIDDEN: Code = Code::new("XML_FORBIDDEN");
/// XML in an encoding that is not read.
pub const ENCODING_UNKNOWN: Code = Code::new("ENCODING_UNKNOWN");
/// JSON that is none, or that is never taken: a name twice in one object, too deep, too large.
pub const JSON_MALFORMED: Code = Code::new("JSON_MALFORMED");
/// A kind of message that is not carried here.
pub const KIND_NOT_CARRIED: Code = Code::new("KIND_NOT_CARRIED");
/// A known kind in a version that is not read.
pub const VERSION_UNKNOWN: Code = Code::new("VERSION_UNKNOWN");
/// Something without which the message is no event.
pub const FIELD_MISSING: Code = Code::new("FIELD_MISSING");
/// Something that the hub needs is not what it must be, or stands twice.
pub const FIELD_INVALID: Code = Code::new("FIELD_INVALID");
/// A CPR number that cannot exist.
pub const CPR_IMPOSSIBLE: Code = Code::new("CPR_IMPOSSIBLE");
/// A remark: a text was too long and was cut.
pub const VALUE_CUT: Code = Code::new("VALUE_CUT");
/// A remark: a value could not be read and was left out.
pub const VALUE_LEFT_OUT: Code = Code::new("VALUE_LEFT_OUT");

/// A code, its sentence, and where in the message the fault stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which page of the runbook to open.
    pub code: Code,
    /// What is wrong and what to do, without anything quoted from the message.
    pub text: String,
    /// Where in the message: a JSON path (`$.data.start`) or an element path
    /// (`Emessage/RehabilitationPlan/Patient`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Reason {
    /// A reason that concerns the message as a whole.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), path: None }
    }

    /// The same reason, with the place in the message.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text)?;
        match &self.path {
            Some(path) => write!(f, " [{path}]"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Reason {}

/// Something that a receiver should know about an event without it standing in the way: the event
/// is delivered, and the remark travels in its `data.remarks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// What kind of remark, for machines.
    pub code: Code,
    /// The remark, in Danish.
    pub text: String,
}

impl Remark {
    /// A remark with its sentence.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

//! The ways to carry a parcel to a mailbox.

mod amqp;
pub mod http;
mod inbox;

use async_trait::async_trait;
use budstikke_contract::verdict::Failure;
use jiff::Timestamp;

pub use self::http::{Http, HttpMailbox};
pub use amqp::Amqp;
pub use inbox::Inbox;

use super::parcel::Parcel;

/// What came of carrying a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    /// It is there: confirmed, answered, or to be written to the inbox with the outcome.
    There,
    /// It is not, or not surely.
    Failed(Failure),
    /// It was not tried: the way is closed for all. That is no fault of the parcel's, and does not
    /// count.
    NotTried,
}

/// Whether anything can go to a mailbox now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// As many may be under way to it.
    Open {
        /// How many; of a few, one that is slow takes none of the others' room.
        at_once: usize,
    },
    /// Nothing can go. Whoever opens it rings the bell.
    Shut,
    /// Nothing can go before then.
    ShutUntil(Timestamp),
}

/// A way to carry parcels.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Carries one parcel. Ends within a bounded time; several are under way at once.
    async fn carry(&self, parcel: Parcel) -> Carried;

    /// Whether anything can be carried to this mailbox now.
    fn gate(&self, mailbox: &str) -> Gate;
}

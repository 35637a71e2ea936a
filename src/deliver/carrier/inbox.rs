//! The console's inbox is a table of the ledger: the row is written with the delivery's outcome,
//! in one transaction, so that it is there exactly once.

use async_trait::async_trait;

use super::{Carried, Carrier, Gate};
use crate::deliver::parcel::Parcel;

/// Carries into the inbox.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inbox;

#[async_trait]
impl Carrier for Inbox {
    async fn carry(&self, _parcel: Parcel) -> Carried {
        Carried::There
    }

    fn gate(&self, _mailbox: &str) -> Gate {
        Gate::Open { at_once: usize::MAX }
    }
}

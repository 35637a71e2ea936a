//! A mailbox that is reached by a POST to an address that the settings name.
//!
//! The status line alone decides: 2xx means that the receiver has it, whatever follows. Nothing of
//! an answer's body is looked at, kept or logged.

mod door;
pub mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use budstikke_contract::id::DeliveryId;
use budstikke_contract::verdict::Failure;
use jiff::{SignedDuration, Timestamp};

use self::door::Door;
use super::{Carried, Carrier, Gate};
use crate::clock::Clock;
use crate::deliver::parcel::Parcel;
use crate::web::{Endpoint, Request, Settings, Unusable};

/// The status by which a receiver says that it is sent too much at once: all of it, not this one.
const TOO_MANY: u16 = 429;

/// The statuses by which a receiver says that it does not let us in.
const NO_ACCESS: [u16; 2] = [401, 403];

/// A mailbox that is reached by HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpMailbox {
    /// Where it is and how one gets in.
    pub web: Settings,
    /// How many deliveries may be under way to it.
    pub at_once: usize,
    /// The statuses by which it says that it has a delivery already.
    pub duplicates: BTreeSet<u16>,
}

/// Carries to endpoints.
#[derive(Debug)]
pub struct Http {
    mailboxes: BTreeMap<String, Way>,
    clock: Clock,
}

#[derive(Debug)]
struct Way {
    endpoint: Endpoint,
    at_once: usize,
    duplicates: BTreeSet<u16>,
    /// Until when the receiver wants nothing.
    quiet_until: Mutex<Timestamp>,
    /// Whom it lets in.
    door: Mutex<Door>,
}

impl Http {
    /// Carries to nobody yet.
    pub fn new(clock: Clock) -> Self {
        Self { mailboxes: BTreeMap::new(), clock }
    }

    /// Carries to this mailbox too. Nothing is sent; the files are read.
    ///
    /// # Errors
    /// A file that the settings name cannot be used.
    pub fn add(&mut self, id: &str, mailbox: &HttpMailbox) -> Result<(), Unusable> {
        let endpoint = Endpoint::open(mailbox.web.clone(), self.clock.clone())?;
        let (at_once, duplicates) = (mailbox.at_once, mailbox.duplicates.clone());
        let (quiet_until, door) = (Mutex::new(Timestamp::MIN), Mutex::default());
        self.mailboxes.insert(id.to_owned(), Way { endpoint, at_once, duplicates, quiet_until, door });
        Ok(())
    }
}

impl Way {
    /// Whoever sends too much sends nothing until then, whatever the lane.
    fn keep_quiet(&self, now: Timestamp, wait: Duration) {
        let until = now.checked_add(SignedDuration::try_from(wait).unwrap_or_default()).unwrap_or(now);
        let mut quiet_until = self.quiet_until.lock().unwrap_or_else(PoisonError::into_inner);
        *quiet_until = until.max(*quiet_until);
    }

    /// What an answer to a delivery means; `None` where the receiver has it.
    fn verdict(&self, id: DeliveryId, status: u16, after: Option<Duration>) -> Option<Failure> {
        let failure = verdict::of_status(status, after, &self.duplicates);
        let mut door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.is_none() {
            door.lets_in(id);
        } else if NO_ACCESS.contains(&status) && door.keeps_out(id) {
            return Some(verdict::of_one_kept_out(status));
        }
        failure
    }
}

#[async_trait]
impl Carrier for Http {
    async fn carry(&self, parcel: Parcel) -> Carried {
        let Some(way) = self.mailboxes.get(&parcel.mailbox) else { return Carried::NotTried };
        let answer = match way.endpoint.send(&request(&parcel)).await {
            Ok(answer) => answer,
            Err(fault) => return Carried::Failed(verdict::of_fault(fault)),
        };
        let (status, after) = (answer.status, answer.retry_after);
        answer.let_go().await;
        if let (TOO_MANY, Some(wait)) = (status, after) {
            way.keep_quiet(self.clock.now(), wait);
        }
        way.verdict(parcel.id, status, after).map_or(Carried::There, Carried::Failed)
    }

    fn gate(&self, mailbox: &str) -> Gate {
        let Some(way) = self.mailboxes.get(mailbox) else { return Gate::Shut };
        let until = *way.quiet_until.lock().unwrap_or_else(PoisonError::into_inner);
        if until > self.clock.now() { Gate::ShutUntil(until) } else { Gate::Open { at_once: way.at_once } }
    }
}

/// The same parcel always makes the same request.
fn request(parcel: &Parcel) -> Request {
    let request = Request::post(&parcel.media_type, parcel.body.clone())
        .header("idempotency-key", &parcel.id.to_string())
        .header("budstikke-type", &parcel.kind);
    parcel.headers.iter().fold(request, |request, (name, value)| match *name {
        "traceparent" => request.header(name, value),
        ours => request.header(&format!("budstikke-{ours}"), value),
    })
}

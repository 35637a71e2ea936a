//! The tasks of mailboxes (`Indbakke`): lists that need no look at content, a task with all that it
//! takes to do it, and what people do with it. The same by calls.
//!
//! | room | what |
//! |---|---|
//! | `choice` | which list somebody wants |
//! | `list` | the lists, live |
//! | `open`, `page` | one task, with content |
//! | `act` | what people do |
//! | `answer` | answering, and asking somebody else |
//! | `team` | who works with a mailbox, and what people are called |
//! | `title`, `view` | what a task is called, and how it is shown; pure |
//! | [`api`] | the same for other systems |

mod act;
mod answer;
pub(super) mod api;
mod choice;
mod list;
mod open;
mod page;
mod team;
mod title;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::Console;
use super::access::{Person, Right};
use super::fault::Fault;
use crate::agreement::model::MailboxId;
use crate::intake::World;
use crate::ledger::task::Kept;
use crate::ledger::{Error, Tx};
use crate::telemetry::health::PEOPLE;

/// The largest answer, in bytes: the longest texts that the schemas allow, each letter written as the
/// six that a form has for it.
const LARGEST: usize = 512 * 1024;

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/indbakke", get(list::page))
        .route("/indbakke/live", get(list::stream))
        .route("/indbakke/tag", post(act::take))
        .route("/indbakke/{task}", get(page::page).post(act::form))
        .route("/indbakke/{task}/live", get(page::stream))
        .route("/indbakke/{task}/note", post(act::note))
        .route(
            "/indbakke/{task}/svar/{kind}",
            get(answer::form).post(answer::send).layer(DefaultBodyLimit::max(LARGEST)),
        )
}

/// Whether somebody may see a task, and work on it.
fn may(person: &Person, kept: &Kept) -> bool {
    MailboxId::parse(&kept.task.mailbox).is_some_and(|mailbox| person.may(Right::Content(&mailbox)))
}

impl Console {
    /// Works on a task of somebody's mailbox, in one transaction with asking whether it is theirs, and
    /// lets everybody know who waits for what it may change, to its end.
    async fn works_on<T: Send + 'static>(
        self: &Arc<Self>,
        person: &Person,
        task: i64,
        work: impl FnMut(&mut Tx<'_>, &World, Kept) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Fault> {
        let (working, person) = (Arc::clone(self), person.clone());
        self.to_its_end(async move { working.works_here(&person, task, work).await }).await?
    }

    /// The same as a part of what is done to its end already.
    async fn works_here<T: Send + 'static>(
        &self,
        person: &Person,
        task: i64,
        work: impl FnMut(&mut Tx<'_>, &World, Kept) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Fault> {
        let done = self.in_mailbox(person, task, work).await;
        self.hub.desk.ring();
        self.look_anew().await;
        done
    }

    /// The same of what only reads and writes down who looked.
    async fn in_mailbox<T: Send + 'static>(
        &self,
        person: &Person,
        task: i64,
        mut work: impl FnMut(&mut Tx<'_>, &World, Kept) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Fault> {
        let (world, person) = (Arc::clone(&self.hub.desk.world), person.clone());
        let done = self.hub.desk.ledger.write(move |tx| {
            let Some(kept) = tx.reader().task(task)? else { return Ok(Err(Fault::NotFound)) };
            if !may(&person, &kept) {
                return Ok(Err(Fault::Forbidden));
            }
            work(tx, &world, kept).map(Ok)
        });
        let done = done.await;
        self.hub.desk.health.ledger(PEOPLE, &done);
        done?
    }

    /// A task of somebody's mailbox.
    async fn task_of(&self, person: &Person, task: i64) -> Result<Kept, Fault> {
        let kept = self.hub.desk.ledger.read(move |reader| reader.task(task)).await?.ok_or(Fault::NotFound)?;
        if may(person, &kept) { Ok(kept) } else { Err(Fault::Forbidden) }
    }
}

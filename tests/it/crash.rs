//! The hub as a process between a source and receivers, on a broker of its own, while one or the
//! other is killed or frozen. What is counted is what Jepsen's `total-queue` checker counts.
//!
//! `BUDSTIKKE_TEST_ROUNDS` says how often each kind of killing is tried (`deploy/test --long`);
//! `BUDSTIKKE_TEST_SEED` repeats a round that failed.

mod books;
mod chance;
mod frozen;
mod letter;
mod receiver;
mod rounds;
mod server;
mod source;
mod trial;

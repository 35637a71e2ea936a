//! Handlers for tests.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use budstikke::broker::{Handler, Incoming, Settle};
use tokio::sync::{Mutex, Semaphore};

use crate::wait;

/// Keeps what it gets.
#[derive(Debug)]
pub(crate) struct Keep {
    got: Mutex<Vec<Incoming>>,
    batches: Mutex<Vec<usize>>,
    left: AtomicUsize,
    /// A permit is taken for each batch before it is kept.
    gate: Semaphore,
    leave: AtomicBool,
    in_hand: AtomicUsize,
}

impl Keep {
    /// One that takes everything at once.
    pub(crate) fn open() -> Arc<Self> {
        Self::with_gate(Semaphore::MAX_PERMITS)
    }

    /// One that waits with each batch until [`Keep::let_through`].
    pub(crate) fn shut() -> Arc<Self> {
        Self::with_gate(0)
    }

    fn with_gate(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            got: Mutex::default(),
            batches: Mutex::default(),
            left: AtomicUsize::new(0),
            gate: Semaphore::new(permits),
            leave: AtomicBool::new(false),
            in_hand: AtomicUsize::new(0),
        })
    }

    /// Lets this many batches through.
    pub(crate) fn let_through(&self, batches: usize) {
        self.gate.add_permits(batches);
    }

    /// From now on batches are left with the broker, or no longer.
    pub(crate) fn leave(&self, leave: bool) {
        self.leave.store(leave, Ordering::SeqCst);
    }

    /// How many messages were left with the broker.
    pub(crate) fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    /// Waits until a batch is in hand.
    pub(crate) async fn holds_a_batch(&self) {
        wait::until("the handler has a batch in hand", async || {
            (self.in_hand.load(Ordering::SeqCst) > 0).then_some(())
        })
        .await;
    }

    /// What was kept.
    pub(crate) async fn got(&self) -> Vec<Incoming> {
        self.got.lock().await.clone()
    }

    /// The bodies of what was kept, as text.
    pub(crate) async fn bodies(&self) -> Vec<String> {
        self.got.lock().await.iter().map(|message| String::from_utf8_lossy(&message.body).into_owned()).collect()
    }

    /// The sizes of the batches that were kept.
    pub(crate) async fn batches(&self) -> Vec<usize> {
        self.batches.lock().await.clone()
    }

    /// Waits until this many messages were kept.
    pub(crate) async fn has(&self, count: usize) -> Vec<Incoming> {
        let enough = async || Some(self.got().await).filter(|got| got.len() >= count);
        wait::until(&format!("the handler has {count} messages"), enough).await
    }

    /// Waits until this many different bodies were kept.
    pub(crate) async fn has_different(&self, count: usize) -> Vec<String> {
        let different = async || {
            let bodies = self.bodies().await;
            let different = bodies.iter().collect::<HashSet<_>>().len();
            (different >= count).then_some(bodies)
        };
        wait::until(&format!("the handler has {count} different messages"), different).await
    }
}

#[async_trait]
impl Handler for Keep {
    async fn take(&self, batch: Vec<Incoming>) -> Settle {
        let others = self.in_hand.fetch_add(1, Ordering::SeqCst);
        assert_eq!(others, 0, "two batches of one queue are in hand at once");
        self.gate.acquire().await.expect("the gate is never closed").forget();
        let settle = if self.leave.load(Ordering::SeqCst) {
            self.left.fetch_add(batch.len(), Ordering::SeqCst);
            Settle::Leave
        } else {
            self.batches.lock().await.push(batch.len());
            self.got.lock().await.extend(batch);
            Settle::Ack
        };
        self.in_hand.fetch_sub(1, Ordering::SeqCst);
        settle
    }
}

/// The bodies in the order of their first arrival.
pub(crate) fn first_arrivals(bodies: &[String]) -> Vec<&str> {
    let mut seen = HashSet::new();
    bodies.iter().map(String::as_str).filter(|body| seen.insert(*body)).collect()
}

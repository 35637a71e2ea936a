//! What people do with a hub, and what they see of it.

use std::path::{Path, PathBuf};
use std::process::Output;

use budstikke::control::{self, Command};
use budstikke::duty::Duty;
use budstikke::ledger::Reader;
use budstikke::ledger::balance::Balance;
use budstikke::ledger::delivery::Delivery;
use budstikke::ledger::item::Item;
use budstikke::ledger::trace::Story;
use budstikke_contract::id::DeliveryId;
use serde_json::Value;

use super::Rig;
use crate::wait;

impl Rig {
    /// Carries a command out through the hub's socket.
    pub(crate) async fn command(&self, command: Command) -> Value {
        let answer = control::ask(&self.state().socket(), "asta", command).await;
        answer.unwrap_or_else(|refused| panic!("the command is not carried out: {refused}"))
    }

    pub(crate) async fn pause(&self, target: &str) {
        self.command(Command::Pause { target: target.to_owned() }).await;
    }

    pub(crate) async fn resume(&self, target: &str) {
        self.command(Command::Resume { target: target.to_owned() }).await;
    }

    /// Sends on what is parked.
    pub(crate) async fn resend(&self, id: &str) -> Value {
        self.command(Command::Resend { id: id.to_owned(), reason: "prøvet igen".to_owned() }).await
    }

    /// Runs the command line on the same state directory.
    pub(crate) async fn budstikke(&self, arguments: &[&str]) -> Output {
        let run = tokio::process::Command::new(env!("CARGO_BIN_EXE_budstikke"))
            .args(arguments)
            .arg("--config")
            .arg(config())
            .arg("--state")
            .arg(self.state.path())
            .output();
        wait::soon("the command ends", run).await.expect("the command runs")
    }

    /// Reads the ledger.
    pub(crate) async fn read<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&mut Reader<'_>) -> Result<T, budstikke::ledger::Error> + Send + 'static,
    {
        self.hub().ledger.read(work).await.expect("the ledger can be read")
    }

    pub(crate) async fn balance(&self) -> Balance {
        self.read(|reader| reader.balance()).await
    }

    /// Every duty, also those that are met or closed.
    pub(crate) async fn duties(&self) -> Vec<Duty> {
        self.read(|reader| reader.duties(None, true)).await
    }

    /// The story of the one item that a name leads to.
    pub(crate) async fn story(&self, name: &str) -> Story {
        let id = name.to_owned();
        let mut stories = self.read(move |reader| reader.trace(&id)).await;
        assert_eq!(stories.len(), 1, "{name} is one item's name");
        stories.remove(0)
    }

    /// The items that are parked, when there are so many.
    pub(crate) async fn parked_items(&self, count: usize) -> Vec<Item> {
        let parked = async || Some(self.read(|reader| reader.parked()).await.0).filter(|it| it.len() == count);
        wait::until(&format!("{count} items are parked"), parked).await
    }

    /// The one item that is parked, with its code.
    pub(crate) async fn parked_item(&self) -> (Item, String) {
        let item = self.parked_items(1).await.remove(0);
        let code = item.reason.as_ref().map(|reason| reason.code.to_string()).unwrap_or_default();
        (item, code)
    }

    /// The one delivery that is parked, with its code.
    pub(crate) async fn parked_delivery(&self) -> (Delivery, String) {
        let parked = async || Some(self.read(|reader| reader.parked()).await.1).filter(|it| it.len() == 1);
        let delivery = wait::until("one delivery is parked", parked).await.remove(0);
        let code = delivery.reason.as_ref().map(|reason| reason.code.to_string()).unwrap_or_default();
        (delivery, code)
    }

    /// How a delivery stands.
    pub(crate) async fn delivery(&self, id: &str) -> Delivery {
        let id = DeliveryId::parse(id).expect("a delivery's id");
        self.read(move |reader| reader.delivery(id)).await.expect("the ledger knows it")
    }
}

/// The settings as they are shipped.
pub(super) fn config() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/config/budstikke.toml")
}

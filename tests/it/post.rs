//! Sending to the hub as a source would, and looking into mailboxes as a receiver would.
#![expect(clippy::disallowed_methods, reason = "tests do not use the hub's code to judge it")]

use std::collections::BTreeMap;

use budstikke::broker::topology;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicGetOptions, BasicPublishOptions};
use lapin::{BasicProperties, Channel, Confirmation};

use budstikke_testkit::plans::{Discharge, Message, Plan};

use crate::raw_lapin;
use crate::wait;

/// The media type of plain JSON: a source's own format, not a canonical event.
pub(crate) const JSON: &str = "application/json";
/// The media type of letters.
pub(crate) const XML: &str = "application/xml";
/// The media type of canonical events.
pub(crate) const EVENT: &str = "application/cloudevents+json";

/// Letters to Tårnby, each of a case of its own. They name no day of discharge, so that no reminder
/// follows them, whenever the test runs.
pub(crate) fn letters(series: char, count: usize) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(move |number| {
        let day = Discharge::Text("Efter aftale".to_owned());
        let plan = Plan::ggop(format!("B{series}{number:06}")).municipality("185").discharge(day);
        let plan = plan.episode(format!("episode-{series}-{number}"));
        Message::new(format!("K{series}{number:06}")).plan(plan).size(8192).bytes()
    })
}

/// What was taken from a queue, by its message id, each as often as it came.
pub(crate) type Taken = BTreeMap<String, Vec<Delivery>>;

/// A client of the broker.
#[derive(Debug)]
pub(crate) struct Post {
    channel: Channel,
}

impl Post {
    /// At the broker of this address, once the hub has declared what it needs.
    pub(crate) async fn at(address: &str) -> Self {
        let connection = raw_lapin::connect(address).await;
        Self { channel: raw_lapin::confirming(&connection).await }
    }

    /// Sends to the queue of `source`, and waits until the broker has it.
    pub(crate) async fn send(&self, source: &str, media_type: &str, body: &[u8]) {
        let properties = BasicProperties::default().with_delivery_mode(2).with_content_type(media_type.into());
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let published = self.channel.basic_publish(topology::IN.into(), source.into(), options, body, properties).await;
        let confirmed = published.expect("it is sent").await.expect("a confirm");
        assert!(matches!(confirmed, Confirmation::Ack(None)), "the broker has it");
    }

    /// Puts something straight into a queue.
    pub(crate) async fn put(&self, queue: &str, body: &[u8]) {
        let properties = BasicProperties::default().with_delivery_mode(2);
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let published = self.channel.basic_publish("".into(), queue.into(), options, body, properties).await;
        let confirmed = published.expect("it is sent").await.expect("a confirm");
        assert!(matches!(confirmed, Confirmation::Ack(None)), "the broker has it");
    }

    /// How many messages wait in a queue.
    pub(crate) async fn depth(&self, queue: &str) -> u32 {
        raw_lapin::depth(&self.channel, queue).await
    }

    /// The next message in a queue, which is then gone from it.
    pub(crate) async fn next(&self, queue: &str) -> Option<Delivery> {
        let got = self.channel.basic_get(queue.into(), BasicGetOptions::default()).await.expect("an answer")?;
        got.delivery.ack(BasicAckOptions::default()).await.expect("it is acknowledged");
        Some(got.delivery)
    }

    /// Takes what is in a queue now, and adds it to what was taken, by its message id.
    pub(crate) async fn collect(&self, queue: &str, taken: &mut Taken) {
        while let Some(delivery) = self.next(queue).await {
            let id = delivery.properties.message_id().as_ref().map(ToString::to_string);
            taken.entry(id.expect("a message id")).or_default().push(delivery);
        }
    }

    /// Waits for so many different messages in a queue, and takes them. How often each of them
    /// came, by its message id.
    pub(crate) async fn take(&self, queue: &str, different: usize) -> Taken {
        let mut taken = Taken::new();
        let what = format!("{different} different messages in `{queue}`");
        wait::until(&what, async || {
            self.collect(queue, &mut taken).await;
            (taken.len() >= different).then_some(())
        })
        .await;
        assert_eq!(taken.len(), different, "{what}");
        taken
    }
}

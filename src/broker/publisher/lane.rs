//! The owner of one publishing channel. Nobody else ever holds the channel.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::window::Answers;
use super::{Publish, Published, Request, patience};
use crate::broker::error::Error;
use crate::broker::session::{Current, Session};
use crate::broker::settings::Settings;

/// AMQP's mark for a message that must survive a restart of the broker.
const PERSISTENT: u8 = 2;

/// Takes what waits, publishes it as one window, and answers when all of it is confirmed.
#[derive(Debug)]
pub(in crate::broker) struct Lane {
    settings: Arc<Settings>,
    current: Current,
    requests: mpsc::Receiver<Request>,
    /// Taken, but with an id that is in the window already: they come with the next one.
    held: VecDeque<Request>,
    /// The channel, and the session it belongs to.
    channel: Option<(Arc<Session>, Channel)>,
}

impl Lane {
    pub(super) fn new(settings: Arc<Settings>, current: Current, requests: mpsc::Receiver<Request>) -> Self {
        Self { settings, current, requests, held: VecDeque::new(), channel: None }
    }

    /// Publishes until `stop`.
    pub(in crate::broker) async fn run(mut self, stop: CancellationToken) {
        loop {
            let first = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                first = self.next() => first,
            };
            match self.ready(&stop).await {
                Some(session) => self.publish(&session, first, &stop).await,
                None => first.answer(Published::NotSent),
            }
        }
        self.refuse_the_rest();
    }

    /// The next message to publish. If there is no publisher any more, there is none.
    async fn next(&mut self) -> Request {
        let next = match self.held.pop_front() {
            Some(request) => Some(request),
            None => self.requests.recv().await,
        };
        match next {
            Some(request) => request,
            None => std::future::pending().await,
        }
    }

    /// The session, if there is one, once it takes messages.
    async fn ready(&mut self, stop: &CancellationToken) -> Option<Arc<Session>> {
        let session = self.current.borrow().clone().filter(|session| !session.has_ended())?;
        let mut blocked = session.blocked();
        let free = tokio::select! {
            () = stop.cancelled() => false,
            () = session.ended() => false,
            free = blocked.wait_for(|blocked| !blocked) => free.is_ok(),
        };
        if !free {
            return None;
        }
        match self.open(&session).await {
            Ok(()) => Some(session),
            Err(fault) => {
                session.fail(fault);
                None
            }
        }
    }

    /// Sees to it that the channel is one of this session, with confirms.
    async fn open(&mut self, session: &Arc<Session>) -> Result<(), Error> {
        if self.channel.as_ref().is_some_and(|(owner, _)| Arc::ptr_eq(owner, session)) {
            return Ok(());
        }
        self.channel = None;
        // Lanes are for a broker of ours, whose sessions publish.
        let publish = session.publish.as_ref().ok_or(Error::Down)?;
        let channel = publish.channel().await?;
        let confirms = channel.confirm_select(ConfirmSelectOptions::default());
        publish.within("asking for confirms", confirms).await?;
        self.channel = Some((Arc::clone(session), channel));
        Ok(())
    }

    async fn publish(&mut self, session: &Arc<Session>, first: Request, stop: &CancellationToken) {
        let window = self.gather(first);
        let Some((_, channel)) = &self.channel else {
            for request in window {
                request.answer(Published::NotSent);
            }
            return;
        };
        let answers = self.send(session, channel, &window, stop).await;
        let published = answers.judge(window.iter().map(|request| request.message.message_id.as_str()));
        if !Answers::certain(&published) {
            self.channel = None;
            let unresolved = published.iter().filter(|published| **published == Published::Unknown).count();
            session.fail(Error::Unconfirmed { unresolved, window: window.len() });
        }
        for (request, published) in window.into_iter().zip(published) {
            request.answer(published);
        }
    }

    /// The first message and what else waits, up to a window, each id once.
    fn gather(&mut self, first: Request) -> Vec<Request> {
        let most = self.settings.window.max(1);
        let mut ids = HashSet::from([first.message.message_id.clone()]);
        let mut window = vec![first];
        let mut waiting = std::mem::take(&mut self.held);
        while window.len() < most && self.held.len() < most {
            let next = waiting.pop_front().or_else(|| self.requests.try_recv().ok());
            let Some(request) = next else { break };
            if ids.insert(request.message.message_id.clone()) {
                window.push(request);
            } else {
                self.held.push_back(request);
            }
        }
        self.held.append(&mut waiting);
        window
    }

    /// Publishes the window in one burst and takes the answers until all are in, the session ends,
    /// or it has taken too long.
    async fn send(
        &self,
        session: &Session,
        channel: &Channel,
        window: &[Request],
        stop: &CancellationToken,
    ) -> Answers {
        let mut answers = Answers::awaiting(window.len());
        // First polled in the order they were added: the messages leave in their order.
        let mut confirms: FuturesUnordered<_> = window
            .iter()
            .enumerate()
            .map(|(index, request)| async move { (index, confirmed(channel, &request.message).await) })
            .collect();
        let mut limit = std::pin::pin!(patience::run_out(self.settings.confirm_timeout, session.blocked()));
        // While the broker blocks us the limit stands still, but a hub that stops does not wait.
        let mut stopped_while_blocked = std::pin::pin!(async {
            stop.cancelled().await;
            session.blocked().wait_for(|blocked| *blocked).await.is_ok()
        });
        loop {
            tokio::select! {
                biased;
                confirm = confirms.next() => match confirm {
                    Some((index, outcome)) => answers.take(index, outcome),
                    None => return answers,
                },
                () = &mut limit => return answers,
                _ = &mut stopped_while_blocked => return answers,
                () = session.ended() => return answers,
            }
        }
    }

    /// Answers what waits when the hub stops.
    fn refuse_the_rest(mut self) {
        self.requests.close();
        for request in self.held {
            request.answer(Published::NotSent);
        }
        while let Ok(request) = self.requests.try_recv() {
            request.answer(Published::NotSent);
        }
    }
}

/// Publishes one message and waits for its confirm.
#[expect(clippy::disallowed_methods, reason = "this task owns the channel")]
async fn confirmed(channel: &Channel, message: &Publish) -> lapin::Result<Confirmation> {
    let options = BasicPublishOptions { mandatory: message.exchange.mandatory(), immediate: false };
    let exchange = message.exchange.as_str().into();
    let routing_key = message.routing_key.as_str().into();
    channel.basic_publish(exchange, routing_key, options, &message.body, properties(message)).await?.await
}

/// The lengths were checked before the message came here (`Publish::check`).
fn properties(message: &Publish) -> BasicProperties {
    let mut properties = BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_content_type(message.content_type.as_str().into())
        .with_message_id(message.message_id.as_str().into());
    if let Some(kind) = &message.kind {
        properties = properties.with_type(kind.as_str().into());
    }
    if let Some(id) = &message.correlation_id {
        properties = properties.with_correlation_id(id.as_str().into());
    }
    if !message.headers.is_empty() {
        let mut headers = FieldTable::default();
        for (name, value) in &message.headers {
            headers.insert((*name).into(), AMQPValue::LongString(value.as_str().into()));
        }
        properties = properties.with_headers(headers);
    }
    properties
}

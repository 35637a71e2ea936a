//! A mailbox's queue: `out.<party>.<team>`, by the exchange `budstikke.out`.

use async_trait::async_trait;
use budstikke_contract::reason::{Code, Reason};
use budstikke_contract::verdict::{Failure, Verdict};

use super::{Carried, Carrier, Gate};
use crate::broker::{Broker, ExchangeName, Publish, Published, State};
use crate::deliver::parcel::Parcel;
use crate::ledger::delivery::UNROUTABLE;

/// The queue is full and takes no more.
const QUEUE_FULL: Code = Code::new("QUEUE_FULL");
/// The broker did not say in time whether it has it.
const UNCONFIRMED: Code = Code::new("UNCONFIRMED");
/// It cannot be sent by AMQP as it is.
const UNSENDABLE: Code = Code::new("UNSENDABLE");

/// Carries to queues.
#[derive(Debug, Clone)]
pub struct Amqp {
    broker: Broker,
}

impl Amqp {
    /// Carries by this broker.
    pub fn new(broker: Broker) -> Self {
        Self { broker }
    }
}

#[async_trait]
impl Carrier for Amqp {
    async fn carry(&self, parcel: Parcel) -> Carried {
        let message = Publish {
            exchange: ExchangeName::Out,
            routing_key: parcel.mailbox.replace('/', "."),
            message_id: parcel.id.to_string(),
            kind: Some(parcel.kind),
            correlation_id: parcel.correlation,
            content_type: parcel.media_type,
            headers: parcel.headers,
            body: parcel.body,
        };
        let failed = |verdict, code: Code, text: &str| Carried::Failed(Failure::new(verdict, Reason::new(code, text)));
        let retry = Verdict::Retry { after: None };
        match self.broker.publisher().publish(message).await {
            Published::Confirmed => Carried::There,
            Published::NotSent => Carried::NotTried,
            Published::Returned => failed(retry, UNROUTABLE, "Ingen kø tog imod leveringen."),
            Published::Nacked => failed(retry, QUEUE_FULL, "Modtagerens kø er fuld og tager ikke imod mere."),
            Published::Unknown => failed(
                Verdict::Unsure { after: None },
                UNCONFIRMED,
                "RabbitMQ svarede ikke i tide; leveringen sendes igen med samme id.",
            ),
            Published::Unfit(_) => failed(
                Verdict::Refused,
                UNSENDABLE,
                "Leveringen kan ikke sendes over AMQP: den er for stor (16 MiB), eller et navn er for langt.",
            ),
        }
    }

    fn gate(&self, _mailbox: &str) -> Gate {
        // The publisher's window bounds what is under way.
        if *self.broker.state().borrow() == State::Up { Gate::Open { at_once: usize::MAX } } else { Gate::Shut }
    }
}

//! What the broker said of a window of messages, and what that means for each of them. Pure: the
//! rules are here, the waiting is in the lane.

use std::collections::HashSet;

use lapin::Confirmation;

use super::Published;

/// The broker's answers to a window, as they come in.
#[derive(Debug)]
pub(super) struct Answers {
    said: Vec<Option<Said>>,
    /// The ids of the messages that were returned, with whichever confirm they came.
    returned: HashSet<String>,
}

/// The answer to one message's publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Ack,
    Nack,
}

impl Answers {
    pub(super) fn awaiting(window: usize) -> Self {
        Self { said: vec![None; window], returned: HashSet::new() }
    }

    /// Takes what came for the message at `index`. A failed publish is no answer: the message may
    /// be on its way.
    pub(super) fn take(&mut self, index: usize, outcome: lapin::Result<Confirmation>) {
        let (said, returned) = match outcome {
            Ok(Confirmation::Ack(returned)) => (Some(Said::Ack), returned),
            Ok(Confirmation::Nack(returned)) => (Some(Said::Nack), returned),
            // Without confirms nothing is known. The lane asks for them on each channel.
            Ok(Confirmation::NotRequested) | Err(_) => (None, None),
        };
        if let Some(place) = self.said.get_mut(index) {
            *place = said;
        }
        if let Some(message) = returned {
            let id = message.properties.message_id();
            self.returned.insert(id.as_ref().map(ToString::to_string).unwrap_or_default());
        }
    }

    /// How many messages have had no answer.
    pub(super) fn unanswered(&self) -> usize {
        self.said.iter().filter(|said| said.is_none()).count()
    }

    /// What became of each message, given the messages' ids in the order of the window.
    ///
    /// An ack alone proves nothing: the broker acks what it has returned as well, and lapin hands
    /// the return to whichever confirm completes next. Only when every message of the window has
    /// been answered is it sure that all returns have been seen. And a return that belongs to none
    /// of them would mean that the bookkeeping is not as we think; then no ack counts.
    pub(super) fn judge<'a>(&self, ids: impl Iterator<Item = &'a str> + Clone) -> Vec<Published> {
        let known: HashSet<&str> = ids.clone().collect();
        let all_ours = self.returned.iter().all(|id| known.contains(id.as_str()));
        let acks_count = self.unanswered() == 0 && all_ours;
        let judge = |(said, id): (&Option<Said>, &str)| match said {
            Some(Said::Nack) => Published::Nacked,
            _ if self.returned.contains(id) => Published::Returned,
            Some(Said::Ack) if acks_count => Published::Confirmed,
            Some(Said::Ack) | None => Published::Unknown,
        };
        self.said.iter().zip(ids).map(judge).collect()
    }

    /// Whether each message got a certain answer.
    pub(super) fn certain(published: &[Published]) -> bool {
        !published.contains(&Published::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use lapin::BasicProperties;
    use lapin::ErrorKind;
    use lapin::message::{BasicReturnMessage, Delivery};

    use super::*;

    const IDS: [&str; 4] = ["a", "b", "c", "d"];

    fn returned(id: &str) -> BasicReturnMessage {
        let mut delivery = Delivery::mock(0, "budstikke.out".into(), "x".into(), false, Vec::new());
        delivery.properties = BasicProperties::default().with_message_id(id.into());
        BasicReturnMessage { delivery, reply_code: 312, reply_text: "NO_ROUTE".into() }
    }

    fn judge(outcomes: [lapin::Result<Confirmation>; 4]) -> Vec<Published> {
        let mut answers = Answers::awaiting(IDS.len());
        for (index, outcome) in outcomes.into_iter().enumerate() {
            answers.take(index, outcome);
        }
        answers.judge(IDS.into_iter())
    }

    const ACK: Confirmation = Confirmation::Ack(None);
    const NACK: Confirmation = Confirmation::Nack(None);

    fn ack_with_return_of(id: &str) -> Confirmation {
        Confirmation::Ack(Some(returned(id)))
    }

    #[test]
    fn a_return_counts_for_its_own_message_whatever_it_came_with() {
        use Published::{Confirmed, Nacked, Returned};
        let published = judge([Ok(ACK), Ok(ack_with_return_of("c")), Ok(ACK), Ok(ACK)]);
        assert_eq!(published, [Confirmed, Confirmed, Returned, Confirmed]);
        let nack_with_return = Confirmation::Nack(Some(returned("a")));
        let published = judge([Ok(ACK), Ok(nack_with_return), Ok(ack_with_return_of("d")), Ok(ACK)]);
        assert_eq!(published, [Returned, Nacked, Confirmed, Returned]);
    }

    #[test]
    fn an_ack_counts_only_if_all_have_been_answered() {
        use Published::{Nacked, Returned, Unknown};
        let lost = Err(ErrorKind::MissingHeartbeatError.into());
        let published = judge([Ok(ACK), Ok(NACK), lost, Ok(ack_with_return_of("a"))]);
        assert_eq!(published, [Returned, Nacked, Unknown, Unknown]);
    }

    #[test]
    fn what_was_never_answered_is_unknown() {
        let mut answers = Answers::awaiting(4);
        answers.take(0, Ok(ACK));
        let published = answers.judge(IDS.into_iter());
        assert_eq!(published, [Published::Unknown; 4]);
        assert_eq!(answers.unanswered(), 3);
        assert!(!Answers::certain(&published));
    }

    #[test]
    fn the_return_of_a_stranger_makes_all_acks_doubtful() {
        let published = judge([Ok(ACK), Ok(ack_with_return_of("z")), Ok(NACK), Ok(ACK)]);
        assert_eq!(published, [Published::Unknown, Published::Unknown, Published::Nacked, Published::Unknown]);
    }

    #[test]
    fn a_channel_without_confirms_confirms_nothing() {
        let none = || Ok(Confirmation::NotRequested);
        assert_eq!(judge([none(), none(), none(), none()]), [Published::Unknown; 4]);
    }
}

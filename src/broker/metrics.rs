//! What the broker module counts. Labels come from fixed sets and the configuration, never from
//! messages.

use metrics::counter;

use super::publisher::Published;
use super::settings::Whose;

pub(super) fn connected(whose: Whose) {
    match whose {
        Whose::Ours => counter!("budstikke_broker_connects_total").increment(1),
        Whose::Theirs => counter!("budstikke_foreign_connects_total").increment(1),
    }
}

pub(super) fn disconnected(whose: Whose, code: &'static str) {
    match whose {
        Whose::Ours => counter!("budstikke_broker_disconnects_total", "reason" => code).increment(1),
        Whose::Theirs => counter!("budstikke_foreign_disconnects_total", "reason" => code).increment(1),
    }
}

pub(super) fn published(result: Published) {
    counter!("budstikke_broker_published_total", "result" => result.label()).increment(1);
}

pub(super) fn consumed(queue: &str, count: usize) {
    counter!("budstikke_broker_consumed_total", "queue" => queue.to_owned()).increment(whole(count));
}

pub(super) fn acknowledged(queue: &str, count: usize) {
    counter!("budstikke_broker_acknowledged_total", "queue" => queue.to_owned()).increment(whole(count));
}

pub(super) fn stalled(queue: &str) {
    counter!("budstikke_broker_stalled_total", "queue" => queue.to_owned()).increment(1);
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

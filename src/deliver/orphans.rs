//! Deliveries whose mailbox is in no agreement any more. Nobody sends them, so they must not wait
//! as if somebody did.

use budstikke_contract::id::DeliveryId;
use budstikke_contract::reason::Reason;
use jiff::Timestamp;

use super::dispatch::Target;
use crate::ledger::delivery::{MAILBOX_GONE, Outcome};
use crate::ledger::{Error, Tx};

/// How many are parked in one go.
const AT_ONCE: usize = 256;

/// Parks the first of each lane that leads to none of `targets`; answers how many. What is behind
/// it in its lane waits for it.
pub fn park(tx: &mut Tx<'_>, targets: &[Target]) -> Result<usize, Error> {
    let mut parked = 0;
    for (mailbox, channel) in tx.reader().ready_targets()? {
        if targets.iter().any(|target| target.mailbox == mailbox && target.channel.name() == channel) {
            continue;
        }
        let reason = gone(&mailbox, &channel);
        loop {
            let ready = tx.reader().ready(&mailbox, &channel, Timestamp::MAX, AT_ONCE)?;
            if ready.is_empty() {
                break;
            }
            for seq in ready {
                tx.settle(seq, &Outcome::Park(reason.clone()))?;
                parked += 1;
            }
        }
    }
    Ok(parked)
}

/// Parks a delivery that was planned for a mailbox that is gone.
pub(crate) fn park_one(tx: &mut Tx<'_>, id: DeliveryId) -> Result<(), Error> {
    let Some(delivery) = tx.delivery(id)? else { return Ok(()) };
    let reason = gone(&delivery.mailbox, &delivery.channel);
    tx.settle(delivery.seq, &Outcome::Park(reason))
}

fn gone(mailbox: &str, channel: &str) -> Reason {
    let text = format!(
        "Postkassen {mailbox} ({channel}) findes ikke længere i nogen aftale. Sæt den ind igen i aftalen, genstart budstikken og send så leveringen igen, eller kassér den."
    );
    Reason::new(MAILBOX_GONE, text)
}

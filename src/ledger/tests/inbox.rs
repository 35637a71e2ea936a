//! What lay in an inbox before there were tasks.

use super::*;
use crate::ledger::chain::micros;
use crate::ledger::task::Tab;

const MAILBOX: &str = "taarnby/genoptraening";

/// Brings the first event into an inbox.
fn deliver(tx: &mut Tx<'_>) -> Result<i64, Error> {
    let why = Why::default();
    let new = NewDelivery {
        id: DeliveryId::from_bytes([7; 16]),
        content: Content::Event(1),
        mailbox: MAILBOX,
        channel: "inbox",
        capacity: "task",
        why: &why,
        lane: [7; 16],
    };
    tx.plan_delivery(&new)?;
    let delivery = tx.delivery(new.id)?.unwrap().seq;
    tx.settle(delivery, &Outcome::Delivered)?;
    Ok(delivery)
}

#[tokio::test]
async fn what_is_given_a_task_later_came_when_it_came() {
    let Fixture { folder: _folder, ledger } = fixture();
    ledger.write(looks::fill).await.unwrap();
    let came: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
    let adopted = ledger.write(move |tx| {
        let delivery = deliver(tx)?;
        let before = "UPDATE inbox SET task = NULL, event = NULL, at = ?2 WHERE delivery = ?1";
        tx.sql.execute(before, &[delivery.into(), micros(came).into()])?;
        tx.sql.execute("DELETE FROM task WHERE seq = 1", &[])?;
        assert!(tx.adopt_inbox()? && !tx.adopt_inbox()?);
        let (of, today) = ([MAILBOX.to_owned()], jiff::civil::date(2026, 12, 1));
        let task = tx.reader().tasks(&of, (Tab::New, "ida", today), None, 10)?.tasks.remove(0);
        Ok((tx.reader().task_entries(task.seq, 10)?.remove(0).at, task.task.arrived))
    });
    assert_eq!(adopted.await.unwrap(), (came, came));
}

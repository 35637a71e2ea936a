//! `status`: how the hub is doing, or what the ledger says where none runs.

use serde_json::{Value, json};

use super::out::{Out, Tone};
use super::{Common, Failure, Outcome, runtime, wishes};
use crate::control::{self, Command};
use crate::ledger;
use crate::telemetry;

pub(super) fn run(common: &Common, out: &mut Out) -> Outcome {
    let settings = common.settings()?;
    let state = common.existing_state()?;
    if state.lock().is_ok() {
        let keys = state.keys(&settings)?;
        let balance = ledger::read(&state.ledger(&settings), &keys, |reader| reader.balance())?;
        if out.json {
            out.value(&json!({"running": false, "balance": balance}))?;
        } else {
            let stopped = out.tone(Tone::Warn, "stopped");
            out.line(format_args!("hub       {stopped}"));
            books(out, &serde_json::to_value(&balance)?);
        }
        return Err(Failure::Said);
    }
    let asked = runtime()?.block_on(control::ask(&state.socket(), &super::order::user(), Command::Status));
    let mut status = asked.map_err(|failure| anyhow::anyhow!(telemetry::chain(&failure)))?;
    let ready = status.pointer("/health/ready").and_then(Value::as_bool).unwrap_or(false);
    if out.json {
        if let Some(object) = status.as_object_mut() {
            object.insert("running".to_owned(), true.into());
        }
        out.value(&status)?;
    } else {
        show(out, &status, ready);
    }
    if ready { Ok(()) } else { Err(Failure::Said) }
}

fn show(out: &mut Out, status: &Value, ready: bool) {
    let text = |pointer: &str| status.pointer(pointer).and_then(Value::as_str).unwrap_or("?").to_owned();
    let shown = if ready { out.tone(Tone::Good, "ready") } else { out.tone(Tone::Warn, "not ready") };
    out.line(format_args!("hub       {shown}"));
    out.line(format_args!("broker    {}", text("/health/broker")));
    for foreign in status.pointer("/health/foreign").and_then(Value::as_array).into_iter().flatten() {
        let part = |at: usize| foreign.get(at).and_then(Value::as_str).unwrap_or("?");
        let how = out.tone(if part(1) == "up" { Tone::Good } else { Tone::Warn }, part(1));
        out.line(format_args!("fetches   {}: {how}", part(0)));
    }
    out.line(format_args!("ledger    {}", text("/health/ledger")));
    if let Some(balance) = status.pointer("/health/balance").filter(|balance| !balance.is_null()) {
        books(out, balance);
    }
    for (service, how) in status.pointer("/health/services").and_then(Value::as_object).into_iter().flatten() {
        let how = how.as_str().unwrap_or("?");
        let how = out.tone(if how == "answers" { Tone::Good } else { Tone::Warn }, how);
        let waiting = status.get("wishes").and_then(|wishes| wishes.get(service)).and_then(Value::as_i64).unwrap_or(0);
        let whom = wishes::whom(service);
        out.line(format_args!("asks      {whom}: {how}; {waiting} waiting for it"));
    }
    for (way, how) in status.pointer("/health/broken").and_then(Value::as_object).into_iter().flatten() {
        let how = out.tone(Tone::Warn, how.as_str().unwrap_or("?"));
        out.line(format_args!("broken    {way} {how}"));
    }
    let paused: Vec<&str> =
        status.get("paused").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if !paused.is_empty() {
        let list = out.tone(Tone::Warn, &paused.join(", "));
        out.line(format_args!("paused    {list}"));
    }
    for (queue, depth) in status.get("queues").and_then(Value::as_object).into_iter().flatten() {
        match depth.get("messages") {
            Some(messages) => out.line(format_args!("{queue:<28} {messages:>8}")),
            None => out.line(format_args!("{queue:<28}  unknown")),
        }
    }
}

fn books(out: &mut Out, balance: &Value) {
    let count = |name: &str| balance.pointer(name).and_then(Value::as_i64).unwrap_or(0);
    out.line(format_args!(
        "items     {} received = {} routed + {} recorded + {} duplicate + {} waiting + {} parked + {} discarded",
        count("/received"),
        count("/routed"),
        count("/recorded"),
        count("/duplicate"),
        count("/waiting"),
        count("/parked"),
        count("/discarded"),
    ));
    for (name, what) in [("deliveries", "sent"), ("replies", "answered")] {
        let count = |state: &str| balance.pointer(&format!("/{name}/{state}")).and_then(Value::as_i64).unwrap_or(0);
        out.line(format_args!(
            "{what:<9} {} = {} delivered + {} waiting + {} parked + {} discarded",
            count("total"),
            count("delivered"),
            count("waiting"),
            count("parked"),
            count("discarded"),
        ));
    }
}

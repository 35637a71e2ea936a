//! What came out, for a person or a machine.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command's own output")]

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::child::Subject;
use super::latency::Latency;
use super::throughput::Measured;

/// Everything that was measured.
#[derive(Debug)]
pub(super) struct Report {
    messages: u32,
    rounds: BTreeMap<Subject, Vec<Measured>>,
    latencies: BTreeMap<Subject, Latency>,
}

/// The middle of one side's rounds.
struct Middle {
    rate: f64,
    own: f64,
    broker: f64,
    peak: f64,
    threads: Vec<(String, f64)>,
}

/// Says what is being done.
pub(super) fn progress(what: &str) {
    eprintln!("{what}");
}

impl Report {
    /// Nothing yet.
    pub(super) fn new(messages: u32) -> Self {
        Self { messages, rounds: BTreeMap::new(), latencies: BTreeMap::new() }
    }

    /// Adds a round.
    pub(super) fn add(&mut self, subject: Subject, measured: Measured) {
        self.rounds.entry(subject).or_default().push(measured);
    }

    /// Adds latencies.
    pub(super) fn latency(&mut self, subject: Subject, latency: Latency) {
        self.latencies.insert(subject, latency);
    }

    /// Prints the medians.
    pub(super) fn print(&self, as_json: bool) -> Result<()> {
        let forwarder = self.middle(Subject::Forwarder).context("the forwarder was not measured")?;
        let hub = self.middle(Subject::Hub).context("the hub was not measured")?;
        let ratio = hub.rate / forwarder.rate;
        if as_json {
            let sides = [(Subject::Forwarder, &forwarder), (Subject::Hub, &hub)];
            let sides: serde_json::Map<String, Value> =
                sides.into_iter().map(|(subject, middle)| (subject.to_string(), self.json(subject, middle))).collect();
            println!("{}", json!({ "messages": self.messages, "ratio": ratio, "sides": sides }));
            return Ok(());
        }
        println!(
            "\n{} plans of 4 KiB to two mailboxes, quorum queues, medians of {} rounds",
            self.messages,
            self.count()
        );
        println!(
            "{:<12}{:>10}{:>16}{:>16}{:>12}{:>12}{:>12}",
            "", "plans/s", "own µs/plan", "broker µs/plan", "peak MiB", "p50 ms", "p99 ms"
        );
        for (subject, middle) in [(Subject::Forwarder, &forwarder), (Subject::Hub, &hub)] {
            let latency = self.latencies.get(&subject);
            let ms = |of: fn(&Latency) -> std::time::Duration| {
                latency.map_or_else(|| "-".to_owned(), |it| format!("{:.1}", of(it).as_secs_f64() * 1000.0))
            };
            println!(
                "{subject:<12}{:>10.0}{:>16.0}{:>16.0}{:>12.0}{:>12}{:>12}",
                middle.rate,
                middle.own,
                middle.broker,
                middle.peak,
                ms(|it| it.p50),
                ms(|it| it.p99)
            );
        }
        println!("\nratio: {ratio:.2}");
        println!("where the hub's own time goes, µs/plan by thread:");
        for (thread, used) in hub.threads.iter().filter(|(_, used)| *used >= 0.5) {
            println!("  {thread:<20}{used:>8.0}");
        }
        Ok(())
    }

    fn json(&self, subject: Subject, middle: &Middle) -> Value {
        let latency = self.latencies.get(&subject).map(|latency| {
            json!({ "p50_ms": latency.p50.as_secs_f64() * 1000.0, "p99_ms": latency.p99.as_secs_f64() * 1000.0 })
        });
        let rates: Vec<f64> = self.rounds.get(&subject).into_iter().flatten().map(|round| round.rate).collect();
        let threads: serde_json::Map<String, Value> =
            middle.threads.iter().map(|(name, used)| (name.clone(), json!(used))).collect();
        json!({
            "plans_per_second": middle.rate, "own_us_per_plan": middle.own, "broker_us_per_plan": middle.broker,
            "peak_mib": middle.peak, "rounds": rates, "threads_us_per_plan": threads, "latency": latency,
        })
    }

    fn count(&self) -> usize {
        self.rounds.values().map(Vec::len).min().unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "MiB of a process's memory")]
    fn middle(&self, subject: Subject) -> Option<Middle> {
        let rounds = self.rounds.get(&subject)?;
        let of = |value: &dyn Fn(&Measured) -> f64| median(rounds.iter().map(value).collect());
        let mut threads: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (name, used) in rounds.iter().flat_map(|round| &round.threads) {
            threads.entry(name).or_default().push(*used);
        }
        let mut threads: Vec<(String, f64)> =
            threads.into_iter().filter_map(|(name, used)| Some((name.to_owned(), median(used)?))).collect();
        threads.sort_by(|one, other| other.1.total_cmp(&one.1));
        Some(Middle {
            rate: of(&|round| round.rate)?,
            own: of(&|round| round.threads.iter().map(|(_, used)| used).sum())?,
            broker: of(&|round| round.broker)?,
            peak: of(&|round| round.peak as f64 / 1024.0)?,
            threads,
        })
    }
}

/// The middle one; of an even number the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(upper, *values.get(middle.checked_sub(1)?)?)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}

//! `bench --console`: how long the hub takes to answer for each page and call, with very much in its
//! ledger. The ledger is filled by the hub's own code, without a broker; then a hub runs on it, and
//! every page that somebody can get to by links, and every call that the API's document names, is
//! asked for some hundred times, one after the other.

mod calls;
mod fill;
mod letters;
mod visit;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::Bench;
use super::report::progress;
use crate::adapters::Registry;
use crate::app::{self, State};
use crate::clock::Clock;
use crate::config::{Settings, agreement};
use fill::{INBOXES, Ledger};
use visit::Timed;

/// What a page may take, as the mission has it.
const LIMIT: Duration = Duration::from_millis(100);

/// Fills, visits, and prints a table.
pub(super) async fn run(bench: &Bench<'_>, messages: u32, times: usize, json: bool) -> Result<()> {
    let folder = bench.state();
    let mut settings = settings(bench.config)?;
    settings.agreement = with_inboxes(&settings.agreement, &bench.folder)?;
    let world = app::world(&settings, Registry::default())?;
    let state = State::at(&folder)?;
    let ledger = Ledger::open(&state, &settings, world)?;
    ledger.fill(messages).await?;
    let cookie = ledger.sign_in().await?;
    let token = ledger.token().await?;
    let size = ledger.size().await?;
    drop(ledger);
    progress(&format!("the ledger holds {messages} messages in {} MiB; the hub starts", size / 1_048_576));
    let hub = bench.start_on_what_is_there(&[("BUDSTIKKE__AGREEMENT__FOLDER", settings.agreement.as_os_str())]).await?;
    let visited = visit::all(&hub_at(&folder)?, &cookie, &token, times).await;
    hub.stop().await?;
    print(&visited?, json);
    Ok(())
}

/// Where the console of a hub that runs is.
fn hub_at(folder: &Path) -> Result<String> {
    let ready = app::Ready::read(&folder.join("hub.json"))?;
    ready.console.context("the hub has no console")
}

/// A copy of the agreements in which some teams work in the console: which ways lead to a team is agreed,
/// and not a setting.
fn with_inboxes(agreements: &Path, folder: &Path) -> Result<PathBuf> {
    let copy = folder.join("agreement");
    for file in agreement::files(agreements)? {
        let mut text = file.text.clone();
        for mailbox in INBOXES {
            if let Some((before, own)) = text.split_once(&format!("\"{mailbox}\"\nnavn")) {
                text = format!("{before}\"{mailbox}\"\nnavn{}", own.replacen("[\"amqp\"]", "[\"inbox\"]", 1));
            }
        }
        let place = copy.join(&file.agreement);
        std::fs::create_dir_all(&place)?;
        std::fs::write(place.join(file.file_name()), text)?;
    }
    Ok(copy)
}

fn settings(config: &Path) -> Result<Settings> {
    Settings::read(config).map_err(|faults| anyhow::anyhow!(app::listed(&faults)))
}

/// The clock that fills a ledger: it is set as the messages come.
fn clock() -> Clock {
    Clock::system()
}

#[expect(clippy::print_stdout, reason = "a command's own output")]
fn print(visited: &[Timed], json: bool) {
    if json {
        println!("{}", serde_json::json!(visited));
        return;
    }
    println!("\n{:<58}{:>7}{:>9}{:>10}{:>10}{:>10}", "", "status", "KiB", "p50 ms", "p95 ms", "max ms");
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    for Timed { path, status, bytes, p50, p95, most } in visited {
        let mark = if *p95 > LIMIT { "  over 100 ms" } else { "" };
        let (p50, p95, most) = (ms(*p50), ms(*p95), ms(*most));
        println!("{path:<58}{status:>7}{:>9}{p50:>10.1}{p95:>10.1}{most:>10.1}{mark}", bytes / 1024);
    }
}

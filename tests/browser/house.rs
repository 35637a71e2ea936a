//! A hub that runs, with people who may use its console, and what the demo sends.

use std::path::{Path, PathBuf};

use budstikke::clock::Clock;
use jiff::Span;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use tempfile::TempDir;

use crate::browser::Browser;
use crate::node::Vhost;
use crate::program::{Program, Running};

/// A password that is long enough.
pub(crate) const PASSWORD: &str = "en lang kode";

/// The day round which the samples happen.
const SAMPLES: Date = date(2026, 11, 22);

/// A hub with a console.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) program: Program,
    pub(crate) running: Running,
    pub(crate) vhost: Vhost,
    /// The agreement, where it is not the one that is shipped.
    _agreement: Option<TempDir>,
}

impl House {
    /// One with these settings beside the usual: `CONSOLE__LONGEST`, `1s`.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let vhost = Vhost::new();
        let usual = Program::at(vhost.address());
        let program = settings.iter().fold(usual, |program, (name, value)| program.set(name, value));
        let running = program.start().await;
        Self { program, running, vhost, _agreement: None }
    }

    /// One where these mailboxes work in the console.
    pub(crate) async fn with_inboxes(mailboxes: &[&str]) -> Self {
        let folder = agreement(mailboxes);
        let house = Self::with(&[("AGREEMENT__FOLDER", &folder.path().to_string_lossy())]).await;
        Self { _agreement: Some(folder), ..house }
    }

    /// Where the console is.
    pub(crate) fn origin(&self) -> &str {
        self.running.ready["console"].as_str().expect("an address")
    }

    /// Runs a command that must succeed, and returns what it says.
    pub(crate) async fn does(&self, arguments: &[&str]) -> String {
        let said = self.program.say(arguments).await;
        assert_eq!(said.code, Some(0), "{said:?}");
        said.out
    }

    /// Makes an account, with [`PASSWORD`].
    pub(crate) async fn account(&self, user: &str, name: &str, roles: &[&str]) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), format!("{PASSWORD}\n")).expect("a file");
        let path = file.path().to_string_lossy();
        let mut arguments = vec!["user", "add", user, "--name", name, "--password-file", &path];
        arguments.extend(roles.iter().flat_map(|role| ["--role", role]));
        self.does(&arguments).await;
    }

    /// A browser of somebody who has not signed in.
    pub(crate) async fn browser(&self) -> Browser {
        Browser::open(self.origin()).await
    }

    /// A browser of somebody who has an account, and is signed in.
    pub(crate) async fn visitor(&self, user: &str, name: &str, roles: &[&str]) -> Browser {
        self.account(user, name, roles).await;
        let browser = self.browser().await;
        browser.does(browser.signs_in(user)).await;
        browser
    }

    /// The mailboxes of the agreement.
    pub(crate) fn mailboxes() -> Vec<String> {
        let file: toml::Table = read("deploy/agreement/dragoer-taarnby/postkasser.toml").parse().expect("TOML");
        let mailboxes = file["postkasse"].as_array().expect("mailboxes");
        mailboxes.iter().map(|mailbox| mailbox["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// Sends everything that the demo sends, as if it happened today, and waits until it is taken.
    pub(crate) async fn sends_the_day(&self) {
        let folder = tempfile::tempdir().expect("a directory");
        let today = Clock::system().now().to_zoned(TimeZone::UTC).date();
        let later = today.since(SAMPLES).expect("some days").get_days();
        let demo = read("deploy/demo");
        let scenes: Vec<(&str, &str)> = demo.lines().filter_map(scene).collect();
        assert!(scenes.len() > 40, "the demo is written in another way: {scenes:?}");
        for together in scenes.chunk_by(|one, other| one.1 == other.1) {
            let files = together.iter().map(|(name, _)| {
                let path = folder.path().join(name);
                std::fs::write(&path, moved(&sample(name), later)).expect("a sample");
                path
            });
            self.sends(together[0].1, &files.collect::<Vec<_>>()).await;
        }
    }

    /// Sends files to what reads them, or to what they look like where nothing is named, and waits
    /// until they are taken.
    pub(crate) async fn sends(&self, adapter: &str, files: &[PathBuf]) {
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let mut arguments = vec!["send", "--json"];
        arguments.extend(Some(adapter).filter(|it| !it.is_empty()).into_iter().flat_map(|it| ["--adapter", it]));
        arguments.extend(files.iter().map(String::as_str));
        self.does(&arguments).await;
    }
}

impl Browser {
    /// Signs in with [`PASSWORD`].
    pub(crate) async fn signs_in(&self, user: &str) {
        self.goes_to("/").await;
        self.writes("Bruger", user).await;
        self.writes("Adgangskode", PASSWORD).await;
        self.presses("Log ind").await;
        self.sees("Log ud").await;
    }
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is text", path.display()))
}

/// The agreement that is shipped, where these mailboxes have an inbox in the console and no queue.
fn agreement(mailboxes: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    let own = folder.path().join("dragoer-taarnby");
    std::fs::create_dir(&own).expect("a directory");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/agreement/dragoer-taarnby");
    for entry in std::fs::read_dir(shipped).expect("the agreement") {
        let path = entry.expect("a file").path();
        let mut text = std::fs::read_to_string(&path).expect("text");
        if path.ends_with("postkasser.toml") {
            for mailbox in mailboxes {
                let (before, own) = text.split_once(&format!("\"{mailbox}\"")).expect("the mailbox");
                text = format!("{before}\"{mailbox}\"{}", own.replacen("[\"amqp\"]", "[\"inbox\"]", 1));
            }
        }
        std::fs::write(own.join(path.file_name().expect("a name")), text).expect("a file");
    }
    folder
}

/// What the demo sends.
pub(crate) fn sample(name: &str) -> String {
    read(&format!("deploy/samples/{name}"))
}

/// What a line of the demo sends, and as what.
fn scene(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("scene ")?.split_once(' ')?;
    let (_, adapter) = rest.rsplit_once('"')?;
    Some((name, adapter.trim()))
}

/// A sample with all its days so much later.
fn moved(sample: &str, later: i32) -> String {
    let mut moved = String::new();
    let mut rest = sample;
    while let Some(at) = rest.find("2026-1") {
        let (before, from) = rest.split_at(at);
        moved.push_str(before);
        let day = from.get(..10).and_then(|day| day.parse::<Date>().ok());
        let length = if day.is_some() { 10 } else { 6 };
        let day = day.map(|day| day.saturating_add(Span::new().days(later)).to_string());
        moved.push_str(day.as_deref().unwrap_or("2026-1"));
        rest = &from[length..];
    }
    moved + rest
}

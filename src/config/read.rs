//! From file and environment to checked settings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Config, Environment, File, FileFormat};
use serde_json::{Map, Value};

use super::mailbox::spelt;
use super::value::{self, Expected};
use super::{Broker, Fault, Place, Settings, Telemetry};
use crate::deliver::retry::Policy;
use crate::retry;
use crate::telemetry::Format;

/// What stands before each name in the environment.
const PREFIX: &str = "BUDSTIKKE";

/// Reads everything and collects the faults.
pub(super) fn read(path: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Settings, Vec<Fault>> {
    let prefix = format!("{PREFIX}__");
    let environment: BTreeMap<String, String> = environment.filter(|(name, _)| name.starts_with(&prefix)).collect();
    let source = Environment::with_prefix(PREFIX)
        .prefix_separator("__")
        .separator("__")
        .source(Some(environment.iter().map(|(name, value)| (spelt(name), value.clone())).collect()));
    let built = Config::builder()
        .add_source(File::from(path).format(FileFormat::Toml))
        .add_source(source)
        .build()
        .and_then(Config::try_deserialize::<Value>);
    let tree = match built {
        Ok(Value::Object(tree)) => tree,
        Ok(_) => Map::new(),
        Err(error) => {
            let what = format!("cannot be read: {error}");
            return Err(vec![Fault { place: path.display().to_string(), what }]);
        }
    };
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut reader = Reader { tree, environment, folder, asked: BTreeSet::new(), faults: Vec::new() };
    let settings = reader.settings();
    reader.unknown_keys();
    match settings {
        Some(settings) if reader.faults.is_empty() => Ok(settings),
        _ => {
            reader.faults.sort();
            Err(reader.faults)
        }
    }
}

pub(super) struct Reader {
    tree: Map<String, Value>,
    environment: BTreeMap<String, String>,
    folder: PathBuf,
    asked: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl Reader {
    /// Every value is asked for before any is looked at, so that all faults are found.
    fn settings(&mut self) -> Option<Settings> {
        let agreement = self.text("agreement.folder", "../agreement");
        let (broker, ledger, retry) = (self.broker(), self.ledger(), self.retry());
        let listen = self.value("telemetry.listen", value::address, ([127, 0, 0, 1], 8156).into());
        let log = self.text("telemetry.log", "info");
        let format = self.value("telemetry.format", format, Format::Auto);
        let otlp = self.otlp();
        let calendar = self.value("duties.calendar", switch, true);
        let stop_grace = self.value("stop.grace", value::duration, Duration::from_secs(20));
        let (senders, mailboxes) = (self.senders(), self.mailboxes());
        let (residence, fetch) = (self.residence(), self.fetch());
        let (beskedfordeler, console, notices) = (self.beskedfordeler(), self.console(), self.notices());
        Some(Settings {
            agreement: self.folder.join(agreement?),
            broker: broker?,
            ledger: ledger?,
            retry: retry?,
            calendar: calendar?,
            console: console?,
            telemetry: Telemetry { listen: listen?, log: log?, format: format?, otlp: otlp? },
            stop_grace: stop_grace?,
            senders,
            mailboxes,
            residence: residence?,
            notices: notices?,
            fetch,
            beskedfordeler: beskedfordeler?,
        })
    }

    fn retry(&mut self) -> Option<Policy> {
        let otherwise = Policy::default();
        let first = self.value("deliver.retry_first", value::duration, otherwise.waits.first());
        let longest = self.value("deliver.retry_longest", value::duration, otherwise.waits.longest());
        let attempts = self.number("deliver.retry_attempts", 1, otherwise.attempts);
        Some(Policy { waits: retry::Policy::new(first?, longest?), attempts: attempts? })
    }

    fn broker(&mut self) -> Option<Broker> {
        let url = self.text("broker.url", "private");
        let (certificate, key) = (self.path("broker.cert_file"), self.path("broker.key_file"));
        let (password_file, ca_file) = (self.path("broker.password_file"), self.path("broker.ca_file"));
        let management = self.management();
        let prefetch = self.number("broker.prefetch", 1, 256);
        let window = self.number("broker.window", 1, 512);
        let heartbeat = self.value("broker.heartbeat", value::duration, Duration::from_secs(10));
        let confirm_timeout = self.value("broker.confirm_timeout", value::duration, Duration::from_secs(30));
        let identity = match (certificate?, key?) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) => return self.fault("broker.key_file", "is missing beside `broker.cert_file`"),
            (None, Some(_)) => return self.fault("broker.cert_file", "is missing beside `broker.key_file`"),
        };
        let url = url?;
        Some(Broker {
            place: if url == "private" { Place::Private } else { Place::At(url) },
            password_file: password_file?,
            ca_file: ca_file?,
            management: management?,
            identity,
            prefetch: prefetch?,
            window: window?,
            heartbeat: heartbeat?,
            confirm_timeout: confirm_timeout?,
        })
    }

    /// User → the source that it may speak for.
    fn senders(&mut self) -> BTreeMap<String, String> {
        self.asked.insert("senders".to_owned());
        let mut senders = BTreeMap::new();
        for (user, source) in self.tree.get("senders").and_then(Value::as_object).cloned().unwrap_or_default() {
            let path = source.as_str().filter(|source| source.starts_with('/') && source.len() > 1);
            if let Some(path) = path {
                senders.insert(user, path.to_owned());
            } else {
                let what = "must be a source path, as in \"/taarnby/cura\"";
                self.fault::<()>(&format!("senders.{user}"), what);
            }
        }
        senders
    }

    pub(super) fn tree(&self) -> &Map<String, Value> {
        &self.tree
    }

    /// Says that a key is known.
    pub(super) fn known(&mut self, key: &str) {
        self.asked.insert(key.to_owned());
    }

    /// The value of `section.key`, or `otherwise` where it is not set; `None` where it is wrong.
    pub(super) fn value<T>(
        &mut self,
        key: &str,
        read: impl Fn(&Value) -> Result<T, Expected>,
        otherwise: T,
    ) -> Option<T> {
        self.asked.insert(key.to_owned());
        let mut steps = key.split('.');
        let section = steps.next().and_then(|section| self.tree.get(section));
        let found = steps.try_fold(section, |value, step| value.map(|value| value.get(step))).flatten().cloned();
        match found.map(|value| read(&value)) {
            None => Some(otherwise),
            Some(Ok(value)) => Some(value),
            Some(Err(expected)) => self.fault(key, &format!("must be {expected}")),
        }
    }

    pub(super) fn text(&mut self, key: &str, otherwise: &str) -> Option<String> {
        self.value(key, value::text, otherwise.to_owned())
    }

    /// A path, relative to the file; the inner `None` where it is not set.
    #[expect(clippy::option_option, reason = "not set and wrong are different things")]
    pub(super) fn path(&mut self, key: &str) -> Option<Option<PathBuf>> {
        let path = self.value(key, |value| value::text(value).map(Some), None)?;
        Some(path.map(|path| self.folder.join(path)))
    }

    pub(super) fn number<T: TryFrom<u64> + Copy>(&mut self, key: &str, least: u64, otherwise: T) -> Option<T> {
        let number = self.value(key, |value| value::count(value).map(Some), None)?;
        let Some(number) = number else { return Some(otherwise) };
        match T::try_from(number) {
            Ok(fits) if number >= least => Some(fits),
            _ => self.fault(key, &format!("must be at least {least}, and not that large")),
        }
    }

    pub(super) fn fault<T>(&mut self, key: &str, what: &str) -> Option<T> {
        let variable = format!("{PREFIX}__{}", key.replace('.', "__").replace('-', "_").to_uppercase());
        let place = if self.environment.keys().any(|name| name.replace('-', "_").eq_ignore_ascii_case(&variable)) {
            format!("`{key}` (from the environment, {variable})")
        } else {
            format!("`{key}`")
        };
        self.faults.push(Fault { place, what: what.to_owned() });
        None
    }

    /// The keys at and below `key` that nobody asked for.
    fn unasked(&self, key: String, value: &Value, unknown: &mut Vec<String>) {
        if self.asked.contains(&key) {
            return;
        }
        match value.as_object() {
            Some(keys) => keys.iter().for_each(|(name, value)| self.unasked(format!("{key}.{name}"), value, unknown)),
            None => unknown.push(key),
        }
    }

    /// A key that nobody asked for is most often one that is misspelt.
    fn unknown_keys(&mut self) {
        let mut unknown = Vec::new();
        for (section, value) in &self.tree {
            self.unasked(section.clone(), value, &mut unknown);
        }
        for key in unknown {
            let near = self.asked.iter().min_by_key(|known| distance(known, &key)).cloned().unwrap_or_default();
            self.fault::<()>(&key, &format!("is not a setting; did you mean `{near}`?"));
        }
    }
}

fn switch(value: &Value) -> Result<bool, Expected> {
    match value.as_str() {
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        _ => Err("\"on\" or \"off\""),
    }
}

fn format(value: &Value) -> Result<Format, Expected> {
    match value.as_str() {
        Some("auto") => Ok(Format::Auto),
        Some("text") => Ok(Format::Text),
        Some("json") => Ok(Format::Json),
        _ => Err("\"auto\", \"text\" or \"json\""),
    }
}

/// How many letters differ, roughly: enough to name the key that was meant.
fn distance(one: &str, other: &str) -> usize {
    let same = one.chars().zip(other.chars()).filter(|(a, b)| a == b).count();
    one.len().max(other.len()) - same
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn with(text: &str, environment: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("budstikke.toml");
        std::fs::write(&path, text).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(&path, environment).map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_shipped_file_says_what_the_defaults_are() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/config/budstikke.toml");
        let mut read = read(&shipped, std::iter::empty()).unwrap();
        let mut empty = with("", &[]).unwrap();
        assert!(read.agreement.ends_with("config/../agreement"));
        (read.agreement, empty.agreement) = (PathBuf::new(), PathBuf::new());
        assert_eq!(read, empty);
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let settings =
            with("[broker]\nprefetch = 10", &[("BUDSTIKKE__BROKER__PREFETCH", "20"), ("OTHER", "x")]).unwrap();
        assert_eq!(settings.broker.prefetch, 20);
    }

    #[test]
    fn all_faults_come_at_once_and_name_their_origin() {
        let text = "[ledger]\nurl = \"mysql:x\"\n[telemetry]\nformat = \"xml\"";
        let faults = with(text, &[("BUDSTIKKE__BROKER__HEARTBEAT", "soon")]).unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:#?}");
        assert!(faults.iter().any(|it| it.contains("BUDSTIKKE__BROKER__HEARTBEAT")), "{faults:#?}");
    }

    #[test]
    fn every_key_refuses_a_wrong_type() {
        for (section, key) in [
            ("agreement", "folder"),
            ("broker", "url"),
            ("broker", "prefetch"),
            ("broker", "window"),
            ("broker", "heartbeat"),
            ("broker", "confirm_timeout"),
            ("ledger", "url"),
            ("ledger", "key_file"),
            ("ledger", "max_size"),
            ("deliver", "retry_first"),
            ("deliver", "retry_longest"),
            ("deliver", "retry_attempts"),
            ("console", "listen"),
            ("console", "url"),
            ("console", "idle"),
            ("console", "longest"),
            ("telemetry", "listen"),
            ("telemetry", "log"),
            ("telemetry", "format"),
            ("telemetry", "otlp"),
            ("telemetry", "otlp_token_file"),
            ("telemetry", "otlp_ca_file"),
            ("broker", "management"),
            ("stop", "grace"),
            ("broker", "password_file"),
            ("broker", "ca_file"),
            ("beskedfordeler", "host"),
            ("beskedfordeler", "port"),
            ("beskedfordeler", "queue"),
            ("beskedfordeler", "token_file"),
            ("beskedfordeler", "codes_file"),
        ] {
            let faults = with(&format!("[{section}]\n{key} = true"), &[]).unwrap_err();
            assert!(faults[0].contains(&format!("{section}.{key}")), "{faults:?}");
        }
        for bad in ["prefetch = 1.9", "prefetch = -1", "prefetch = 0", "prefetch = 70000", "window = \"many\""] {
            assert!(with(&format!("[broker]\n{bad}"), &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_misspelt_key_is_named_with_the_one_that_was_meant() {
        let faults = with("[broker]\nprefetsh = 10", &[]).unwrap_err();
        assert!(faults[0].contains("broker.prefetsh") && faults[0].contains("`broker.prefetch`"), "{faults:?}");
        assert!(with("[brokker]\nurl = \"private\"", &[]).is_err());
        assert!(with("", &[("BUDSTIKKE__BROKER__URI", "x")]).is_err());
    }

    #[test]
    fn a_certificate_needs_its_key() {
        let faults = with("[broker]\ncert_file = \"a.pem\"", &[]).unwrap_err();
        assert!(faults[0].contains("broker.key_file"), "{faults:?}");
    }
}

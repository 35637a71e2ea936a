//! What the node is told: its configuration files, and the environment it starts in. It gets none
//! of ours, so that nothing of a system-wide `RabbitMQ` reaches it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::access::{self, Access, USER};
use super::{Error, Options};

/// Schedulers of a node beside a hub: one per core, but a handful is enough.
const MOST_SCHEDULERS: usize = 4;

/// Erlang processes that the node can have. The default, a million, costs memory from the start;
/// each connection, channel and queue takes a few.
const MOST_PROCESSES: &str = "131072";

/// The files of a node, by what they are for.
#[derive(Debug, Clone)]
pub(super) struct Files {
    directory: PathBuf,
}

impl Files {
    pub(super) fn of(options: &Options) -> Result<Self, Error> {
        // The node runs in its own working directory: a relative path would not lead here.
        let directory = std::path::absolute(&options.directory)
            .map_err(|source| Error::File { path: options.directory.clone(), source })?;
        Ok(Self { directory })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn join(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What keeps a second hub out.
    pub(super) fn lock(&self) -> PathBuf {
        self.join("lock")
    }

    /// Which processes were started.
    pub(super) fn pids(&self) -> PathBuf {
        self.join("pids.json")
    }

    /// The node's own log.
    pub(super) fn log(&self) -> PathBuf {
        self.join("log/node.log")
    }

    /// What the node prints before it can log.
    pub(super) fn start_log(&self) -> PathBuf {
        self.join("log/start.log")
    }

    fn config(&self) -> PathBuf {
        self.join("rabbitmq.conf")
    }

    fn plugins(&self) -> PathBuf {
        self.join("enabled_plugins")
    }
}

/// Writes the node's configuration. Says whether it was the same before.
pub(super) fn write(options: &Options, access: &Access, files: &Files) -> Result<bool, Error> {
    for name in ["home", "log", "mnesia", "conf.d"] {
        access::make_private(&files.join(name))?;
    }
    let config = config(options, access);
    let plugins = if options.management { "[rabbitmq_management].\n" } else { "[].\n" };
    let mut same = true;
    for (path, text) in [(files.config(), config.as_str()), (files.plugins(), plugins)] {
        if fs::read_to_string(&path).ok().as_deref() != Some(text) {
            access::write_private(&path, text)?;
            same = false;
        }
    }
    Ok(same)
}

fn config(options: &Options, access: &Access) -> String {
    let mut lines = vec![
        format!("listeners.tcp.1 = 127.0.0.1:{}", access.ports.amqp),
        format!("default_user = {USER}"),
        format!("default_pass = {}", access.password().expose_secret()),
        format!("loopback_users.{USER} = true"),
        "log.console = false".to_owned(),
    ];
    if options.management {
        lines.push("management.tcp.ip = 127.0.0.1".to_owned());
        lines.push(format!("management.tcp.port = {}", access.ports.management));
    }
    lines.extend(options.extra_config.iter().cloned());
    lines.push(String::new());
    lines.join("\n")
}

/// The environment of the node, all of it.
pub(super) fn environment(access: &Access, files: &Files) -> BTreeMap<&'static str, OsString> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_SCHEDULERS);
    let ports = access.ports;
    let erlang = format!("+S {cores}:{cores} -kernel inet_dist_use_interface {{127,0,0,1}}");
    let mut environment: BTreeMap<&'static str, OsString> = BTreeMap::from([
        ("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into())),
        ("LANG", "C.UTF-8".into()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".into()),
        ("ERL_EPMD_PORT", ports.epmd.to_string().into()),
        ("RABBITMQ_NODENAME", "budstikke@localhost".into()),
        ("RABBITMQ_DIST_PORT", ports.distribution.to_string().into()),
        ("RABBITMQ_LOGS", files.log().into()),
        ("RABBITMQ_MAX_NUMBER_OF_PROCESSES", MOST_PROCESSES.into()),
        // Not bound to cores: the hub runs on the same ones.
        ("RABBITMQ_SCHEDULER_BIND_TYPE", "u".into()),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", erlang.into()),
        // Makes the script replace itself by the Erlang machine, so that the child we start is the
        // node itself, and its signals are the node's.
        ("RUNNING_UNDER_SYSTEMD", "true".into()),
    ]);
    let paths = [
        // The Erlang cookie lies here.
        ("HOME", "home"),
        ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
        ("RABBITMQ_MNESIA_BASE", "mnesia"),
        ("RABBITMQ_MNESIA_DIR", "mnesia/node"),
        ("RABBITMQ_FEATURE_FLAGS_FILE", "mnesia/feature_flags"),
        ("RABBITMQ_PLUGINS_EXPAND_DIR", "mnesia/plugins-expand"),
        ("RABBITMQ_GENERATED_CONFIG_DIR", "mnesia/config"),
        ("RABBITMQ_PID_FILE", "mnesia/node.pid"),
        ("RABBITMQ_LOG_BASE", "log"),
        // These are not there; without them the system's would be read.
        ("RABBITMQ_CONF_ENV_FILE", "rabbitmq-env.conf"),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
        ("RABBITMQ_CONFIG_FILES", "conf.d"),
    ];
    environment.extend(paths.map(|(name, path)| (name, files.join(path).into_os_string())));
    environment
}

//! Brokers for tests: the one that all share, and private ones to be maltreated.

use std::fs::Permissions;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use budstikke::broker::private_node;
use budstikke::broker::private_node::{Options, PrivateNode};
use budstikke::broker::{Address, Settings};
use rustix::process::{Pid, Signal};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::authority::Authority;
use crate::management::Management;
use crate::wait;

/// A virtual host of a test's own. It is deleted with everything in it at the end of the test.
#[derive(Debug)]
pub(crate) struct Vhost {
    pub(crate) name: String,
    pub(crate) management: Management,
    address: String,
}

impl Vhost {
    /// A virtual host in the broker that all tests share.
    pub(crate) fn new() -> Self {
        let address = environment("BUDSTIKKE_TEST_AMQP_URL");
        let management = Management::at(&environment("BUDSTIKKE_TEST_MANAGEMENT_URL"));
        Self::at(&address, management)
    }

    fn at(address: &str, management: Management) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        management.create_vhost(&name);
        let (broker, _) = address.rsplit_once('/').expect("the address has a virtual host");
        Self { address: format!("{broker}/{name}"), name, management }
    }

    /// The address, as text.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The address, by way of another port of this machine.
    pub(crate) fn address_by(&self, port: u16) -> String {
        let (login, _) = self.address.rsplit_once('@').expect("the address has a user");
        format!("{login}@127.0.0.1:{port}/{}", self.name)
    }

    /// The broker's own port.
    pub(crate) fn port(&self) -> u16 {
        let place = self.address.rsplit_once('@').and_then(|(_, place)| place.split_once('/')).expect("a place");
        place.0.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("the address has a port")
    }

    /// Settings as a test needs them: everything as in production, but quick to try again.
    pub(crate) fn settings(&self) -> Settings {
        settings(&self.address)
    }
}

impl Drop for Vhost {
    fn drop(&mut self) {
        self.management.delete_vhost(&self.name);
    }
}

/// Settings for this address, quick to try again.
pub(crate) fn settings(address: &str) -> Settings {
    let address = Address::parse(address.into()).expect("a good address");
    let retry = budstikke::retry::Policy::new(std::time::Duration::from_millis(50), std::time::Duration::from_secs(1));
    Settings { retry, ..Settings::new(address) }
}

fn environment(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("these tests need a broker, and `{name}` says where: run them by `deploy/test`"))
}

/// A broker of a test's own, which it may kill.
#[derive(Debug)]
pub(crate) struct Private {
    vhost: Option<Vhost>,
    stop: CancellationToken,
    running: JoinSet<Result<(), private_node::Error>>,
    directory: TempDir,
}

impl Private {
    /// Starts one, with these lines in its configuration.
    pub(crate) async fn start(extra_config: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut options = Options::new(directory.path().join("node"));
        options.management = true;
        options.server = mortal(directory.path(), "server", &options.server);
        options.epmd = mortal(directory.path(), "epmd", &options.epmd);
        options.extra_config = extra_config.iter().map(ToString::to_string).collect();
        let node = wait::soon("a private node starts", PrivateNode::start(options, |_| {})).await;
        let node = node.unwrap_or_else(|error| panic!("the private node did not start: {error}"));
        let management = node.management().expect("it has the management plugin");
        let vhost = Vhost::at(node.address().expose(), Management::at(management.expose_secret()));
        let stop = CancellationToken::new();
        let mut running = JoinSet::new();
        running.spawn(node.run(stop.clone()));
        Self { vhost: Some(vhost), stop, running, directory }
    }

    /// Starts one that wants a certificate on another port, which is said too, with what `authority`
    /// has signed for it.
    pub(crate) async fn encrypted(authority: &Authority, more: &[&str]) -> (Self, u16) {
        let port = free_port();
        let path = |name: &str| authority.file(name).display().to_string();
        let config = [
            format!("listeners.ssl.1 = 127.0.0.1:{port}"),
            format!("ssl_options.cacertfile = {}", path("authority.pem")),
            format!("ssl_options.certfile = {}", path("broker.pem")),
            format!("ssl_options.keyfile = {}", path("broker-key.pem")),
            "ssl_options.verify = verify_peer".to_owned(),
            "ssl_options.fail_if_no_peer_cert = true".to_owned(),
            "ssl_options.versions.1 = tlsv1.3".to_owned(),
        ];
        let lines: Vec<&str> = config.iter().map(String::as_str).chain(more.iter().copied()).collect();
        (Self::start(&lines).await, port)
    }

    /// The same, and it lets in by EXTERNAL whoever shows a certificate of a user's name. There is
    /// one such user, `hub`.
    pub(crate) async fn knowing_certificates(authority: &Authority) -> (Self, u16) {
        let more = ["auth_mechanisms.1 = EXTERNAL", "auth_mechanisms.2 = PLAIN", "ssl_cert_login_from = common_name"];
        let (node, port) = Self::encrypted(authority, &more).await;
        node.enable(&["rabbitmq_auth_mechanism_ssl"]).await;
        let vhost = node.vhost();
        vhost.management.create_user("hub", "another way in");
        vhost.management.allow(&vhost.name, "hub", ".*");
        (node, port)
    }

    pub(crate) fn vhost(&self) -> &Vhost {
        self.vhost.as_ref().expect("it is there until the end")
    }

    /// Sends a signal to the Erlang machine.
    pub(crate) fn signal(&self, signal: Signal) {
        send(self.pid(), signal);
    }

    /// The process id of the Erlang machine that runs now.
    pub(crate) fn pid(&self) -> u32 {
        pid_in(&self.directory.path().join("node"), "node")
    }

    /// Runs `rabbitmqctl` on it.
    pub(crate) async fn ctl(&self, arguments: &[&str]) {
        let directory = self.directory.path().join("node");
        let ports = std::fs::read(directory.join("node.json")).expect("the node's ports");
        let ports: serde_json::Value = serde_json::from_slice(&ports).expect("ports");
        let run = tokio::process::Command::new("/usr/lib/rabbitmq/bin/rabbitmqctl")
            .args(["-n", "budstikke@localhost"])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("HOME", directory.join("home"))
            .env("ERL_EPMD_PORT", ports["ports"]["epmd"].to_string())
            .env("RABBITMQ_CONF_ENV_FILE", directory.join("none"))
            .output();
        let output = wait::soon("rabbitmqctl", run).await.expect("rabbitmqctl runs");
        assert!(output.status.success(), "rabbitmqctl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Turns plugins on, beside the one that it has.
    async fn enable(&self, plugins: &[&str]) {
        let file = self.directory.path().join("node/enabled_plugins");
        let all: Vec<&str> = [&["rabbitmq_management"], plugins].concat();
        std::fs::write(&file, format!("[{}].\n", all.join(","))).expect("the list of plugins");
        self.ctl(&["eval", &format!("rabbit_plugins:ensure(\"{}\").", file.display())]).await;
    }

    /// Stops it in order.
    pub(crate) async fn stop(mut self) {
        drop(self.vhost.take());
        self.stop.cancel();
        let ended = wait::soon("a private node stops", self.running.join_next()).await;
        ended.expect("it runs").expect("it does not panic").expect("it stops in order");
    }
}

/// A port that is free now, below those that outgoing connections are given.
fn free_port() -> u16 {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    (15_000..20_000).find(free).expect("a free port")
}

/// The same program, but it dies with the test: one that is killed must not leave a broker behind.
fn mortal(directory: &Path, name: &str, program: &Path) -> PathBuf {
    let script = directory.join(name);
    let text = format!("#!/bin/sh\nexec setpriv --pdeathsig KILL -- {} \"$@\"\n", program.display());
    std::fs::write(&script, text).expect("a script");
    std::fs::set_permissions(&script, Permissions::from_mode(0o700)).expect("it can be run");
    script
}

/// Which process runs for a node in this directory: `node` or `epmd`.
pub(crate) fn pid_in(directory: &Path, process: &str) -> u32 {
    let pids = std::fs::read(directory.join("pids.json")).expect("the node's process ids");
    let pids: serde_json::Value = serde_json::from_slice(&pids).expect("process ids");
    pids[process]["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("a process id")
}

/// Sends a signal to a process.
pub(crate) fn send(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    rustix::process::kill_process(pid, signal).expect("the process takes a signal");
}

//! The private node: found again, watched, ended, and nobody else's business.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use budstikke::broker::private_node::{Error, Options, PrivateNode, Progress};
use budstikke::broker::{Address, State};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::hub::{Hub, in_queue};
use crate::node::{pid_in, send, settings};
use crate::wait;

/// A hub's worth of process that runs a node, and can be killed like one.
struct Keeper {
    child: Child,
    directory: PathBuf,
    addresses: PathBuf,
}

impl Keeper {
    /// Runs `broker-node`, the example program, as `user` if one is given.
    async fn start(directory: &Path, user: Option<u32>) -> Self {
        let program = std::env::current_exe().expect("this program");
        let program = program.ancestors().nth(2).expect("a target directory").join("examples/broker-node");
        assert!(program.exists(), "`{}` is not built: run the tests by `deploy/test`", program.display());
        let addresses = directory.join("addresses");
        let node = directory.join("node");
        let mut command = match user {
            None => Command::new(&program),
            Some(user) => {
                // Wherever the program was built, the user may not be able to go there.
                let copy = directory.join("broker-node");
                std::fs::copy(&program, &copy).expect("a copy");
                let mut command = Command::new("setpriv");
                let user = user.to_string();
                command.args(["--reuid", &user, "--regid", &user, "--clear-groups", "--"]).arg(copy);
                command
            }
        };
        let child = command.arg(&node).arg(&addresses).spawn().expect("it starts");
        wait::until("the node is ready", async || addresses.exists().then_some(())).await;
        Self { child, directory: node, addresses }
    }

    fn address(&self) -> String {
        let text = std::fs::read_to_string(&self.addresses).expect("the addresses");
        let line = text.lines().find_map(|line| line.strip_prefix("BUDSTIKKE_TEST_AMQP_URL='"));
        line.and_then(|line| line.strip_suffix('\'')).expect("the address").to_owned()
    }

    fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// As `kill -9` does it: nothing is stopped in order.
    async fn kill(mut self) {
        self.child.kill().await.expect("it is killed");
        std::fs::remove_file(&self.addresses).expect("the addresses");
    }

    async fn stop(mut self) {
        send(self.pid(), Signal::TERM);
        let ended = wait::soon("it stops", self.child.wait()).await.expect("it ends");
        assert!(ended.success(), "{ended}");
    }
}

/// A test that fails leaves no node behind.
impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(pid) = self.child.id() {
            send(pid, Signal::TERM);
        }
    }
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_a_killed_hub_left_is_used_again() {
    let directory = directory();
    let first = Keeper::start(directory.path(), None).await;
    let (address, pid) = (first.address(), pid_in(&first.directory, "node"));
    let hub = Hub::up(settings(&address), Vec::new()).await;
    hub.insert(["kept".to_owned()]).await;
    first.kill().await;
    // The hub's own session has not even noticed.
    assert_eq!(*hub.broker.state().borrow(), State::Up);

    let second = Keeper::start(directory.path(), None).await;
    assert_eq!((second.address(), pid_in(&second.directory, "node")), (address, pid));
    assert_eq!(hub.depth(&in_queue()).await, Some(1));
    hub.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_left_frozen_is_ended_and_loses_nothing() {
    let directory = directory();
    let first = Keeper::start(directory.path(), None).await;
    let address = first.address();
    let hub = Hub::up(settings(&address), Vec::new()).await;
    hub.insert(["kept".to_owned()]).await;
    hub.stop().await;
    let pid = pid_in(&first.directory, "node");
    first.kill().await;
    // Only now: the kernel continues what was stopped when its parent ends.
    send(pid, Signal::STOP);

    let second = Keeper::start(directory.path(), None).await;
    assert_ne!(pid_in(&second.directory, "node"), pid);
    assert_eq!(second.address(), address);
    let hub = Hub::up(settings(&address), Vec::new()).await;
    hub.holds(&in_queue(), 1).await;
    hub.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_user_can_run_a_node_and_no_other_can_read_its_password() {
    let directory = directory();
    let root = rustix::process::getuid().is_root();
    if root {
        chown(directory.path(), Some(NOBODY), Some(NOBODY)).expect("a gift");
    }
    let node = Keeper::start(directory.path(), root.then_some(NOBODY)).await;
    for file in ["node.json", "rabbitmq.conf", "home/.erlang.cookie"] {
        let mode = std::fs::metadata(node.directory.join(file)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
    let address = node.address();
    let (_, place) = address.rsplit_once('@').expect("a login");
    let guest = Hub::start(settings(&format!("amqp://guest:guest@{place}")), Vec::new());
    assert!(guest.ended().await.is_err(), "guest is not let in");
    node.stop().await;
}

const NOBODY: u32 = 65_534;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_port_mapper_dies_goes_on() {
    let directory = directory();
    let node = Keeper::start(directory.path(), None).await;
    let (pid, epmd) = (pid_in(&node.directory, "node"), pid_in(&node.directory, "epmd"));
    let hub = Hub::up(settings(&node.address()), Vec::new()).await;
    send(epmd, Signal::KILL);
    wait::until("it has another", async || (pid_in(&node.directory, "epmd") != epmd).then_some(())).await;
    assert_eq!(pid_in(&node.directory, "node"), pid);
    assert_eq!(*hub.broker.state().borrow(), State::Up);
    hub.stop().await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_started_with_its_progress_and_belongs_to_one_hub() {
    let directory = directory();
    let said = Mutex::new(Vec::new());
    let node = PrivateNode::start(Options::new(directory.path()), |progress| said.lock().unwrap().push(progress));
    let node = wait::soon("it starts", node).await.expect("it starts");
    let said = said.into_inner().expect("progress");
    assert_eq!(said.first(), Some(&Progress::Starting));
    assert_eq!(said.last(), Some(&Progress::Ready));
    assert!(said.iter().any(|progress| matches!(progress, Progress::Waiting(_))), "{said:?}");

    let second = PrivateNode::start(Options::new(directory.path()), |_| {}).await;
    assert!(matches!(second, Err(Error::InUse(_))), "{second:?}");

    let address: Address = node.address().clone();
    assert!(node.management().is_none());
    let stop = CancellationToken::new();
    let mut running = std::pin::pin!(node.run(stop.clone()));
    let work = async {
        let hub = Hub::up(settings(address.expose()), Vec::new()).await;
        hub.insert(["one".to_owned()]).await;
        hub.stop().await;
    };
    tokio::select! {
        () = work => {}
        ended = &mut running => panic!("it ended by itself: {ended:?}"),
    }
    stop.cancel();
    wait::soon("it stops", running).await.expect("it stops in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_with_what_to_do() {
    let directory = directory();
    let missing = Options { server: PathBuf::from("/no/such/rabbitmq-server"), ..Options::new(directory.path()) };
    let fault = PrivateNode::start(missing, |_| {}).await.expect_err("it cannot start");
    assert!(matches!(fault, Error::NotInstalled(_)), "{fault:?}");
    assert!(fault.to_string().contains("deploy/setup"), "{fault}");

    let impatient = Options { start_limit: Duration::from_millis(100), ..Options::new(directory.path()) };
    let fault = PrivateNode::start(impatient, |_| {}).await.expect_err("it cannot start so fast");
    assert!(matches!(fault, Error::NotReady { .. }), "{fault:?}");

    let nonsense = vec!["no such key = 1".to_owned()];
    let wrong = Options { extra_config: nonsense, ..Options::new(directory.path()) };
    let fault = PrivateNode::start(wrong, |_| {}).await.expect_err("it cannot start");
    assert!(matches!(fault, Error::Died { .. }), "{fault:?}");
}

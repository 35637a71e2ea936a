//! Putting a hub together and running it: settings in, a running hub out. The order is the one in
//! which a fault is cheapest: the agreement is checked and the ledger opened before anything is
//! taken from the broker.

mod ask;
mod foreign;
mod notices;
mod open;
mod ready;
mod watching;
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, anyhow, bail};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

pub use open::{Lock, State, listed, world};
pub use ready::Ready;
pub use ways::{Ways, ways};

use crate::adapters::Registry;
use crate::agreement::model::Channel;
use crate::broker::private_node::{Options, PrivateNode, Progress};
use crate::broker::topology::{self, Mailbox, Topology};
use crate::broker::{Address, Broker, Consume, ExchangeName, Handler, Publish, State as BrokerState};
use crate::clock::Clock;
use crate::config::{Place, Settings};
use crate::console::{self, Console};
use crate::control;
use crate::deliver::carrier::{Amqp, Carrier, Inbox};
use crate::deliver::dispatch::{self, Dispatcher};
use crate::deliver::orphans;
use crate::duty::watch::Watch;
use crate::intake::World;
use crate::intake::consume::{Desk, ReceiptDesk, ReturnDesk, SourceDesk, Told};
use crate::intake::job::{May, Runner};
use crate::ledger::Ledger;
use crate::ledger::delivery::Returned;
use crate::ledger::place::Share;
use crate::supervise::Tasks;
use crate::telemetry;
use crate::telemetry::health::Health;

/// How long the private broker may take to stop.
const NODE_GRACE: std::time::Duration = std::time::Duration::from_mins(1);

/// Answers to senders that may wait to be sent.
const ANSWERS: usize = 1024;

/// What is happening while a hub starts, for a person who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The agreement has been read and holds.
    AgreementChecked,
    /// The ledger is open.
    LedgerOpen,
    /// The private broker says what it is doing.
    Broker(Progress),
    /// The hub takes messages.
    Ready,
}

/// A hub that runs.
#[derive(Debug)]
pub struct Hub {
    /// Where it can be reached.
    pub ready: Ready,
    /// How it is doing.
    pub health: Health,
    /// Its ledger.
    pub ledger: Ledger,
    tasks: Tasks,
    stop: CancellationToken,
    /// What says where the hub is, and goes when it goes.
    left: [std::path::PathBuf; 2],
    /// The private node, which is stopped when everything that talks to it has.
    node: Option<Node>,
    grace: std::time::Duration,
    /// Held for as long as the hub runs.
    _lock: Lock,
}

/// What makes a hub beside its settings.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The settings.
    pub settings: Settings,
    /// The state directory.
    pub state: State,
    /// The time.
    pub clock: Clock,
    /// The adapters.
    pub adapters: Registry,
}

impl Hub {
    /// Starts a hub and returns when it takes messages.
    pub async fn start(parts: Parts, stop: CancellationToken, progress: impl Fn(Step) + Send + Sync) -> Result<Self> {
        let Parts { settings, state, clock, adapters } = parts;
        let world = Arc::new(open::world(&settings, adapters)?);
        let ways = ways(&settings, &world, &clock).map_err(|faults| anyhow!(listed(&faults)))?;
        progress(Step::AgreementChecked);
        let lock = state.lock()?;
        let ledger = open_ledger(&state, &settings, clock.clone()).await?;
        progress(Step::LedgerOpen);
        telemetry::metrics();

        let telemetry_listener = listen("telemetry.listen", settings.telemetry.listen).await?;
        let console_listener = listen("console.listen", settings.console.listen).await?;
        let telemetry_url = format!("http://{}", telemetry_listener.local_addr()?);
        let console_url = format!("http://{}", console_listener.local_addr()?);
        let (address, node) = start_node(&settings, &state, &progress).await?;

        let (amqp, vhost) = (address.expose().to_owned(), address.vhost());
        let paused = ledger.read(|reader| reader.paused()).await.context("what is paused cannot be read")?;
        count_what_was_under_way(&ledger).await.context("what was under way cannot be noted")?;
        park_orphans(&ledger, &world).await;
        adopt_inboxes(&ledger).await;
        notices::begin(&ledger, &settings).await;
        ask::let_go(&ledger, &world).await;
        ask::free(&ledger, &world).await;
        let work = Work { ledger: ledger.clone(), world, ways, clock, paused, stop: stop.clone() };
        let mut assembly = Assembly::new(&settings, work, address)?;
        assembly.telemetry(telemetry_listener);
        assembly.control(&state)?;
        notices::start(&mut assembly, &settings, &console_url);
        assembly.console(console_listener, settings.console.set_up.clone());
        assembly.watching(&settings, &state, vhost);
        let mut broker_state = assembly.broker.state();
        let health = assembly.desk.health.clone();
        let tasks = assembly.tasks;
        if !wait_until_up(&mut broker_state, &stop).await {
            // The broker's task has ended: that is why, and the rest stops with it.
            tasks.run(settings.stop_grace).await.context("the hub does not start")?;
            bail!("the hub was stopped before it had started");
        }
        progress(Step::Ready);
        let ready = Ready { amqp, console: Some(console_url), telemetry: telemetry_url, pid: std::process::id() };
        ready.write(&state.ready_file())?;
        let left = [state.ready_file(), state.socket()];
        Ok(Self { ready, health, ledger, tasks, stop, node, left, grace: settings.stop_grace, _lock: lock })
    }

    /// Runs until the token given to [`Hub::start`] is cancelled or a part fails, and then stops
    /// everything in order.
    pub async fn run(self) -> Result<()> {
        let outcome = self.tasks.run(self.grace).await;
        self.stop.cancel();
        if let Some(node) = self.node {
            node.stop.cancel();
            node.tasks.run(NODE_GRACE).await.context("the private broker did not stop in order")?;
        }
        for file in self.left {
            // Whoever still finds it is told that no hub answers.
            drop(std::fs::remove_file(file));
        }
        outcome.context("the hub stopped by itself")
    }
}

async fn listen(setting: &str, at: std::net::SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(at).await.with_context(|| {
        let variable = setting.replace('.', "__").to_uppercase();
        format!("`{setting}`: {at} cannot be listened on; set another address, or port 0 for a free one (BUDSTIKKE__{variable}=127.0.0.1:0)")
    })
}

/// The private node's task, with a token of its own.
#[derive(Debug)]
struct Node {
    tasks: Tasks,
    stop: CancellationToken,
}

/// Starts the private node where the settings ask for one; where the broker is, either way.
async fn start_node(
    settings: &Settings,
    state: &State,
    progress: &(impl Fn(Step) + Send + Sync),
) -> Result<(Address, Option<Node>)> {
    let url = match &settings.broker.place {
        Place::At(url) => url,
        Place::Private => {
            let node = PrivateNode::start(Options::new(state.broker_folder()), |step| progress(Step::Broker(step)))
                .await
                .context("the private broker does not start")?;
            let address = node.address().clone();
            let stop = CancellationToken::new();
            let mut tasks = Tasks::new(stop.clone());
            let token = stop.clone();
            tasks.start("private broker", async move { node.run(token).await.map_err(Into::into) });
            return Ok((address, Some(Node { tasks, stop })));
        }
    };
    let password = match &settings.broker.password_file {
        Some(file) => Some(
            std::fs::read_to_string(file)
                .with_context(|| format!("`broker.password_file`: `{}` cannot be read", file.display()))?,
        ),
        None => None,
    };
    let url = with_password(url, password.as_deref().map(str::trim_end));
    let address = Address::parse(url.into()).context("`broker.url` is not the address of a broker")?;
    Ok((address, None))
}

/// Puts the password from a file behind the user's name: `amqps://user@host` → with `:password`.
fn with_password(url: &str, password: Option<&str>) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (Some(password), Some((user, place))) = (password, rest.split_once('@')) else { return url.to_owned() };
    let encoded: String = password
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("{scheme}://{user}:{encoded}@{place}")
}

/// Whether the broker came up; false where its task ended instead.
async fn wait_until_up(state: &mut watch::Receiver<BrokerState>, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => true,
        up = state.wait_for(|state| *state == BrokerState::Up) => up.is_ok(),
    }
}

async fn open_ledger(state: &State, settings: &Settings, clock: Clock) -> Result<Ledger> {
    let (state, settings) = (state.clone(), settings.clone());
    // A server may take its time to answer.
    tokio::task::spawn_blocking(move || state.open_ledger(&settings, Share::Alone, clock)).await?
}

/// Notes what the last hub may have sent and not written down.
async fn count_what_was_under_way(ledger: &Ledger) -> Result<(), crate::ledger::Error> {
    ledger.write(|tx| tx.count_what_was_under_way()).await
}

/// Gives what an earlier version put into inboxes its tasks. A ledger that takes nothing now does not
/// keep the hub from starting: the next start tries again.
async fn adopt_inboxes(ledger: &Ledger) {
    loop {
        match ledger.write(|tx| tx.adopt_inbox()).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(error = %telemetry::chain(&error), "what lies in inboxes could not be given its tasks");
                return;
            }
        }
    }
}

/// Parks what waits for a mailbox that is in no agreement any more. A ledger that takes nothing now
/// does not keep the hub from starting: it says so, and the next start tries again.
async fn park_orphans(ledger: &Ledger, world: &World) {
    let targets = dispatch::targets(&world.mailboxes);
    match ledger.write(move |tx| orphans::park(tx, &targets)).await {
        Ok(0) => {}
        Ok(parked) => {
            tracing::error!(
                parked,
                "deliveries were parked whose mailboxes are in no agreement any more: `budstikke parked list`"
            );
        }
        Err(error) => {
            tracing::error!(error = %telemetry::chain(&error), "deliveries to mailboxes that are gone could not be parked");
        }
    }
}

/// What a hub works with.
struct Work {
    ledger: Ledger,
    world: Arc<World>,
    ways: Box<Ways>,
    clock: Clock,
    /// What was paused before the hub was started.
    paused: BTreeSet<String>,
    stop: CancellationToken,
}

/// A hub being put together.
struct Assembly {
    tasks: Tasks,
    desk: Desk,
    broker: Broker,
    paused: Arc<watch::Sender<BTreeSet<String>>>,
    stop: CancellationToken,
    /// The ways to others that nobody has taken yet.
    ways: Box<Ways>,
}

impl Assembly {
    fn new(settings: &Settings, work: Work, address: Address) -> Result<Self> {
        let Work { ledger, world, mut ways, clock, paused, stop } = work;
        let mut tasks = Tasks::new(stop.clone());
        let (answers, asked) = mpsc::channel(ANSWERS);
        let paused = Arc::new(watch::Sender::new(paused));
        // The broker needs its consumers, which need the health that watches the broker.
        let (seen, watched) = watch::channel(BrokerState::Down { since: clock.now(), reason: "starting".to_owned() });
        let desk = Desk {
            health: Health::new(watched, clock.clone()),
            traces: watching::traces(ways.collector.take(), settings, &clock, &mut tasks, &stop),
            ledger,
            world,
            clock: clock.clone(),
            deliver: Arc::new(Notify::new()),
            duties: Arc::new(Notify::new()),
            wishes: Arc::new(watch::Sender::new(())),
            answers,
            stop: stop.clone(),
        };
        let slot = Arc::new(OnceLock::new());
        let consumers = consumers(&desk, settings, &slot, &paused, &mut tasks);
        let topology = topology(&desk.world)?;
        let (broker, work) = Broker::new(broker_settings(settings, address), topology, consumers, clock, stop.clone());
        // Set once, here; the consumers do not run before the broker's task does.
        drop(slot.set(broker.clone()));
        tasks.start("broker", async move { work.await.map_err(Into::into) });
        tasks.start("broker state", mirror(broker.state(), seen, Arc::clone(&desk.deliver), stop.clone()));
        tasks.start("answers", answer(broker.publisher(), asked, stop.clone()));
        let mut assembly = Self { tasks, desk, broker, paused, stop, ways };
        foreign::beskedfordeler(&mut assembly, settings)?;
        assembly.ledger();
        assembly.deliveries(settings);
        assembly.duties(settings.calendar);
        assembly.lists(settings);
        assembly.ask(settings);
        assembly.balance();
        Ok(assembly)
    }

    fn deliveries(&mut self, settings: &Settings) {
        let amqp: Arc<dyn Carrier> = Arc::new(Amqp::new(self.broker.clone()));
        let mailboxes = Arc::clone(&self.ways.mailboxes);
        let http: Arc<dyn Carrier> = mailboxes;
        let dispatcher = Dispatcher {
            ledger: self.desk.ledger.clone(),
            clock: self.desk.clock.clone(),
            carriers: BTreeMap::from([(Channel::Amqp, amqp), (Channel::Http, http), (Channel::Inbox, Arc::new(Inbox))]),
            targets: dispatch::targets(&self.desk.world.mailboxes),
            adapters: self.desk.world.adapters.clone(),
            policy: settings.retry,
            health: self.desk.health.clone(),
            traces: self.desk.traces.clone(),
            bell: Arc::clone(&self.desk.deliver),
            paused: self.paused.subscribe(),
            // The rest of the grace is for writing down what came of them.
            patience: settings.stop_grace / 2,
        };
        let stop = self.stop.clone();
        self.tasks.start("deliveries", async move {
            dispatcher.run(stop).await;
            Ok(())
        });
    }

    /// Ends the hub where there is no going on with its ledger.
    fn ledger(&mut self) {
        let (ledger, stop) = (self.desk.ledger.clone(), self.stop.clone());
        self.tasks.start("ledger", async move {
            tokio::select! {
                () = stop.cancelled() => Ok(()),
                why = ledger.lost() => Err(why.into()),
            }
        });
    }

    fn duties(&mut self, calendar: bool) {
        let watch = Watch {
            ledger: self.desk.ledger.clone(),
            world: Arc::clone(&self.desk.world),
            clock: self.desk.clock.clone(),
            health: self.desk.health.clone(),
            calendar,
            bell: Arc::clone(&self.desk.duties),
            deliver: Arc::clone(&self.desk.deliver),
        };
        let stop = self.stop.clone();
        self.tasks.start("duties", async move {
            watch.run(stop).await;
            Ok(())
        });
    }

    /// What people have worked through of what is parked.
    fn lists(&mut self, settings: &Settings) {
        let provider = settings.console.set_up.openid.clone();
        let may: May = Arc::new(move |reader, user, now| console::may_operate(reader, user, provider.as_ref(), now));
        let (runner, stop) = (Runner { desk: self.desk.clone(), may }, self.stop.clone());
        self.tasks.start("lists", async move {
            runner.run(stop).await;
            Ok(())
        });
    }

    fn balance(&mut self) {
        let (health, ledger, stop) = (self.desk.health.clone(), self.desk.ledger.clone(), self.stop.clone());
        self.tasks.start("balance", async move {
            health.watch(ledger, stop).await;
            Ok(())
        });
    }

    fn telemetry(&mut self, listener: TcpListener) {
        let (health, stop) = (self.desk.health.clone(), self.stop.clone());
        self.tasks
            .start("telemetry", async move { telemetry::serve(listener, health, stop).await.map_err(Into::into) });
    }

    /// What people do to the hub, by the socket or the console.
    fn server(&self) -> control::Server {
        control::Server { desk: self.desk.clone(), broker: self.broker.clone(), paused: Arc::clone(&self.paused) }
    }

    fn console(&mut self, listener: TcpListener, set_up: console::Settings) {
        let provider = self.ways.sign_in.take();
        let console = Console::new(self.server(), set_up, provider, self.stop.clone());
        self.tasks.start("console", async move {
            console.serve(listener).await;
            Ok(())
        });
    }

    fn control(&mut self, state: &State) -> Result<()> {
        let server = self.server();
        let listener = control::listen(&state.socket()).context("the hub's socket cannot be made")?;
        let stop = self.stop.clone();
        self.tasks.start("control", async move {
            server.run(listener, stop).await;
            Ok(())
        });
        Ok(())
    }
}

fn topology(world: &World) -> Result<Topology> {
    let parts = world.queued().filter_map(|mailbox| mailbox.id.as_str().split_once('/'));
    let mailboxes = parts.map(|(party, name)| Mailbox { party, name });
    let sources: Vec<&str> = world.adapters.names().collect();
    Topology::new(sources, mailboxes).context("a name in the agreement cannot name a queue")
}

fn broker_settings(settings: &Settings, address: Address) -> crate::broker::Settings {
    let broker = &settings.broker;
    crate::broker::Settings {
        tls: broker.ca_file.clone().map(|authorities| crate::broker::Tls {
            authorities,
            identity: broker.identity.clone().map(|(certificate, key)| crate::broker::Identity { certificate, key }),
            server_name: None,
        }),
        heartbeat: broker.heartbeat,
        confirm_timeout: broker.confirm_timeout,
        prefetch: broker.prefetch,
        window: broker.window,
        stop_grace: settings.stop_grace,
        ..crate::broker::Settings::new(address)
    }
}

fn consumers(
    desk: &Desk,
    settings: &Settings,
    slot: &Arc<OnceLock<Broker>>,
    paused: &Arc<watch::Sender<BTreeSet<String>>>,
    tasks: &mut Tasks,
) -> Vec<Consume> {
    let returned = |how| -> Arc<dyn Handler> {
        Arc::new(ReturnDesk { desk: desk.clone(), broker: Arc::clone(slot), how, policy: settings.retry })
    };
    let mut wanted: Vec<(String, String, Arc<dyn Handler>)> = Vec::new();
    for name in desk.world.adapters.names() {
        wanted.push((topology::source_queue(name), name.to_owned(), Arc::new(SourceDesk(desk.clone()))));
    }
    wanted.push((topology::RECEIPTS.to_owned(), "receipts".to_owned(), Arc::new(ReceiptDesk(desk.clone()))));
    wanted.push((topology::UNROUTABLE.to_owned(), String::new(), returned(Returned::Unroutable)));
    wanted.push((topology::DEAD.to_owned(), String::new(), returned(Returned::Dead)));
    wanted
        .into_iter()
        .map(|(queue, target, handler)| {
            let (is_paused, paused_one) = watch::channel(false);
            tasks.start("pause", follow(paused.subscribe(), target, is_paused, desk.stop.clone()));
            Consume { queue, handler, paused: paused_one }
        })
        .collect()
}

/// Keeps one consumer's pause in step with what is paused.
async fn follow(
    mut all: watch::Receiver<BTreeSet<String>>,
    target: String,
    one: watch::Sender<bool>,
    stop: CancellationToken,
) -> crate::supervise::Outcome {
    loop {
        one.send_replace(all.borrow_and_update().contains(&target));
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            changed = all.changed() => if changed.is_err() {
                stop.cancelled().await;
                return Ok(());
            },
        }
    }
}

/// Shows the broker's state to those that were made before the broker was, and rings the bell of
/// the deliveries when it is up again.
async fn mirror(
    mut state: watch::Receiver<BrokerState>,
    seen: watch::Sender<BrokerState>,
    deliver: Arc<Notify>,
    stop: CancellationToken,
) -> crate::supervise::Outcome {
    let mut first = true;
    loop {
        let now = state.borrow_and_update().clone();
        match &now {
            // A hub that has just been started has not lost its broker.
            BrokerState::Down { .. } if std::mem::take(&mut first) => tracing::info!("connecting to the broker"),
            BrokerState::Up => {
                tracing::info!("the broker is up");
                deliver.notify_one();
            }
            BrokerState::Down { reason, .. } => tracing::warn!(reason = %reason, "the broker is down"),
            BrokerState::Blocked { reason, .. } => {
                tracing::error!(reason = %reason, "the broker takes nothing from us");
            }
        }
        seen.send_replace(now);
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            changed = state.changed() => if changed.is_err() {
                stop.cancelled().await;
                return Ok(());
            },
        }
    }
}

/// Tells senders that set `reply_to` what became of their messages. As good as it can: whoever
/// does not hear looks in the ledger.
async fn answer(
    publisher: crate::broker::Publisher,
    mut asked: mpsc::Receiver<Told>,
    stop: CancellationToken,
) -> crate::supervise::Outcome {
    let mut number = 0_u64;
    loop {
        let told = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            told = asked.recv() => told,
        };
        let Some(told) = told else {
            // Whoever could ask has stopped; so shall we, when we are told.
            stop.cancelled().await;
            return Ok(());
        };
        number += 1;
        let message = Publish {
            exchange: ExchangeName::Default,
            routing_key: told.to.clone(),
            message_id: format!("answer-{number}"),
            kind: Some("budstikke.answer".to_owned()),
            correlation_id: told.id.clone(),
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            body: serde_json::to_vec(&told)?.into(),
        };
        if publisher.publish(message).await != crate::broker::Published::Confirmed {
            tracing::warn!("a sender that asked for an answer could not be given one");
        }
    }
}

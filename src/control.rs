//! The hub's socket: commands from the same machine and the same user, one JSON object a line.
//! Where no hub runs, the same commands are carried out on the ledger directly.

mod client;
mod targets;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::broker::{Broker, topology};
use crate::intake::World;
use crate::intake::consume::Desk;
use crate::intake::correct::{self, Edition, Editions, Found};
use crate::intake::people::{self, Person};
use crate::ledger::account::{Account, Token};
use crate::ledger::{Error, Tx};
use crate::telemetry::health::PEOPLE;

pub use client::{Failure, alone, ask};
pub use targets::check as check_target;

/// The longest command. A correction brings two editions of all agreements as text.
const LONGEST: u64 = 8 * 1024 * 1024;

/// How long a command may take, and how long its sender may keep the line.
const LIMIT: Duration = Duration::from_secs(30);

/// How long a correction may take: it asks about all that was ever decided.
const CORRECTION_LIMIT: Duration = Duration::from_mins(15);

/// How many may command at once.
const AT_ONCE: usize = 16;

/// Something that is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Send on what is parked.
    Resend {
        /// Its id.
        id: String,
        /// Why.
        reason: String,
    },
    /// End what is parked.
    Discard {
        /// Its id.
        id: String,
        /// Why.
        reason: String,
    },
    /// Let what is behind a parked delivery go past it.
    Pass {
        /// Its id.
        id: String,
        /// Why.
        reason: String,
    },
    /// Give a parked delivery to another mailbox.
    Hand {
        /// Its id.
        id: String,
        /// The mailbox.
        mailbox: String,
        /// Why.
        reason: String,
    },
    /// Hold a source, a mailbox or a channel.
    Pause {
        /// Which.
        target: String,
    },
    /// Let it go on.
    Resume {
        /// Which.
        target: String,
    },
    /// Make the corrections that a person has confirmed.
    Correct {
        /// The edition as it was.
        old: Box<Edition>,
        /// The edition as it is.
        new: Box<Edition>,
        /// What the person was shown.
        token: String,
    },
    /// Make or change an account of the console.
    Account {
        /// The name that its owner signs in with.
        account: String,
        /// The owner's name, for people.
        name: String,
        /// What they may: roles separated by spaces.
        roles: String,
        /// What is kept of the password; `null` leaves it as it is.
        secret: Option<String>,
    },
    /// Remove an account of the console, and sign its owner out.
    RemoveAccount {
        /// Which.
        account: String,
    },
    /// Let a link sign somebody in once.
    SignInLink {
        /// Whom.
        account: String,
        /// What the link holds.
        token: Token,
        /// Until when it is good.
        ends: Timestamp,
    },
    /// Give a system a token for the API, in place of the one that it had.
    System {
        /// The system's name in the books.
        system: String,
        /// What it may: roles separated by spaces.
        roles: String,
        /// What it shows.
        token: Token,
        /// Until when it is good.
        ends: Timestamp,
    },
    /// Take a system's token away.
    RemoveSystem {
        /// Which.
        system: String,
    },
    /// How the hub is doing.
    Status,
}

impl Command {
    /// How long it may take.
    fn limit(&self) -> Duration {
        if matches!(self, Self::Correct { .. }) { CORRECTION_LIMIT } else { LIMIT }
    }
}

/// Nobody may keep the line for longer.
async fn within<T>(limit: Duration, work: impl Future<Output = std::io::Result<T>>) -> std::io::Result<T> {
    tokio::time::timeout(limit, work).await.map_err(|_elapsed| std::io::ErrorKind::TimedOut)?
}

/// An answer to a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// Whether it was done.
    pub ok: bool,
    /// What came of it, or why not.
    pub answer: Value,
}

/// A command as it stands on the line.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    user: String,
    #[serde(flatten)]
    command: Command,
}

/// Carries a command out on the ledger.
pub fn carry_out(tx: &mut Tx<'_>, world: &World, user: &str, command: &Command) -> Result<Value, Error> {
    let person = |reason: &str| Person { user: user.to_owned(), reason: reason.to_owned() };
    match command {
        Command::Resend { id, reason } => people::resend(tx, world, id, &person(reason)).map(Value::String),
        Command::Discard { id, reason } => people::discard(tx, world, id, &person(reason)).map(Value::String),
        Command::Pass { id, reason } => people::pass(tx, id, &person(reason)).map(Value::String),
        Command::Hand { id, mailbox, reason } => {
            people::hand(tx, world, id, mailbox, &person(reason)).map(Value::String)
        }
        Command::Pause { target } => {
            check_target(world, target).map_err(Error::Refused)?;
            Ok(json!(if tx.pause(target, user)? { "paused" } else { "was paused already" }))
        }
        Command::Resume { target } => Ok(json!(if tx.resume(target, user)? { "resumed" } else { "was not paused" })),
        Command::Account { account, name, roles, secret } => {
            let account = Account {
                user: account.clone(),
                name: name.clone(),
                roles: roles.clone(),
                secret: secret.clone(),
                failures: 0,
                locked_until: None,
            };
            tx.keep_account(&account, user)?;
            Ok(json!("kept"))
        }
        Command::RemoveAccount { account } => {
            Ok(json!(if tx.remove_account(account, user)? { "removed" } else { "was not there" }))
        }
        Command::SignInLink { account, token, ends } => {
            tx.make_ticket(*token, account, *ends, user)?;
            Ok(json!("made"))
        }
        Command::System { system, roles, token, ends } => {
            tx.keep_system((system, roles), *token, *ends, user)?;
            Ok(json!("made"))
        }
        Command::RemoveSystem { system } => {
            Ok(json!(if tx.remove_system(system, user)? { "removed" } else { "was not there" }))
        }
        Command::Correct { old, new, token } => {
            let editions = Editions::read(old, new)?;
            // No hub runs here: what the last one had under way when it ended may have been sent.
            tx.count_what_was_under_way()?;
            let found = correct::look(&mut tx.reader(), &editions)?;
            correct_as_confirmed(tx, world, user, (&editions, &found, token))
        }
        Command::Status => Err(Error::Refused("no hub is running here".to_owned())),
    }
}

/// Makes what was confirmed, as it was looked at before.
fn correct_as_confirmed(
    tx: &mut Tx<'_>,
    world: &World,
    user: &str,
    (editions, found, token): (&Editions, &Found, &str),
) -> Result<Value, Error> {
    let person = Person { user: user.to_owned(), reason: String::new() };
    let made = correct::confirm(tx, world, editions, found, token, &person)?;
    Ok(json!(made))
}

/// Makes the socket, readable and writable by its owner only. One that an ended hub has left is
/// removed: the caller holds the lock.
pub fn listen(path: &Path) -> std::io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// The hub's end of the socket.
#[derive(Debug, Clone)]
pub struct Server {
    /// What the hub works with.
    pub desk: Desk,
    /// The broker, for `status`.
    pub broker: Broker,
    /// What is paused.
    pub paused: Arc<watch::Sender<BTreeSet<String>>>,
}

impl Server {
    /// Takes commands until `stop`.
    pub async fn run(self, listener: UnixListener, stop: CancellationToken) {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        let mut serving = tokio::task::JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = serving.join_next(), if !serving.is_empty() => {}
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else { continue };
                    let Ok(turn) = Arc::clone(&room).try_acquire_owned() else { continue };
                    let server = self.clone();
                    serving.spawn(async move {
                        drop(server.serve(stream).await);
                        drop(turn);
                    });
                }
            }
        }
        serving.shutdown().await;
    }

    async fn serve(&self, stream: UnixStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut line = String::new();
        within(LIMIT, BufReader::new(read.take(LONGEST)).read_line(&mut line)).await?;
        let answer = match serde_json::from_str::<Order>(&line) {
            Ok(order) => within(order.command.limit(), async { Ok(self.answer(order).await) }).await?,
            Err(_unquoted) => Answer { ok: false, answer: json!("that is no command of this version") },
        };
        let mut text = serde_json::to_vec(&answer)?;
        text.push(b'\n');
        within(LIMIT, write.write_all(&text)).await
    }

    async fn answer(&self, order: Order) -> Answer {
        if matches!(order.command, Command::Status) {
            return Answer { ok: true, answer: self.status().await };
        }
        match self.act(&order.user, order.command).await {
            Ok(answer) => Answer { ok: true, answer },
            Err(error) => Answer { ok: false, answer: Value::String(crate::telemetry::chain(&error)) },
        }
    }

    /// Carries out a command of `user`'s, and lets everybody know who waits for what it may change.
    ///
    /// # Errors
    /// Why not.
    pub async fn act(&self, user: &str, command: Command) -> Result<Value, Error> {
        let world = Arc::clone(&self.desk.world);
        let user = user.to_owned();
        let pauses = matches!(command, Command::Pause { .. } | Command::Resume { .. });
        let done = if let Command::Correct { old, new, token } = command {
            self.correct(&user, &old, &new, token).await
        } else {
            self.desk.ledger.write(move |tx| carry_out(tx, &world, &user, &command)).await
        };
        if pauses && let Err(error) = self.refresh_paused().await {
            tracing::error!(error = %crate::telemetry::chain(&error), "what is paused could not be read");
        }
        self.tell(&done);
        done
    }

    /// Carries out what a person does that is no command, and lets everybody know who waits for what
    /// it may change.
    ///
    /// # Errors
    /// Why not.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let done = self.desk.ledger.write(work).await;
        self.tell(&done);
        done
    }

    /// Notes how the ledger took what a person did, and rings the bells.
    fn tell<T>(&self, done: &Result<T, Error>) {
        self.desk.health.ledger(PEOPLE, done);
        self.desk.ring();
    }

    /// Asks about the past beside the work that goes on, and only then, in one transaction, about
    /// what has come meanwhile.
    async fn correct(&self, user: &str, old: &Edition, new: &Edition, token: String) -> Result<Value, Error> {
        let editions = Editions::read(old, new)?;
        let asked = editions.clone();
        let found = self.desk.ledger.read(move |reader| correct::look(reader, &asked)).await?;
        let (world, user) = (Arc::clone(&self.desk.world), user.to_owned());
        let work = move |tx: &mut Tx<'_>| correct_as_confirmed(tx, &world, &user, (&editions, &found, &token));
        self.desk.ledger.write(work).await
    }

    async fn refresh_paused(&self) -> Result<(), Error> {
        let paused = self.desk.ledger.read(|reader| reader.paused()).await?;
        self.paused.send_replace(paused);
        Ok(())
    }

    /// How the hub is doing, for whoever reads JSON.
    pub async fn status(&self) -> Value {
        let world = &self.desk.world;
        let sources = world.adapters.names().map(topology::source_queue);
        let mailboxes = world.queued().map(|it| topology::mailbox_queue(it.id.as_str()));
        let others = [topology::RECEIPTS, topology::VANS, topology::DEAD, topology::UNROUTABLE].map(str::to_owned);
        let queues: Vec<String> = sources.chain(mailboxes).chain(others).collect();
        let names: Vec<&str> = queues.iter().map(String::as_str).collect();
        let depths = self.broker.depths(&names).await;
        let queues: serde_json::Map<String, Value> = queues
            .iter()
            .zip(depths)
            .map(|(queue, depth)| {
                let shown = depth
                    .map_or(Value::Null, |depth| json!({"messages": depth.messages, "consumers": depth.consumers}));
                (queue.clone(), shown)
            })
            .collect();
        let paused: Vec<String> = self.paused.borrow().iter().cloned().collect();
        let mut health = self.desk.health.report();
        if let Ok(now) = self.desk.ledger.read(|reader| reader.balance()).await {
            health.balanced = now.balanced();
            health.balance = Some(now);
        }
        let wishes = self.desk.ledger.read(|reader| reader.open_wishes()).await.unwrap_or_default();
        json!({"health": health, "queues": queues, "paused": paused, "wishes": wishes})
    }
}

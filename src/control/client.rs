//! The other end of the socket: having a command carried out, by the running hub or where none runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::{Answer, Command, Order, carry_out};
use crate::intake::World;
use crate::ledger::{Error, Ledger};

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The hub, or the ledger, refuses it.
    #[error("{0}")]
    Refused(String),
    /// The hub cannot be asked.
    #[error("the hub cannot be asked")]
    Socket(#[source] std::io::Error),
    /// It did not answer in time.
    #[error("the hub did not answer within {0:?}")]
    Silent(Duration),
    /// The ledger cannot do it.
    #[error("the ledger cannot do it")]
    Ledger(#[source] Error),
}

/// Asks the running hub.
pub async fn ask(socket: &Path, user: &str, command: Command) -> Result<Value, Failure> {
    let limit = command.limit();
    let asked = async {
        let stream = UnixStream::connect(socket).await?;
        let (read, mut write) = stream.into_split();
        let mut text = serde_json::to_vec(&Order { user: user.to_owned(), command })?;
        text.push(b'\n');
        write.write_all(&text).await?;
        let mut line = String::new();
        BufReader::new(read).read_line(&mut line).await?;
        Ok::<_, std::io::Error>(serde_json::from_str::<Answer>(&line)?)
    };
    let answer = tokio::time::timeout(limit, asked)
        .await
        .map_err(|_elapsed| Failure::Silent(limit))?
        .map_err(Failure::Socket)?;
    match answer {
        Answer { ok: true, answer } => Ok(answer),
        Answer { answer: Value::String(why), .. } => Err(Failure::Refused(why)),
        Answer { answer, .. } => Err(Failure::Refused(answer.to_string())),
    }
}

/// Carries a command out where no hub runs; the caller holds the lock.
pub async fn alone(ledger: &Ledger, world: Arc<World>, user: &str, command: Command) -> Result<Value, Failure> {
    let user = user.to_owned();
    let done = ledger.write(move |tx| carry_out(tx, &world, &user, &command)).await;
    done.map_err(|error| if let Error::Refused(why) = error { Failure::Refused(why) } else { Failure::Ledger(error) })
}

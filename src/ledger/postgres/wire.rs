//! One connection, waited for by the thread that uses it and never without limit.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use futures::TryStreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_postgres::{Client, SimpleQueryMessage, Statement};
use tokio_util::sync::CancellationToken;

use super::super::Error;
use super::super::sql::{Param, Row};
use super::fault::Trouble;
use super::server::Server;
use super::words::{PostgresRow, spelled};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// How long the server may say nothing. Whoever waits there for a lock is told by the server itself, much earlier.
const SILENCE: Duration = Duration::from_secs(20);

/// A connection, and what has been prepared on it.
pub(super) struct Wire {
    drive: Drive,
    client: Client,
    prepared: HashMap<&'static str, Statement>,
    stop: CancellationToken,
}

/// Drives the connection while somebody waits for it. There is one until the end.
struct Drive(Option<Runtime>);

impl Drop for Drive {
    fn drop(&mut self) {
        // An ordinary end waits, which is not allowed where other work is under way on the thread.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drive {
    fn get(&self) -> Result<&Runtime, Trouble> {
        self.0.as_ref().ok_or(Trouble::Lost)
    }
}

impl Wire {
    /// Makes a connection.
    pub(super) fn open(server: &Server, stop: CancellationToken) -> Result<Self, Trouble> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let drive = Drive(Some(runtime.map_err(|error| Trouble::Wire(error.to_string()))?));
        let made = async { timeout(CONNECT, server.connect()).await.map_err(|_elapsed| Trouble::Silent)? };
        let (client, connection) = drive.get()?.block_on(made)?;
        // It ends with the client, and what it ends with the client is told.
        drive.get()?.spawn(connection);
        Ok(Self { drive, client, prepared: HashMap::new(), stop })
    }

    /// Whether it is known to have ended.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
        self.drive.get()?.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(Trouble::Stopped),
                done = work => done,
            }
        })
    }

    /// Runs statements without parameters, all in one message, and answers the last value that any of
    /// them gave.
    pub(super) fn say(&self, sql: &str) -> Result<Option<String>, Trouble> {
        let said = self.wait(within(self.client.simple_query(sql)))?;
        let value = |message: &SimpleQueryMessage| {
            if let SimpleQueryMessage::Row(row) = message { row.get(0).map(str::to_owned) } else { None }
        };
        Ok(said.iter().rev().find_map(value))
    }

    fn prepare(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Statement, Trouble> {
        if params.iter().any(Param::has_nul) {
            return Err(Trouble::Reading(Error::Refused("a text with U+0000 in it cannot be kept".to_owned())));
        }
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.wait(within(self.client.prepare(&spelled(sql))))?;
        #[cfg(test)]
        self.check_plan(sql, params.len())?;
        self.prepared.insert(sql, statement.clone());
        Ok(statement)
    }

    /// In every test, every statement is asked how it finds its rows, as it is in a file.
    #[cfg(test)]
    fn check_plan(&self, sql: &str, params: usize) -> Result<(), Trouble> {
        if super::super::sqlite::may_scan(sql) {
            return Ok(());
        }
        let empty = vec!["NULL"; params].join(", ");
        let with = if params == 0 { String::new() } else { format!("({empty})") };
        let ask = format!("PREPARE asked AS {}; EXPLAIN EXECUTE asked{with}; DEALLOCATE asked", spelled(sql));
        let said = self.wait(within(self.client.simple_query(&ask)))?;
        for message in &said {
            if let SimpleQueryMessage::Row(row) = message {
                let step = row.get(0).unwrap_or_default();
                assert!(!step.contains("Seq Scan"), "{step}: {sql}");
            }
        }
        Ok(())
    }

    /// Runs a statement; answers how many rows it changed.
    pub(super) fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Trouble> {
        let statement = self.prepare(sql, params)?;
        self.wait(within(self.client.execute_raw(&statement, params.iter().copied())))
    }

    /// Runs a query and hands over each row.
    pub(super) fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Trouble> {
        let statement = self.prepare(sql, params)?;
        self.wait(async {
            let mut rows = pin!(within(self.client.query_raw(&statement, params.iter().copied())).await?);
            while let Some(row) = within(rows.try_next()).await? {
                each(&PostgresRow(&row)).map_err(Trouble::Reading)?;
            }
            Ok(())
        })
    }
}

/// What the server answers, if it does so in time.
async fn within<T>(answer: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Trouble> {
    match timeout(SILENCE, answer).await {
        Ok(answered) => Ok(answered?),
        Err(_elapsed) => Err(Trouble::Silent),
    }
}

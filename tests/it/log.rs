//! What the process logs, at the finest level, as the hub would filter it.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use budstikke::broker::LOG_FILTER;
use tracing_subscriber::EnvFilter;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Keep;

impl Write for Keep {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps the log from now on.
pub(crate) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let filter = LOG_FILTER.iter().fold(EnvFilter::new("trace"), |filter, directive| {
            filter.add_directive(directive.parse().expect("a good directive"))
        });
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Keep).init();
    });
}

/// What was logged since [`keep`].
pub(crate) fn text() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// The lines since [`keep`] that hold this.
pub(crate) fn lines(part: &str) -> Vec<String> {
    text().lines().filter(|line| line.contains(part)).map(str::to_owned).collect()
}

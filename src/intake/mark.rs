//! The keyed hashes of what came. Each goes through all of the bytes and is asked for several times; so
//! it is made once, and where a message is read, not where everybody waits for the one writer.

use std::sync::OnceLock;

use budstikke_contract::adapter::Transport;

use super::prepare::{Prepare, Prepared};
use crate::ledger::seal::{Keyring, Mark};

/// A keyed hash, when it has been made.
#[derive(Debug, Default)]
pub(super) struct Made(OnceLock<Mark>);

impl Made {
    fn of(&self, content: &[u8], keys: &Keyring) -> Mark {
        *self.0.get_or_init(|| keys.content(content))
    }
}

impl Prepare {
    /// The keyed hash of what stands under its key.
    pub(super) fn mark(&self, keys: &Keyring) -> Mark {
        self.mark.of(&self.content, keys)
    }
}

impl Prepared {
    /// The keyed hash of the message's bytes.
    pub(super) fn mark(&self, keys: &Keyring) -> Mark {
        self.mark.of(&self.message.body, keys)
    }

    /// The keyed hash of what its transmission stands for.
    pub(super) fn transport_mark(&self, transport: &Transport, keys: &Keyring) -> Mark {
        self.transport_mark.of(&transport.content, keys)
    }

    /// The same, with all of them made.
    #[must_use]
    pub fn marked(self, keys: &Keyring) -> Self {
        self.mark(keys);
        for item in &self.items {
            item.mark(keys);
        }
        if let Some(transport) = &self.transport {
            self.transport_mark(transport, keys);
        }
        self
    }
}

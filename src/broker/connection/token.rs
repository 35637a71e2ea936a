//! Logging in with a token from a file: SASL EXTERNAL, whose response is the token itself. That is
//! how KOMBIT's broker knows its clients (a SAML assertion), beside their certificate.

use std::io;
use std::path::Path;

use lapin::auth::AuthProvider;
use lapin::types::LongString;
use secrecy::{ExposeSecret, SecretString};

use crate::broker::error::Error;

/// An assertion is some kilobytes; what is far longer is another file.
const LONGEST: usize = 256 * 1024;

/// What was read of the file for one connection.
pub(super) struct Token(SecretString);

impl Token {
    /// Reads the file as it is now.
    pub(super) async fn read(path: &Path) -> Result<Self, Error> {
        let fault = |source: io::Error| Error::Token { path: path.to_owned(), source };
        let text = tokio::fs::read_to_string(path).await.map_err(fault)?;
        let token = text.trim();
        if token.is_empty() || token.len() > LONGEST {
            return Err(fault(io::ErrorKind::InvalidData.into()));
        }
        Ok(Self(token.into()))
    }
}

impl AuthProvider for Token {
    // The mechanism is EXTERNAL where nothing else is said.

    fn auth_starter(&self) -> Result<LongString, String> {
        Ok(self.0.expose_secret().into())
    }
}

//! Why a request got no answer that can be used.

use std::error::Error;
use std::io;

use budstikke_contract::verdict::Verdict;
use rustls::AlertDescription;

/// Why a request got no answer that can be used. None of the texts says anything of what was sent
/// or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It was not sent: the name leads nowhere, nobody listens, or no connection came about in time.
    #[error("the other side cannot be reached")]
    Unreachable,
    /// It was sent, or a part of it, and no whole answer came: too late, cut off, or no HTTP.
    #[error("no answer came in time, or none that can be read")]
    Unanswered,
    /// It was not sent: the URL, or the address that its name has, is not one that may be reached.
    #[error("the address is private, or not encrypted, and not named in the settings")]
    Address,
    /// A certificate: theirs is not vouched for, or ours is not accepted.
    #[error("a certificate is not accepted")]
    Untrusted,
    /// It was not sent: there is no token to get in with.
    #[error("there is no token")]
    NoToken {
        /// Whether that lasts until someone does something about it.
        lasting: bool,
    },
    /// The answer is longer than is read.
    #[error("the answer is too long")]
    TooLong,
}

impl Fault {
    /// What it means for the next attempt.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Unreachable | Self::NoToken { lasting: false } => Verdict::Retry { after: None },
            Self::Unanswered | Self::TooLong => Verdict::Unsure { after: None },
            Self::Address | Self::Untrusted | Self::NoToken { lasting: true } => Verdict::Broken,
        }
    }

    /// What reqwest's error comes down to. Its text is not used: it has the URL in it.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(this) = cause {
            if this.is::<Forbidden>() {
                return Self::Address;
            }
            if tls_error(this).is_some_and(is_about_a_certificate) {
                return Self::Untrusted;
            }
            cause = this.source();
        }
        if error.is_connect() || error.is_builder() { Self::Unreachable } else { Self::Unanswered }
    }
}

/// What the resolver says where a name has no address that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("no address that may be reached")]
pub(super) struct Forbidden;

/// The error of rustls in this one. An I/O error does not name what it wraps as its source.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    tls_error(error.downcast_ref::<io::Error>()?.get_ref()?)
}

fn is_about_a_certificate(error: &rustls::Error) -> bool {
    use AlertDescription as Alert;
    #[expect(clippy::wildcard_enum_match_arm, reason = "a list of what is meant; rustls adds to its own")]
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => true,
        rustls::Error::AlertReceived(alert) => matches!(
            alert,
            Alert::NoCertificate
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                | Alert::CertificateRequired
        ),
        _ => false,
    }
}

//! Why a request got no answer that can be used.

use std::error::Error;
use std::io;
use std::iter::successors;

use budstikke_contract::verdict::Verdict;
use rustls::AlertDescription;

/// Why a request got no answer that can be used. None of the texts says anything of what was sent
/// or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It was not sent: the name leads nowhere, nobody listens, no connection came about in time, or it
    /// ended before anything was sent on it. That can also be a receiver that does not accept our
    /// certificate: in TLS 1.3 it says so after we take the connection for made (RFC 8446, 4.4.2.4 and
    /// 6.2), and what it says is lost when it comes between. The next attempt may show it.
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
        for cause in causes(error) {
            if cause.is::<Forbidden>() {
                return Self::Address;
            }
            if tls_error(cause).is_some_and(is_about_a_certificate) {
                return Self::Untrusted;
            }
        }
        if error.is_connect() || error.is_builder() || was_never_sent(error) {
            return Self::Unreachable;
        }
        Self::Unanswered
    }
}

/// What the resolver says where a name has no address that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("no address that may be reached")]
pub(super) struct Forbidden;

/// Whether what failed was TLS: a certificate that nobody vouches for, or something else than TLS.
pub fn is_of_tls(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| tls_error(cause).is_some())
}

/// The error and what lies behind it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&this| this.source())
}

/// Whether the connection ended before the request was put on it.
fn was_never_sent(error: &reqwest::Error) -> bool {
    causes(error).filter_map(|this| this.downcast_ref::<hyper::Error>()).any(hyper::Error::is_canceled)
}

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

//! Certificates: an authority, and what it has signed.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use tempfile::TempDir;

/// An authority, and what it has signed: for whoever listens at 127.0.0.1, as `broker`, and for the
/// hub.
#[derive(Debug)]
pub(crate) struct Authority {
    directory: TempDir,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut params = CertificateParams::new([]).expect("parameters");
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let authority = CertifiedIssuer::self_signed(params, key()).expect("an authority");
        let this = Self { directory };
        std::fs::write(this.file("authority.pem"), authority.pem()).expect("a file");
        for subject in ["broker", "hub"] {
            let names = ["broker.example".to_owned(), "localhost".to_owned()];
            let mut params = CertificateParams::new(names).expect("parameters");
            params.subject_alt_names.push(SanType::IpAddress(Ipv4Addr::LOCALHOST.into()));
            params.distinguished_name.push(DnType::CommonName, subject);
            let key = key();
            let signed = params.signed_by(&key, &authority).expect("a certificate");
            std::fs::write(this.file(&format!("{subject}.pem")), signed.pem()).expect("a file");
            std::fs::write(this.file(&format!("{subject}-key.pem")), key.serialize_pem()).expect("a file");
        }
        this
    }

    /// `authority.pem`, or `broker` and `hub` with `.pem` and `-key.pem`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

//! A real OpenID provider that can be told to be down and to answer wrongly
//! (`tests/tools/openid-provider.mjs`), as a process of the test's own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::wait;

const SECRET: &str = "a-secret-for-tests-only";

/// The provider.
#[derive(Debug)]
pub(crate) struct Provider {
    /// Where it is: `http://127.0.0.1:40123`.
    pub(crate) issuer: String,
    secret: tempfile::NamedTempFile,
    /// It ends when its input does.
    _process: Child,
}

/// Where `deploy/setup --test` puts what it installs.
pub(crate) fn tools() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    Path::new(env!("CARGO_MANIFEST_DIR")).join(target).join("tools")
}

impl Provider {
    /// Starts one, on a port that it finds itself.
    pub(crate) async fn start() -> Self {
        let folder = tools().join("npm");
        assert!(folder.join("node_modules").is_dir(), "install it first: deploy/setup --test");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/openid-provider.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .arg(&folder)
            .arg(SECRET)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node runs");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let line = wait::soon("the provider is there", lines.next_line()).await.expect("a line");
        let secret = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(secret.path(), format!("{SECRET}\n")).expect("a file");
        Self { issuer: line.expect("where it is"), secret, _process: process }
    }

    /// Tells it something, as is said at the head of its script, and returns what it says.
    pub(crate) async fn is_told(&self, what: Value) -> Value {
        let place = self.issuer.strip_prefix("http://").expect("an address");
        let body = what.to_string();
        let told = async {
            let mut socket = TcpStream::connect(place).await?;
            let length = body.len();
            let head =
                format!("POST /control HTTP/1.1\r\nhost: {place}\r\nconnection: close\r\ncontent-length: {length}");
            socket.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await?;
            let mut answer = String::new();
            socket.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let answer = wait::soon("the provider answers", told).await.expect("it answers");
        let (head, said) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.starts_with("HTTP/1.1 200 "), "{what}: {answer}");
        serde_json::from_str(said).unwrap_or_else(|_| panic!("this is no JSON: {answer}"))
    }

    /// What a hub is set to that takes its word.
    pub(crate) fn settings(&self) -> [(&str, String); 8] {
        [
            ("CONSOLE__OPENID__ISSUER", self.issuer.clone()),
            ("CONSOLE__OPENID__CLIENT_ID", "budstikke".to_owned()),
            ("CONSOLE__OPENID__CLIENT_SECRET_FILE", self.secret.path().to_string_lossy().into_owned()),
            ("CONSOLE__OPENID__NAME", "Dragør <b>Kommune</b>".to_owned()),
            ("CONSOLE__OPENID__ALLOW_PRIVATE", "127.0.0.0/8".to_owned()),
            ("CONSOLE__OPENID__ALLOW_PLAIN", "127.0.0.1".to_owned()),
            ("CONSOLE__OPENID__ROLES__DRIFT", "operator".to_owned()),
            ("CONSOLE__OPENID__ROLES__YDELSE", "caseworker:dragoer/ydelse,leader:dragoer".to_owned()),
        ]
    }
}

//! Mail over a connection that is really encrypted, and to servers that only seem to do so.

use std::path::Path;

use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;

/// The user `hub` with the password `hemmelig` (RFC 4616).
const LOGIN: &str = "AUTH PLAIN AGh1YgBoZW1tZWxpZw==";

/// How a server takes what should be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From the first byte.
    Tls,
    /// After `STARTTLS`.
    StartTls,
    /// It offers `STARTTLS`, and goes on in plain.
    Pretends,
    /// It never shakes hands.
    Mute,
}

/// A mail server with a certificate, for 127.0.0.1 alone.
struct Secure {
    port: u16,
    folder: TempDir,
    /// The lines that came encrypted, and those that did not.
    heard: Arc<Mutex<Vec<String>>>,
    overheard: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Secure {
    async fn start(way: Way) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(file("password"), "hemmelig\n").unwrap();
        let certificate = CertificateDer::from_pem_file(file("cert.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(made.signing_key.serialize_pem().as_bytes()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        let tls = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, overheard) = (Arc::new(Mutex::default()), Arc::new(Mutex::default()));
        let mut serving = JoinSet::new();
        let (ours, theirs) = (Arc::clone(&heard), Arc::clone(&overheard));
        serving.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // Who hangs up on us is not our trouble.
                drop(serve(socket, way, &tls, (&ours, &theirs)).await);
            }
        });
        Self { port, folder, heard, overheard, _serving: serving }
    }

    fn server(&self, encryption: Encryption) -> Server {
        let file = |name: &str| self.folder.path().join(name);
        Server {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            encryption,
            ca_file: Some(file("cert.pem")),
            user: Some(("hub".to_owned(), file("password"))),
            from: address("budstikke@dragoer.example"),
            timeout: Duration::from_millis(300),
        }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn overheard(&self) -> Vec<String> {
        self.overheard.lock().unwrap().clone()
    }
}

type Lines = Mutex<Vec<String>>;

async fn serve(
    mut socket: TcpStream,
    way: Way,
    tls: &TlsAcceptor,
    (heard, overheard): (&Lines, &Lines),
) -> std::io::Result<()> {
    match way {
        Way::Mute => {
            tokio::time::sleep(Duration::from_secs(5)).await;
            return Ok(());
        }
        Way::Tls => {
            let mut socket = tls.accept(socket).await?;
            socket.write_all(b"220 here\r\n").await?;
            return talk(socket, heard, "250-here\r\n250 AUTH PLAIN\r\n").await;
        }
        Way::StartTls | Way::Pretends => {}
    }
    socket.write_all(b"220 here\r\n").await?;
    talk(&mut socket, overheard, "250-here\r\n250 STARTTLS\r\n").await?;
    if way == Way::Pretends {
        socket.write_all(b"250-here\r\n250 AUTH PLAIN\r\n").await?;
        return talk(socket, overheard, "250-here\r\n250 AUTH PLAIN\r\n").await;
    }
    talk(tls.accept(socket).await?, heard, "250-here\r\n250 AUTH PLAIN\r\n").await
}

/// Answers until the other side says no more, or that it goes on encrypted.
async fn talk(socket: impl AsyncRead + AsyncWrite + Unpin, lines: &Lines, offers: &str) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    let mut line = String::new();
    loop {
        line.clear();
        if socket.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        lines.lock().unwrap().push(line.trim_end().to_owned());
        let answer = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" => offers,
            "AUTH" if line.trim_end() != LOGIN => "535 no\r\n",
            "DATA" => {
                socket.write_all(b"354 go on\r\n").await?;
                socket.flush().await?;
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") && socket.read_line(&mut mail).await? > 0 {}
                lines.lock().unwrap().push(mail);
                "250 kept\r\n"
            }
            _ => "250 yes\r\n",
        };
        socket.write_all(if line.starts_with("STARTTLS") { "220 go on\r\n" } else { answer }.as_bytes()).await?;
        socket.flush().await?;
        if line.starts_with("STARTTLS") {
            return Ok(());
        }
    }
}

#[tokio::test]
async fn mail_and_password_go_encrypted() {
    for (way, encryption) in [(Way::Tls, Encryption::Tls), (Way::StartTls, Encryption::StartTls)] {
        let smtp = Secure::start(way).await;
        let to = [address("a@dragoer.example")];
        smtp.server(encryption).send(&to, &mail()).await.unwrap_or_else(|fault| panic!("{way:?}: {fault:?}"));
        let heard = smtp.heard();
        assert!(heard.iter().any(|line| line == LOGIN), "{way:?}: {heard:?}");
        assert!(heard.iter().any(|line| line.contains("Message-ID: <k.1@dragoer.example>")), "{way:?}: {heard:?}");
        let plain: &[&str] = if way == Way::Tls { &[] } else { &["EHLO dragoer.example", "STARTTLS"] };
        assert_eq!(smtp.overheard(), plain, "{way:?}");
    }
}

#[tokio::test]
async fn files_that_cannot_be_used_are_found_before_anything_is_sent() {
    let smtp = Secure::start(Way::Tls).await;
    let right = smtp.server(Encryption::Tls);
    right.check().unwrap();
    let file = |name: &str, text: &str| {
        let path = smtp.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let gone = smtp.folder.path().join("gone");
    let (empty, garbage) = (file("empty", "\n"), file("garbage", "no certificate"));
    let torn = file("torn", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n");
    for password in [&gone, &empty] {
        let server = Server { user: Some(("hub".to_owned(), password.clone())), ..right.clone() };
        assert_eq!(server.check().unwrap_err().setting(), "password_file", "{password:?}");
    }
    for authority in [gone, empty, garbage, torn] {
        let server = Server { ca_file: Some(authority.clone()), ..right.clone() };
        assert_eq!(server.check().unwrap_err().setting(), "ca_file", "{authority:?}");
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_nothing_and_it_is_said_why() {
    for (way, encryption) in [(Way::Tls, Encryption::Tls), (Way::StartTls, Encryption::StartTls)] {
        let (smtp, other) = (Secure::start(way).await, Secure::start(way).await);
        let right = smtp.server(encryption);
        let by_another = Server { ca_file: other.server(encryption).ca_file, ..right.clone() };
        let by_the_machine = Server { ca_file: None, ..right.clone() };
        let of_another_name = Server { host: "localhost".to_owned(), ..right };
        for server in [by_another, by_the_machine, of_another_name] {
            let sent = server.send(&[address("a@dragoer.example")], &mail()).await;
            assert_eq!(sent, Err(Fault::Untrusted), "{server:?}");
        }
        assert_eq!(smtp.heard(), Vec::<String>::new());
        assert!(smtp.overheard().iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"));
    }
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_gets_neither_mail_nor_password() {
    let to = [address("a@dragoer.example")];
    for (way, encryption, fault) in [
        (Way::Pretends, Encryption::StartTls, Fault::Untrusted),
        (Way::Mute, Encryption::Tls, Fault::Silent),
        (Way::Mute, Encryption::StartTls, Fault::Silent),
    ] {
        let smtp = Secure::start(way).await;
        assert_eq!(smtp.server(encryption).send(&to, &mail()).await, Err(fault), "{way:?}");
        let plain = smtp.overheard();
        assert!(!plain.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{way:?}: {plain:?}");
    }
    // One that does not know of STARTTLS.
    let smtp = Smtp::start(Manner::Takes).await;
    let server = Server { encryption: Encryption::StartTls, ..smtp.server() };
    assert_eq!(server.send(&to, &mail()).await, Err(Fault::Lacking));
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_one_that_is_renewed_is_read() {
    let smtp = Secure::start(Way::Tls).await;
    let (server, to) = (smtp.server(Encryption::Tls), [address("a@dragoer.example")]);
    let write = |password: &str| {
        let file: &Path = &server.user.as_ref().unwrap().1;
        std::fs::write(file, password).unwrap();
    };
    write("forkert");
    assert_eq!(server.send(&to, &mail()).await, Err(Fault::Refused));
    write("hemmelig");
    assert_eq!(server.send(&to, &mail()).await, Ok(()));
}

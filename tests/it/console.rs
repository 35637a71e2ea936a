//! The console, as a browser sees it, on a hub that runs as a process.

mod agreement;
mod api;
mod browser;
mod door;
mod drift;
mod duties;
mod fuzz;
mod getting_in;
mod grants;
mod inbox;
mod looks;
mod ny;
mod openid;
mod parked;
mod rights;

use crate::node::Vhost;
use crate::program::{Program, Running};
use browser::Browser;

/// A password that is long enough.
const PASSWORD: &str = "en lang kode";

/// A hub with a console.
struct Hub {
    vhost: Vhost,
    program: Program,
    running: Running,
}

impl Hub {
    /// One with these settings beside the usual: `CONSOLE__LONGEST`, `1s`.
    async fn with(settings: &[(&str, &str)]) -> Self {
        let vhost = Vhost::new();
        let usual = Program::at(vhost.address());
        let program = settings.iter().fold(usual, |program, (name, value)| program.set(name, value));
        let running = program.start().await;
        Self { vhost, program, running }
    }

    async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Somebody who has not signed in.
    fn stranger(&self) -> Browser {
        let url = self.running.ready["console"].as_str().expect("an address");
        Browser::at(url.strip_prefix("http://").expect("an address"))
    }

    /// Makes an account, with [`PASSWORD`].
    async fn account(&self, user: &str, roles: &[&str]) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), format!("{PASSWORD}\n")).expect("a file");
        let path = file.path().to_string_lossy();
        let mut arguments = vec!["user", "add", user, "--name", "Ida <b>Test</b>", "--password-file", &path];
        arguments.extend(roles.iter().flat_map(|role| ["--role", role]));
        self.does(&arguments).await;
    }

    /// Runs a command that must succeed, and returns what it says.
    async fn does(&self, arguments: &[&str]) -> String {
        let said = self.program.say(arguments).await;
        assert_eq!(said.code, Some(0), "{said:?}");
        said.out
    }

    /// A token of these roles.
    async fn token(&self, name: &str, roles: &[&str]) -> String {
        let roles = roles.iter().flat_map(|role| ["--role", role]);
        let arguments: Vec<&str> = ["token", "add", name].into_iter().chain(roles).collect();
        self.does(&arguments).await.trim().to_owned()
    }

    /// A system with a token of these roles.
    async fn system(&self, name: &str, roles: &[&str]) -> Browser {
        let token = self.token(name, roles).await;
        self.stranger().saying("authorization", &format!("Bearer {token}"))
    }

    /// Somebody who has signed in.
    async fn visitor(&self, user: &str, roles: &[&str]) -> Browser {
        self.account(user, roles).await;
        let mut browser = self.stranger();
        let answer = browser.signs_in(user, PASSWORD, "/").await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{answer:?}");
        browser
    }
}

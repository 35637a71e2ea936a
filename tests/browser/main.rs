//! The console in a real browser: Debian's Chromium, driven by its own driver.
//!
//! `deploy/setup --test` installs both, and axe-core beside them. Each test has a hub of its own,
//! filled with what the demo sends, and a browser for each of its people. Nothing sleeps and nothing
//! is tried twice: what is not there yet is waited for, with a limit.
//!
//! With `BUDSTIKKE_PICTURES` set to a folder, every page that is looked at is kept there as a picture.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod correcting;
#[cfg(test)]
mod driver;
#[cfg(test)]
mod everywhere;
#[cfg(test)]
mod explaining;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod getting_in;
#[cfg(test)]
mod house;
#[cfg(test)]
mod look;
#[cfg(test)]
mod markup;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod parked;
#[cfg(test)]
mod raising;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod tasks;

// What the tests on a real RabbitMQ use too.
#[cfg(test)]
#[expect(dead_code, reason = "no browser needs a broker that is encrypted")]
#[path = "../it/authority.rs"]
mod authority;
#[cfg(test)]
#[expect(dead_code, reason = "a browser needs a virtual host, and leaves it alone")]
#[path = "../it/management.rs"]
mod management;
#[cfg(test)]
#[expect(dead_code, reason = "a browser needs no broker that may be killed")]
#[path = "../it/node.rs"]
mod node;
#[cfg(test)]
#[expect(dead_code, reason = "a browser needs no more than to send")]
#[path = "../it/post.rs"]
mod post;
#[cfg(test)]
#[expect(dead_code, reason = "a browser needs a hub that runs, and leaves it alone")]
#[path = "../it/program.rs"]
mod program;
#[cfg(test)]
#[path = "../it/provider.rs"]
mod provider;
#[cfg(test)]
#[expect(dead_code, reason = "a browser needs no more than a channel")]
#[path = "../it/raw_lapin.rs"]
mod raw_lapin;
#[cfg(test)]
#[path = "../it/wait.rs"]
mod wait;

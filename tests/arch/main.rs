//! The architecture as tests: who may know whom, what pure modules must not touch, where a library
//! may be named, and that the runbook has a page for every code. Each test can fail, and says what
//! is wrong, where, and what to do.
//!
//! It reads the tree as text and asks `cargo metadata`; it needs no network and no broker.

#[cfg(test)]
mod crates;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod modules;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod runbook;
#[cfg(test)]
mod source;
#[cfg(test)]
mod tree;

/// Fails with all faults at once, and what to do about them.
#[cfg(test)]
#[track_caller]
fn none(faults: impl IntoIterator<Item = String>, what_to_do: &str) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n  {}\n{what_to_do}\n", faults.join("\n  "));
}

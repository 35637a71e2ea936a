//! The arrows between the crates: `schemas ◄ contract ◄ adapters/* ◄ hub ◄ tests`.

use std::process::Command;

use serde_json::Value;

use crate::none;
use crate::source::root;

const HUB: &str = "budstikke";
const SCHEMAS: &str = "budstikke-schemas";
const CONTRACT: &str = "budstikke-contract";
const STRICT_XML: &str = "budstikke-strict-xml";
const TESTKIT: &str = "budstikke-testkit";

/// The libraries that everything but the hub may use: none of them does I/O, keeps the time or
/// starts a thread.
const WITHOUT_IO: &[&str] =
    &["base64", "encoding_rs", "jiff", "jsonschema", "quick-xml", "serde", "serde_json", "thiserror", "uuid"];

/// What one crate alone may use, so that there is one way to do it.
const ONLY_FOR: &[(&str, &str)] = &[
    ("encoding_rs", STRICT_XML),
    ("quick-xml", STRICT_XML),
    ("jsonschema", SCHEMAS),
    ("lapin", HUB),
    ("rusqlite", HUB),
    ("tokio-postgres", HUB),
    ("backoff", HUB),
    ("tokio", HUB),
    ("reqwest", HUB),
    ("hyper", HUB),
    ("rustls", HUB),
];

/// A crate of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its manifest, from the root.
    pub(crate) manifest: String,
    needs: Vec<Need>,
}

/// What a crate depends on.
struct Need {
    name: String,
    /// Only for its tests.
    dev: bool,
}

/// The workspace, as Cargo sees it.
pub(crate) fn packages() -> Vec<Package> {
    let asked = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(asked.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&asked.stderr));
    let metadata: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let need = |need: &Value| Need { name: text(&need["name"]), dev: need["kind"] == "dev" };
    let package = |package: &Value| Package {
        name: text(&package["name"]),
        manifest: text(&package["manifest_path"])
            .strip_prefix(metadata["workspace_root"].as_str().unwrap())
            .unwrap()
            .trim_start_matches('/')
            .to_owned(),
        needs: package["dependencies"].as_array().unwrap().iter().map(need).collect(),
    };
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

/// The crates that know a system's wire format: all in `adapters/` that are none of its tools.
pub(crate) fn adapters() -> Vec<String> {
    let is_adapter = |package: &Package| {
        let tools = [CONTRACT, STRICT_XML, TESTKIT];
        package.manifest.starts_with("adapters/") && !tools.contains(&package.name.as_str())
    };
    let adapters: Vec<String> = packages().into_iter().filter(is_adapter).map(|package| package.name).collect();
    assert!(!adapters.is_empty(), "there are no adapters");
    adapters
}

/// Which of our own crates a crate may know, beside what it needs for its tests.
fn may_know(name: &str) -> Vec<String> {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    match name {
        SCHEMAS | STRICT_XML => Vec::new(),
        CONTRACT => own(&[SCHEMAS]),
        TESTKIT => own(&[CONTRACT, SCHEMAS]),
        HUB => adapters().into_iter().chain([CONTRACT.to_owned(), SCHEMAS.to_owned()]).collect(),
        _adapter => own(&[CONTRACT, STRICT_XML]),
    }
}

#[test]
fn every_crate_knows_only_whom_it_may() {
    let mut faults = Vec::new();
    for package in packages() {
        let may = may_know(&package.name);
        for need in package.needs.iter().filter(|need| need.name.starts_with(HUB)) {
            let for_tests = need.dev && need.name == TESTKIT && package.name != CONTRACT && package.name != SCHEMAS;
            if !may.contains(&need.name) && !for_tests {
                faults.push(format!("{}: `{}` may not know `{}`", package.manifest, package.name, need.name));
            }
        }
    }
    none(
        faults,
        "The arrows are schemas ◄ contract ◄ adapters/* ◄ hub ◄ tests: no adapter knows another or the hub, and the \
         test kit is for tests. A new arrow is a decision: src/decisions/, and `may_know` in tests/arch/crates.rs.",
    );
}

#[test]
fn only_the_hub_can_touch_the_world() {
    let mut faults = Vec::new();
    for package in packages().iter().filter(|package| package.name != HUB && package.name != TESTKIT) {
        let foreign = package.needs.iter().filter(|need| !need.dev && !need.name.starts_with(HUB));
        for need in foreign.filter(|need| !WITHOUT_IO.contains(&need.name.as_str())) {
            faults.push(format!("{}: `{}`", package.manifest, need.name));
        }
    }
    none(
        faults,
        "Schemas, contract and adapters do no I/O. If the library does none and keeps no time, add it to WITHOUT_IO \
         (tests/arch/crates.rs); otherwise what needs it belongs in the hub.",
    );
}

#[test]
fn what_one_crate_hides_no_other_uses() {
    let mut faults = Vec::new();
    for package in packages() {
        for need in package.needs.iter().filter(|need| !need.dev) {
            let owner = ONLY_FOR.iter().find(|(library, _)| *library == need.name);
            if let Some((library, owner)) = owner.filter(|(_, owner)| *owner != package.name) {
                faults.push(format!("{}: `{library}` is for `{owner}` only", package.manifest));
            }
        }
    }
    none(faults, "Use that crate's own interface.");
}

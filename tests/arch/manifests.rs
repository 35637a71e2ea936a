//! What every `Cargo.toml` must say: lints, edition and versions come from the workspace.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::crates::packages;
use crate::none;
use crate::source::{files, root};

const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The manifests of the workspace: where each stands, and what is in it.
fn manifests() -> Vec<(String, Table)> {
    let read = |path: String| {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        (path, text.parse().unwrap())
    };
    packages().into_iter().map(|package| read(package.manifest)).collect()
}

fn workspace() -> Table {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: Table = text.parse().unwrap();
    manifest["workspace"].as_table().unwrap().clone()
}

fn from_workspace(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

/// Every dependency of a manifest, those for one platform too.
fn dependencies(manifest: &Table) -> Vec<(String, Value)> {
    let platforms = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let places = platforms.filter_map(Value::as_table).chain([manifest]);
    let tables = places.flat_map(|place| TABLES.iter().filter_map(|name| place.get(*name)?.as_table()));
    tables.flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[test]
fn every_crate_takes_lints_edition_and_version_from_the_workspace() {
    let mut faults = Vec::new();
    for (path, manifest) in manifests() {
        if !from_workspace(manifest.get("lints")) {
            faults.push(format!("{path}: [lints] workspace = true"));
        }
        for key in ["version", "edition", "rust-version", "publish"] {
            if !from_workspace(manifest["package"].get(key)) {
                faults.push(format!("{path}: {key}.workspace = true"));
            }
        }
    }
    none(faults, "Write that line into the manifest.");
}

#[test]
fn every_version_stands_in_the_workspace_only() {
    let mut faults = Vec::new();
    for (path, manifest) in manifests() {
        for (name, value) in dependencies(&manifest) {
            let own = ["version", "path", "git", "default-features"].into_iter().find(|key| value.get(key).is_some());
            if !from_workspace(Some(&value)) || own.is_some() {
                faults.push(format!("{path}: {name}"));
            }
        }
    }
    none(
        faults,
        "Write `NAME.workspace = true`, and the version under [workspace.dependencies] in the root's Cargo.toml.",
    );
}

#[test]
fn the_workspace_names_what_is_used_and_no_features_by_default() {
    let mut faults = Vec::new();
    let used: BTreeSet<String> =
        manifests().iter().flat_map(|(_, manifest)| dependencies(manifest)).map(|(name, _)| name).collect();
    let workspace = workspace();
    for (name, value) in workspace["dependencies"].as_table().unwrap() {
        let is_own = value.get("path").is_some();
        if !is_own && value.get("default-features").and_then(Value::as_bool) != Some(false) {
            faults.push(format!("Cargo.toml: {name} lacks `default-features = false`"));
        }
        if !is_own && value.get("version").is_none() {
            faults.push(format!("Cargo.toml: {name} has no version"));
        }
        if !used.contains(name) {
            faults.push(format!("Cargo.toml: {name} is used by no crate"));
        }
    }
    none(faults, "Correct the entry under [workspace.dependencies], or take it out.");
}

#[test]
fn every_manifest_is_one_of_the_workspace() {
    let members: BTreeSet<String> = packages().into_iter().map(|package| package.manifest).collect();
    let found = files().into_iter().map(|file| file.path).filter(|path| path.ends_with("Cargo.toml"));
    let strays = found.filter(|path| !members.contains(path)).map(|path| format!("{path} is no member"));
    none(
        strays,
        "Put the crate into `adapters/`, or list it under [workspace] members: what is outside escapes the gate.",
    );
}

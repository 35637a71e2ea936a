//! What `deploy/` has for those who run the hub fits the hub: every metric that it names is one that is
//! exported, every alert has its page, and each file is what the program takes that it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::none;
use crate::source::{File, files, from, root, rust};

const RULES: &str = "deploy/prometheus/budstikke.rules.yml";
const BOARD: &str = "deploy/grafana/budstikke.json";
const UNIT: &str = "deploy/systemd/budstikke.service";
const PROXY: &str = "deploy/proxy/nginx.conf";

fn file(path: &str) -> File {
    files().into_iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path} is not there"))
}

/// The words of a text that begin with the hub's name, as its metrics do.
fn metrics_named(text: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c: char| !is_word(c)).filter(|word| word.starts_with("budstikke_"));
    words.map(str::to_owned).collect()
}

/// The metrics that the hub exports: the names that its program writes out.
fn exported() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in rust(&["src/"]) {
        let code = file.program();
        for (offset, _) in file.text.match_indices("\"budstikke_") {
            // What is blank in the program is a comment's or a test's, or stands in quotes itself.
            let name = from(&file.text, offset + 1).split('"').next().unwrap_or_default();
            let before = code.get(..offset).unwrap_or_default().trim_end();
            if before.ends_with("!(") || before.ends_with("number(") || before.ends_with("Full(") {
                names.insert(name.to_owned());
            }
        }
    }
    assert!(names.len() > 30, "the metrics are not found: {names:?}");
    names
}

/// A histogram's own name; itself where it is none.
fn without_suffix<'a>(name: &'a str, exported: &BTreeSet<String>) -> &'a str {
    let bare = ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| name.strip_suffix(suffix));
    bare.filter(|bare| exported.contains(*bare)).unwrap_or(name)
}

#[test]
fn every_metric_that_is_watched_is_exported() {
    let exported = exported();
    let mut faults = Vec::new();
    // The name of a zone, a log format and the like of nginx's is no metric.
    for path in [RULES, "deploy/prometheus/budstikke.test.yml", BOARD] {
        let named = metrics_named(&file(path).text);
        assert!(named.len() > 10, "{path}: {named:?}");
        let unknown = named.iter().filter(|name| !exported.contains(without_suffix(name, &exported)));
        faults.extend(unknown.map(|name| format!("{path}: `{name}`")));
    }
    none(faults, "Write the name as the hub exports it (`metrics::gauge!(\"budstikke_…\")` in src/), or export it.");
}

/// What is told of more closely elsewhere, or is for whoever looks into one hub.
const NOT_SHOWN: [&str; 11] = [
    "budstikke_items",
    "budstikke_deliveries",
    "budstikke_broker_connects_total",
    "budstikke_broker_consumed_total",
    "budstikke_broker_acknowledged_total",
    "budstikke_broker_stalled_total",
    "budstikke_broker_mended_total",
    "budstikke_foreign_connects_total",
    "budstikke_foreign_disconnects_total",
    "budstikke_ledger_disk_bytes",
    "budstikke_balanced",
];

#[test]
fn every_metric_is_on_the_board_or_watched() {
    let shown: BTreeSet<String> = [RULES, BOARD].iter().flat_map(|path| metrics_named(&file(path).text)).collect();
    let exported = exported();
    let shown: BTreeSet<&str> = shown.iter().map(|name| without_suffix(name, &exported)).collect();
    let unseen = exported.iter().filter(|name| !shown.contains(name.as_str()) && !NOT_SHOWN.contains(&name.as_str()));
    none(unseen.cloned(), "Show it on the board, or write down here that nobody need see it.");
}

/// The codes of `src/telemetry/alert.rs`.
fn codes() -> BTreeSet<String> {
    let text = file("src/telemetry/alert.rs").text;
    let codes: BTreeSet<String> =
        text.split("Code::new(\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
    assert!(codes.len() > 10, "{codes:?}");
    codes
}

#[test]
fn every_alert_has_its_page_and_every_page_its_alert() {
    let text = file(RULES).text;
    let mut faults = Vec::new();
    let mut paged: BTreeMap<&str, usize> = BTreeMap::new();
    for alert in text.split("- alert: ").skip(1) {
        let name = alert.lines().next().unwrap_or_default();
        let page = alert.lines().find_map(|line| line.trim().strip_prefix("page: "));
        let Some(page) = page else {
            faults.push(format!("{RULES}: {name} names no page"));
            continue;
        };
        *paged.entry(page).or_default() += 1;
        if !root().join(format!("deploy/runbook/{page}.md")).is_file() {
            faults.push(format!("{RULES}: {name}: there is no deploy/runbook/{page}.md"));
        }
        // The two names are one, so that whoever reads one finds the other.
        if name.to_uppercase() != page.replace('_', "") {
            faults.push(format!("{RULES}: {name} names the page {page}"));
        }
        let severity = alert.lines().find(|line| line.trim().starts_with("labels:")).unwrap_or_default();
        if !severity.contains("severity: page") && !severity.contains("severity: ticket") {
            faults.push(format!("{RULES}: {name} does not say how urgent it is"));
        }
    }
    let codes = codes();
    let unwatched = codes.iter().filter(|code| paged.get(code.as_str()) != Some(&1));
    faults.extend(unwatched.map(|code| format!("src/telemetry/alert.rs: {code} has no alert, or several")));
    let strange = paged.keys().filter(|page| !codes.contains(**page));
    faults.extend(strange.map(|page| format!("{RULES}: {page} is no code of src/telemetry/alert.rs")));
    none(faults, "An alert is a code in src/telemetry/alert.rs, a rule, and a page of that name in the runbook.");
}

#[test]
fn the_board_is_whole() {
    let board: Value = serde_json::from_str(&file(BOARD).text).expect("the board is JSON");
    let panels = board["panels"].as_array().expect("it has panels");
    let ids: BTreeSet<u64> = panels.iter().filter_map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), panels.len(), "each panel has a number of its own");
    let mut taken = BTreeSet::new();
    let mut faults = Vec::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap_or_default();
        let place = |key: &str| panel["gridPos"][key].as_u64().unwrap_or_else(|| panic!("{title}: no {key}"));
        let (x, y, w, h) = (place("x"), place("y"), place("w"), place("h"));
        let cells = (x..x + w).flat_map(|column| (y..y + h).map(move |row| (column, row)));
        if title.is_empty() || x + w > 24 || !cells.into_iter().all(|cell| taken.insert(cell)) {
            faults.push(format!("`{title}` has no title, or lies over another"));
        }
        let targets = panel["targets"].as_array().into_iter().flatten();
        let from_source = |it: &Value| it["datasource"]["uid"] == "${source}" && it["expr"].is_string();
        if panel["targets"].as_array().is_none_or(Vec::is_empty) || !targets.into_iter().all(from_source) {
            faults.push(format!("`{title}` asks nothing, or a data source of its own"));
        }
    }
    none(faults, "Mend deploy/grafana/budstikke.json.");
}

/// Runs a program on what is checked. What it says, where it does not like it.
fn complaint(program: &str, arguments: &[&str], folder: &Path) -> Option<String> {
    let ran = Command::new(program).args(arguments).current_dir(folder).output();
    let ran = ran.unwrap_or_else(|_missing| panic!("`{program}` is missing: deploy/setup --test installs it"));
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    (!ran.status.success()).then(|| format!("{program} {}: {said}", arguments.join(" ")))
}

#[test]
fn prometheus_takes_the_rules_and_each_fires_when_it_should() {
    let folder = root().join("deploy/prometheus");
    let checks = [["check", "config", "prometheus.yml"], ["test", "rules", "budstikke.test.yml"]];
    none(checks.iter().filter_map(|check| complaint("promtool", check, &folder)), "Mend what promtool names.");
    let tested = file("deploy/prometheus/budstikke.test.yml").text;
    let rules = file(RULES).text;
    let untested = rules.split("- alert: ").skip(1).filter_map(|alert| alert.lines().next());
    let untested = untested.filter(|name| !tested.contains(&format!("alertname: {name}\n")));
    none(untested.map(str::to_owned), "Add the alert to deploy/prometheus/budstikke.test.yml.");
}

#[test]
fn the_board_asks_what_prometheus_understands() {
    let board: Value = serde_json::from_str(&file(BOARD).text).expect("the board is JSON");
    let targets = board["panels"].as_array().into_iter().flatten().filter_map(|panel| panel["targets"].as_array());
    let asked = targets.flatten().filter_map(|target| target["expr"].as_str());
    let rules: Vec<Value> = asked
        .map(|asked| asked.replace("$__rate_interval", "5m").replace("$instance", ".*"))
        .enumerate()
        .map(|(number, asked)| serde_json::json!({ "record": format!("board:{number}"), "expr": asked }))
        .collect();
    assert!(rules.len() > 20, "{rules:?}");
    let folder = tempfile::tempdir().unwrap();
    let rules = serde_json::json!({ "groups": [{ "name": "board", "rules": rules }] });
    std::fs::write(folder.path().join("board.yml"), rules.to_string()).unwrap();
    none(complaint("promtool", &["check", "rules", "board.yml"], folder.path()), "Mend the board's question.");
}

#[test]
fn systemd_takes_the_unit_and_finds_it_closed() {
    let folder = tempfile::tempdir().unwrap();
    // The program lies elsewhere here.
    let text = file(UNIT).text;
    assert!(text.lines().any(|line| line == "KillMode=mixed"), "{UNIT}: a private RabbitMQ outlives what is in hand");
    let unit = text.replace("/usr/bin/budstikke", env!("CARGO_BIN_EXE_budstikke"));
    std::fs::write(folder.path().join("budstikke.service"), unit).unwrap();
    // From 0 to 100: what `security` calls 1.2 is 12 here.
    let looks = [
        vec!["verify", "--man=no", "./budstikke.service"],
        vec!["security", "--no-pager", "--offline=true", "--threshold=15", "./budstikke.service"],
    ];
    none(looks.iter().filter_map(|look| complaint("systemd-analyze", look, folder.path())), "Mend the unit.");
}

#[test]
fn nginx_takes_the_proxys_settings() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let made = rcgen::generate_simple_self_signed(vec!["budstikke.dragoer.example".to_owned()]).unwrap();
    std::fs::write(path("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let text = file(PROXY).text;
    let ours = text
        .replace("/etc/ssl/budstikke/fullchain.pem", &path("cert.pem"))
        .replace("/etc/ssl/budstikke/key.pem", &path("key.pem"))
        .replace("/var/log/nginx", &folder.path().display().to_string());
    let said = ours.lines().filter(|line| !line.trim_start().starts_with('#'));
    none(said.filter(|line| line.contains("/etc/")).map(str::to_owned), "Replace its path here.");
    std::fs::write(path("budstikke.conf"), ours).unwrap();
    let whole = format!(
        "pid {};\nerror_log stderr;\nevents {{}}\nhttp {{ include {}; }}\n",
        path("pid"),
        path("budstikke.conf")
    );
    std::fs::write(path("nginx.conf"), whole).unwrap();
    let check = ["-t", "-q", "-p", &path(""), "-c", &path("nginx.conf")];
    none(complaint("/usr/sbin/nginx", &check, folder.path()), "Mend deploy/proxy/nginx.conf.");
    for promise in [
        "proxy_set_header Host       $host;",
        // The hub believes it: what a visitor has written there must not come through.
        "\n    proxy_set_header X-Forwarded-For $remote_addr;\n",
        "`proxies = [\"127.0.0.1\"]`",
        "proxy_buffering    off;",
        "location /log-ind/link/ {\n        access_log off;",
    ] {
        assert!(text.contains(promise), "{PROXY} keeps no longer: {promise}");
    }
}

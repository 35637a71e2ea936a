//! The arrows inside the hub: which module may know which, which touch nothing, and the only places
//! where a library may be named.

use std::path::Path;

use crate::none;
use crate::source::{File, Named, paths, root, rust};

/// A room of the hub and those that it may know. The longest path that fits counts.
const ARROWS: &[(&str, &[&str])] = &[
    // Ground.
    ("clock", &[]),
    ("csv", &[]),
    ("retry", &[]),
    ("supervise", &[]),
    // Deciding.
    ("agreement", &["csv"]),
    ("residence", &[]),
    ("course", &[]),
    ("duty", &["agreement"]),
    ("task", &[]),
    ("route", &["agreement", "course", "duty", "residence"]),
    // The loop that lets the clock tick for duties writes down what they have to tell.
    ("duty/watch", &["clock", "intake", "ledger", "telemetry"]),
    // The outside.
    ("adapters", &[]),
    ("broker", &["clock", "retry", "supervise"]),
    ("ledger", &["agreement", "clock", "course", "duty", "nudge", "route", "task"]),
    ("telemetry", &["broker", "clock", "ledger", "web"]),
    ("web", &["clock"]),
    ("config", &["agreement", "console", "deliver", "enquire", "ledger", "nudge", "retry", "telemetry", "web"]),
    // The work.
    ("deliver", &["adapters", "agreement", "broker", "clock", "ledger", "retry", "telemetry", "web"]),
    ("deliver/parcel", &["agreement", "ledger"]),
    ("deliver/retry", &["retry"]),
    ("intake", &["adapters", "agreement", "course", "deliver", "duty", "ledger", "residence", "route", "task"]),
    ("intake/prepare", &[]),
    ("intake/consume", &["broker", "clock", "deliver", "ledger", "telemetry"]),
    ("nudge", &["agreement", "web"]),
    // What failed was TLS, or not: only `web` knows its errors.
    ("nudge/mail", &["web"]),
    ("nudge/watch", &["clock", "ledger", "retry", "telemetry", "web"]),
    ("intake/job/run", &["ledger", "telemetry"]),
    ("enquire", &["clock", "intake", "ledger", "retry", "telemetry", "web"]),
    ("enquire/bucket", &[]),
    ("enquire/cache", &["ledger"]),
    ("enquire/gate", &["retry"]),
    ("explain", &["adapters", "intake", "ledger"]),
    ("control", &["agreement", "broker", "intake", "ledger", "telemetry"]),
    (
        "console",
        &[
            "adapters",
            "agreement",
            "broker",
            "clock",
            "control",
            "csv",
            // Who looks at content sees of a message what the receivers of it get: it says which letter.
            "deliver",
            "duty",
            "explain",
            "intake",
            "ledger",
            // What changes from one edition of the agreement to another.
            "route",
            "task",
            "telemetry",
            "web",
        ],
    ),
    ("console/agreement/rules", &["agreement"]),
    ("console/agreement/told", &["agreement", "duty", "explain", "ledger"]),
    ("console/duties/board", &["agreement", "duty", "ledger"]),
    ("console/duties/export", &["csv"]),
    ("console/duties/ics", &[]),
    ("console/duties/month", &[]),
    ("console/grants/choice", &["ledger"]),
    ("console/grants/state", &[]),
    ("console/names", &["agreement"]),
    ("console/guesses", &[]),
    ("console/openid/person", &[]),
    ("console/whence", &["web"]),
    ("console/access", &["agreement"]),
    ("console/content", &[]),
    ("console/forms", &[]),
    ("console/inbox/choice", &["ledger"]),
    ("console/inbox/view", &["ledger", "task"]),
    ("console/password", &[]),
    ("console/pulse", &["ledger"]),
    ("console/words", &[]),
    // Putting it together.
    (
        "app",
        &[
            "adapters",
            "agreement",
            "broker",
            "clock",
            "config",
            "console",
            "control",
            "deliver",
            "duty",
            "enquire",
            "intake",
            "ledger",
            "nudge",
            "residence",
            "supervise",
            "telemetry",
            "web",
        ],
    ),
    ("bench", &["app", "broker", "clock", "config"]),
    ("bench/pages", &["adapters", "app", "clock", "config", "deliver", "intake", "ledger", "task", "web"]),
    (
        "cli",
        &[
            "adapters",
            "agreement",
            "app",
            "bench",
            "broker",
            "clock",
            "config",
            // Passwords, roles and links.
            "console",
            "control",
            "duty",
            "explain",
            "intake",
            "ledger",
            // The words of what changes from one edition to another.
            "route",
            "telemetry",
        ],
    ),
];

/// The rooms that touch nothing: the same input gives the same answer.
const PURE: &[&str] = &[
    "agreement",
    "csv",
    "console/access",
    "console/agreement/rules",
    "console/agreement/told",
    "console/duties/board",
    "console/duties/export",
    "console/duties/ics",
    "console/duties/month",
    "console/grants/choice",
    "console/grants/state",
    "console/names",
    "console/guesses",
    "console/openid/person",
    "console/content",
    "console/forms",
    "console/inbox/choice",
    "console/inbox/view",
    "console/pulse",
    "console/words",
    "nudge/plan",
    "nudge/words",
    "residence",
    "course",
    "duty",
    "task",
    "route",
    "retry",
    "deliver/parcel",
    "deliver/retry",
    "enquire/bucket",
    "enquire/cache",
    "enquire/gate",
    "intake/prepare",
    "telemetry/nodes/read",
    "web/address",
    "web/redirect",
    "web/retry_after",
];

/// Where a pure room ends: its loop.
const NOT_PURE: &[&str] = &["duty/watch"];

/// The world: what a pure room, an adapter or the contract never names.
const WORLD: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "Timestamp::now",
    "Zoned::now",
    "Instant::now",
    "SystemTime::now",
    "Uuid::new_v4",
    "async_rs",
    "aws_lc_rs::rand",
    "axum",
    "futures",
    "hyper",
    "lapin",
    "reqwest",
    "rusqlite",
    "rustix",
    "sqlx",
    "tokio",
    "tokio_postgres",
    "tokio_util",
];

/// A library and the only places that may name it.
const HOMES: &[(&str, &[&str])] = &[
    ("anyhow", &["app", "bench", "cli"]),
    ("async_rs", &["broker"]),
    ("argon2", &["console/password"]),
    ("askama", &["console"]),
    ("axum", &["console", "telemetry"]),
    ("backoff", &["retry"]),
    ("clap", &["bench", "cli"]),
    ("http", &["web/endpoint/exchange"]),
    ("hyper", &["console/door", "web"]),
    ("hyper_util", &["console/door"]),
    ("lapin", &["bench", "broker"]),
    ("lettre", &["nudge/mail"]),
    ("metrics_exporter_prometheus", &["telemetry"]),
    ("openidconnect", &["console/openid/provider"]),
    ("opentelemetry_proto", &["telemetry/trace"]),
    ("prost", &["telemetry/trace"]),
    ("reqwest", &["web"]),
    ("rusqlite", &["ledger/sqlite"]),
    ("rustls", &["ledger/postgres/server", "web"]),
    ("sd_notify", &["cli/run"]),
    ("tokio_postgres", &["ledger/postgres"]),
    ("tokio_postgres_rustls", &["ledger/postgres/server"]),
    ("toml", &["agreement"]),
    ("tracing_subscriber", &["telemetry"]),
    ("utoipa", &["console"]),
    ("utoipa_axum", &["console"]),
];

/// The path of a file's module: `src/duty/watch.rs` → `duty/watch`.
fn room(file: &File) -> &str {
    file.path.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs")).unwrap_or(&file.path)
}

fn is_in(room: &str, place: &str) -> bool {
    room.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The hub's modules, without its two roots.
fn hub() -> Vec<File> {
    let mut files = rust(&["src/"]);
    files.retain(|file| !matches!(room(file), "lib" | "main"));
    files
}

/// The top-level module that a path leads to, where it leads to one of the hub's.
fn leads_to<'a>(room: &'a str, named: &'a Named) -> Option<&'a str> {
    let ups = named.steps.iter().take_while(|step| *step == "super").count();
    let own: Vec<&str> = room.split('/').collect();
    match named.steps.first().map(String::as_str) {
        Some("crate") => named.steps.get(1).map(String::as_str),
        Some("super") if ups >= own.len() => named.steps.get(ups).map(String::as_str),
        _ => None,
    }
}

#[test]
fn every_room_of_the_hub_knows_only_whom_it_may() {
    let mut faults = Vec::new();
    for file in hub() {
        let room = room(&file);
        let top = room.split('/').next().unwrap();
        let rule = ARROWS.iter().filter(|(place, _)| is_in(room, place)).max_by_key(|(place, _)| place.len());
        let Some((place, may)) = rule else {
            faults.push(format!("{}: `{top}` has no row in ARROWS", file.path));
            continue;
        };
        for named in paths(&file.program()) {
            if let Some(known) = leads_to(room, &named).filter(|known| *known != top && !may.contains(known)) {
                faults.push(format!("{}: `{place}` may not know `{known}`", file.at(named.offset)));
            }
        }
    }
    none(
        faults,
        "Move what is shared to the room below, or hand it in as a value. A new arrow is a decision: \
         write it down in src/decisions/ and in ARROWS (tests/arch/modules.rs).",
    );
}

#[test]
fn every_row_is_about_a_room_that_is_there() {
    let there = |place: &str| root().join("src").join(format!("{place}.rs")).is_file();
    let arrows = ARROWS.iter().flat_map(|(place, may)| may.iter().chain([place]));
    let homes = HOMES.iter().flat_map(|(_, places)| *places);
    let rooms = arrows.chain(PURE).chain(NOT_PURE).chain(homes);
    let gone = rooms.filter(|place| !there(place)).map(|place| format!("src/{place}.rs is not there"));
    none(gone, "Take the row out of tests/arch/modules.rs, or give it the room's new name.");
}

#[test]
fn the_rooms_that_decide_touch_nothing() {
    let is_pure = |file: &File| {
        PURE.iter().any(|place| is_in(room(file), place)) && !NOT_PURE.iter().any(|place| is_in(room(file), place))
    };
    let faults = hub().into_iter().filter(is_pure).flat_map(|file| touched(&file));
    none(faults, "A pure room gets the time, what is known and what was read as values: do this where it is called.");
}

#[test]
fn the_contract_and_the_adapters_touch_nothing() {
    let outside = ["adapters/", "schemas/"];
    let is_program = |file: &File| !file.path.starts_with("adapters/testkit/") && !file.path.contains("/tests/");
    let faults = rust(&outside).into_iter().filter(is_program).flat_map(|file| touched(&file));
    none(faults, "An adapter knows a wire format and nothing else: what touches the world belongs in the hub (src/).");
}

/// Where a file names something of the world.
fn touched(file: &File) -> Vec<String> {
    let named = paths(&file.program());
    let fault = |named: &Named| {
        let of_world = WORLD.iter().find(|path| named.is_below(path))?;
        Some(format!("{}: `{of_world}`", file.at(named.offset)))
    };
    named.iter().filter_map(fault).collect()
}

#[test]
fn what_people_do_is_not_left_when_they_go_away() {
    let mut faults = Vec::new();
    for file in hub().into_iter().filter(|file| room(file).starts_with("console/")) {
        let code = file.program();
        let found = ["hub.write(", "hub.act("].into_iter().flat_map(|way| code.match_indices(way));
        faults.extend(found.map(|(offset, way)| format!("{}: `{way}`", file.at(offset))));
    }
    none(
        faults,
        "A request that its sender leaves is dropped where it waits: the act is kept, and no bell rings. \
         Use `Console::writes` or `Console::acts`, which go on to their end.",
    );
}

#[test]
fn the_schemas_are_read_once() {
    let mut faults = Vec::new();
    for file in hub() {
        let code = file.program();
        faults.extend(code.match_indices("schema().text").map(|(offset, _)| file.at(offset)));
    }
    none(faults, "Use `Kind::json`, which keeps what was read.");
}

#[test]
fn a_library_is_named_only_where_it_is_at_home() {
    let mut faults = Vec::new();
    for file in hub() {
        for named in paths(&file.program()) {
            let home = HOMES.iter().find(|(library, _)| named.steps[0] == *library);
            if let Some((library, _)) = home.filter(|(_, places)| !places.iter().any(|it| is_in(room(&file), it))) {
                faults.push(format!("{}: `{library}`", file.at(named.offset)));
            }
        }
    }
    none(faults, "Use the module that hides the library (HOMES in tests/arch/modules.rs says which).");
}

#[test]
fn adapters_are_named_in_the_one_list_only() {
    let mut faults = Vec::new();
    let adapters: Vec<String> = crate::crates::adapters().iter().map(|name| name.replace('-', "_")).collect();
    for file in hub().into_iter().filter(|file| file.path != "src/adapters.rs") {
        for named in paths(&file.program()).iter().filter(|named| adapters.contains(&named.steps[0])) {
            faults.push(format!("{}: `{}`", file.at(named.offset), named.steps[0]));
        }
    }
    let list = std::fs::read_to_string(Path::new(&root()).join("src/adapters.rs")).unwrap();
    let missing = adapters.iter().filter(|name| !list.contains(&format!("use {name}::")));
    faults.extend(missing.map(|name| format!("src/adapters.rs: `{name}` is not in the list")));
    none(
        faults,
        "The hub reaches an adapter through the registry, and every adapter stands in its list (src/adapters.rs).",
    );
}

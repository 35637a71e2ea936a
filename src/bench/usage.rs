//! What processes have used, as Linux counts it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Linux counts processor time for user space in hundredths of a second, whatever the kernel's own
/// tick is (`USER_HZ`).
const MICROSECONDS_PER_TICK: u64 = 10_000;

/// Processor time by the name of the thread, in microseconds.
pub(super) type ByThread = BTreeMap<String, u64>;

/// Processor time that the processes of a process group have used, by thread name.
pub(super) fn of_group(group: u32) -> ByThread {
    let mut used = ByThread::new();
    for process in numbered(Path::new("/proc")) {
        let Some(stat) = stat(&process) else { continue };
        if stat.group != group {
            continue;
        }
        for thread in numbered(&process.join("task")) {
            if let Some(stat) = self::stat(&thread) {
                *used.entry(stat.name).or_default() += stat.ticks * MICROSECONDS_PER_TICK;
            }
        }
    }
    used
}

/// The largest resident set a process has had, in KiB.
pub(super) fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

struct Stat {
    name: String,
    group: u32,
    ticks: u64,
}

/// What `/proc/…/stat` says: `pid (name) state ppid pgrp … utime stime`, where the name may hold
/// anything but is the last thing in parentheses.
fn stat(process: &Path) -> Option<Stat> {
    parse(&fs::read_to_string(process.join("stat")).ok()?)
}

fn parse(stat: &str) -> Option<Stat> {
    let (before, after) = stat.rsplit_once(") ")?;
    let (_, name) = before.split_once('(')?;
    let fields: Vec<&str> = after.split(' ').collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat { name: name.to_owned(), group: fields.get(2)?.parse().ok()?, ticks: number(11)? + number(12)? })
}

fn numbered(folder: &Path) -> impl Iterator<Item = std::path::PathBuf> + use<> {
    let entries = fs::read_dir(folder).ok().into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit())))
        .map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_is_read() {
        let stat = parse("12 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 30 12 0 0 20 0").unwrap();
        assert_eq!((stat.name.as_str(), stat.group, stat.ticks), ("a (b) c", 7, 42));
    }

    #[test]
    fn this_process_has_used_something() {
        assert!(peak_memory(std::process::id()).unwrap() > 100);
    }
}

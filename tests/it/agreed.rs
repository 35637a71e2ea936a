//! The shipped agreement with a mailbox that is reached in another way.

use std::path::Path;

use tempfile::TempDir;

/// A folder of agreements, in which `mailbox` is reached by `channels`: `["http"]`.
pub(crate) fn reaching(mailbox: &str, channels: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/agreement/dragoer-taarnby");
    let copy = folder.path().join("dragoer-taarnby");
    std::fs::create_dir(&copy).expect("a directory");
    let mut changed = 0;
    for file in std::fs::read_dir(shipped).expect("the agreement").map(|it| it.expect("a file")) {
        let text = std::fs::read_to_string(file.path()).expect("a file");
        let is_about =
            |part: &str| part.lines().any(|line| line.starts_with("id ") && line.ends_with(&format!("\"{mailbox}\"")));
        let part = |part: &str| {
            if !is_about(part) {
                return part.to_owned();
            }
            changed += 1;
            let line = |line: &str| {
                if line.starts_with("kanaler ") { format!("kanaler = {channels}") } else { line.to_owned() }
            };
            part.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
        };
        let text = text.split("[[postkasse]]").map(part).collect::<Vec<_>>().join("[[postkasse]]");
        std::fs::write(copy.join(file.file_name()), text).expect("a file");
    }
    assert_eq!(changed, 1, "{mailbox} stands in the agreement, once");
    folder
}

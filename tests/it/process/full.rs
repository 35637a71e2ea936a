//! A ledger without room: the hub stops taking, loses nothing, says so, and goes on when there is.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::node::Vhost;
use crate::post::{Post, XML, letters};
use crate::program::{Program, Running};

const MAILBOX: &str = "out.taarnby.genoptraening";

async fn send(post: &Post, series: char, count: usize) {
    for letter in letters(series, count) {
        post.send("rehab-plan", XML, &letter).await;
    }
}

async fn is_full(hub: &Running, program: &Program) {
    let full = |health: &Value| health["ready"] == false && health["ledger"].as_str().is_some_and(|it| it != "ok");
    let health = hub.is("it says that the ledger has no room", full).await;
    println!("full: {}", health["ledger"]);
    let status = program.say(&["status", "--json"]).await;
    assert_eq!(status.code, Some(1), "{status:?}");
    assert!(full(&status.json()["health"]), "{status:?}");
    assert!(hub.get("/metrics").await.contains("budstikke_ledger_writable 0"), "the metrics show it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_at_its_largest_size_goes_on_when_it_may_be_larger() {
    const LETTERS: usize = 400;
    let vhost = Vhost::new();
    let program = Program::at(vhost.address()).set("LEDGER__MAX_SIZE", "3MiB");
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    send(&post, 'A', LETTERS).await;
    is_full(&hub, &program).await;
    hub.stop().await;
    let proof = program.proof().await;
    let taken = proof["received"].as_u64().and_then(|it| u32::try_from(it).ok()).expect("a number");
    assert_eq!(post.depth("in.rehab-plan").await + taken, 400, "what is not kept is still with the broker: {proof}");

    let program = program.set("LEDGER__MAX_SIZE", "1GiB");
    let hub = program.start().await;
    post.take(MAILBOX, LETTERS).await;
    hub.is("it is well again", |health| health["ready"] == true).await;
    hub.stop().await;
    let proof = program.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["parked"].as_u64()), (Some(400), Some(0)), "{proof}");
}

/// A disk of its own, of some megabytes.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// None where this user may not make one.
    fn of(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a directory");
        let disk = Self { folder };
        let options = format!("size={size},mode=700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(disk.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(disk)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Takes all the room that there is, but for so many bytes.
    fn fill(&self, but: u64) {
        let mut ballast = std::fs::File::create(self.ballast()).expect("ballast");
        let mut taken = 0;
        while let Ok(more @ 1..) = ballast.write(&[0; 4096]) {
            taken += u64::try_from(more).expect("a small number");
        }
        ballast.set_len(taken.saturating_sub(but)).expect("some of it is given back");
    }

    /// Gives the room back.
    fn clear(&self) {
        std::fs::remove_file(self.ballast()).expect("it was there");
    }

    fn grow(&self, size: &str) {
        let options = format!("remount,size={size}");
        let mounted = Command::new("mount").args(["-o", &options]).arg(self.path()).status();
        assert!(mounted.is_ok_and(|status| status.success()), "it is mounted larger");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a hub that a failed test has left is only now being killed.
        drop(Command::new("umount").arg("--lazy").arg(self.path()).output());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_waited_for() {
    const LETTERS: usize = 400;
    // Room for the log that SQLite writes ahead: 32 MiB before it is carried over into the file.
    let Some(disk) = Disk::of("96m") else {
        println!("SKIPPED: this user may not mount a disk of its own");
        return;
    };
    let vhost = Vhost::new();
    let program = Program::at(vhost.address()).keeping_state_in(&disk.path().join("state"));
    disk.fill(3 << 20);
    let hub = program.start().await;
    let post = Post::at(vhost.address()).await;
    send(&post, 'A', LETTERS / 2).await;
    is_full(&hub, &program).await;

    // Somebody removes something, and it goes on by itself, until it is full again.
    disk.clear();
    hub.is("it is well again", |health| health["ready"] == true).await;
    disk.fill(0);
    send(&post, 'B', LETTERS / 2).await;
    is_full(&hub, &program).await;
    disk.grow("512m");
    post.take(MAILBOX, LETTERS).await;
    hub.is("it is well again", |health| health["ready"] == true).await;
    hub.stop().await;
    let proof = program.proof().await;
    assert_eq!((proof["routed"].as_u64(), proof["parked"].as_u64()), (Some(400), Some(0)), "{proof}");
}

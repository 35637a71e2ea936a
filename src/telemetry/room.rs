//! How much room the ledger has: on its disk, and within the size that the settings allow.

use std::path::{Path, PathBuf};

use serde::Serialize;

/// Below so many free bytes somebody should look.
const LITTLE: u64 = 2 << 30;

/// And below so many it is urgent.
const LEAST: u64 = 256 << 20;

/// From so many hundredths of the allowed size on somebody should look.
const MUCH: u64 = 90;

/// And from so many it is urgent.
const MOST: u64 = 98;

/// Where the ledger is, and how large it may grow.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its file.
    pub file: PathBuf,
    /// How large it may grow, in bytes; `None` as far as the disk goes.
    pub most: Option<u64>,
}

/// How much room there is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Room {
    /// What the ledger takes.
    pub taken: u64,
    /// What it may take.
    pub most: Option<u64>,
    /// What is free on its disk, for the hub's user.
    pub free: u64,
    /// What its disk holds.
    pub disk: u64,
}

/// How much of it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Enough.
    Enough,
    /// So little that somebody should look.
    Little,
    /// Next to nothing.
    Nothing,
}

impl Place {
    /// Looks at the disk.
    pub fn look(&self) -> std::io::Result<Room> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let disk = rustix::fs::statvfs(folder)?;
        // The log that SQLite writes ahead stands beside the file under the file's whole name and `-wal`. It is not
        // there when nobody has the file open.
        let mut log = self.file.clone().into_os_string();
        log.push("-wal");
        let log = std::fs::metadata(log).map_or(0, |log| log.len());
        Ok(Room {
            taken: std::fs::metadata(&self.file)?.len() + log,
            most: self.most,
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
            disk: disk.f_blocks.saturating_mul(disk.f_frsize),
        })
    }
}

impl Room {
    /// How much is left, of the disk or of what is allowed, whichever is less.
    pub fn left(&self) -> Left {
        let share = self.most.map_or(0, |most| self.taken.saturating_mul(100) / most.max(1));
        if self.free < LEAST || share >= MOST {
            Left::Nothing
        } else if self.free < LITTLE || share >= MUCH {
            Left::Little
        } else {
            Left::Enough
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Room = Room { taken: 1 << 30, most: None, free: 100 << 30, disk: 200 << 30 };

    #[test]
    fn the_disk_is_seen_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        for (name, log) in [("ledger.db", "ledger.db-wal"), ("ledger", "ledger-wal"), ("a.b.c", "a.b.c-wal")] {
            let file = folder.path().join(name);
            std::fs::write(&file, [0; 4096]).unwrap();
            std::fs::write(folder.path().join(log), [0; 100]).unwrap();
            let room = Place { file: file.clone(), most: Some(8192) }.look().unwrap();
            assert_eq!((room.taken, room.most), (4196, Some(8192)), "{name}");
            assert!(room.free > 0 && room.free <= room.disk, "{room:?}");
            std::fs::remove_file(&file).unwrap();
            assert!(Place { file, most: None }.look().is_err());
        }
    }

    #[test]
    fn whichever_is_less_counts() {
        assert_eq!(WELL.left(), Left::Enough);
        assert_eq!(Room { free: 1 << 30, ..WELL }.left(), Left::Little);
        assert_eq!(Room { free: 100 << 20, ..WELL }.left(), Left::Nothing);
        assert_eq!(Room { most: Some(2 << 30), ..WELL }.left(), Left::Enough);
        assert_eq!(Room { most: Some((1 << 30) + (1 << 26)), ..WELL }.left(), Left::Little);
        assert_eq!(Room { most: Some(1 << 30), ..WELL }.left(), Left::Nothing);
        assert_eq!(Room { most: Some(0), free: 0, ..WELL }.left(), Left::Nothing);
    }
}

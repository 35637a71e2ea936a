//! How much room the ledger has: on its disk, and within the size that the settings allow.

use std::path::Path;

use serde::Serialize;

use crate::ledger::place;
use crate::ledger::{Cause, Ledger};

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
    /// In which file or on which server.
    pub at: place::Place,
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
    /// What is free on its disk, for the hub's user; `None` where the disk is another machine's.
    pub free: Option<u64>,
    /// What its disk holds; `None` where it is another machine's.
    pub disk: Option<u64>,
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
    /// Looks at the file's disk, or asks the server.
    pub async fn look(&self, ledger: &Ledger) -> Result<Room, Cause> {
        match &self.at {
            place::Place::File { path, .. } => Ok(self.of_file(path)?),
            place::Place::Server(_) => {
                Ok(Room { taken: ledger.size().await?, most: self.most, free: None, disk: None })
            }
        }
    }

    fn of_file(&self, file: &Path) -> std::io::Result<Room> {
        let disk = rustix::fs::statvfs(file.parent().unwrap_or(Path::new(".")))?;
        // The log that SQLite writes ahead stands beside the file under the file's whole name and `-wal`. It is not
        // there when nobody has the file open.
        let mut log = file.as_os_str().to_owned();
        log.push("-wal");
        let log = std::fs::metadata(log).map_or(0, |log| log.len());
        Ok(Room {
            taken: std::fs::metadata(file)?.len() + log,
            most: self.most,
            free: Some(disk.f_bavail.saturating_mul(disk.f_frsize)),
            disk: Some(disk.f_blocks.saturating_mul(disk.f_frsize)),
        })
    }
}

impl Room {
    /// How much is left, of the disk or of what is allowed, whichever is less.
    pub fn left(&self) -> Left {
        let share = self.most.map_or(0, |most| self.taken.saturating_mul(100) / most.max(1));
        // What nobody here can see, its own server has to watch.
        let free = self.free.unwrap_or(u64::MAX);
        if free < LEAST || share >= MOST {
            Left::Nothing
        } else if free < LITTLE || share >= MUCH {
            Left::Little
        } else {
            Left::Enough
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Room = Room { taken: 1 << 30, most: None, free: Some(100 << 30), disk: Some(200 << 30) };

    #[test]
    fn the_disk_is_seen_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        for (name, log) in [("ledger.db", "ledger.db-wal"), ("ledger", "ledger-wal"), ("a.b.c", "a.b.c-wal")] {
            let file = folder.path().join(name);
            std::fs::write(&file, [0; 4096]).unwrap();
            std::fs::write(folder.path().join(log), [0; 100]).unwrap();
            let place = Place { at: place::Place::file(&file), most: Some(8192) };
            let room = place.of_file(&file).unwrap();
            assert_eq!((room.taken, room.most), (4196, Some(8192)), "{name}");
            assert!(room.free > Some(0) && room.free <= room.disk, "{room:?}");
            std::fs::remove_file(&file).unwrap();
            assert!(place.of_file(&file).is_err());
        }
    }

    #[test]
    fn whichever_is_less_counts() {
        assert_eq!(WELL.left(), Left::Enough);
        assert_eq!(Room { free: None, disk: None, ..WELL }.left(), Left::Enough);
        assert_eq!(Room { free: Some(1 << 30), ..WELL }.left(), Left::Little);
        assert_eq!(Room { free: Some(100 << 20), ..WELL }.left(), Left::Nothing);
        assert_eq!(Room { most: Some(2 << 30), ..WELL }.left(), Left::Enough);
        assert_eq!(Room { most: Some((1 << 30) + (1 << 26)), ..WELL }.left(), Left::Little);
        assert_eq!(Room { most: Some(1 << 30), ..WELL }.left(), Left::Nothing);
        assert_eq!(Room { most: Some(0), free: Some(0), ..WELL }.left(), Left::Nothing);
    }
}

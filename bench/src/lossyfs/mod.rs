//! A file system that loses what was not synced: the power cut for tests.
//!
//! A folder is mounted through FUSE. What programs write there is seen by them at once, as on any
//! disk, but reaches the *durable* side only when they ask for it; [`LossyFs::cut`] then leaves the
//! backing folder as a disk would be found after the power went.
//!
//! The rule of what is durable, chosen strict (POSIX promises no more than this):
//!
//! - **Contents and length of a file**: by `fsync`/`fdatasync` of that file.
//! - **Names** (create, rename, link, unlink, mkdir, rmdir): by `fsync` of the directory that holds
//!   the name, and only that one. A new file that was synced but whose directory was not is gone; a
//!   new directory that was synced but whose parent was not is gone with all it holds; a file
//!   renamed across two directories of which only the target was synced is in both.
//! - A name that was synced while its file was not gives the file as last synced (empty when never).
//!
//! [`Rule::Journalled`] is the kinder rule of ext4 with ordered journalling: any sync commits every
//! earlier change of names. Mode, owner and times are not part of what a cut takes away. Memory maps
//! work (`SQLite`'s `-shm` needs them), locks are the kernel's own.
//!
//! While mounted, the backing folder is stale; it is made anew by [`LossyFs::cut`] and by
//! [`LossyFs::unmount`].

mod disk;
mod fuse;
mod tree;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fuser::{BackgroundSession, Config, MountOption, SessionACL};
use parking_lot::Mutex;
use rustix::mount::UnmountFlags;

use crate::error::{BenchError, Doing};

pub use tree::Counters;

/// What makes a change of names durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Only a sync of the directory itself.
    Strict,
    /// Any sync of anything, as ext4 does.
    Journalled,
}

/// What becomes of the changes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All are gone.
    Everything,
    /// Each 4 KiB page survives or not by the toss of a coin, one page per file is torn at a 512-byte
    /// sector, each directory's names are old or new: disks write in any order they like.
    Torn {
        /// The seed of the coin.
        seed: u64,
    },
}

/// A mounted lossy file system. Dropping it unmounts without a promise about the backing folder;
/// end it by [`LossyFs::cut`] or [`LossyFs::unmount`].
#[derive(Debug)]
pub struct LossyFs {
    session: BackgroundSession,
    tree: Arc<Mutex<tree::Tree>>,
    folders: Folders,
}

/// The three folders beneath the one that was given.
#[derive(Debug, Clone)]
struct Folders {
    /// What a disk holds: plain files, made anew at the end of a mount.
    disk: PathBuf,
    /// Inode contents while mounted.
    inodes: PathBuf,
    /// The mount point.
    mount: PathBuf,
}

impl Folders {
    fn under(folder: &Path) -> Self {
        Self {
            disk: folder.join("disk"),
            inodes: folder.join("inodes"),
            mount: folder.join("mnt"),
        }
    }
}

/// Why lossy mounts are not possible here, or `None` when they are.
pub fn unavailable() -> Option<String> {
    match File::options().read(true).write(true).open("/dev/fuse") {
        Ok(_) => None,
        Err(error) => Some(format!(
            "power cuts are skipped: /dev/fuse cannot be opened ({error})"
        )),
    }
}

/// Where the durable contents of a lossy file system under `folder` are while it is not mounted.
pub fn disk_of(folder: &Path) -> PathBuf {
    Folders::under(folder).disk
}

impl LossyFs {
    /// Mounts the file system kept under `folder` (`folder/disk` holds what is durable, created when
    /// absent) at `folder/mnt`.
    pub fn mount(folder: &Path, rule: Rule) -> Result<Self, BenchError> {
        let folders = Folders::under(folder);
        for path in [&folders.disk, &folders.mount] {
            std::fs::create_dir_all(path).doing("create a folder of the lossy file system")?;
        }
        let tree = disk::load(&folders, rule)?;
        let tree = Arc::new(Mutex::new(tree));
        let mut config = Config::default();
        config.mount_options = vec![
            MountOption::FSName("lossyfs".to_owned()),
            MountOption::RW,
            MountOption::DefaultPermissions,
        ];
        // Sandboxed children of the server may run under another user.
        config.acl = SessionACL::All;
        let session = fuser::spawn_mount(fuse::Lossy::new(Arc::clone(&tree)), &folders.mount, &config)
            .doing("mount the lossy file system")?;
        Ok(Self {
            session,
            tree,
            folders,
        })
    }

    /// The mount point.
    pub fn path(&self) -> &Path {
        &self.folders.mount
    }

    /// What happened since the mount.
    pub fn counters(&self) -> Counters {
        self.tree.lock().counters
    }

    /// The moment of the cut: from here on every change and every sync fails with `EIO` and nothing
    /// more becomes durable. Programs that use the mount are then to be killed.
    pub fn power_off(&self) {
        self.tree.lock().off = true;
    }

    /// Lets the power go off by itself after `changes` more changes and syncs, so that a seed can put
    /// the cut between any two of them.
    pub fn power_off_after(&self, changes: u64) {
        self.tree.lock().fuse = Some(changes);
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.tree.lock().off
    }

    /// Cuts the power (if [`LossyFs::power_off`] has not), unmounts and writes what is left to the
    /// backing folder, whose path is returned. Programs that use the mount must be gone; those that
    /// are not lose it after a few seconds.
    pub fn cut(self, loss: Loss) -> Result<PathBuf, BenchError> {
        self.power_off();
        self.end(|tree| {
            if let Loss::Torn { seed } = loss {
                tree.tear(seed)
            } else {
                Ok(())
            }
        })
    }

    /// An orderly end: everything written becomes durable.
    pub fn unmount(self) -> Result<PathBuf, BenchError> {
        self.end(tree::Tree::settle)
    }

    fn end(
        self,
        last: impl FnOnce(&mut tree::Tree) -> Result<(), std::io::Error>,
    ) -> Result<PathBuf, BenchError> {
        let Self {
            session,
            tree,
            folders,
        } = self;
        detach(&folders.mount)?;
        session.join().doing("end the lossy file system")?;
        let mut tree = tree.lock();
        last(&mut tree).doing("settle the lossy file system")?;
        disk::rebuild(&tree, &folders).doing("write the durable side of the lossy file system")?;
        Ok(folders.disk)
    }
}

/// Unmounts, waiting a little for killed programs to let go of their files.
fn detach(mount: &Path) -> Result<(), BenchError> {
    let start = Instant::now();
    loop {
        match rustix::mount::unmount(mount, UnmountFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::INVAL) => return Ok(()),
            Err(rustix::io::Errno::BUSY) if start.elapsed() < Duration::from_secs(5) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(rustix::io::Errno::BUSY) => {
                return rustix::mount::unmount(mount, UnmountFlags::DETACH)
                    .doing("detach the lossy file system");
            }
            Err(error) => return Err(BenchError::io("unmount the lossy file system", error)),
        }
    }
}

#[cfg(test)]
mod tests;

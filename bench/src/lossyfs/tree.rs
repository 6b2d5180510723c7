//! The two states of every file and directory: as programs see it, and as the disk has it.
//!
//! Durable contents are `<ino>.d`, contents with unsynced changes `<ino>.v`, both plain files; names
//! are kept in memory, twice. Knows nothing of FUSE.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::io::Errno;

use super::Rule;
use crate::rng::Rng;

/// The root's inode number, fixed by FUSE.
pub(super) const ROOT: u64 = 1;
const PAGE: u64 = 4096;
const SECTOR: u64 = 512;

/// What a mount has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Write requests.
    pub writes: u64,
    /// Bytes written by them.
    pub written_bytes: u64,
    /// Syncs of files.
    pub file_syncs: u64,
    /// Syncs of directories.
    pub dir_syncs: u64,
}

#[derive(Debug)]
pub(super) struct Directory {
    pub(super) seen: BTreeMap<OsString, u64>,
    pub(super) durable: BTreeMap<OsString, u64>,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) modified: SystemTime,
}

#[derive(Debug, Default)]
pub(super) struct Regular {
    /// Open while programs have the file open; the volatile contents if there are any.
    handle: Option<File>,
    /// Whether `<ino>.v` exists.
    volatile: bool,
    /// Pages changed since the last sync.
    dirty: BTreeSet<u64>,
    /// The smallest length the file was cut to since the last sync.
    shortest: Option<u64>,
    opens: u32,
}

#[derive(Debug)]
pub(super) enum Kind {
    Directory(Directory),
    Regular(Regular),
}

#[derive(Debug)]
pub(super) struct Inode {
    pub(super) kind: Kind,
    /// References the kernel holds.
    lookups: u64,
    /// Names in directories as seen.
    links: u32,
    /// Names in directories as durable.
    durable_links: u32,
}

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) inodes: HashMap<u64, Inode>,
    next: u64,
    store: PathBuf,
    rule: Rule,
    /// Directories with names that are not durable.
    changed: BTreeSet<u64>,
    /// The power is off.
    pub(super) off: bool,
    /// Changes and syncs left until the power goes off by itself.
    pub(super) fuse: Option<u64>,
    pub(super) counters: Counters,
}

/// Who a new file belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file system stamps its directories by the machine's clock"
)]
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

impl Directory {
    pub(super) fn new(owner: Owner) -> Self {
        Self {
            seen: BTreeMap::new(),
            durable: BTreeMap::new(),
            mode: owner.mode & 0o7777,
            uid: owner.uid,
            gid: owner.gid,
            modified: now(),
        }
    }
}

type Outcome<T> = Result<T, io::Error>;

fn refuse<T>(errno: Errno) -> Outcome<T> {
    Err(errno.into())
}

impl Tree {
    pub(super) fn new(store: PathBuf, rule: Rule, root: Owner) -> Self {
        let mut tree = Self {
            inodes: HashMap::new(),
            next: ROOT + 1,
            store,
            rule,
            changed: BTreeSet::new(),
            off: false,
            fuse: None,
            counters: Counters::default(),
        };
        let root = Inode {
            kind: Kind::Directory(Directory::new(root)),
            lookups: 1,
            links: 1,
            durable_links: 1,
        };
        tree.inodes.insert(ROOT, root);
        tree
    }

    pub(super) fn durable_path(&self, ino: u64) -> PathBuf {
        self.store.join(format!("{ino}.d"))
    }

    pub(super) fn store(&self) -> &Path {
        &self.store
    }

    fn volatile_path(&self, ino: u64) -> PathBuf {
        self.store.join(format!("{ino}.v"))
    }

    /// A number for an inode that is made by loading the disk.
    pub(super) fn adopt(&mut self, kind: Kind, links: u32) -> u64 {
        let ino = self.next;
        self.next += 1;
        self.inodes.insert(
            ino,
            Inode {
                kind,
                lookups: 0,
                links,
                durable_links: links,
            },
        );
        ino
    }

    /// Refuses when the power is off. Every change and every sync asks here first, once.
    fn powered(&mut self) -> Outcome<()> {
        if let Some(left) = &mut self.fuse {
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => self.off = true,
            }
        }
        if self.off { refuse(Errno::IO) } else { Ok(()) }
    }

    pub(super) fn directory(&self, ino: u64) -> Outcome<&Directory> {
        match self.inodes.get(&ino).map(|inode| &inode.kind) {
            Some(Kind::Directory(directory)) => Ok(directory),
            Some(Kind::Regular(_)) => refuse(Errno::NOTDIR),
            None => refuse(Errno::NOENT),
        }
    }

    pub(super) fn directory_mut(&mut self, ino: u64) -> Outcome<&mut Directory> {
        match self.inodes.get_mut(&ino).map(|inode| &mut inode.kind) {
            Some(Kind::Directory(directory)) => Ok(directory),
            Some(Kind::Regular(_)) => refuse(Errno::NOTDIR),
            None => refuse(Errno::NOENT),
        }
    }

    fn regular(&self, ino: u64) -> Outcome<&Regular> {
        match self.inodes.get(&ino).map(|inode| &inode.kind) {
            Some(Kind::Regular(file)) => Ok(file),
            Some(Kind::Directory(_)) => refuse(Errno::ISDIR),
            None => refuse(Errno::NOENT),
        }
    }

    fn regular_mut(&mut self, ino: u64) -> Outcome<&mut Regular> {
        match self.inodes.get_mut(&ino).map(|inode| &mut inode.kind) {
            Some(Kind::Regular(file)) => Ok(file),
            Some(Kind::Directory(_)) => refuse(Errno::ISDIR),
            None => refuse(Errno::NOENT),
        }
    }

    pub(super) fn child(&self, parent: u64, name: &OsStr) -> Outcome<u64> {
        match self.directory(parent)?.seen.get(name) {
            Some(ino) => Ok(*ino),
            None => refuse(Errno::NOENT),
        }
    }

    pub(super) fn links(&self, ino: u64) -> u32 {
        self.inodes.get(&ino).map_or(0, |inode| inode.links)
    }

    /// The plain file that has the contents as programs see them.
    fn seen_path(&self, ino: u64) -> Outcome<PathBuf> {
        let volatile = self.regular(ino)?.volatile;
        Ok(if volatile {
            self.volatile_path(ino)
        } else {
            self.durable_path(ino)
        })
    }

    pub(super) fn metadata(&self, ino: u64) -> Outcome<Metadata> {
        std::fs::metadata(self.seen_path(ino)?)
    }

    // --- references the kernel holds ---------------------------------------------------------

    pub(super) fn looked_up(&mut self, ino: u64) {
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.lookups += 1;
        }
    }

    pub(super) fn forget(&mut self, ino: u64, count: u64) {
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.lookups = inode.lookups.saturating_sub(count);
        }
        self.sweep(ino);
    }

    pub(super) fn open(&mut self, ino: u64) -> Outcome<()> {
        let path = self.seen_path(ino)?;
        let file = self.regular_mut(ino)?;
        if file.handle.is_none() {
            file.handle = Some(File::options().read(true).write(true).open(path)?);
        }
        file.opens += 1;
        Ok(())
    }

    pub(super) fn release(&mut self, ino: u64) {
        if let Ok(file) = self.regular_mut(ino) {
            file.opens = file.opens.saturating_sub(1);
            if file.opens == 0 {
                file.handle = None;
            }
        }
        self.sweep(ino);
    }

    /// Lets go of an inode that neither a program nor the disk can reach any more.
    fn sweep(&mut self, ino: u64) {
        let gone = self.inodes.get(&ino).is_some_and(|inode| {
            let opens = if let Kind::Regular(file) = &inode.kind {
                file.opens
            } else {
                0
            };
            ino != ROOT && inode.lookups == 0 && inode.links == 0 && inode.durable_links == 0 && opens == 0
        });
        if !gone {
            return;
        }
        let Some(inode) = self.inodes.remove(&ino) else {
            return;
        };
        self.changed.remove(&ino);
        match inode.kind {
            Kind::Regular(file) => {
                // Nothing refers to these; a leftover costs space until the next mount only.
                let _ = std::fs::remove_file(self.durable_path(ino));
                if file.volatile {
                    let _ = std::fs::remove_file(self.volatile_path(ino));
                }
            }
            Kind::Directory(directory) => {
                for child in directory.durable.into_values() {
                    self.drop_durable_link(child);
                }
            }
        }
    }

    fn drop_durable_link(&mut self, ino: u64) {
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.durable_links = inode.durable_links.saturating_sub(1);
        }
        self.sweep(ino);
    }

    // --- contents ----------------------------------------------------------------------------

    /// Gives the file its own volatile contents, a copy of the durable ones at first.
    fn make_volatile(&mut self, ino: u64) -> Outcome<()> {
        if self.regular(ino)?.volatile {
            return Ok(());
        }
        let path = self.volatile_path(ino);
        std::fs::copy(self.durable_path(ino), &path)?;
        let file = self.regular_mut(ino)?;
        file.volatile = true;
        if file.handle.is_some() {
            file.handle = Some(File::options().read(true).write(true).open(path)?);
        }
        Ok(())
    }

    /// Runs `action` on the file's contents as seen.
    fn with_seen<T>(&self, ino: u64, action: impl FnOnce(&File) -> Outcome<T>) -> Outcome<T> {
        if let Some(handle) = &self.regular(ino)?.handle {
            return action(handle);
        }
        let file = File::options()
            .read(true)
            .write(true)
            .open(self.seen_path(ino)?)?;
        action(&file)
    }

    pub(super) fn read(&self, ino: u64, offset: u64, out: &mut [u8]) -> Outcome<usize> {
        self.with_seen(ino, |file| read_full(file, offset, out))
    }

    pub(super) fn write(&mut self, ino: u64, offset: u64, data: &[u8]) -> Outcome<()> {
        self.powered()?;
        self.make_volatile(ino)?;
        self.with_seen(ino, |file| file.write_all_at(data, offset))?;
        self.counters.writes += 1;
        self.counters.written_bytes += data.len() as u64;
        if !data.is_empty() {
            let last = (offset + data.len() as u64 - 1) / PAGE;
            self.regular_mut(ino)?.dirty.extend(offset / PAGE..=last);
        }
        Ok(())
    }

    pub(super) fn set_len(&mut self, ino: u64, length: u64) -> Outcome<()> {
        self.powered()?;
        self.make_volatile(ino)?;
        let before = self.metadata(ino)?.len();
        self.with_seen(ino, |file| file.set_len(length))?;
        let file = self.regular_mut(ino)?;
        if length < before {
            file.shortest = Some(file.shortest.map_or(length, |shortest| shortest.min(length)));
        }
        Ok(())
    }

    /// `fallocate` without hole punching: only the length matters here.
    pub(super) fn grow(&mut self, ino: u64, length: u64) -> Outcome<()> {
        if self.metadata(ino)?.len() < length {
            self.set_len(ino, length)
        } else {
            self.powered()
        }
    }

    /// Mode and owner: not part of what a cut undoes, so they go to both sides at once.
    pub(super) fn set_owner(
        &mut self,
        ino: u64,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
    ) -> Outcome<()> {
        if let Ok(directory) = self.directory_mut(ino) {
            directory.mode = mode.map_or(directory.mode, |mode| mode & 0o7777);
            directory.uid = uid.unwrap_or(directory.uid);
            directory.gid = gid.unwrap_or(directory.gid);
            return Ok(());
        }
        let mut paths = vec![self.durable_path(ino)];
        if self.regular(ino)?.volatile {
            paths.push(self.volatile_path(ino));
        }
        for path in paths {
            if uid.is_some() || gid.is_some() {
                std::os::unix::fs::chown(&path, uid, gid)?;
            }
            if let Some(mode) = mode {
                std::fs::set_permissions(&path, Permissions::from_mode(mode & 0o7777))?;
            }
        }
        Ok(())
    }

    pub(super) fn set_times(&mut self, ino: u64, times: std::fs::FileTimes, modified: Option<SystemTime>) {
        if let Ok(directory) = self.directory_mut(ino) {
            directory.modified = modified.unwrap_or(directory.modified);
            return;
        }
        // Times are a courtesy here; a file that cannot take them is still right in its contents.
        let _ = self.with_seen(ino, |file| file.set_times(times));
    }

    /// `fsync`: contents and length become durable.
    pub(super) fn sync_file(&mut self, ino: u64) -> Outcome<()> {
        self.powered()?;
        self.counters.file_syncs += 1;
        self.store_pages(ino, |_| true, true)?;
        let file = self.regular_mut(ino)?;
        file.dirty.clear();
        file.shortest = None;
        if self.rule == Rule::Journalled {
            self.commit_names();
        }
        Ok(())
    }

    /// Copies the dirty pages that `keep` wants to the durable side; the length follows when `whole`,
    /// and otherwise only grows as far as the kept pages need.
    fn store_pages(&mut self, ino: u64, mut keep: impl FnMut(u64) -> bool, whole: bool) -> Outcome<()> {
        let file = self.regular(ino)?;
        if !file.volatile || (file.dirty.is_empty() && file.shortest.is_none() && !whole) {
            return Ok(());
        }
        let durable = File::options()
            .read(true)
            .write(true)
            .open(self.durable_path(ino))?;
        let length = self.metadata(ino)?.len();
        let before = durable.metadata()?.len();
        if whole {
            if let Some(shortest) = file.shortest.filter(|shortest| *shortest < before) {
                durable.set_len(shortest)?;
            }
            durable.set_len(length)?;
        }
        let mut page = vec![0; PAGE as usize];
        for number in file.dirty.iter().copied().filter(|number| keep(*number)) {
            let got = self.with_seen(ino, |seen| read_full(seen, number * PAGE, &mut page))?;
            durable.write_all_at(&page[..got], number * PAGE)?;
        }
        Ok(())
    }

    // --- names -------------------------------------------------------------------------------

    fn enter(&mut self, parent: u64, name: &OsStr, ino: u64) -> Outcome<()> {
        let directory = self.directory_mut(parent)?;
        let replaced = directory.seen.insert(name.to_owned(), ino);
        directory.modified = now();
        self.changed.insert(parent);
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.links += 1;
        }
        if let Some(replaced) = replaced {
            self.drop_link(replaced);
        }
        Ok(())
    }

    fn leave(&mut self, parent: u64, name: &OsStr) -> Outcome<()> {
        let directory = self.directory_mut(parent)?;
        let Some(ino) = directory.seen.remove(name) else {
            return refuse(Errno::NOENT);
        };
        directory.modified = now();
        self.changed.insert(parent);
        self.drop_link(ino);
        Ok(())
    }

    fn drop_link(&mut self, ino: u64) {
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.links = inode.links.saturating_sub(1);
        }
        self.sweep(ino);
    }

    /// A new empty file, open once.
    pub(super) fn create(&mut self, parent: u64, name: &OsStr, owner: Owner) -> Outcome<u64> {
        self.powered()?;
        if self.directory(parent)?.seen.contains_key(name) {
            return refuse(Errno::EXIST);
        }
        let ino = self.adopt(Kind::Regular(Regular::default()), 0);
        File::create_new(self.durable_path(ino))?;
        self.set_owner(ino, Some(owner.mode), Some(owner.uid), Some(owner.gid))?;
        self.enter(parent, name, ino)?;
        Ok(ino)
    }

    pub(super) fn mkdir(&mut self, parent: u64, name: &OsStr, owner: Owner) -> Outcome<u64> {
        self.powered()?;
        if self.directory(parent)?.seen.contains_key(name) {
            return refuse(Errno::EXIST);
        }
        let ino = self.adopt(Kind::Directory(Directory::new(owner)), 0);
        self.enter(parent, name, ino)?;
        Ok(ino)
    }

    pub(super) fn link(&mut self, ino: u64, parent: u64, name: &OsStr) -> Outcome<()> {
        self.powered()?;
        self.regular(ino)?;
        if self.directory(parent)?.seen.contains_key(name) {
            return refuse(Errno::EXIST);
        }
        self.enter(parent, name, ino)
    }

    pub(super) fn unlink(&mut self, parent: u64, name: &OsStr) -> Outcome<()> {
        self.powered()?;
        self.regular(self.child(parent, name)?)?;
        self.leave(parent, name)
    }

    pub(super) fn rmdir(&mut self, parent: u64, name: &OsStr) -> Outcome<()> {
        self.powered()?;
        if !self.directory(self.child(parent, name)?)?.seen.is_empty() {
            return refuse(Errno::NOTEMPTY);
        }
        self.leave(parent, name)
    }

    pub(super) fn exchange(&mut self, from: (u64, &OsStr), to: (u64, &OsStr)) -> Outcome<()> {
        self.powered()?;
        let (first, second) = (self.child(from.0, from.1)?, self.child(to.0, to.1)?);
        self.directory_mut(from.0)?.seen.insert(from.1.to_owned(), second);
        self.directory_mut(to.0)?.seen.insert(to.1.to_owned(), first);
        self.changed.extend([from.0, to.0]);
        Ok(())
    }

    pub(super) fn rename(&mut self, from: (u64, &OsStr), to: (u64, &OsStr), no_replace: bool) -> Outcome<()> {
        self.powered()?;
        let moved = self.child(from.0, from.1)?;
        match self.child(to.0, to.1) {
            Ok(_) if no_replace => return refuse(Errno::EXIST),
            Ok(same) if same == moved => return Ok(()),
            Ok(target) => match (self.directory(moved).is_ok(), self.directory(target)) {
                (true, Ok(directory)) if !directory.seen.is_empty() => return refuse(Errno::NOTEMPTY),
                (true, Err(_)) => return refuse(Errno::NOTDIR),
                (false, Ok(_)) => return refuse(Errno::ISDIR),
                _ => {}
            },
            Err(_) => {}
        }
        self.enter(to.0, to.1, moved)?;
        self.leave(from.0, from.1)
    }

    /// `fsync` of a directory: its names become durable.
    pub(super) fn sync_directory(&mut self, ino: u64) -> Outcome<()> {
        self.powered()?;
        self.directory(ino)?;
        self.counters.dir_syncs += 1;
        if self.rule == Rule::Journalled {
            self.commit_names();
        } else {
            self.commit_names_of(ino);
        }
        Ok(())
    }

    fn commit_names(&mut self) {
        for ino in std::mem::take(&mut self.changed) {
            self.commit_names_of(ino);
        }
    }

    fn commit_names_of(&mut self, ino: u64) {
        self.changed.remove(&ino);
        let Ok(directory) = self.directory_mut(ino) else {
            return;
        };
        let names = directory.seen.clone();
        let before = std::mem::replace(&mut directory.durable, names.clone());
        for child in names.into_values() {
            if let Some(inode) = self.inodes.get_mut(&child) {
                inode.durable_links += 1;
            }
        }
        for child in before.into_values() {
            self.drop_durable_link(child);
        }
    }

    // --- the end -----------------------------------------------------------------------------

    /// An orderly end: all contents and names become durable.
    pub(super) fn settle(&mut self) -> Outcome<()> {
        for ino in self.files() {
            self.store_pages(ino, |_| true, true)?;
        }
        self.commit_names();
        Ok(())
    }

    /// Lets chance decide what of the unsynced changes survives.
    pub(super) fn tear(&mut self, seed: u64) -> Outcome<()> {
        let mut rng = Rng::new(seed);
        for ino in self.files() {
            let whole = rng.chance(50);
            let torn = self.torn_page(ino, &mut rng)?;
            self.store_pages(ino, |page| Some(page) != torn && rng.chance(50), whole)?;
            if let Some(page) = torn {
                self.store_part(ino, page * PAGE, rng.below(PAGE / SECTOR) * SECTOR)?;
            }
        }
        for ino in std::mem::take(&mut self.changed) {
            if rng.chance(50) {
                self.commit_names_of(ino);
            }
        }
        Ok(())
    }

    /// Inodes of files in a fixed order, so that a seed always means the same.
    fn files(&self) -> Vec<u64> {
        let mut files: Vec<u64> = self
            .inodes
            .keys()
            .copied()
            .filter(|ino| self.regular(*ino).is_ok())
            .collect();
        files.sort_unstable();
        files
    }

    fn torn_page(&self, ino: u64, rng: &mut Rng) -> Outcome<Option<u64>> {
        let dirty = &self.regular(ino)?.dirty;
        Ok(dirty.iter().nth(rng.below(dirty.len() as u64) as usize).copied())
    }

    fn store_part(&mut self, ino: u64, offset: u64, length: u64) -> Outcome<()> {
        let mut part = vec![0; length as usize];
        let got = self.read(ino, offset, &mut part)?;
        let durable = File::options().write(true).open(self.durable_path(ino))?;
        durable.write_all_at(&part[..got], offset)
    }
}

/// Reads until `out` is full or the file ends.
fn read_full(file: &File, offset: u64, out: &mut [u8]) -> Outcome<usize> {
    let mut done = 0;
    while done < out.len() {
        match file.read_at(&mut out[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

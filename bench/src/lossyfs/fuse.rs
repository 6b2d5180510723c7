//! The kernel's requests, translated to the tree. Decides nothing about durability.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::FileTimes;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use fuser::{
    BsdFileFlags, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo,
    LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty,
    ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use parking_lot::Mutex;

use super::tree::{Kind, Owner, Tree, now};

/// All changes come through the kernel, so its caches never grow stale.
const TTL: Duration = Duration::from_mins(1);
const GENERATION: Generation = Generation(0);

/// The names of a directory as they were when reading began.
type Listing = Vec<(u64, FileType, OsString)>;

#[derive(Debug)]
pub(super) struct Lossy {
    tree: Arc<Mutex<Tree>>,
    listings: Mutex<HashMap<u64, Listing>>,
    next_listing: AtomicU64,
}

impl Lossy {
    pub(super) fn new(tree: Arc<Mutex<Tree>>) -> Self {
        Self {
            tree,
            listings: Mutex::new(HashMap::new()),
            next_listing: AtomicU64::new(1),
        }
    }
}

fn attributes(tree: &Tree, ino: u64) -> Result<FileAttr, io::Error> {
    if let Ok(directory) = tree.directory(ino) {
        return Ok(FileAttr {
            ino: INodeNo(ino),
            size: 4096,
            blocks: 8,
            atime: directory.modified,
            mtime: directory.modified,
            ctime: directory.modified,
            crtime: directory.modified,
            kind: FileType::Directory,
            perm: directory.mode as u16,
            nlink: 2,
            uid: directory.uid,
            gid: directory.gid,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        });
    }
    let metadata = tree.metadata(ino)?;
    let modified = metadata.modified()?;
    Ok(FileAttr {
        ino: INodeNo(ino),
        size: metadata.len(),
        blocks: metadata.blocks(),
        atime: metadata.accessed()?,
        mtime: modified,
        ctime: modified,
        crtime: modified,
        kind: FileType::RegularFile,
        perm: (metadata.mode() & 0o7777) as u16,
        nlink: tree.links(ino),
        uid: metadata.uid(),
        gid: metadata.gid(),
        rdev: 0,
        blksize: 4096,
        flags: 0,
    })
}

fn listing(tree: &Tree, ino: u64) -> Result<Listing, io::Error> {
    let mut names = vec![
        (ino, FileType::Directory, OsString::from(".")),
        (ino, FileType::Directory, OsString::from("..")),
    ];
    for (name, child) in &tree.directory(ino)?.seen {
        let kind = match tree.inodes.get(child).map(|inode| &inode.kind) {
            Some(Kind::Directory(_)) => FileType::Directory,
            _ => FileType::RegularFile,
        };
        names.push((*child, kind, name.clone()));
    }
    Ok(names)
}

fn entry(tree: &mut Tree, ino: Result<u64, io::Error>, reply: ReplyEntry) {
    match ino.and_then(|ino| attributes(tree, ino)) {
        Ok(attr) => {
            tree.looked_up(attr.ino.0);
            reply.entry(&TTL, &attr, GENERATION);
        }
        Err(error) => reply.error(error.into()),
    }
}

fn empty(outcome: Result<(), io::Error>, reply: ReplyEmpty) {
    match outcome {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error.into()),
    }
}

fn time(value: Option<TimeOrNow>) -> Option<SystemTime> {
    value.map(|value| match value {
        TimeOrNow::SpecificTime(time) => time,
        TimeOrNow::Now => now(),
    })
}

impl Filesystem for Lossy {
    fn lookup(&self, _req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let mut tree = self.tree.lock();
        let ino = tree.child(parent.0, name);
        entry(&mut tree, ino, reply);
    }

    fn forget(&self, _req: &Request, ino: INodeNo, nlookup: u64) {
        self.tree.lock().forget(ino.0, nlookup);
    }

    fn getattr(&self, _req: &Request, ino: INodeNo, _fh: Option<FileHandle>, reply: ReplyAttr) {
        match attributes(&self.tree.lock(), ino.0) {
            Ok(attr) => reply.attr(&TTL, &attr),
            Err(error) => reply.error(error.into()),
        }
    }

    fn setattr(
        &self,
        _req: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        _fh: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let mut tree = self.tree.lock();
        let mut outcome = size.map_or(Ok(()), |size| tree.set_len(ino.0, size));
        if outcome.is_ok() && (mode.is_some() || uid.is_some() || gid.is_some()) {
            outcome = tree.set_owner(ino.0, mode, uid, gid);
        }
        let (accessed, modified) = (time(atime), time(mtime));
        if outcome.is_ok() && (accessed.is_some() || modified.is_some()) {
            let mut times = FileTimes::new();
            times = accessed.map_or(times, |accessed| times.set_accessed(accessed));
            times = modified.map_or(times, |modified| times.set_modified(modified));
            tree.set_times(ino.0, times, modified);
        }
        match outcome.and_then(|()| attributes(&tree, ino.0)) {
            Ok(attr) => reply.attr(&TTL, &attr),
            Err(error) => reply.error(error.into()),
        }
    }

    fn mkdir(&self, req: &Request, parent: INodeNo, name: &OsStr, mode: u32, umask: u32, reply: ReplyEntry) {
        let mut tree = self.tree.lock();
        let owner = Owner {
            mode: mode & !umask,
            uid: req.uid(),
            gid: req.gid(),
        };
        let ino = tree.mkdir(parent.0, name, owner);
        entry(&mut tree, ino, reply);
    }

    fn unlink(&self, _req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        empty(self.tree.lock().unlink(parent.0, name), reply);
    }

    fn rmdir(&self, _req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        empty(self.tree.lock().rmdir(parent.0, name), reply);
    }

    fn link(&self, _req: &Request, ino: INodeNo, newparent: INodeNo, newname: &OsStr, reply: ReplyEntry) {
        let mut tree = self.tree.lock();
        let outcome = tree.link(ino.0, newparent.0, newname).map(|()| ino.0);
        entry(&mut tree, outcome, reply);
    }

    fn rename(
        &self,
        _req: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let mut tree = self.tree.lock();
        let (from, to) = ((parent.0, name), (newparent.0, newname));
        if flags.contains(RenameFlags::RENAME_EXCHANGE) {
            empty(tree.exchange(from, to), reply);
        } else {
            empty(
                tree.rename(from, to, flags.contains(RenameFlags::RENAME_NOREPLACE)),
                reply,
            );
        }
    }

    fn create(
        &self,
        req: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _flags: i32,
        reply: ReplyCreate,
    ) {
        let mut tree = self.tree.lock();
        let owner = Owner {
            mode: mode & !umask,
            uid: req.uid(),
            gid: req.gid(),
        };
        let created = tree.create(parent.0, name, owner).and_then(|ino| {
            tree.open(ino)?;
            attributes(&tree, ino)
        });
        match created {
            Ok(attr) => {
                tree.looked_up(attr.ino.0);
                reply.created(
                    &TTL,
                    &attr,
                    GENERATION,
                    FileHandle(0),
                    FopenFlags::FOPEN_KEEP_CACHE,
                );
            }
            Err(error) => reply.error(error.into()),
        }
    }

    fn open(&self, _req: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        match self.tree.lock().open(ino.0) {
            Ok(()) => reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE),
            Err(error) => reply.error(error.into()),
        }
    }

    fn read(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let mut out = vec![0; size as usize];
        match self.tree.lock().read(ino.0, offset, &mut out) {
            Ok(got) => reply.data(&out[..got]),
            Err(error) => reply.error(error.into()),
        }
    }

    fn write(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        data: &[u8],
        _write_flags: WriteFlags,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.tree.lock().write(ino.0, offset, data) {
            Ok(()) => reply.written(data.len() as u32),
            Err(error) => reply.error(error.into()),
        }
    }

    fn flush(&self, _req: &Request, _ino: INodeNo, _fh: FileHandle, _owner: LockOwner, reply: ReplyEmpty) {
        // Closing a file makes nothing durable.
        reply.ok();
    }

    fn release(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        _flush: bool,
        reply: ReplyEmpty,
    ) {
        self.tree.lock().release(ino.0);
        reply.ok();
    }

    fn fsync(&self, _req: &Request, ino: INodeNo, _fh: FileHandle, _datasync: bool, reply: ReplyEmpty) {
        empty(self.tree.lock().sync_file(ino.0), reply);
    }

    fn opendir(&self, _req: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        match listing(&self.tree.lock(), ino.0) {
            Ok(names) => {
                let handle = self.next_listing.fetch_add(1, Ordering::Relaxed);
                self.listings.lock().insert(handle, names);
                reply.opened(FileHandle(handle), FopenFlags::empty());
            }
            Err(error) => reply.error(error.into()),
        }
    }

    fn readdir(&self, _req: &Request, ino: INodeNo, fh: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let mut listings = self.listings.lock();
        if offset == 0 {
            // A rewound directory shows what is there now.
            match listing(&self.tree.lock(), ino.0) {
                Ok(names) => listings.insert(fh.0, names),
                Err(error) => return reply.error(error.into()),
            };
        }
        let names = listings.get(&fh.0).map(Vec::as_slice).unwrap_or_default();
        for (index, (child, kind, name)) in names.iter().enumerate().skip(offset as usize) {
            if reply.add(INodeNo(*child), index as u64 + 1, *kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn releasedir(
        &self,
        _req: &Request,
        _ino: INodeNo,
        fh: FileHandle,
        _flags: OpenFlags,
        reply: ReplyEmpty,
    ) {
        self.listings.lock().remove(&fh.0);
        reply.ok();
    }

    fn fsyncdir(&self, _req: &Request, ino: INodeNo, _fh: FileHandle, _datasync: bool, reply: ReplyEmpty) {
        empty(self.tree.lock().sync_directory(ino.0), reply);
    }

    fn fallocate(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        if mode == 0 {
            empty(self.tree.lock().grow(ino.0, offset.saturating_add(length)), reply);
        } else {
            reply.error(Errno::ENOTSUP);
        }
    }

    fn statfs(&self, _req: &Request, _ino: INodeNo, reply: ReplyStatfs) {
        let store: PathBuf = self.tree.lock().store().to_owned();
        match rustix::fs::statvfs(&store) {
            Ok(stat) => reply.statfs(
                stat.f_blocks,
                stat.f_bfree,
                stat.f_bavail,
                stat.f_files,
                stat.f_ffree,
                stat.f_bsize as u32,
                stat.f_namemax as u32,
                stat.f_frsize as u32,
            ),
            Err(error) => reply.error(io::Error::from(error).into()),
        }
    }
}

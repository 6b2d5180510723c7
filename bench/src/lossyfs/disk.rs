//! Between the durable side in memory and a plain folder: loading it at the mount, writing it anew
//! at the end.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

use super::tree::{Directory, Kind, Owner, ROOT, Regular, Tree};
use super::{Folders, Rule};
use crate::error::{BenchError, Doing};

/// Reads the folder as the state of the disk; every file's contents move to the inode folder by hard
/// link, so that nothing is copied.
pub(super) fn load(folders: &Folders, rule: Rule) -> Result<Tree, BenchError> {
    if folders.inodes.exists() {
        std::fs::remove_dir_all(&folders.inodes).doing("clear old inodes")?;
    }
    std::fs::create_dir_all(&folders.inodes).doing("create the inode folder")?;
    let root = owner_of(&folders.disk).doing("read the disk folder")?;
    let mut tree = Tree::new(folders.inodes.clone(), rule, root);
    let names = load_names(&mut tree, &folders.disk).doing("load the disk folder")?;
    if let Ok(directory) = tree.directory_mut(ROOT) {
        directory.seen.clone_from(&names);
        directory.durable = names;
    }
    Ok(tree)
}

fn owner_of(path: &Path) -> Result<Owner, io::Error> {
    let metadata = std::fs::metadata(path)?;
    Ok(Owner {
        mode: metadata.mode(),
        uid: metadata.uid(),
        gid: metadata.gid(),
    })
}

fn load_names(tree: &mut Tree, folder: &Path) -> Result<BTreeMap<OsString, u64>, io::Error> {
    let mut names = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = if entry.file_type()?.is_dir() {
            let mut directory = Directory::new(owner_of(&entry.path())?);
            directory.seen = load_names(tree, &entry.path())?;
            directory.durable = directory.seen.clone();
            Kind::Directory(directory)
        } else {
            Kind::Regular(Regular::default())
        };
        let regular = matches!(kind, Kind::Regular(_));
        let ino = tree.adopt(kind, 1);
        if regular {
            std::fs::hard_link(entry.path(), tree.durable_path(ino))?;
        }
        names.insert(entry.file_name(), ino);
    }
    Ok(names)
}

/// Makes the disk folder anew from the durable names and contents, and empties the inode folder.
pub(super) fn rebuild(tree: &Tree, folders: &Folders) -> Result<(), io::Error> {
    for entry in std::fs::read_dir(&folders.disk)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    write_names(tree, ROOT, &folders.disk)?;
    std::fs::remove_dir_all(&folders.inodes)
}

fn write_names(tree: &Tree, ino: u64, folder: &Path) -> Result<(), io::Error> {
    for (name, child) in &tree.directory(ino)?.durable {
        let path = folder.join(name);
        match tree.inodes.get(child).map(|inode| &inode.kind) {
            Some(Kind::Directory(directory)) => {
                DirBuilder::new().mode(directory.mode).create(&path)?;
                std::os::unix::fs::chown(&path, Some(directory.uid), Some(directory.gid))?;
                std::fs::set_permissions(&path, Permissions::from_mode(directory.mode))?;
                write_names(tree, *child, &path)?;
            }
            Some(Kind::Regular(_)) => std::fs::hard_link(tree.durable_path(*child), &path)?,
            None => {
                return Err(io::Error::other(format!(
                    "durable name {} has no inode",
                    path.display()
                )));
            }
        }
    }
    Ok(())
}

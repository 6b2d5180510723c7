//! A folder that files of an import are taken from, in place of the addresses that they had.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use store::imports::FileRow;

/// Files of a folder that are known by their names.
const MOST_FILES: usize = 2_000_000;
/// Folders within each other that are looked into.
const MOST_DEPTH: usize = 16;

/// A folder that files are taken from.
#[derive(Debug, Default)]
pub struct Shelf {
    /// By their path below the folder, with and without their ending.
    by_path: HashMap<String, PathBuf>,
    /// By their name, with and without their ending; `None`: several have it.
    by_name: HashMap<String, Option<PathBuf>>,
}

impl Shelf {
    /// Looks through a folder. Links in it are not followed.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        let mut shelf = Self::default();
        let mut folders = vec![(folder.to_owned(), 0)];
        let mut count = 0;
        while let Some((below, depth)) = folders.pop() {
            for entry in std::fs::read_dir(&below)? {
                let entry = entry?;
                let (kind, path) = (entry.file_type()?, entry.path());
                if kind.is_dir() && depth < MOST_DEPTH {
                    folders.push((path, depth + 1));
                } else if kind.is_file() && count < MOST_FILES {
                    count += 1;
                    shelf.add(folder, path);
                }
            }
        }
        Ok(shelf)
    }

    fn add(&mut self, folder: &Path, path: PathBuf) {
        let below = path.strip_prefix(folder).ok().and_then(Path::to_str);
        let Some(below) = below.map(ToOwned::to_owned) else {
            return;
        };
        let bare = without_ending(&below);
        let name = below.rsplit('/').next().unwrap_or(&below);
        for name in [name, without_ending(name)] {
            let known = self.by_name.get(name);
            let one = match known {
                None => Some(path.clone()),
                Some(Some(other)) if *other == path => continue,
                Some(_) => None,
            };
            self.by_name.insert(name.to_owned(), one);
        }
        self.by_path
            .entry(bare.to_owned())
            .or_insert_with(|| path.clone());
        self.by_path.insert(below, path);
    }

    /// The file that is meant: by what its service calls it, or by the end of its address.
    pub(super) fn find(&self, file: &FileRow) -> Option<&Path> {
        let from_url = file.url.as_deref().map(path_of);
        let wished = file.public_id.iter().cloned().chain(from_url);
        for wished in wished {
            let mut rest = wished.trim_matches('/');
            loop {
                if let Some(path) = self
                    .by_path
                    .get(rest)
                    .or_else(|| self.by_path.get(without_ending(rest)))
                {
                    return Some(path);
                }
                match rest.split_once('/') {
                    Some((_, behind)) => rest = behind,
                    None => break,
                }
            }
            let named = self
                .by_name
                .get(rest)
                .or_else(|| self.by_name.get(without_ending(rest)));
            if let Some(Some(path)) = named {
                return Some(path);
            }
        }
        None
    }
}

fn without_ending(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((bare, ending)) if !bare.is_empty() && !bare.ends_with('/') && !ending.contains('/') => bare,
        _ => name,
    }
}

/// The path of an address, with its escapes undone.
pub(super) fn path_of(url: &str) -> String {
    let path = url
        .split_once("://")
        .map_or(url, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let path = path
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .replace('\\', "/");
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = (*first == b'%')
            .then(|| {
                behind
                    .get(..2)
                    .and_then(|digits| std::str::from_utf8(digits).ok())
            })
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = escaped {
            bytes.push(byte);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use model::ObjectId;
    use store::imports::FileKind;

    use super::*;

    fn file(url: Option<&str>, public_id: Option<&str>) -> FileRow {
        FileRow {
            kind: FileKind::Video,
            id: ObjectId([1; 12]),
            url: url.map(ToOwned::to_owned),
            public_id: public_id.map(ToOwned::to_owned),
            reason: None,
        }
    }

    #[test]
    fn a_file_is_found_by_its_name_or_its_address_and_never_outside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("clips")).unwrap();
        std::fs::create_dir_all(folder.path().join("old")).unwrap();
        for name in ["clips/abc.mp4", "old/a b.mp4", "clips/twice.mp4", "old/twice.mp4"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let shelf = Shelf::open(folder.path()).unwrap();
        let found = |row: FileRow| {
            let path = shelf.find(&row)?;
            Some(
                path.strip_prefix(folder.path())
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
            )
        };
        assert_eq!(
            found(file(None, Some("clips/abc"))).as_deref(),
            Some("clips/abc.mp4")
        );
        assert_eq!(found(file(None, Some("abc"))).as_deref(), Some("clips/abc.mp4"));
        assert_eq!(
            found(file(Some("https://media.example/v1/old/a%20b.mp4?x=1"), None)).as_deref(),
            Some("old/a b.mp4")
        );
        assert_eq!(
            found(file(Some("public\\temp\\abc.mp4"), None)).as_deref(),
            Some("clips/abc.mp4")
        );
        assert_eq!(
            found(file(Some("/old/twice.mp4"), None)).as_deref(),
            Some("old/twice.mp4")
        );
        assert_eq!(found(file(None, Some("twice"))), None);
        assert_eq!(
            found(file(Some("https://media.example/../../etc/passwd"), None)),
            None
        );
    }
}

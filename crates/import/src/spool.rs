//! Files that documents are written into when they do not come in files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{Collection, ImportError};

/// A folder that takes so many bytes and no more.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    open: BTreeMap<(String, Collection), (PathBuf, BufWriter<File>)>,
    most_bytes: u64,
    bytes: u64,
}

/// Databases with a file for each of their collections.
pub(crate) type Databases = BTreeMap<String, BTreeMap<Collection, PathBuf>>;

/// Databases that are looked at; a source with more is none of ours.
const MOST_DATABASES: usize = 64;

impl Spool {
    pub(crate) fn new(folder: &Path, most_bytes: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            open: BTreeMap::new(),
            most_bytes,
            bytes: 0,
        }
    }

    /// Appends a document.
    pub(crate) fn write(
        &mut self,
        database: &str,
        collection: Collection,
        document: &[u8],
    ) -> Result<(), ImportError> {
        self.bytes = self.bytes.saturating_add(document.len() as u64);
        if self.bytes > self.most_bytes {
            return Err(ImportError::TooLarge(self.most_bytes));
        }
        let key = (database.to_owned(), collection);
        if !self.open.contains_key(&key) {
            if self.open.len() >= MOST_DATABASES * Collection::ALL.len() {
                return Err(ImportError::Archive("it has too many databases".to_owned()));
            }
            // Numbered: a database may be called anything.
            let path = self.folder.join(format!("{}.bson", self.open.len()));
            let file = File::create_new(&path).map_err(ImportError::io(&path))?;
            let file = BufWriter::with_capacity(64 << 10, file);
            self.open.insert(key.clone(), (path, file));
        }
        let Some((path, file)) = self.open.get_mut(&key) else {
            return Ok(());
        };
        file.write_all(document).map_err(ImportError::io(&*path))
    }

    /// The files, complete.
    pub(crate) fn finish(self) -> Result<Databases, ImportError> {
        let mut databases = Databases::new();
        for ((database, collection), (path, mut file)) in self.open {
            file.flush().map_err(ImportError::io(&path))?;
            databases.entry(database).or_default().insert(collection, path);
        }
        Ok(databases)
    }
}

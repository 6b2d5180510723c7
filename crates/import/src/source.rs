//! Where documents come from, as one thing to read them from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{Documents, ImportError, archive, folder, wire};

/// A collection that rows are taken from. Others are left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is called as its collection")]
pub enum Collection {
    Users,
    Videos,
    Comments,
    Tweets,
    Likes,
    Subscriptions,
    Playlists,
}

impl Collection {
    /// All, in the order in which rows name those of collections before.
    pub const ALL: [Self; 7] = [
        Self::Users,
        Self::Videos,
        Self::Comments,
        Self::Tweets,
        Self::Likes,
        Self::Subscriptions,
        Self::Playlists,
    ];

    /// As Mongoose calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Videos => "videos",
            Self::Comments => "comments",
            Self::Tweets => "tweets",
            Self::Likes => "likes",
            Self::Subscriptions => "subscriptions",
            Self::Playlists => "playlists",
        }
    }

    /// The collection of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|collection| collection.name() == name)
    }
}

/// What somebody named as the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A folder that mongodump made, or the folder of one database in it.
    Folder(PathBuf),
    /// A file that `mongodump --archive` made.
    Archive(PathBuf),
    /// A running server, by its connection string.
    Server(String),
}

impl Origin {
    /// What these words name. A file or folder has to be there.
    pub fn parse(words: &str) -> Result<Self, ImportError> {
        if words.starts_with("mongodb+srv://") {
            return Err(ImportError::Address(
                "mongodb+srv:// is not read here: give mongodb://host1,host2/database?tls=true with the hosts \
                 themselves, or run `mongodump --uri …` and import its folder",
            ));
        }
        if words.starts_with("mongodb://") {
            return Ok(Self::Server(words.to_owned()));
        }
        let path = PathBuf::from(words);
        let found = std::fs::metadata(&path).map_err(ImportError::io(&path))?;
        Ok(if found.is_dir() {
            Self::Folder(path)
        } else {
            Self::Archive(path)
        })
    }
}

/// A source that was looked through and is whole.
#[derive(Debug)]
pub struct Source {
    files: BTreeMap<Collection, PathBuf>,
    counts: BTreeMap<Collection, u64>,
}

impl Source {
    /// Opens a source. What is not a folder already is written into `spool`, an empty folder that has room for
    /// `most_bytes`. `database`: which one, where there are several.
    pub async fn open(
        origin: &Origin,
        database: Option<&str>,
        spool: &Path,
        most_bytes: u64,
    ) -> Result<Self, ImportError> {
        let files = match origin {
            Origin::Folder(path) => folder::find(path, database)?,
            Origin::Archive(path) => archive::unpack(path, database, spool, most_bytes)?,
            Origin::Server(address) => wire::fetch(address, database, spool, most_bytes).await?,
        };
        let mut counts = BTreeMap::new();
        for (collection, path) in &files {
            let mut documents = Documents::open(path)?;
            let mut count = 0;
            while documents.next_document()?.is_some() {
                count += 1;
            }
            counts.insert(*collection, count);
        }
        Ok(Self { files, counts })
    }

    /// How many documents a collection has.
    pub fn count(&self, collection: Collection) -> u64 {
        self.counts.get(&collection).copied().unwrap_or(0)
    }

    /// The documents of a collection from its beginning; `None`: there is no such collection.
    pub fn documents(&self, collection: Collection) -> Result<Option<Documents>, ImportError> {
        self.files
            .get(&collection)
            .map(|path| Documents::open(path))
            .transpose()
    }
}

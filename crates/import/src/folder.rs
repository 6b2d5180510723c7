//! Folders that mongodump makes: one for each database, with a file for each collection, packed or not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{Collection, ImportError};

/// Databases that are the server's own.
pub(crate) const OWN: [&str; 3] = ["admin", "config", "local"];

/// The files of the collections of one database below this folder.
pub(crate) fn find(
    path: &Path,
    database: Option<&str>,
) -> Result<BTreeMap<Collection, PathBuf>, ImportError> {
    let here = collections(path);
    if !here.is_empty() && database.is_none_or(|name| path.ends_with(name)) {
        return Ok(here);
    }
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(path).map_err(ImportError::io(path))? {
        let entry = entry.map_err(ImportError::io(path))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let below = collections(&entry.path());
        if !below.is_empty() && !OWN.contains(&name.as_str()) {
            found.insert(name, below);
        }
    }
    choose(found, database, &path.display().to_string())
}

/// The one database that is meant.
pub(crate) fn choose<T>(
    mut found: BTreeMap<String, T>,
    database: Option<&str>,
    place: &str,
) -> Result<T, ImportError> {
    if let Some(name) = database {
        let named = found.remove(name);
        return named.ok_or_else(|| ImportError::Nothing(format!("the database {name} of {place}")));
    }
    if found.len() > 1 {
        let names: Vec<String> = found.into_keys().take(20).collect();
        return Err(ImportError::Several {
            place: place.to_owned(),
            names: names.join(", "),
        });
    }
    found
        .pop_first()
        .map(|(_, one)| one)
        .ok_or_else(|| ImportError::Nothing(place.to_owned()))
}

fn collections(folder: &Path) -> BTreeMap<Collection, PathBuf> {
    let files = Collection::ALL.into_iter().filter_map(|collection| {
        [".bson", ".bson.gz"]
            .into_iter()
            .map(|ending| folder.join(format!("{}{ending}", collection.name())))
            .find(|file| file.is_file())
            .map(|file| (collection, file))
    });
    files.collect()
}

//! A running MongoDB server, read once from end to end.
//!
//! Only what that takes: one connection, a sign-in ([`scram`]), and `find` with its `getMore`, in messages of kind
//! `OP_MSG` (MongoDB 3.6 and newer). The official driver would add forty crates to do the same; what it knows of replica
//! sets beyond "ask the first that answers" is of no use to somebody who reads a database once.

mod address;
mod connection;
mod scram;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bson::raw::{RawBsonRef, RawDocument};
use bson::rawdoc;

use self::address::Address;
use self::connection::Connection;
use crate::folder::{OWN, choose};
use crate::spool::{Databases, Spool};
use crate::{Collection, ImportError};

/// Documents that are asked for at once.
const BATCH: i32 = 1_000;
/// Databases that are asked which collections they have.
const MOST_DATABASES: usize = 64;

/// Writes the collections of one database into `spool`.
pub(crate) async fn fetch(
    address: &str,
    database: Option<&str>,
    spool: &Path,
    most_bytes: u64,
) -> Result<BTreeMap<Collection, PathBuf>, ImportError> {
    let address = Address::parse(address)?;
    let mut connection = Connection::open(&address).await?;
    let named = database
        .map(ToOwned::to_owned)
        .or_else(|| address.database.clone());
    let databases = match &named {
        Some(name) => vec![name.clone()],
        None => names(&mut connection).await?,
    };
    let mut out = Spool::new(spool, most_bytes);
    for database in &databases {
        for collection in Collection::ALL {
            copy(&mut connection, database, collection, &mut out).await?;
        }
    }
    let found: Databases = out.finish()?;
    choose(found, named.as_deref(), "the server")
}

/// The databases that are not the server's own.
async fn names(connection: &mut Connection) -> Result<Vec<String>, ImportError> {
    let answer = connection
        .command("admin", rawdoc! { "listDatabases": 1, "nameOnly": true })
        .await?;
    let list = RawDocument::from_bytes(&answer)
        .ok()
        .and_then(|document| document.get_array("databases").ok())
        .ok_or(ImportError::Protocol("no list of databases"))?;
    let mut names = Vec::new();
    for entry in list {
        let name = entry
            .ok()
            .and_then(RawBsonRef::as_document)
            .and_then(|entry| entry.get_str("name").ok());
        if let Some(name) = name.filter(|name| !OWN.contains(name)) {
            names.push(name.to_owned());
        }
    }
    names.truncate(MOST_DATABASES);
    Ok(names)
}

async fn copy(
    connection: &mut Connection,
    database: &str,
    collection: Collection,
    out: &mut Spool,
) -> Result<(), ImportError> {
    let mut answer = connection
        .command(
            database,
            rawdoc! { "find": collection.name(), "filter": {}, "sort": { "_id": 1 }, "batchSize": BATCH },
        )
        .await?;
    let mut name = "firstBatch";
    loop {
        let cursor = RawDocument::from_bytes(&answer)
            .ok()
            .and_then(|document| document.get_document("cursor").ok())
            .ok_or(ImportError::Protocol("no cursor"))?;
        let id = cursor
            .get_i64("id")
            .map_err(|_| ImportError::Protocol("a cursor without a number"))?;
        let batch = cursor
            .get_array(name)
            .map_err(|_| ImportError::Protocol("a cursor without documents"))?;
        let mut taken = 0;
        for document in batch {
            let document = document
                .ok()
                .and_then(RawBsonRef::as_document)
                .ok_or(ImportError::Protocol("a document that is none"))?;
            out.write(database, collection, document.as_bytes())?;
            taken += 1;
        }
        if id == 0 {
            return Ok(());
        }
        if taken == 0 && name == "nextBatch" {
            return Err(ImportError::Protocol("a cursor that does not end"));
        }
        name = "nextBatch";
        answer = connection
            .command(
                database,
                rawdoc! { "getMore": id, "collection": collection.name(), "batchSize": BATCH },
            )
            .await?;
    }
}

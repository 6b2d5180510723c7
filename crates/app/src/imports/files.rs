//! Files that rows which were brought over still lack: fetched from where they were, by the rules of everything that this
//! server connects to, or taken from a folder.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use egress::{Fetched, From};
use model::{ObjectId, UserId, VideoId};
use objects::{Digest, Staged};
use store::imports::{self as marks, FileKind, FileRow};
use store::{users, videos};
use tokio::io::AsyncReadExt;

use super::report::Files;
use super::shelf::{Shelf, path_of};
use crate::App;
use crate::core::decided;
use crate::error::Error;
use crate::few::Few;
use crate::pictures::{self, MAX_PICTURE_BYTES, Purpose};
use crate::videos::intake::{Arrival, Body};

/// Files that come at once.
const AT_ONCE: usize = 4;
/// Rows that are asked for at once.
const PAGE: i64 = 100;
/// How often a file is asked for that does not come whole.
const TRIES: u32 = 5;
/// How long after the first failure it is asked for again; twice as long after each further one.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a file may take in all.
const WHOLE: Duration = Duration::from_hours(6);
/// What is read of a file on this machine at once.
const PIECE_BYTES: usize = 1 << 20;

/// Where files come from.
#[derive(Debug)]
pub struct Places {
    /// A folder that is looked into first.
    pub shelf: Option<Shelf>,
    /// Whether what is not there is fetched from its address.
    pub web: bool,
}

/// Counts the files that are to come, without asking for any.
pub async fn count(app: &App, files: &mut Files) -> Result<(), Error> {
    let mut tx = app.core.store.read();
    for kind in FileKind::ALL {
        let waiting = marks::count_awaited(&mut tx, kind).await?;
        files.waiting += u64::try_from(waiting).unwrap_or(0);
    }
    Ok(())
}

/// Brings all files that are to come, a few at once. Those that do not come are named in the report, and are tried
/// again by the next call. `told` hears how many came and how many did not.
pub async fn bring(
    app: &Arc<App>,
    places: Places,
    files: &mut Files,
    mut told: impl FnMut(&Files),
) -> Result<(), Error> {
    let places = Arc::new(places);
    for kind in FileKind::ALL {
        let mut after = ObjectId([0; 12]);
        let mut running = Few::new(AT_ONCE, "fetch a file");
        loop {
            let page = marks::awaited(&mut app.core.store.read(), kind, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for file in page {
                let (working, places) = (Arc::clone(app), Arc::clone(&places));
                let ended = running.begin(async move {
                    let came = tokio::time::timeout(WHOLE, one(&working, &places, &file)).await;
                    let came = came.unwrap_or_else(|_| Err("it takes too long".to_owned()));
                    (file, came)
                });
                if let Some((file, came)) = ended.await? {
                    settle(app, &file, came, files).await?;
                    told(files);
                }
            }
        }
        while let Some((file, came)) = running.end().await? {
            settle(app, &file, came, files).await?;
            told(files);
        }
    }
    Ok(())
}

async fn settle(
    app: &App,
    file: &FileRow,
    came: Result<u64, String>,
    files: &mut Files,
) -> Result<(), Error> {
    match came {
        Ok(bytes) => {
            files.fetched += 1;
            files.fetched_bytes += bytes;
        }
        Err(why) => {
            let why: String = why.chars().take(500).collect();
            decided(|| async {
                let mut tx = app.core.store.write().await?;
                marks::save_reason(&mut tx, file.kind, file.id, &why).await?;
                Ok(tx.commit().await?)
            })
            .await?;
            let collection = match file.kind {
                FileKind::Video | FileKind::Poster => "videos",
                FileKind::Avatar | FileKind::Cover => "users",
            };
            files.fail(collection, file.id, format!("{}: {why}", called(file.kind)));
        }
    }
    Ok(())
}

fn called(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Video => "its file",
        FileKind::Poster => "its thumbnail",
        FileKind::Avatar => "the avatar",
        FileKind::Cover => "the cover image",
    }
}

/// Brings one file; tells how large it is, or why it does not come.
async fn one(app: &App, places: &Places, file: &FileRow) -> Result<u64, String> {
    let said = |error: Error| error.to_string();
    if is_not_wanted(app, file).await.map_err(said)? {
        forget(app, file).await.map_err(said)?;
        return Ok(0);
    }
    let most = match file.kind {
        FileKind::Video => app.core.settings.max_upload_bytes,
        _ => MAX_PICTURE_BYTES as u64,
    };
    let mut staged = app
        .core
        .objects
        .stage()
        .await
        .map_err(|error| error.to_string())?;
    let local = places.shelf.as_ref().and_then(|shelf| shelf.find(file));
    if let Some(path) = local {
        read(app, path, &mut staged, most).await?;
    } else if !places.web {
        return Err("it is not in the folder".to_owned());
    } else if let Some(url) = &file.url {
        download(app, url, &mut staged, most).await?;
    } else {
        return Err("it has a name and no address: give the folder that holds it with --media".to_owned());
    }
    let digest = staged.finish().await.map_err(|error| error.to_string())?;
    keep(app, file, staged, digest).await.map_err(said)?;
    Ok(digest.size_bytes)
}

/// Whether the row is gone, or has a file of its own by now.
async fn is_not_wanted(app: &App, file: &FileRow) -> Result<bool, Error> {
    let mut tx = app.core.store.read();
    Ok(match file.kind {
        FileKind::Video | FileKind::Poster => {
            let video = videos::find(&mut tx, VideoId(file.id)).await?;
            video.is_none_or(|video| {
                if file.kind == FileKind::Video {
                    video.source_key.is_some() || video.media_gen > 0
                } else {
                    video.thumbnail_custom
                }
            })
        }
        FileKind::Avatar | FileKind::Cover => {
            let user = users::find(&mut tx, UserId(file.id)).await?;
            user.is_none_or(|user| file.kind == FileKind::Cover && user.cover_rev.is_some())
        }
    })
}

async fn forget(app: &App, file: &FileRow) -> Result<(), Error> {
    decided(|| async {
        let mut tx = app.core.store.write().await?;
        marks::forget_file(&mut tx, file.kind, file.id).await?;
        Ok(tx.commit().await?)
    })
    .await
}

async fn read(app: &App, path: &Path, staged: &mut Staged, most: u64) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut source = tokio::fs::File::open(path).await.map_err(failed)?;
    let bytes = source.metadata().await.map_err(failed)?.len();
    room(app, bytes, most)?;
    let mut left = bytes;
    while left > 0 {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let mut some = (&mut source).take(left.min(PIECE_BYTES as u64));
        let read = some.read_to_end(&mut piece).await.map_err(failed)?;
        if read == 0 {
            return Err(format!("{}: it became shorter", path.display()));
        }
        left -= read as u64;
        staged
            .write(Bytes::from(piece))
            .await
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn room(app: &App, bytes: u64, most: u64) -> Result<(), String> {
    if bytes > most {
        return Err(format!("it has {bytes} bytes, and {most} are taken here"));
    }
    app.core.room_for(bytes).map_err(|error| error.to_string())
}

/// The address as it can be asked for: whole, over TLS where that is asked for, and without characters that no address
/// has.
fn address(url: &str, takes_plain: bool) -> Result<String, String> {
    let url = url.trim();
    let whole = if let Some(rest) = url.strip_prefix("//") {
        format!("https://{rest}")
    } else if let (Some(rest), false) = (url.strip_prefix("http://"), takes_plain) {
        format!("https://{rest}")
    } else if url.starts_with("https://") || url.starts_with("http://") {
        url.to_owned()
    } else {
        return Err("its address is not a whole one: give the folder that holds it with --media".to_owned());
    };
    let mut clean = String::with_capacity(whole.len());
    for byte in whole.split('#').next().unwrap_or_default().bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            clean.push(char::from(byte));
        } else {
            clean.push('%');
            clean.push_str(&hex::encode_upper([byte]));
        }
    }
    Ok(clean)
}

async fn download(app: &App, url: &str, staged: &mut Staged, most: u64) -> Result<(), String> {
    let url = address(url, app.egress.takes_plain())?;
    let mut from = From::default();
    let mut pause = PAUSE;
    let mut why = String::new();
    for attempt in 1..=TRIES {
        if attempt > 1 {
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        match app.egress.fetch(&url, &from).await {
            Ok(Fetched::File(mut download)) => {
                if download.offset_bytes != from.offset_bytes {
                    // Another file than before, or one that comes only whole: from its beginning, in a file of its own.
                    *staged = app
                        .core
                        .objects
                        .stage()
                        .await
                        .map_err(|error| error.to_string())?;
                    from = From::default();
                }
                from.validator.clone_from(&download.validator);
                if let Some(length) = download.length_bytes {
                    room(app, from.offset_bytes.saturating_add(length), most)?;
                }
                loop {
                    match download.next().await {
                        Ok(Some(piece)) => {
                            from.offset_bytes += piece.len() as u64;
                            if from.offset_bytes > most {
                                return Err(format!(
                                    "it is larger than the {most} bytes that are taken here"
                                ));
                            }
                            staged.write(piece).await.map_err(|error| error.to_string())?;
                        }
                        Ok(None) => return Ok(()),
                        Err(fault) => {
                            why = fault.to_string();
                            break;
                        }
                    }
                }
            }
            Ok(Fetched::Refused(status)) => {
                why = format!("the server answers {status}");
                if status != 408 && status != 429 && status < 500 {
                    return Err(why);
                }
            }
            Err(egress::Fault::Target(fault)) => return Err(format!("the address {fault}")),
            Err(fault @ (egress::Fault::Forbidden | egress::Fault::NoRoots)) => return Err(fault.to_string()),
            Err(fault) => why = fault.to_string(),
        }
    }
    Err(why)
}

/// Gives the row its file.
async fn keep(app: &App, file: &FileRow, staged: Staged, digest: Digest) -> Result<(), Error> {
    if file.kind == FileKind::Video {
        let name = file
            .url
            .as_deref()
            .map(path_of)
            .or_else(|| file.public_id.clone());
        let name = name.unwrap_or_default();
        let name: String = name
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect();
        let arrival = Arrival {
            body: Body::Staged(Box::new(staged)),
            digest,
            name,
            ending: None,
        };
        app.videos.intake.adopt(arrival, VideoId(file.id)).await?;
        app.core.bus.wake(crate::jobs::TOPIC);
        return Ok(());
    }
    let bytes = tokio::fs::read(staged.path())
        .await
        .map_err(|error| Error::failed("read a picture", error))?;
    let bytes = Bytes::from(bytes);
    let rev = pictures::new_rev(&app.core);
    let (field, purpose, stem) = match file.kind {
        FileKind::Avatar => ("avatar", Purpose::Avatar, "avatar"),
        FileKind::Cover => ("coverImage", Purpose::Cover, "cover"),
        FileKind::Video | FileKind::Poster => ("thumbnail", Purpose::Thumbnail, "poster"),
    };
    let (folder, sizes) = match file.kind {
        FileKind::Avatar => (pictures::user_folder(UserId(file.id)), pictures::AVATAR_SIZES),
        FileKind::Cover => (pictures::user_folder(UserId(file.id)), pictures::COVER_WIDTHS),
        FileKind::Video | FileKind::Poster => {
            (pictures::video_folder(VideoId(file.id)), pictures::POSTER_WIDTHS)
        }
    };
    pictures::encode(field, purpose, bytes)
        .await?
        .store(&app.core, &folder, stem, &rev)
        .await?;
    match decided(|| show(app, file, &rev)).await {
        Ok(Some(old)) => pictures::remove(&app.core, &folder, stem, &old, &sizes).await,
        Ok(None) => {}
        Err(error) => {
            pictures::remove(&app.core, &folder, stem, &rev, &sizes).await;
            return Err(error);
        }
    }
    Ok(())
}

/// Points the row at its picture; answers the one that it shows no more.
async fn show(app: &App, file: &FileRow, rev: &str) -> Result<Option<String>, Error> {
    let mut tx = app.core.store.write().await?;
    let old = match file.kind {
        FileKind::Avatar | FileKind::Cover => {
            let id = UserId(file.id);
            let user = users::find(&mut tx, id).await?.ok_or_else(Error::no_user)?;
            if file.kind == FileKind::Avatar {
                users::save_avatar(&mut tx, id, rev, user.updated_at).await?;
                Some(user.avatar_rev)
            } else {
                users::save_cover(&mut tx, id, rev, user.updated_at).await?;
                user.cover_rev
            }
        }
        FileKind::Video | FileKind::Poster => {
            let before = videos::find(&mut tx, VideoId(file.id))
                .await?
                .ok_or_else(Error::no_video)?;
            let mut after = before.clone();
            after.thumbnail_rev = Some(rev.to_owned());
            after.thumbnail_custom = true;
            videos::save(&mut tx, &before, after).await?;
            before.thumbnail_rev
        }
    };
    marks::forget_file(&mut tx, file.kind, file.id).await?;
    tx.commit().await?;
    Ok(old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_asked_for_over_tls_and_without_what_none_has() {
        assert_eq!(
            address("http://media.example/ä b.mp4#t", false).unwrap(),
            "https://media.example/%C3%A4%20b.mp4"
        );
        assert_eq!(
            address("http://media.example/v", true).unwrap(),
            "http://media.example/v"
        );
        assert_eq!(
            address("//media.example/v", false).unwrap(),
            "https://media.example/v"
        );
        assert!(address("uploads/v.mp4", false).is_err());
    }
}

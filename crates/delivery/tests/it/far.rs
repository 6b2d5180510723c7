//! Files whose bytes come from elsewhere while they are sent.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use crate::kit::{pattern, site};
use rustix::fs::FallocateFlags;
use std::{
    collections::HashMap,
    fs::File,
    future::Future,
    io,
    os::unix::fs::FileExt as _,
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex},
};
use streamsphere_delivery::{Limits, OpenFile, Source};

/// A page, so that taking one back does not touch its neighbours.
const PIECE: u64 = 4096;

/// Brings one page at a time, and takes it back as soon as nobody holds it any more.
#[derive(Debug)]
struct Forgetful {
    file: File,
    whole: Vec<u8>,
    /// Pages that are there, and how many hold them.
    held: Mutex<HashMap<u64, u32>>,
}

impl Forgetful {
    fn take(&self, at: u64, most: u64) -> u64 {
        *self.held.lock().unwrap().entry(at / PIECE).or_default() += 1;
        most.min(PIECE - at % PIECE)
    }
}

impl Source for Forgetful {
    fn hold(&self, at: u64, most: u64) -> Option<u64> {
        let there = self.held.lock().unwrap().contains_key(&(at / PIECE));
        there.then(|| self.take(at, most))
    }

    fn release(&self, at: u64) {
        let mut held = self.held.lock().unwrap();
        let count = held.get_mut(&(at / PIECE)).unwrap();
        *count -= 1;
        if *count == 0 {
            held.remove(&(at / PIECE));
            let how = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
            rustix::fs::fallocate(&self.file, how, at / PIECE * PIECE, PIECE).unwrap();
        }
    }

    fn fetch(&self, at: u64, most: u64) -> Pin<Box<dyn Future<Output = io::Result<u64>> + Send + '_>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let from = at / PIECE * PIECE;
            let start = usize::try_from(from).unwrap();
            let page = self.whole[start..].chunks(4096).next().unwrap();
            // The lock orders this with others who take the same page back.
            let mut held = self.held.lock().unwrap();
            self.file.write_all_at(page, from)?;
            *held.entry(at / PIECE).or_default() += 1;
            Ok(most.min(PIECE - at % PIECE))
        })
    }
}

/// Has nothing, and cannot get it.
#[derive(Debug)]
struct Lost;

impl Source for Lost {
    fn hold(&self, _at: u64, _most: u64) -> Option<u64> {
        None
    }

    fn release(&self, _at: u64) {}

    fn fetch(&self, _at: u64, _most: u64) -> Pin<Box<dyn Future<Output = io::Result<u64>> + Send + '_>> {
        Box::pin(async { Err(io::ErrorKind::TimedOut.into()) })
    }
}

/// The file that a name beginning with `far-` or `lost-` stands for.
pub fn open(name: &str, path: &Path) -> io::Result<OpenFile> {
    let whole = pattern(300_001);
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    file.set_len(whole.len() as u64)?;
    let opened = OpenFile::from_fd(file.try_clone()?.into())?;
    Ok(if name.starts_with("lost-") {
        opened.filled_by(Arc::new(Lost))
    } else {
        let held = Mutex::default();
        opened.filled_by(Arc::new(Forgetful { file, whole, held }))
    })
}

#[tokio::test]
async fn bytes_that_come_while_they_are_sent_are_the_right_ones_on_both_ways() {
    let site = site(Limits::default()).await;
    let whole = pattern(300_001);
    for way in ["/media/", "/slow-path/"] {
        let mut client = site.client().await;
        for (fields, range) in [
            ("", 0..300_001),
            ("Range: bytes=5000-299999\r\n", 5_000..300_000),
            ("Range: bytes=-1\r\n", 300_000..300_001),
        ] {
            client
                .asks("GET", &format!("{way}far-{}", way.len()), fields)
                .await;
            let answer = client.answer("GET").await.unwrap();
            assert!(answer.body == whole[range], "{way} {fields}");
        }
    }
}

#[tokio::test]
async fn a_file_whose_first_bytes_do_not_come_is_not_begun() {
    let site = site(Limits::default()).await;
    for way in ["/media/", "/slow-path/"] {
        let mut client = site.client().await;
        client.asks("GET", &format!("{way}lost-{}", way.len()), "").await;
        let answer = client.answer("GET").await.unwrap();
        assert_eq!(
            (answer.status, answer.field("retry-after")),
            (503, Some("5")),
            "{way}"
        );
        // What is known of it is told, and the connection goes on.
        client.asks("HEAD", &format!("{way}lost-{}", way.len()), "").await;
        assert_eq!(client.answer("HEAD").await.unwrap().status, 200, "{way}");
    }
}

//! One large upload by tus in chunks, against `dd` with fsync on the same disk.

use std::io::Read;
use std::time::{Duration, Instant};

use super::{Bench, Copied, tiny_clip};
use crate::api::{Person, path_of};
use crate::error::{BenchError, Doing};
use crate::http::{Body, expect_ok};
use crate::media::Padded;
use crate::report::{Row, Section, Target, median};

const BYTES: u64 = 1 << 30;
const CHUNK: u64 = 8 << 20;
const VERSION: (&str, &str) = ("Tus-Resumable", "1.0.0");

fn megabytes_per_second(took: Duration) -> f64 {
    BYTES as f64 / 1e6 / took.as_secs_f64()
}

/// Uploads of 1 GiB in chunks of 8 MiB and `dd` of as much, in turn.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let clip = tiny_clip(folder.path())?;
    let copied = Copied::prepare(folder.path(), &mut Padded::new(&clip, BYTES)?)?;
    let server = bench.launch.start(&folder.path().join("data"))?;
    let mut person = Person::join(server.address(), "uploader")?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        let mut bytes = Padded::new(&clip, BYTES)?;
        let began = Instant::now();
        let id = uploads(&mut person, &mut bytes)?;
        ours.push(megabytes_per_second(began.elapsed()));
        // Processing must not run beside dd, and the disk must not fill up.
        person.waits_until_ready(&id, Duration::from_mins(2))?;
        let gone = person
            .http
            .call("DELETE", &format!("/api/v1/videos/{id}"), &[], Body::Empty)
            .doing("delete")?;
        expect_ok("delete", gone)?;
        theirs.push(copied.megabytes_per_second()?);
    }
    server.stop()?;
    let row = Row::compared(
        "1 GiB by tus in 8 MiB chunks until the video is there, MB/s",
        median(&ours),
        median(&theirs),
        Target::AtLeast(0.6),
    );
    let how = format!(
        "A valid MP4 of 1 GiB over loopback: POST, then 128 times PATCH of 8 MiB one after the other on one connection, \
         each answered when its bytes are synced, the last one when the video is there (hashed, probed). The other is \
         dd with conv=fsync of the same bytes, from a file in the page cache to the same disk. {} alternated rounds, medians.",
        bench.rounds
    );
    Ok(Section {
        name: "tus".to_owned(),
        how,
        rows: vec![row],
    })
}

/// Sends it all; answers the video's id.
fn uploads(person: &mut Person, bytes: &mut Padded) -> Result<String, BenchError> {
    let length = bytes.len();
    let length_text = length.to_string();
    let begin = [
        VERSION,
        ("Upload-Length", length_text.as_str()),
        // filename clip.mp4, title Large, allowDuplicate true
        (
            "Upload-Metadata",
            "filename Y2xpcC5tcDQ=,title TGFyZ2U=,allowDuplicate dHJ1ZQ==",
        ),
    ];
    let answer = person
        .http
        .call("POST", "/api/v1/uploads", &begin, Body::Empty)
        .doing("begin an upload")?;
    let answer = expect_ok("begin an upload", answer)?;
    let location = answer.header("location").unwrap_or_default().to_owned();
    let path = path_of(&location);
    let mut offset = 0;
    loop {
        let size = CHUNK.min(length - offset);
        let offset_text = offset.to_string();
        let headers = [VERSION, ("Upload-Offset", offset_text.as_str())];
        let body = Body::Stream {
            content_type: "application/offset+octet-stream",
            before: &[],
            reader: &mut bytes.by_ref().take(size),
            length: size,
            after: &[],
        };
        let answer = person
            .http
            .call("PATCH", path, &headers, body)
            .doing("send a chunk")?;
        let answer = expect_ok("send a chunk", answer)?;
        offset += size;
        if offset >= length {
            let id = answer.header("streamsphere-video-id").map(str::to_owned);
            return id.ok_or_else(|| BenchError::Shape {
                call: location,
                what: "no video at the end of the upload".to_owned(),
            });
        }
    }
}

//! From the end of an upload to the first playable HLS.

use std::time::{Duration, Instant};

use super::Bench;
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::http::Body;
use crate::media::{self, Clip};
use crate::report::{Row, Section, Target, median, percentile};

const UPLOADS: usize = 20;
const PATIENCE: Duration = Duration::from_mins(5);

/// 20 uploads of one-minute 720p clips, one after the other, each with the server at rest before it.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let folder = bench.folder()?;
    let clip = folder.path().join("minute.mp4");
    media::make(
        &clip,
        Clip {
            seconds: 60,
            size: (1280, 720),
            variant: 4,
            video_bits_per_second: None,
        },
    )?;
    let bytes = std::fs::read(&clip).doing("read a clip")?;
    let server = bench.launch.start(&folder.path().join("data"))?;
    let mut person = Person::join(server.address(), "director")?;
    let (mut playable, mut ready) = (Vec::new(), Vec::new());
    for number in 0..UPLOADS {
        let id = person.uploads(
            &format!("Minute {number}"),
            &mut bytes.as_slice(),
            bytes.len() as u64,
        )?;
        let uploaded = Instant::now();
        wait_for_playlist(&mut person, &id, uploaded)?;
        playable.push(uploaded.elapsed().as_secs_f64());
        person.waits_until_ready(&id, PATIENCE)?;
        ready.push(uploaded.elapsed().as_secs_f64());
    }
    server.stop()?;
    let rows = vec![
        Row::alone(
            "upload answered → HLS plays, median s",
            median(&playable),
            Target::AtMost(5.0),
        ),
        Row::alone(
            "upload answered → HLS plays, p95 s",
            percentile(&playable, 95.0),
            Target::AtMost(8.0),
        ),
        Row::alone(
            "upload answered → all renditions ready, median s",
            median(&ready),
            Target::AtMost(60.0),
        ),
    ];
    let how = format!(
        "{UPLOADS} uploads of a one-minute 1280×720 H.264/AAC clip of {} MB, one after the other; time from the \
         last byte of the upload's answer until the master playlist and its first media playlist both answer 200.",
        bytes.len() / 1_000_000
    );
    Ok(Section {
        name: "hls".to_owned(),
        how,
        rows,
    })
}

/// Asks every 5 ms for the master playlist and, through it, for the first media playlist.
fn wait_for_playlist(person: &mut Person, id: &str, since: Instant) -> Result<(), BenchError> {
    let master = format!("/media/{id}/master.m3u8");
    while since.elapsed() < PATIENCE {
        let answer = person
            .http
            .call("GET", &master, &[], Body::Empty)
            .doing("read a playlist")?;
        if answer.status == 200 {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let first = text
                .lines()
                .map(str::trim)
                .find(|line| !line.is_empty() && !line.starts_with('#'));
            let path = first.map(|uri| match uri {
                absolute if absolute.contains("://") => crate::api::path_of(absolute).to_owned(),
                rooted if rooted.starts_with('/') => rooted.to_owned(),
                relative => format!("/media/{id}/{relative}"),
            });
            if let Some(path) = path
                && person
                    .http
                    .call("GET", &path, &[], Body::Empty)
                    .doing("read a playlist")?
                    .status
                    == 200
            {
                return Ok(());
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(BenchError::Shape {
        call: master,
        what: format!("no HLS after {} s", PATIENCE.as_secs()),
    })
}

//! From the end of an upload to the first playable HLS.

use std::time::{Duration, Instant};

use super::Bench;
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::http::Body;
use crate::media::{self, Clip};
use crate::report::{Row, Section, Target, median, percentile};

/// Uploads per round.
const UPLOADS: usize = 4;
const PATIENCE: Duration = Duration::from_mins(5);

/// Uploads of one-minute 720p clips, one after the other, each with the server at rest before it.
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
    let (mut whole, mut playable, mut ready) = (Vec::new(), Vec::new(), Vec::new());
    let count = bench.rounds * UPLOADS;
    for number in 0..count {
        let began = Instant::now();
        let id = person.uploads(
            &format!("Minute {number}"),
            &mut bytes.as_slice(),
            bytes.len() as u64,
        )?;
        let uploaded = Instant::now();
        wait_for_playlist(&mut person, &id, uploaded)?;
        playable.push(uploaded.elapsed().as_secs_f64());
        whole.push(began.elapsed().as_secs_f64());
        person.waits_until_ready(&id, PATIENCE)?;
        ready.push(uploaded.elapsed().as_secs_f64());
    }
    server.stop()?;
    let rows = vec![
        Row::alone(
            "upload begun → HLS plays, median s",
            median(&whole),
            Target::AtMost(1.0),
        ),
        Row::alone(
            "upload begun → HLS plays, p95 s",
            percentile(&whole, 95.0),
            Target::AtMost(1.5),
        ),
        Row::alone(
            "of it after the upload was answered, median s",
            median(&playable),
            Target::None,
        ),
        Row::alone(
            "upload answered → status ready, median s",
            median(&ready),
            Target::None,
        ),
    ];
    let how = format!(
        "{count} uploads of a one-minute 1280×720 H.264/AAC clip of {} MB over loopback, one after the other; \
         time from the first byte of the upload until the master playlist and its first media playlist both \
         answer 200.",
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

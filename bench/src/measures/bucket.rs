//! Byte ranges of one video whose media lies in a bucket, through the warm cache, against the same from a folder.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use super::delivery::{FILE_BYTES, Side, compared, long_enough, progressive};
use super::{Bench, tiny_clip};
use crate::api::Person;
use crate::error::BenchError;
use crate::http::{Body, Client};
use crate::media::Padded;
use crate::process::{Running, Start, cpu_of_tree, free_port};
use crate::report::{Section, Target};
use crate::server::{Launch, Server};

/// How long the bucket's server may take to start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The server of a bucket that the tests use too, with one bucket.
struct Moto {
    running: Running,
    address: SocketAddr,
}

impl Moto {
    fn start() -> Result<Self, BenchError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let program = root.unwrap_or(Path::new(".")).join(".tools/moto/bin/moto_server");
        if !program.exists() {
            return Err(BenchError::Usage(format!(
                "{} is not there: scripts/install-tools test",
                program.display()
            )));
        }
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let port = address.port().to_string();
        let args = ["-H", "127.0.0.1", "-p", &port].map(str::to_owned);
        let start = Start {
            program: program.as_os_str(),
            args: args.to_vec(),
            env: Vec::new(),
            log: None,
        };
        let (mut running, began) = (start.spawn()?, Instant::now());
        let mut client = Client::new(address, Duration::from_secs(5));
        loop {
            let made = client.call("PUT", "/bench", &[], Body::Empty);
            if made.is_ok_and(|answer| answer.status == 200) {
                return Ok(Self { running, address });
            }
            running.must_run()?;
            if began.elapsed() > START_LIMIT {
                return Err(BenchError::Program {
                    program: "moto_server".to_owned(),
                    what: format!("no answer after {} s", START_LIMIT.as_secs()),
                });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A server with the video; the address of its file and its length.
fn with_video(launch: &Launch, folder: &Path, name: &str) -> Result<(Server, String, u64), BenchError> {
    let mut source = Padded::new(&tiny_clip(folder)?, FILE_BYTES)?;
    let server = launch.start(&folder.join(name))?;
    let mut person = Person::join(server.address(), "viewer")?;
    let id = person.uploads("A large clip", &mut source, FILE_BYTES)?;
    person.waits_until_ready(&id, Duration::from_mins(5))?;
    // Reading it once is what warms the cache, and the page cache of both.
    let (path, length) = progressive(&mut person, &id, &folder.join("copy.mp4"))?;
    Ok((server, path, length))
}

/// The warm cache against local files.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let bench = &long_enough(bench);
    let folder = bench.folder()?;
    let moto = Moto::start()?;
    let mut in_bucket = bench.launch.clone();
    let place = format!("s3://bench/media?endpoint=http://{}", moto.address);
    for (name, value) in [
        ("STREAMSPHERE_OBJECTS_URL", place.as_str()),
        ("STREAMSPHERE_S3_ACCESS_KEY_ID", "bench"),
        ("STREAMSPHERE_S3_SECRET_ACCESS_KEY", "bench"),
    ] {
        in_bucket.env.push((name.to_owned(), value.to_owned()));
    }
    let (bucket, path, length) = with_video(&in_bucket, folder.path(), "bucket")?;
    let (local, local_path, _) = with_video(&bench.launch, folder.path(), "local")?;
    let pids = (bucket.pid(), local.pid());
    let (our_cpu, their_cpu) = (|| cpu_of_tree(pids.0), || cpu_of_tree(pids.1));
    let ours = Side {
        address: bucket.address(),
        path,
        length,
        cpu: &our_cpu,
    };
    let theirs = Side {
        address: local.address(),
        path: local_path,
        length,
        cpu: &their_cpu,
    };
    let rows = compared(bench, &ours, &theirs, Target::None, Target::AtLeast(0.9))?;
    bucket.stop()?;
    local.stop()?;
    moto.running.stop(Duration::from_secs(5))?;
    let how = format!(
        "Byte ranges of one public video of {} MiB whose media lies in a bucket (moto beside), all of it in the \
         node's disk cache and the page cache, keep-alive connections, against the same server with media in a \
         folder. {}",
        length >> 20,
        bench.rounds_text()
    );
    Ok(Section {
        name: "bucket".to_owned(),
        how,
        rows,
    })
}

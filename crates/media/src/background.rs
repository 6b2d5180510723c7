//! Work that needs the processor for long and that no request waits for: pictures weighed and written, files
//! joined. It runs on threads of its own, as nice as can be, so that whoever answers a request goes before it.

use std::io;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};
use tokio::task::{self, JoinHandle};

/// Niceness is per thread on Linux (sched(7)), and cannot be taken back: hence threads that do nothing else.
const NICENESS: i32 = 19;
/// Keeps the threads a little while; a video's steps follow each other closely.
const KEEP_ALIVE: std::time::Duration = std::time::Duration::from_secs(10);

/// Runs `work` behind everything that is asked for, at most as many at once as there are cores. Behaves as
/// [`tokio::task::spawn_blocking`] otherwise, and does what that does where there are no such threads.
pub fn spawn<T, F>(work: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    match threads() {
        Some(threads) => threads.spawn_blocking(work),
        None => task::spawn_blocking(work),
    }
}

fn threads() -> Option<&'static Runtime> {
    static THREADS: OnceLock<Option<Runtime>> = OnceLock::new();
    THREADS.get_or_init(|| start().ok()).as_ref()
}

/// Only for its blocking threads: nothing is ever driven by this runtime.
fn start() -> io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Builder::new_current_thread()
        .max_blocking_threads(cores)
        .thread_keep_alive(KEEP_ALIVE)
        .thread_name("background")
        .on_thread_start(|| {
            // Where it may not be, the work is only less polite.
            let _ = rustix::process::nice(NICENESS);
        })
        .build()
}

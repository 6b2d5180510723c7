//! Serves one file under `/media/`, for measuring. Everything else goes to a service that answers 404, except
//! `/hyper/`, which serves the same file through user space.
//!
//! `serve_file <file> [address] [workers]`

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, request};
use std::{convert::Infallible, error::Error, path::PathBuf, sync::Arc};
use streamsphere_delivery::{
    Body, Decision, FileCache, FileGrant, Gate, Limits, RequestBody, ResourcePolicy, refusal, respond, serve,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

// As in the real server.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct OneFile {
    files: FileCache,
    path: PathBuf,
}

impl OneFile {
    async fn file(&self) -> Decision {
        match self.files.open(&self.path).await {
            Ok(file) => {
                let modified_ms = file.modified_ms();
                let etag = format!("\"{:x}-{:x}\"", modified_ms, file.len_bytes());
                let mut grant = FileGrant::new(file, HeaderValue::from_static("video/mp4"), etag);
                grant.last_modified_ms = Some(modified_ms);
                grant.cache_control = "public, max-age=31536000, immutable".into();
                grant.resource_policy = ResourcePolicy::CrossOrigin;
                Decision::File(grant)
            }
            Err(_) => Decision::Inline(missing()),
        }
    }
}

impl Gate for OneFile {
    fn claims(&self, _method: &Method, path: &str) -> bool {
        path.starts_with("/media/")
    }

    async fn decide(&self, _request: request::Parts) -> Decision {
        self.file().await
    }

    #[expect(clippy::disallowed_methods, reason = "the example is its own clock")]
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

fn missing() -> Response<Bytes> {
    refusal(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
}

async fn answer(gate: Arc<OneFile>, request: Request<RequestBody>) -> Result<Response<Body>, Infallible> {
    let (parts, _) = request.into_parts();
    let decision = if parts.uri.path().starts_with("/hyper/") {
        gate.file().await
    } else {
        Decision::Inline(missing())
    };
    Ok(respond(&parts, decision).await)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let path = words.next().ok_or("which file?")?.into();
    let address = words.next().unwrap_or_else(|| "127.0.0.1:8000".into());
    let workers = words.next().map_or(Ok(2), |text| text.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        let gate = Arc::new(OneFile {
            files: FileCache::new(16),
            path,
        });
        let service_gate = Arc::clone(&gate);
        let service = tower::service_fn(move |request| answer(Arc::clone(&service_gate), request));
        serve(
            listener,
            gate,
            service,
            Limits::default(),
            CancellationToken::new(),
        )
        .await;
        Ok(())
    })
}

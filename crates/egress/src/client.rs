//! One exchange: resolve, judge, connect, send, and hear how it ended. Everything about it is bounded: the time, the
//! bytes that are read, how many run at once, and how many of these with one host.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::addresses::{Allowed, unwrapped};
use crate::target::{Target, TargetFault};

/// How long connecting may take, over all addresses of a name.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a request waits for its turn.
const TURN: Duration = Duration::from_secs(10);
/// How much of an answer is read; all of it is thrown away.
pub(crate) const MOST_BYTES: usize = 64 * 1024;
/// How long what follows the head of an answer is read.
const REST: Duration = Duration::from_secs(1);
/// Requests that run at once.
const MOST_AT_ONCE: usize = 64;
/// Requests that run at once with one host.
const MOST_WITH_HOST: usize = 8;
/// Names that are looked up at once. A look goes on when nobody waits for it any more, on a thread of its own.
const MOST_LOOKS: usize = 64;
/// Addresses of a name that are tried.
const MOST_ADDRESSES: usize = 4;
/// Where distributions keep the certificates that they trust.
const ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// How the client is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Addresses that may be connected to although they are not public.
    pub allowed: Allowed,
    /// Whether `http://` is taken.
    pub plain: bool,
    /// A file with the certificates (PEM) of those who may vouch for others. `None`: the system's.
    pub roots: Option<PathBuf>,
    /// Names with the addresses that they have whatever the network says; for tests.
    pub names: HashMap<String, Vec<IpAddr>>,
    /// How long a request may take, from resolving the name to the head of the answer. 10 seconds.
    pub whole: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allowed: Allowed::default(),
            plain: false,
            roots: None,
            names: HashMap::new(),
            whole: Duration::from_secs(10),
        }
    }
}

/// What bytes go through.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Sends requests, one connection each.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    turns: Arc<Semaphore>,
    looks: Arc<Semaphore>,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
    tls: OnceLock<Option<Arc<ClientConfig>>>,
}

/// Fields of a request's head.
pub fn headers<const N: usize>(fields: [(&'static str, String); N]) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::with_capacity(N);
    for (name, value) in fields {
        let value = HeaderValue::from_str(&value).map_err(|_| TargetFault::Malformed)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// How a receiver answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// In how many seconds it wants to be asked again, where it said so (`Retry-After`).
    pub retry_after_s: Option<u32>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum Fault {
    /// The address is not taken.
    #[error("the address {0}")]
    Target(#[from] TargetFault),
    /// The name has no address.
    // In the words of `Forbidden`: nobody is to learn from here which names there are in our network.
    #[error("the name leads to no address that something is sent to")]
    Unresolved,
    /// The name leads to an address that nothing is sent to.
    #[error("the name leads to no address that something is sent to")]
    Forbidden,
    /// Nobody took the connection.
    #[error("no connection")]
    Unreachable,
    /// The receiver did not prove who it is, or speaks no TLS.
    #[error("no secure connection")]
    Tls(#[source] std::io::Error),
    /// This machine has no certificates to check others with.
    #[error("no certificates to check receivers with")]
    NoRoots,
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// The connection ended, or what came was no HTTP.
    #[error("no valid answer")]
    Protocol(#[source] hyper::Error),
    /// Too many others are being sent to. Nothing was tried.
    #[error("too much to send at the moment")]
    Busy,
    /// The answer leads elsewhere, again and again.
    #[error("too many redirects")]
    TooManyRedirects,
}

impl Client {
    /// A client set up like this.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            turns: Arc::new(Semaphore::new(MOST_AT_ONCE)),
            looks: Arc::new(Semaphore::new(MOST_LOOKS)),
            hosts: Mutex::default(),
            tls: OnceLock::new(),
        }
    }

    /// Takes an address apart, and refuses it where nothing will ever be sent there. What a name leads to is judged
    /// when something is sent.
    pub fn target(&self, url: &str) -> Result<Target, TargetFault> {
        Target::parse(url, self.settings.plain, &self.settings.allowed)
    }

    /// Sends `body` with these headers, and waits for the answer. With its head it is there: whatever becomes of the
    /// rest, this has arrived.
    pub async fn post(&self, target: &Target, headers: HeaderMap, body: Bytes) -> Result<Answer, Fault> {
        let _turns = self.turns(target).await?;
        let mut heard = None;
        let exchange = self.exchange(target, headers, body, &mut heard);
        match timeout(self.settings.whole, exchange).await {
            Ok(Err(fault)) => Err(fault),
            Ok(Ok(())) | Err(_) => heard.ok_or(Fault::Timeout),
        }
    }

    async fn exchange(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
        heard: &mut Option<Answer>,
    ) -> Result<(), Fault> {
        let request = request(Method::POST, target, headers, body)?;
        let stream = self.open(target).await?;
        talk(stream, request, heard).await
    }

    /// A connection to the host, secured where its address says so.
    pub(crate) async fn open(&self, target: &Target) -> Result<Box<dyn Stream>, Fault> {
        let stream = self.connect(target).await?;
        if !target.secure {
            return Ok(Box::new(stream));
        }
        let config = self
            .tls
            .get_or_init(|| tls(&self.settings))
            .as_ref()
            .ok_or(Fault::NoRoots)?;
        let name = ServerName::try_from(target.host.clone()).map_err(|_| TargetFault::Malformed)?;
        let connector = TlsConnector::from(Arc::clone(config));
        let stream = connector.connect(name, stream).await.map_err(Fault::Tls)?;
        Ok(Box::new(stream))
    }

    /// Turns for one exchange with this host.
    pub(crate) async fn turns(&self, target: &Target) -> Result<[OwnedSemaphorePermit; 2], Fault> {
        // First a turn with the host: whoever waits for a slow one must not keep others from theirs.
        let with_host = turn(self.host(&target.host)).await?;
        Ok([with_host, turn(Arc::clone(&self.turns)).await?])
    }

    /// How long a request may take to the head of its answer.
    pub(crate) fn whole(&self) -> Duration {
        self.settings.whole
    }

    /// Whether `http://` is taken.
    pub fn takes_plain(&self) -> bool {
        self.settings.plain
    }

    /// A connection to an address of the host that was judged, and to no other.
    async fn connect(&self, target: &Target) -> Result<TcpStream, Fault> {
        let mut permitted = self.resolve(target).await?;
        permitted.truncate(MOST_ADDRESSES);
        let started = Instant::now();
        let mut tries = u32::try_from(permitted.len()).unwrap_or(u32::MAX);
        for address in permitted {
            // An address that does not answer leaves the others their part of the time.
            let left = CONNECT.saturating_sub(started.elapsed()) / tries.max(1);
            tries = tries.saturating_sub(1);
            if let Ok(Ok(stream)) = timeout(left, TcpStream::connect(address)).await {
                return self.elsewhere(stream);
            }
        }
        Err(Fault::Unreachable)
    }

    /// The connection, unless it leads back to this machine by a public address of its own.
    fn elsewhere(&self, stream: TcpStream) -> Result<TcpStream, Fault> {
        let (Ok(own), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) else {
            return Err(Fault::Unreachable);
        };
        if own.ip() == peer.ip() && !self.settings.allowed.names(peer.ip()) {
            return Err(Fault::Forbidden);
        }
        Ok(stream)
    }

    async fn resolve(&self, target: &Target) -> Result<Vec<SocketAddr>, Fault> {
        let found: Vec<IpAddr> = if let Ok(address) = target.host.parse() {
            vec![address]
        } else if let Some(named) = self.settings.names.get(&target.host) {
            named.clone()
        } else {
            self.look_up(target).await?
        };
        if found.is_empty() {
            return Err(Fault::Unresolved);
        }
        // A name that leads to both is somebody's attempt to get in; the public half of it is not worth a try.
        if !found
            .iter()
            .all(|address| self.settings.allowed.permits(*address))
        {
            return Err(Fault::Forbidden);
        }
        let sockets = found
            .into_iter()
            .map(|address| SocketAddr::new(unwrapped(address), target.port));
        Ok(sockets.collect())
    }

    async fn look_up(&self, target: &Target) -> Result<Vec<IpAddr>, Fault> {
        let looks = Arc::clone(&self.looks);
        // Waiting for a turn is not the receiver's fault.
        let look = turn(looks).await?;
        let (host, port) = (target.host.clone(), target.port);
        let found = tokio::task::spawn_blocking(move || {
            let found = (host, port).to_socket_addrs();
            drop(look);
            found
        });
        match timeout(CONNECT, found).await {
            Ok(Ok(Ok(found))) => Ok(found.map(|found| found.ip()).collect()),
            Ok(_) => Err(Fault::Unresolved),
            Err(_) => Err(Fault::Timeout),
        }
    }

    fn host(&self, host: &str) -> Arc<Semaphore> {
        // A map of counters is whole whatever happened while it was locked.
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody sends to any more; who sends holds the counter a second time.
        hosts.retain(|_, turns| Arc::strong_count(turns) > 1);
        let turns = hosts.entry(host.to_owned());
        Arc::clone(turns.or_insert_with(|| Arc::new(Semaphore::new(MOST_WITH_HOST))))
    }
}

async fn turn(turns: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Fault> {
    match timeout(TURN, turns.acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Fault::Busy),
    }
}

pub(crate) fn request(
    method: Method,
    target: &Target,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, Fault> {
    let length = body.len();
    let mut request = Request::new(Full::new(body));
    let has_body = method != Method::GET;
    *request.method_mut() = method;
    *request.uri_mut() = target.path.parse().map_err(|_| TargetFault::Malformed)?;
    *request.headers_mut() = headers;
    let host = HeaderValue::from_str(&target.authority).map_err(|_| TargetFault::Malformed)?;
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    if has_body {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.insert(USER_AGENT, HeaderValue::from_static("StreamSphere"));
    Ok(request)
}

/// Writes the answer to `heard` as soon as its head is there.
async fn talk<S>(stream: S, request: Request<Full<Bytes>>, heard: &mut Option<Answer>) -> Result<(), Fault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MOST_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(Fault::Protocol)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(Fault::Protocol)?;
        *heard = Some(Answer {
            status: response.status().as_u16(),
            retry_after_s: seconds(response.headers()),
        });
        // Read, so that the receiver is not cut off while it writes; what it says is nobody's business, and neither
        // is whether it comes to an end.
        let (mut body, mut read) = (response.into_body(), 0);
        let rest = async {
            while let Some(Ok(frame)) = body.frame().await {
                read += frame.data_ref().map_or(0, Bytes::len);
                if read > MOST_BYTES {
                    break;
                }
            }
        };
        let _ = timeout(REST, rest).await;
        Ok(())
    };
    // The connection lives as long as this call, whatever becomes of it.
    tokio::pin!(connection);
    tokio::pin!(exchange);
    let mut ended = false;
    loop {
        tokio::select! {
            ended = &mut exchange => return ended,
            _ = &mut connection, if !ended => ended = true,
        }
    }
}

fn seconds(headers: &HeaderMap) -> Option<u32> {
    headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// What checks receivers; `None` where there is nothing to check them with.
fn tls(settings: &Settings) -> Option<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let files = match &settings.roots {
        Some(file) => vec![file.clone()],
        None => ROOTS.iter().map(PathBuf::from).collect(),
    };
    for file in files {
        let Ok(found) = CertificateDer::pem_file_iter(&file) else {
            continue;
        };
        roots.add_parsable_certificates(found.filter_map(Result::ok));
        if !roots.is_empty() {
            break;
        }
    }
    if roots.is_empty() {
        return None;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Some(Arc::new(config))
}

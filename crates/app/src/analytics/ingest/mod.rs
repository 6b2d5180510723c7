//! Taking in what players tell: from a request to a record in the journal, and from there to the store.
//!
//! A beacon is answered once its record is in the journal: it survives the end of the process then, and a second
//! later the loss of power. `lane` is what waits for the one thread of `counting`; `flusher` writes its sums. What
//! counts is `model::analytics`, adding up is the counter's.

mod counting;
mod flusher;
mod lane;
mod pace;

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread::JoinHandle;

use model::analytics::SessionKey;
use model::analytics::beacon::{Beacon, MAX_BATCH, MAX_SESSION_ID, Said};
use model::analytics::device::{self, Device};
use model::analytics::source::Origin;
use model::history as rules;
use model::text::Fault;
use model::{UserId, VideoId};
use store::analytics::flush::positions;
use tokio_util::sync::CancellationToken;

use self::flusher::Flusher;
use self::lane::{Lane, NotWritten};
use self::pace::Pace;
use super::geoip::Geoip;
use super::record::{Moment, Record};
use super::salts::{Called, Salts};
use crate::analytics::journal;
use crate::core::Core;
use crate::error::{Error, Kind, Refusal};
use crate::history::History;
use crate::keys::Keys;
use crate::playback::Playback;
use crate::sessions::Viewer;

/// How the store calls the journal of the one process that there is.
const NODE: &str = "main";
/// In this file of the journal's folder a node of several has the name of its own.
const NAME_FILE: &str = "node";
/// When this many rows' worth of sums wait for the store, no more is taken.
const MOST_WAITING: usize = 100_000;
/// Sessions whose pace is told apart.
const PACES: usize = 1 << 16;

/// What came with one request.
#[derive(Debug)]
pub struct Told<'a> {
    /// What the player calls its session; may be empty.
    pub session_id: &'a str,
    /// What it says, in its order.
    pub beacons: &'a [Said<'a>],
    /// It is one beacon in the old form, which says where the player is.
    pub is_single: bool,
    /// From where in the site the viewer came, as the player names it.
    pub source: Option<&'a str>,
    /// The page that led to the one with the player.
    pub referrer: Option<&'a str>,
}

/// Who tells it.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'a> {
    /// Where they are. Goes no further than into the country and the hash.
    pub address: Option<IpAddr>,
    /// What stands for where they are.
    pub address_key: &'a str,
    /// What their program calls itself.
    pub user_agent: &'a str,
    /// They ask not to be tracked.
    pub is_private: bool,
}

/// What is counted about the counting.
#[derive(Debug, Default)]
pub struct Figures {
    /// Beacons that are in the journal.
    pub accepted: AtomicU64,
    /// Beacons that were refused, because they are impossible, too many, or nobody could take them.
    pub refused: AtomicU64,
    /// Beacons of programs.
    pub of_bots: AtomicU64,
    /// Sessions that are alive.
    pub sessions: AtomicUsize,
    /// Rows' worth of sums that wait for the store.
    pub waiting: AtomicUsize,
    /// The journal's segment that is written.
    pub segment: AtomicU64,
    /// Its length.
    pub segment_bytes: AtomicU64,
    /// How often sums were written.
    pub flushes: AtomicU64,
    /// How long that took in all, in microseconds.
    pub flush_us: AtomicU64,
    is_counting: AtomicBool,
    is_flushing: AtomicBool,
    is_store_failing: AtomicBool,
}

/// Takes in what players tell.
#[derive(Debug)]
pub struct Ingest {
    core: Arc<Core>,
    playback: Arc<Playback>,
    history: Arc<History>,
    salts: Arc<Salts>,
    lane: Arc<Lane>,
    figures: Arc<Figures>,
    geoip: OnceLock<Geoip>,
    own_host: String,
    /// Which place in the table of paces an address has: nobody can choose whose they share.
    places: RandomState,
    of_session: Pace,
    of_address: Pace,
    running: Mutex<Option<Running>>,
}

/// What runs while beacons are taken.
#[derive(Debug)]
struct Running {
    stop: CancellationToken,
    flushing: tokio::task::JoinHandle<()>,
    settling: tokio::task::JoinHandle<()>,
    counting: JoinHandle<()>,
    syncing: JoinHandle<()>,
    /// Dropped to end the syncing.
    end_sync: mpsc::Sender<()>,
}

impl Ingest {
    pub(crate) fn new(core: Arc<Core>, keys: &Keys, playback: Arc<Playback>, history: Arc<History>) -> Self {
        let url = &core.settings.public_url;
        let authority = url.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or_default();
        let own_host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        };
        Self {
            own_host: own_host.to_ascii_lowercase(),
            salts: Arc::new(Salts::new(Arc::clone(&core), keys)),
            core,
            playback,
            history,
            lane: Arc::new(Lane::default()),
            figures: Arc::new(Figures::default()),
            geoip: OnceLock::new(),
            places: RandomState::new(),
            // Players tell something every ten seconds, and a little more while somebody looks for a place.
            of_session: Pace::new(PACES, 120, 60),
            // Behind one address there may be a whole town.
            of_address: Pace::new(PACES / 4, 30_000, 3_000),
            running: Mutex::new(None),
        }
    }

    /// Counts what the process before has left in this folder, which is made where there is none, and takes beacons
    /// from then on. `geoip` tells countries by addresses, where there is such a file.
    pub async fn start(&self, folder: &Path, geoip: Option<Geoip>) -> Result<(), Error> {
        if let Some(geoip) = geoip {
            // Started once.
            let _ = self.geoip.set(geoip);
        }
        let node = node_of(folder, self.core.store.runs_side_by_side())
            .map_err(|error| Error::failed("the name of this node", error))?;
        let known = positions(&mut self.core.store.read(), &node).await?;
        self.salts.load().await?;
        let counting = {
            let (folder, clock) = (folder.to_owned(), self.core.clock.clone());
            let figures = Arc::clone(&self.figures);
            let recovering =
                tokio::task::spawn_blocking(move || counting::recover(&folder, &known, clock, figures));
            let recovered = recovering
                .await
                .map_err(|error| Error::failed("reading the journal", error))?;
            recovered.map_err(|error| Error::failed("the journal of the analytics", error))?
        };
        let written = Arc::new(AtomicBool::new(false));
        let (end_sync, sync_ends) = mpsc::channel();
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let failed = |error| Error::failed("starting a thread", error);
        let syncing = {
            let (syncer, written) = (counting.syncer(), Arc::clone(&written));
            thread("journal-sync")
                .spawn(move || counting::keep_synced(&syncer, &written, &sync_ends))
                .map_err(failed)?
        };
        self.figures.is_counting.store(true, Ordering::Release);
        let lane = Arc::clone(&self.lane);
        let counting = thread("counting")
            .spawn(move || counting.run(lane, &written))
            .map_err(failed)?;
        let stop = CancellationToken::new();
        let flusher = Flusher {
            core: Arc::clone(&self.core),
            node,
            playback: Arc::clone(&self.playback),
            salts: Arc::clone(&self.salts),
            lane: Arc::clone(&self.lane),
            shared: Arc::clone(&self.figures),
            folder: folder.to_owned(),
        };
        self.figures.is_flushing.store(true, Ordering::Release);
        let flushing = tokio::spawn(flusher.run(stop.clone()));
        let settling = {
            let (history, stop) = (Arc::clone(&self.history), stop.clone());
            tokio::spawn(async move { history.keep_written(stop).await })
        };
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(Running {
            stop,
            flushing,
            settling,
            counting,
            syncing,
            end_sync,
        });
        Ok(())
    }

    /// Counts what waits, writes it, and ends. Called once requests are done, and before the store closes.
    pub async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(running) = running else { return };
        running.stop.cancel();
        if running.flushing.await.is_err() {
            tracing::error!("Writing the sums of the analytics ended badly");
        }
        if running.settling.await.is_err() {
            tracing::error!("Writing what was watched ended badly");
        }
        self.lane.close();
        drop(running.end_sync);
        let joined = tokio::task::spawn_blocking(move || {
            (running.counting.join().is_ok(), running.syncing.join().is_ok())
        });
        if !matches!(joined.await, Ok((true, true))) {
            tracing::error!("A thread of the analytics ended badly");
        }
    }

    /// Whether beacons are taken, and come into the store.
    pub fn is_counting(&self) -> bool {
        let figures = &self.figures;
        figures.is_counting.load(Ordering::Acquire) && figures.is_flushing.load(Ordering::Acquire)
    }

    /// What is counted about the counting.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Takes what a player tells of a video. When this is fine, it is in the journal; of those who are signed in it is
    /// noted how far they have come as well.
    pub async fn accept(
        &self,
        id: VideoId,
        told: &Told<'_>,
        viewer: &Viewer,
        teller: &Teller<'_>,
    ) -> Result<(), Error> {
        let taken = self.take(id, told, viewer, teller).await;
        let count = told.beacons.len() as u64;
        match &taken {
            Ok(true) => self.figures.accepted.fetch_add(count, Ordering::Relaxed),
            Ok(false) => self.figures.of_bots.fetch_add(count, Ordering::Relaxed),
            Err(_) => self.figures.refused.fetch_add(count, Ordering::Relaxed),
        };
        taken.map(|_| ())
    }

    /// Tells whether it counts.
    async fn take(
        &self,
        id: VideoId,
        told: &Told<'_>,
        viewer: &Viewer,
        teller: &Teller<'_>,
    ) -> Result<bool, Error> {
        let video = self
            .playback
            .watched(id, viewer)
            .await?
            .ok_or_else(Error::no_video)?;
        check_size(told)?;
        let mut beacons = Vec::with_capacity(told.beacons.len());
        let mut came_to = None;
        for said in told.beacons {
            beacons.push(said.check(video.duration_ms).map_err(impossible)?);
            let claim = said.claim();
            if told.is_single || claim.ended || claim.position.or(claim.to).is_some() {
                came_to = Some(rules::position_ms(&claim, video.duration_ms).map_err(impossible)?);
            }
        }
        let called = match viewer {
            Some(actor) => self.salts.of_user(actor.user_id),
            None => self.salts.of_anyone(teller.address_key, teller.user_agent),
        };
        let is_own = viewer.is_some_and(|actor| actor.user_id == video.owner_id);
        let session = self.salts.session(id, told.session_id, called, is_own);
        self.keep_pace(session.0 as u64, teller)?;
        // Programs are not told that they count nothing.
        let counts = !device::is_bot(teller.user_agent);
        if counts && !beacons.is_empty() {
            self.count(id, video, told, teller, (session, called, is_own), beacons)
                .await?;
        }
        if let (Some(actor), Some(position_ms)) = (viewer, came_to)
            && let Err(error) = self.history.keep(actor, id, position_ms).await
        {
            // What was told is in the journal, and this is the smaller part of it.
            tracing::warn!(error = %error, "Cannot keep how far somebody has watched");
        }
        Ok(counts)
    }

    /// Leaves a record for the counting thread, and waits until it is in the journal.
    async fn count(
        &self,
        id: VideoId,
        video: Watchable,
        told: &Told<'_>,
        teller: &Teller<'_>,
        (session, called, is_own): (SessionKey, Called, bool),
        beacons: Vec<Beacon>,
    ) -> Result<(), Error> {
        if self.figures.waiting.load(Ordering::Relaxed) > MOST_WAITING {
            return Err(Error::busy());
        }
        let is_private = teller.is_private && self.core.settings.respect_privacy_signals;
        let (origin, device, country) = if is_private {
            (Origin::default(), Device::Unknown, None)
        } else {
            (
                Origin::of(told.source, told.referrer, &self.own_host),
                device::of(teller.user_agent),
                self.country(teller.address),
            )
        };
        let record = Record {
            // The counting thread says when, so that time goes with the journal.
            at: Moment::default(),
            video: id,
            channel: video.owner_id,
            duration_ms: video.duration_ms,
            session,
            viewer: called.key,
            before: called.before,
            is_own,
            is_private,
            origin,
            device,
            country,
            beacons,
        };
        self.lane.send(record).await.map_err(|reason| match reason {
            NotWritten::Busy => Error::busy(),
            NotWritten::NoSpace => Error::no_space(),
        })
    }

    fn country(&self, address: Option<IpAddr>) -> Option<[u8; 2]> {
        self.geoip.get()?.country(address?)
    }

    fn keep_pace(&self, session: u64, teller: &Teller<'_>) -> Result<(), Error> {
        if !self.core.settings.rate_limits {
            return Ok(());
        }
        let now_ms = i64::try_from(self.core.clock.steady().as_millis()).unwrap_or(i64::MAX);
        let address = self.places.hash_one(teller.address_key);
        let of_address = self.of_address.count(address, now_ms);
        of_address
            .and_then(|()| self.of_session.count(session, now_ms))
            .map_err(|wait_ms| {
                let wait = u32::try_from(wait_ms.max(0) / 1000 + 1).unwrap_or(60);
                Refusal::new(
                    Kind::TooMany,
                    "too_many_requests",
                    "Too many requests. Slow down a little.",
                )
                .retry_after(wait)
                .into()
            })
    }
}

/// A video that somebody may watch, as far as counting needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watchable {
    /// Whose.
    pub(crate) owner_id: UserId,
    /// How long; 0: not known.
    pub(crate) duration_ms: i64,
}

fn check_size(told: &Told<'_>) -> Result<(), Error> {
    let unprocessable = |field, message: &'static str| {
        let mut refusal = Refusal::new(Kind::Unprocessable, "too_long", message);
        refusal.fields.push((field, Fault::new("too_long", message)));
        Err(refusal.into())
    };
    if told.beacons.len() > MAX_BATCH {
        return unprocessable("beacons", "At most 100 beacons at once.");
    }
    if told.session_id.len() > MAX_SESSION_ID {
        return unprocessable("sessionId", "At most 100 bytes.");
    }
    Ok(())
}

fn impossible((field, fault): (&'static str, Fault)) -> Error {
    if fault.code == "missing" {
        return Error::field(field, fault);
    }
    let mut refusal = Refusal::new(Kind::Unprocessable, "impossible_claim", fault.message.clone());
    refusal.fields.push((field, fault));
    refusal.into()
}

/// How the store calls the journal that is in this folder.
pub(crate) fn name_of(folder: &Path) -> std::io::Result<String> {
    Ok(name_in(&folder.join(NAME_FILE))?.unwrap_or_else(|| NODE.to_owned()))
}

fn name_in(file: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(file) {
        Ok(name) => Ok(Some(name.trim().to_owned()).filter(|name| !name.is_empty())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// How the store calls the journal in this folder. A folder that had a journal before there were several nodes keeps the
/// name that it had; others get one of their own, which stays in the folder.
fn node_of(folder: &Path, several: bool) -> std::io::Result<String> {
    let file = folder.join(NAME_FILE);
    if let Some(name) = name_in(&file)? {
        return Ok(name);
    }
    if !several || journal::end_of(folder)?.is_some() {
        return Ok(NODE.to_owned());
    }
    let name = format!("{:016x}", rand::random::<u64>());
    std::fs::create_dir_all(folder)?;
    let beside = folder.join(format!("{NAME_FILE}.new"));
    std::fs::write(&beside, &name)?;
    std::fs::File::open(&beside)?.sync_all()?;
    std::fs::rename(&beside, &file)?;
    std::fs::File::open(folder)?.sync_all()?;
    Ok(name)
}

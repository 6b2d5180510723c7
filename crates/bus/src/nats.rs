//! The bus between nodes, on NATS.
//!
//! Events go through one `JetStream` stream, which gives them one order and one id on every node and keeps the last of
//! them for those who come back to another node. Wake-ups and signals are plain messages. What is said while the server
//! is away waits in a bounded queue, and what does not fit there is missed: every listener on every node is told so, and
//! looks again.

mod outbox;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::datetime::DateTime as Time;
use async_nats::jetstream;
use async_nats::jetstream::consumer::{DeliverPolicy, ReplayPolicy, pull};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RawMessageErrorKind, StorageType, Stream as Log};
use async_nats::{Client, ConnectOptions, Event as Change, Message};
use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::{broadcast, mpsc, watch};

use self::outbox::{Aside, Outbox};
use crate::{BusError, Event, Heard, InProcess, wire};

/// How long events are kept for those who come back, and how many.
const KEPT: Duration = Duration::from_mins(10);
const KEPT_EVENTS: i64 = 50_000;
const KEPT_BYTES: i64 = 64 << 20;
/// Events that a node reads when it starts, so that whoever comes back finds them there.
const BACKLOG: u64 = 4_096;
/// Room between the ids of two events, for what a node tells of its own.
const ROOM: u32 = 20;
/// Events that wait for the server.
const WAITING: usize = 4_096;
/// Wake-ups and signals that wait to be sent.
const ASIDES: usize = 1_024;
/// How long the server is waited for at the start.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a consumer that failed rests.
const REST: Duration = Duration::from_millis(200);

/// The connection of one node.
#[derive(Debug)]
pub(crate) struct Nats {
    pub(crate) local: Arc<InProcess>,
    events: mpsc::Sender<Vec<u8>>,
    asides: mpsc::Sender<Aside>,
    lost: Arc<AtomicBool>,
    /// What was heard since the connection was made, for whoever listens first.
    early: Mutex<Option<broadcast::Receiver<Heard>>>,
    /// Events up to this id are not known here.
    pub(crate) floor: u64,
    /// Events that were told before this node started.
    pub(crate) backlog: Vec<Event>,
    _ends: Ends,
}

/// Ends the tasks of a bus when nobody has it any more.
#[derive(Debug)]
struct Ends(Vec<tokio::task::JoinHandle<()>>);

impl Drop for Ends {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl Nats {
    /// Connects. `prefix` begins all names, so that several sites can share a server.
    pub(crate) async fn connect(url: &str, prefix: &str) -> Result<Self, BusError> {
        let local = Arc::new(InProcess::new());
        let lost = Arc::new(AtomicBool::new(false));
        let failed = |error: &dyn std::error::Error| BusError::Unavailable(error.to_string());
        let back = watch::Sender::new(0);
        let client = open(url, &local, &back).await?;
        let context = jetstream::new(client.clone());
        let subject = format!("{prefix}.events");
        let config = Config {
            name: format!("{}_EVENTS", prefix.replace('.', "_").to_uppercase()),
            subjects: vec![subject.clone()],
            max_age: KEPT,
            duplicate_window: KEPT,
            max_messages: KEPT_EVENTS,
            max_bytes: KEPT_BYTES,
            max_message_size: wire::MOST_BYTES as i32,
            discard: DiscardPolicy::Old,
            storage: StorageType::File,
            num_replicas: 1,
            ..Config::default()
        };
        let log = tokio::time::timeout(PATIENCE, context.get_or_create_stream(config.clone()))
            .await
            .map_err(|_| BusError::Unavailable("JetStream does not answer".to_owned()))?
            .map_err(|error| failed(&error))?;
        let state = &log.cached_info().state;
        let end = state.last_sequence;
        let first = state.first_sequence.max(end.saturating_sub(BACKLOG - 1)).max(1);
        let Backlog {
            missed,
            taken_at,
            events: backlog,
        } = read_backlog(&log, first, end).await;
        let wakes = client
            .subscribe(format!("{prefix}.wake.*"))
            .await
            .map_err(|error| failed(&error))?;
        let signals = client
            .subscribe(format!("{prefix}.signal.*"))
            .await
            .map_err(|error| failed(&error))?;
        // The server knows of both before anybody is told that this node listens.
        client.flush().await.map_err(|error| failed(&error))?;
        // What comes behind the backlog, while the node still starts, is somebody's.
        let early = Mutex::new(Some(local.events.subscribe()));
        let (events, waiting) = mpsc::channel(WAITING);
        let (asides, waiting_asides) = mpsc::channel(ASIDES);
        let tasks = vec![
            tokio::spawn(hear_events(
                context,
                config.clone(),
                log,
                (end, taken_at),
                Arc::clone(&local),
                back.subscribe(),
            )),
            tokio::spawn(hear_wakes(wakes, Arc::clone(&local))),
            tokio::spawn(hear_signals(signals, Arc::clone(&local))),
            tokio::spawn(
                Outbox::new(
                    client,
                    (prefix.to_owned(), config),
                    waiting,
                    waiting_asides,
                    Arc::clone(&lost),
                    back.subscribe(),
                )
                .run(),
            ),
        ];
        Ok(Self {
            local,
            events,
            asides,
            lost,
            early,
            floor: missed.max(first.saturating_sub(1)) << ROOM,
            backlog,
            _ends: Ends(tasks),
        })
    }

    /// Listens to events from now on; whoever does so first, from the end of the backlog on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Heard> {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        early.take().unwrap_or_else(|| self.local.events.subscribe())
    }

    pub(crate) fn publish(&self, event: &Event) {
        let Some(bytes) = wire::write(event) else {
            tracing::error!(kind = event.kind, "An event is too long for other nodes");
            return;
        };
        if self.events.try_send(bytes).is_err() && !self.lost.swap(true, Ordering::AcqRel) {
            tracing::warn!(
                "The bus is away or slow: other nodes miss some of what happens here, and look again later"
            );
        }
    }

    pub(crate) fn wake(&self, topic: &'static str) {
        // Whoever is not woken looks by itself after some seconds.
        let _ = self.asides.try_send(Aside::Wake(topic));
    }

    pub(crate) fn signal(&self, topic: &'static str, payload: Bytes) {
        let _ = self.asides.try_send(Aside::Signal(topic, payload));
    }
}

async fn open(url: &str, local: &Arc<InProcess>, back: &watch::Sender<u64>) -> Result<Client, BusError> {
    let (local, back) = (Arc::clone(local), back.clone());
    let away = Arc::new(AtomicBool::new(false));
    let options = ConnectOptions::new()
        .name("streamsphere")
        .no_echo()
        .connection_timeout(Duration::from_secs(5))
        .ping_interval(Duration::from_secs(5))
        .max_reconnects(None)
        .reconnect_delay_callback(|tries| Duration::from_millis((50_u64 << tries.min(6)).min(1_000)))
        .event_callback(move |change| {
            match change {
                Change::Disconnected => {
                    if !away.swap(true, Ordering::AcqRel) {
                        tracing::warn!("The bus went away; what happens on other nodes is heard later");
                    }
                }
                Change::Connected => {
                    if away.swap(false, Ordering::AcqRel) {
                        tracing::info!("The bus is back");
                        back.send_modify(|times| *times += 1);
                        // Plain messages of the meantime are gone: everybody looks.
                        local.wake_all();
                    }
                }
                Change::SlowConsumer(_) => {
                    local.wake_all();
                    local.gap();
                }
                other => tracing::debug!(%other, "The bus says something"),
            }
            std::future::ready(())
        });
    tokio::time::timeout(PATIENCE, options.connect(url))
        .await
        .map_err(|_| BusError::Unavailable("no answer".to_owned()))?
        .map_err(|error| BusError::Unavailable(error.to_string()))
}

/// What was told before a node started.
#[derive(Debug, Default)]
struct Backlog {
    /// The last place at which some were missed; the events come behind it.
    missed: u64,
    /// When the stream took the last of all.
    taken_at: Option<Time>,
    events: Vec<Event>,
}

/// The events from `first` to `last`, as far as they are still there.
async fn read_backlog(log: &Log, first: u64, last: u64) -> Backlog {
    let mut found = Backlog::default();
    if first > last {
        return found;
    }
    let reading = async {
        let consumer = log.create_consumer(ordered(first)).await.ok()?;
        let mut messages = pin!(consumer.messages().await.ok()?);
        while let Some(Ok(message)) = poll_fn(|context| messages.as_mut().poll_next(context)).await {
            let info = message.info().ok()?;
            let at = info.stream_sequence;
            if message.payload == wire::GAP {
                found.missed = at;
                found.events.clear();
            }
            found.events.extend(wire::read(at << ROOM, &message.payload));
            if at >= last {
                found.taken_at = Some(info.published).filter(|_| at == last);
                break;
            }
        }
        Some(())
    };
    // Whoever asks for what is missing is told to look again.
    let _ = tokio::time::timeout(PATIENCE, reading).await;
    found
}

fn ordered(first: u64) -> pull::OrderedConfig {
    pull::OrderedConfig {
        deliver_policy: DeliverPolicy::ByStartSequence {
            start_sequence: first,
        },
        replay_policy: ReplayPolicy::Instant,
        ..pull::OrderedConfig::default()
    }
}

/// Takes events from the stream, all that come behind `last`, for ever. `back` tells that the server is there again: one
/// that was started anew knows nothing of a consumer from before, which alone would notice only after half a minute.
async fn hear_events(
    context: jetstream::Context,
    config: Config,
    mut log: Log,
    // The last that was heard, and when the stream took it, where that is known.
    (mut last, mut taken_at): (u64, Option<Time>),
    local: Arc<InProcess>,
    mut back: watch::Receiver<u64>,
) {
    loop {
        if let Ok(consumer) = log.create_consumer(ordered(last + 1)).await
            && let Ok(messages) = consumer.messages().await
        {
            let mut messages = pin!(messages);
            loop {
                let message = tokio::select! {
                    message = poll_fn(|context| messages.as_mut().poll_next(context)) => message,
                    Ok(()) = back.changed() => break,
                };
                let Some(Ok(message)) = message else { break };
                let Ok(info) = message.info() else { continue };
                let at = info.stream_sequence;
                // Some were dropped before this node read them, or the stream is another one.
                if (last != 0 && at != last + 1) || message.payload == wire::GAP {
                    local.gap();
                }
                (last, taken_at) = (at, Some(info.published));
                if let Some(event) = wire::read(at << ROOM, &message.payload) {
                    local.publish(event);
                }
            }
        }
        // A server that lost what it had is given the stream again, and one that lost the end of it gives its numbers to
        // other events: whoever listens looks at everything, and hears what comes from then on.
        let mut unanswered = 0;
        loop {
            tokio::time::sleep(REST).await;
            let Ok(present) = context.get_or_create_stream(config.clone()).await else {
                continue;
            };
            log = present;
            let state = &log.cached_info().state;
            let (first, end) = (state.first_sequence, state.last_sequence);
            let is_another = match taken_at {
                _ if end < last => true,
                Some(taken_at) if last >= first && last > 0 => match log.get_raw_message(last).await {
                    Ok(kept) => kept.time != taken_at,
                    // It has grown old.
                    Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => false,
                    Err(_) if unanswered < 2 => {
                        unanswered += 1;
                        continue;
                    }
                    // Perhaps this node may not ask. Then nobody knows, and everybody looks.
                    Err(_) => true,
                },
                _ => false,
            };
            if is_another {
                (last, taken_at) = (end, None);
                local.gap();
            }
            break;
        }
    }
}

async fn hear_wakes(mut wakes: async_nats::Subscriber, local: Arc<InProcess>) {
    while let Some(message) = next(&mut wakes).await {
        if let Some(topic) = message.subject.rsplit('.').next() {
            local.wake_known(topic);
        }
    }
}

async fn hear_signals(mut signals: async_nats::Subscriber, local: Arc<InProcess>) {
    while let Some(message) = next(&mut signals).await {
        let topic = message.subject.rsplit('.').next().and_then(wire::known);
        if let Some(topic) = topic.filter(|_| message.payload.len() <= wire::MOST_BYTES) {
            local.signal(topic, message.payload);
        }
    }
}

async fn next(messages: &mut async_nats::Subscriber) -> Option<Message> {
    let mut messages = pin!(messages);
    poll_fn(|context| messages.as_mut().poll_next(context)).await
}

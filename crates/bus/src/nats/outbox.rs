//! What one node says to the others.
//!
//! An event counts as said when the stream has it: until then it is kept here, and said again when the connection comes
//! back or no answer comes. Each has a name of its own by which the stream leaves out what it has already. What finds no
//! room is missed, and the stream carries a note of that to every node. Wake-ups and signals go beside, once: of a time
//! without the server, what was woken is woken when it is back, and signals are worth nothing.

use std::collections::{BTreeSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::stream::Config;
use async_nats::{Client, jetstream};
use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::wire;

/// Events that were sent and are not known to be in the stream.
const UNDER_WAY: usize = 512;
/// How long the stream may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);
/// What is waited before events are sent again that the server did not take.
const REST: Duration = Duration::from_millis(200);
/// How often an event is sent that the server answers with a refusal. Not counted: that it is away.
const REFUSALS: u32 = 25;
/// How often others are told at the most that something was missed; they read everything again each time.
const GAP_EVERY: Duration = Duration::from_secs(1);

/// What is said beside the events.
pub(super) enum Aside {
    Wake(&'static str),
    Signal(&'static str, Bytes),
}

type Answer = Pin<Box<dyn Future<Output = Result<PublishAck, PublishError>> + Send>>;

struct Pending {
    name: String,
    payload: Bytes,
    /// None: it has to be sent (again).
    answer: Option<Answer>,
    refusals: u32,
}

pub(super) struct Outbox {
    client: Client,
    context: jetstream::Context,
    /// The stream, should nobody have it any more.
    config: Config,
    prefix: String,
    events: mpsc::Receiver<Vec<u8>>,
    asides: mpsc::Receiver<Aside>,
    /// Whether an event found no room.
    lost: Arc<AtomicBool>,
    /// Counts how often the connection came back.
    back: watch::Receiver<u64>,
    pending: VecDeque<Pending>,
    /// What was woken while the server was away.
    owed: BTreeSet<&'static str>,
    gap_after: Instant,
    /// What the names of this node's events begin with, and the number of the next.
    node: String,
    number: u64,
}

enum Next {
    Event(Vec<u8>),
    Aside(Aside),
    Answered(Result<PublishAck, PublishError>),
    Back,
    Again,
    End,
}

impl Outbox {
    pub(super) fn new(
        client: Client,
        (prefix, config): (String, Config),
        events: mpsc::Receiver<Vec<u8>>,
        asides: mpsc::Receiver<Aside>,
        lost: Arc<AtomicBool>,
        back: watch::Receiver<u64>,
    ) -> Self {
        let context = jetstream::ContextBuilder::new()
            .timeout(ANSWERS_WITHIN)
            .ack_timeout(ANSWERS_WITHIN)
            // Answers that are waited for no more count until that time is over.
            .max_ack_inflight(64 * UNDER_WAY)
            .build(client.clone());
        Self {
            // Different for each process, as no inbox may be another's.
            node: client.new_inbox(),
            client,
            context,
            config,
            prefix,
            events,
            asides,
            lost,
            back,
            pending: VecDeque::new(),
            owed: BTreeSet::new(),
            gap_after: Instant::now(),
            number: 0,
        }
    }

    /// Sends until the bus is gone.
    pub(super) async fn run(mut self) {
        loop {
            self.tell_of_gap();
            self.send_pending().await;
            match self.next().await {
                Next::Event(bytes) => self.keep(bytes.into()),
                Next::Aside(aside) => self.say(aside).await,
                Next::Answered(Ok(_)) => {
                    self.pending.pop_front();
                }
                Next::Answered(Err(error)) => self.failed(&error).await,
                Next::Back => {
                    self.forget_answers();
                    for topic in std::mem::take(&mut self.owed) {
                        self.say(Aside::Wake(topic)).await;
                    }
                }
                Next::Again => {}
                Next::End => return,
            }
        }
    }

    async fn next(&mut self) -> Next {
        let has_room = self.pending.len() < UNDER_WAY;
        let is_late =
            self.lost.load(Ordering::Acquire) || self.pending.back().is_some_and(|one| one.answer.is_none());
        let answer = self.pending.front_mut().and_then(|one| one.answer.as_mut());
        tokio::select! {
            biased;
            Ok(()) = self.back.changed() => Next::Back,
            Some(answered) = async { Some(answer?.await) } => Next::Answered(answered),
            aside = self.asides.recv() => aside.map_or(Next::End, Next::Aside),
            event = self.events.recv(), if has_room => event.map_or(Next::End, Next::Event),
            () = tokio::time::sleep(REST), if is_late => Next::Again,
        }
    }

    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Once something was missed and the server is there to say so: everybody looks again.
    fn tell_of_gap(&mut self) {
        if self.pending.len() < UNDER_WAY
            && self.is_connected()
            && Instant::now() >= self.gap_after
            && self.pending.iter().all(|one| one.payload != wire::GAP)
            && self.lost.swap(false, Ordering::AcqRel)
        {
            self.gap_after = Instant::now() + GAP_EVERY;
            self.keep(Bytes::from_static(wire::GAP));
        }
    }

    fn keep(&mut self, payload: Bytes) {
        self.number += 1;
        self.pending.push_back(Pending {
            name: format!("{}-{}", self.node, self.number),
            payload,
            answer: None,
            refusals: 0,
        });
    }

    /// Sends what was not sent yet, up to the first that cannot be. Without a connection nothing is: it would come before
    /// what the connection lost on its way.
    async fn send_pending(&mut self) {
        let mut at = 0;
        while let Some(one) = self.pending.get_mut(at) {
            if one.answer.is_some() {
                at += 1;
                continue;
            }
            if self.client.connection_state() != State::Connected {
                return;
            }
            let message = PublishMessage::build()
                .payload(one.payload.clone())
                .message_id(&one.name);
            let sent = self
                .context
                .send_publish(format!("{}.events", self.prefix), message)
                .await;
            match sent {
                Ok(answer) => {
                    one.answer = Some(answer.into_future());
                    at += 1;
                }
                Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                    tracing::error!(error = %error, "An event is too long for the NATS server");
                    self.pending.remove(at);
                    self.lost.store(true, Ordering::Release);
                }
                Err(error) => {
                    tracing::debug!(error = %error, "An event cannot be sent to other nodes yet");
                    return;
                }
            }
        }
    }

    /// The oldest event under way was not taken. It and all behind it are sent again, in their order.
    async fn failed(&mut self, error: &PublishError) {
        tracing::debug!(error = %error, "An event was not taken by the stream");
        match error.kind() {
            PublishErrorKind::StreamNotFound => {
                if let Err(error) = self.context.get_or_create_stream(self.config.clone()).await {
                    tracing::debug!(error = %error, "The stream cannot be made again yet");
                }
            }
            PublishErrorKind::Other => {
                if let Some(first) = self.pending.front_mut() {
                    first.refusals += 1;
                    if first.refusals >= REFUSALS {
                        tracing::warn!(error = %error, "The bus refuses an event; other nodes look again");
                        self.pending.pop_front();
                        self.lost.store(true, Ordering::Release);
                    }
                }
            }
            _ => {}
        }
        tokio::time::sleep(REST).await;
        self.forget_answers();
    }

    fn forget_answers(&mut self) {
        self.pending.iter_mut().for_each(|one| one.answer = None);
    }

    async fn say(&mut self, aside: Aside) {
        if !self.is_connected() {
            if let Aside::Wake(topic) = aside {
                self.owed.insert(topic);
            }
            return;
        }
        let (subject, payload) = match aside {
            Aside::Wake(topic) => (format!("{}.wake.{topic}", self.prefix), Bytes::new()),
            Aside::Signal(topic, bytes) => (format!("{}.signal.{topic}", self.prefix), bytes),
        };
        if let Err(error) = self.client.publish(subject, payload).await {
            tracing::debug!(error = %error, "Something was not sent to other nodes");
        }
    }
}

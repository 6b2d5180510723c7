//! What one node says to the others, in its order.
//!
//! An event counts as said when the stream has it: until then it is kept here, and said again when the connection comes
//! back or no answer comes. Each has a name of its own by which the stream leaves out what it has already. Wake-ups and
//! signals are said once. What finds no room is missed, and the stream carries a note of that to every node.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use async_nats::{Client, jetstream};
use bytes::Bytes;
use tokio::sync::{mpsc, watch};

use crate::wire;

/// Events that were sent and are not known to be in the stream.
const UNDER_WAY: usize = 512;
/// How long the stream may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);
/// What is waited before events are sent again that the server did not take.
const REST: Duration = Duration::from_millis(200);
/// How often an event is sent that the server answers with a refusal. Not counted: that it is away.
const REFUSALS: u32 = 25;

/// What is to be sent.
pub(super) enum Outgoing {
    Event(Vec<u8>),
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
    prefix: String,
    waiting: mpsc::Receiver<Outgoing>,
    /// Whether something found no room.
    lost: Arc<AtomicBool>,
    /// Counts how often the connection came back.
    back: watch::Receiver<u64>,
    pending: VecDeque<Pending>,
    /// What the names of this node's events begin with, and the number of the next.
    node: String,
    number: u64,
}

enum Next {
    Outgoing(Option<Outgoing>),
    Answered(Result<PublishAck, PublishError>),
    Back,
    Again,
}

impl Outbox {
    pub(super) fn new(
        client: Client,
        prefix: String,
        waiting: mpsc::Receiver<Outgoing>,
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
            prefix,
            waiting,
            lost,
            back,
            pending: VecDeque::new(),
            number: 0,
        }
    }

    /// Sends until the bus is gone.
    pub(super) async fn run(mut self) {
        loop {
            // Before others are told to look again, the server must be there to tell them.
            if self.pending.len() < UNDER_WAY
                && self.client.connection_state() == State::Connected
                && self.lost.swap(false, Ordering::AcqRel)
            {
                self.keep(wire::GAP.to_vec());
            }
            self.send_pending().await;
            match self.next().await {
                Next::Outgoing(Some(Outgoing::Event(bytes))) => self.keep(bytes),
                Next::Outgoing(Some(Outgoing::Wake(topic))) => {
                    self.say_once(format!("{}.wake.{topic}", self.prefix), Bytes::new())
                        .await;
                }
                Next::Outgoing(Some(Outgoing::Signal(topic, bytes))) => {
                    self.say_once(format!("{}.signal.{topic}", self.prefix), bytes)
                        .await;
                }
                Next::Outgoing(None) => return,
                Next::Answered(Ok(_)) => {
                    self.pending.pop_front();
                }
                Next::Answered(Err(error)) => self.failed(&error).await,
                Next::Back => self.forget_answers(),
                Next::Again => {}
            }
        }
    }

    async fn next(&mut self) -> Next {
        let has_room = self.pending.len() < UNDER_WAY;
        let is_unsent = self.pending.back().is_some_and(|one| one.answer.is_none());
        let answer = self.pending.front_mut().and_then(|one| one.answer.as_mut());
        tokio::select! {
            biased;
            Ok(()) = self.back.changed() => Next::Back,
            Some(answered) = async { Some(answer?.await) } => Next::Answered(answered),
            outgoing = self.waiting.recv(), if has_room => Next::Outgoing(outgoing),
            () = tokio::time::sleep(REST), if is_unsent => Next::Again,
        }
    }

    fn keep(&mut self, payload: Vec<u8>) {
        self.number += 1;
        self.pending.push_back(Pending {
            name: format!("{}-{}", self.node, self.number),
            payload: payload.into(),
            answer: None,
            refusals: 0,
        });
    }

    /// Sends what was not sent yet, up to the first that cannot be.
    async fn send_pending(&mut self) {
        for one in self.pending.iter_mut().filter(|one| one.answer.is_none()) {
            let message = PublishMessage::build()
                .payload(one.payload.clone())
                .message_id(&one.name);
            let sent = self
                .context
                .send_publish(format!("{}.events", self.prefix), message)
                .await;
            match sent {
                Ok(answer) => one.answer = Some(answer.into_future()),
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
        if error.kind() == PublishErrorKind::Other
            && let Some(first) = self.pending.front_mut()
        {
            first.refusals += 1;
            if first.refusals >= REFUSALS {
                tracing::warn!(error = %error, "The bus refuses an event; other nodes look again");
                self.pending.pop_front();
                self.lost.store(true, Ordering::Release);
            }
        }
        tokio::time::sleep(REST).await;
        self.forget_answers();
    }

    fn forget_answers(&mut self) {
        self.pending.iter_mut().for_each(|one| one.answer = None);
    }

    async fn say_once(&mut self, subject: String, payload: Bytes) {
        if let Err(error) = self.client.publish(subject, payload).await {
            tracing::debug!(error = %error, "Something was not sent to other nodes");
        }
    }
}

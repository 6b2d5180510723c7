//! Sends deliveries: one at a time to each webhook, several webhooks at once, of these some of one person and some with
//! one host, so that a slow receiver holds up only what is meant for itself.
//!
//! An attempt is written down when it has ended. A crash on the way makes it anew, with the same id: receivers may be
//! told twice, and can see that they are.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use egress::{Answer, Fault};
use model::notifications::Kind as Notified;
use model::webhooks::{Ended, PATIENCE_MS, PAUSES_MS, State, pause_ms};
use model::{Millis, UserId, WebhookId};
use store::users;
use store::webhooks::{self as rows, DeliveryRow, DueRow, WebhookRow};
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use super::{MOST_WAITING, TOPIC, facts, secret, signature};
use crate::App;
use crate::error::Error;
use crate::notifications::{self, New};

/// How often it is looked for work that nobody woke for.
const EVERY: Duration = Duration::from_secs(1);
/// Webhooks that are sent to at once.
const MOST_AT_ONCE: usize = 48;
/// Of these, webhooks of one person.
const MOST_OF_ONE: usize = 4;
/// Of these, webhooks with one host.
const MOST_WITH_HOST: usize = 8;
/// Webhooks read at once to find some that can be sent to.
const WINDOW: i64 = 256;
/// How often so many are read: where more than all of them wait for the same slow host, others wait with them.
const WINDOWS: usize = 8;
/// When it is tried again where nothing could be sent because of all the others, in milliseconds.
const BUSY_MS: i64 = 5_000;
/// How long attempts under way may go on when the server stops.
const ENDING: Duration = Duration::from_secs(3);
/// The longest that a receiver may ask to be left alone, in milliseconds.
const LONGEST_MS: i64 = PAUSES_MS[PAUSES_MS.len() - 1];

/// What is being sent, by the task that does.
#[derive(Default)]
struct Busy(HashMap<Id, Sending>);

struct Sending {
    webhook: WebhookId,
    owner: UserId,
    host: String,
}

impl Busy {
    fn is_full(&self) -> bool {
        self.0.len() >= MOST_AT_ONCE
    }

    /// Whether one more may be sent to: it is not already, and neither its owner nor its host has all they may have.
    fn takes(&self, due: &DueRow, host: &str) -> bool {
        let (mut of_owner, mut with_host) = (0, 0);
        for one in self.0.values() {
            if one.webhook == due.id {
                return false;
            }
            of_owner += usize::from(one.owner == due.owner_id);
            with_host += usize::from(one.host == host);
        }
        of_owner < MOST_OF_ONE && with_host < MOST_WITH_HOST
    }
}

/// Sends what is due, again and again until `stop`.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut running = JoinSet::new();
    let mut busy = Busy::default();
    loop {
        let woken = app.core.bus.woken(TOPIC);
        // Two nodes would send everything twice.
        let ours = app.turns.is_ours();
        if ours && let Err(error) = expand(&app).await {
            tracing::warn!(error = %error, "Could not make deliveries of what happened; it is tried again");
        }
        if ours && let Err(error) = start(&app, &mut running, &mut busy).await {
            tracing::warn!(error = %error, "Could not look for webhooks to send; it is tried again");
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = woken => {}
            () = tokio::time::sleep(EVERY) => {}
            Some(ended) = running.join_next_with_id() => match ended {
                Ok((task, ())) => {
                    busy.0.remove(&task);
                }
                Err(error) => {
                    // It is due still, and would end like this again at once.
                    if let Some(sending) = busy.0.remove(&error.id()) {
                        let pause = running.spawn(tokio::time::sleep(EVERY));
                        busy.0.insert(pause.id(), sending);
                    }
                }
            },
        }
    }
    // What is on its way most often arrives in a moment, and would be sent a second time if that was not written down.
    let ended = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(ENDING, ended).await.is_err() {
        running.shutdown().await;
    }
}

/// Makes deliveries of all that happened.
async fn expand(app: &App) -> Result<(), Error> {
    while facts::expand(&app.core).await? {}
    Ok(())
}

async fn start(app: &Arc<App>, running: &mut JoinSet<()>, busy: &mut Busy) -> Result<(), Error> {
    let mut after = None;
    for _ in 0..WINDOWS {
        if busy.is_full() {
            return Ok(());
        }
        let now = app.core.clock.now();
        let found = rows::due(&mut app.core.store.read(), now, after, WINDOW).await?;
        after = found.last().map(|due| (due.due_at, due.id));
        let more = found.len() as i64 == WINDOW;
        for due in &found {
            begin(app, running, busy, due);
        }
        if !more {
            return Ok(());
        }
    }
    Ok(())
}

/// Sends to this webhook, if it may be sent to now.
fn begin(app: &Arc<App>, running: &mut JoinSet<()>, busy: &mut Busy, due: &DueRow) {
    // An address that is refused now is with no host: that is found out without one.
    let target = app.egress.target(&due.url);
    let host = target.map_or_else(|_| due.url.clone(), |target| target.host().to_owned());
    if busy.is_full() || !busy.takes(due, &host) {
        return;
    }
    let (app, webhook) = (Arc::clone(app), due.id);
    let task = running.spawn(async move {
        if let Err(error) = send_next(&app, webhook).await {
            tracing::warn!(webhook.id = %webhook, error = %error, "Could not send to webhook {webhook}; it is tried again");
            // The store has trouble: not at once.
            tokio::time::sleep(EVERY).await;
        }
    });
    let sending = Sending {
        webhook,
        owner: due.owner_id,
        host,
    };
    busy.0.insert(task.id(), sending);
}

/// Sends what is due first for a webhook.
async fn send_next(app: &App, id: WebhookId) -> Result<(), Error> {
    let core = &app.core;
    let mut tx = core.store.read();
    let webhook = rows::find(&mut tx, id).await?.filter(|webhook| webhook.active);
    let owner = match &webhook {
        Some(webhook) => users::find(&mut tx, webhook.owner_id).await?,
        None => None,
    };
    let wanted = webhook.filter(|_| owner.is_some_and(|owner| owner.disabled_at.is_none()));
    let Some(webhook) = wanted else {
        let mut tx = core.store.write().await?;
        rows::give_up(&mut tx, id, MOST_WAITING * 2).await?;
        return Ok(tx.commit().await?);
    };
    let Some(delivery) = rows::next_delivery(&mut tx, id, core.clock.now()).await? else {
        // It went with what is old, or its owner was quicker.
        let mut tx = core.store.write().await?;
        rows::settle_due(&mut tx, id, core.clock.now()).await?;
        return Ok(tx.commit().await?);
    };
    let started = Instant::now();
    let outcome = attempt(app, &webhook, &delivery).await;
    let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    record(app, &webhook, &delivery, outcome, took_ms).await
}

async fn attempt(app: &App, webhook: &WebhookRow, delivery: &DeliveryRow) -> Result<Answer, Fault> {
    let target = app.egress.target(&webhook.url)?;
    let secret = secret(&app.webhooks.key, webhook.id, webhook.secret_rev);
    let now_s = app.core.clock.now().as_seconds();
    let fields = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", delivery.id.to_string()),
        ("webhook-timestamp", now_s.to_string()),
        (
            "webhook-signature",
            signature(&secret, delivery.id, now_s, &delivery.body),
        ),
    ];
    let headers = egress::headers(fields)?;
    app.egress
        .post(&target, headers, Bytes::from(delivery.body.clone()))
        .await
}

/// Writes down how an attempt ended.
async fn record(
    app: &App,
    to: &WebhookRow,
    tried: &DeliveryRow,
    outcome: Result<Answer, Fault>,
    took_ms: i64,
) -> Result<(), Error> {
    let core = &app.core;
    let now = core.clock.now();
    let mut tx = core.store.write().await?;
    let webhook = rows::find(&mut tx, tried.webhook_id).await?;
    let delivery = rows::find_delivery(&mut tx, tried.webhook_id, tried.id).await?;
    let (Some(mut webhook), Some(mut delivery)) = (webhook, delivery) else {
        return Ok(());
    };
    let before = webhook.clone();
    let is_current = to.url == webhook.url && to.secret_rev == webhook.secret_rev;
    if is_current && webhook.active && delivery.next_at.is_some() {
        settle(&mut webhook, &mut delivery, &outcome, took_ms, now);
    } else {
        settle_late(&mut delivery, &outcome, took_ms, now);
    }
    rows::save_delivery(&mut tx, &delivery, now).await?;
    let mut said = None;
    if webhook != before {
        rows::save(&mut tx, &webhook).await?;
    }
    if before.active && !webhook.active {
        rows::give_up(&mut tx, webhook.id, MOST_WAITING * 2).await?;
        let new = New {
            to: webhook.owner_id,
            kind: Notified::WebhookDisabled,
            actor: None,
            video: None,
            comment: None,
            amount: 0,
        };
        said = notifications::say(core, &mut tx, new, now).await?;
    }
    tx.commit().await?;
    notifications::tell(core, said.as_ref());
    let (id, state) = (webhook.id, delivery.state.name());
    tracing::debug!(webhook.id = %id, delivery.id = %delivery.id, attempts = delivery.attempts, duration_ms = took_ms, state, "Sent to webhook {id}: {state}");
    if before.active && !webhook.active {
        tracing::info!(webhook.id = %id, "Switched off webhook {id}: nothing arrives there");
    }
    Ok(())
}

/// What an attempt changes whose webhook was switched off, or has another address or secret since: nothing of the
/// webhook, since what was heard is of what it was. What did not arrive goes to the new address at once, unless it was
/// given up meanwhile.
fn settle_late(delivery: &mut DeliveryRow, outcome: &Result<Answer, Fault>, took_ms: i64, now: Millis) {
    let status = outcome.as_ref().ok().map(|answer| answer.status);
    if status.is_some_and(|status| (200..300).contains(&status)) {
        delivery.attempts += 1;
        delivery.duration_ms = Some(took_ms);
        delivery.response_status = status.map(i64::from);
        (delivery.state, delivery.next_at, delivery.fault) = (State::Delivered, None, None);
    } else {
        delivery.next_at = delivery.next_at.map(|_| now);
    }
}

/// What an attempt changes.
fn settle(
    webhook: &mut WebhookRow,
    delivery: &mut DeliveryRow,
    outcome: &Result<Answer, Fault>,
    took_ms: i64,
    now: Millis,
) {
    if let Err(Fault::Busy) = outcome {
        // Nothing was tried, so nothing has failed.
        delivery.next_at = Some(now.plus_ms(BUSY_MS));
        return;
    }
    delivery.attempts += 1;
    delivery.duration_ms = Some(took_ms);
    let status = outcome.as_ref().ok().map(|answer| answer.status);
    delivery.response_status = status.map(i64::from);
    if status.is_some_and(|status| (200..300).contains(&status)) {
        (delivery.state, delivery.next_at, delivery.fault) = (State::Delivered, None, None);
        webhook.failing_since = None;
        return;
    }
    delivery.fault = Some(match outcome {
        Ok(answer) => format!("answered {}", answer.status),
        Err(fault) => fault.to_string(),
    });
    let since = *webhook.failing_since.get_or_insert(now);
    let ended = match status {
        Some(410) => Some(Ended::Gone),
        _ if since.plus_ms(PATIENCE_MS) <= now => Some(Ended::Failing),
        _ => None,
    };
    if ended.is_some() {
        (webhook.active, webhook.ended) = (false, ended);
    }
    let asked_ms = match outcome {
        Ok(answer) => i64::from(answer.retry_after_s.unwrap_or(0)).saturating_mul(1_000),
        Err(_) => 0,
    };
    delivery.next_at = pause_ms(delivery.attempts)
        .filter(|_| ended.is_none())
        .map(|pause| now.plus_ms(pause.max(asked_ms.min(LONGEST_MS))));
    delivery.state = match delivery.next_at {
        Some(_) => State::Pending,
        None => State::Dead,
    };
}

#[cfg(test)]
mod tests {
    use model::ObjectId;
    use model::webhooks::{Event, Events};

    use super::*;

    fn fresh() -> (WebhookRow, DeliveryRow) {
        let id = WebhookId(ObjectId([1; 12]));
        let webhook = WebhookRow {
            id,
            owner_id: UserId(ObjectId([2; 12])),
            url: "https://hooks.example/".to_owned(),
            events: Events::default(),
            active: true,
            secret_rev: 0,
            failing_since: None,
            ended: None,
            created_at: Millis(0),
            updated_at: Millis(0),
        };
        let delivery = DeliveryRow {
            id: ObjectId([3; 12]).into(),
            webhook_id: id,
            event: Event::Test,
            body: "{}".to_owned(),
            state: State::Pending,
            attempts: 0,
            next_at: Some(Millis(0)),
            response_status: None,
            duration_ms: None,
            fault: None,
            created_at: Millis(0),
        };
        (webhook, delivery)
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "it stands where an attempt's outcome does"
    )]
    fn answered(status: u16, retry_after_s: Option<u32>) -> Result<Answer, Fault> {
        Ok(Answer {
            status,
            retry_after_s,
        })
    }

    #[test]
    fn failures_are_tried_again_after_growing_pauses_and_then_given_up() {
        let (mut webhook, mut delivery) = fresh();
        let mut now = Millis(1_000_000);
        for pause in PAUSES_MS {
            settle(&mut webhook, &mut delivery, &answered(500, None), 1, now);
            assert_eq!(delivery.state, State::Pending);
            assert_eq!(delivery.next_at, Some(now.plus_ms(pause)));
            now = now.plus_ms(pause);
        }
        settle(&mut webhook, &mut delivery, &Err(Fault::Timeout), 1, now);
        assert_eq!((delivery.state, delivery.next_at), (State::Dead, None));
        assert_eq!(delivery.attempts, 7);
        assert!(webhook.active, "a day and a half is not days");
        assert_eq!(webhook.failing_since, Some(Millis(1_000_000)));
    }

    #[test]
    fn what_arrives_ends_the_failing() {
        let (mut webhook, mut delivery) = fresh();
        settle(
            &mut webhook,
            &mut delivery,
            &Err(Fault::Unreachable),
            1,
            Millis(5),
        );
        assert_eq!(webhook.failing_since, Some(Millis(5)));
        settle(&mut webhook, &mut delivery, &answered(204, None), 1, Millis(6));
        assert_eq!((delivery.state, delivery.next_at), (State::Delivered, None));
        assert_eq!((webhook.failing_since, delivery.fault.as_deref()), (None, None));
    }

    #[test]
    fn who_is_gone_is_switched_off_at_once_and_who_fails_for_days_then() {
        let (mut webhook, mut delivery) = fresh();
        settle(&mut webhook, &mut delivery, &answered(410, None), 1, Millis(5));
        assert_eq!((webhook.active, webhook.ended), (false, Some(Ended::Gone)));
        assert_eq!((delivery.state, delivery.next_at), (State::Dead, None));
        let (mut webhook, mut delivery) = fresh();
        webhook.failing_since = Some(Millis(0));
        settle(
            &mut webhook,
            &mut delivery,
            &answered(302, None),
            1,
            Millis(PATIENCE_MS - 1),
        );
        assert!(webhook.active);
        settle(
            &mut webhook,
            &mut delivery,
            &answered(302, None),
            1,
            Millis(PATIENCE_MS),
        );
        assert_eq!((webhook.active, webhook.ended), (false, Some(Ended::Failing)));
        assert_eq!(delivery.state, State::Dead);
    }

    #[test]
    fn what_was_heard_of_an_address_that_is_another_now_counts_for_nothing_but_an_arrival() {
        let (_, mut delivery) = fresh();
        settle_late(&mut delivery, &answered(410, None), 1, Millis(5));
        assert_eq!(
            (delivery.state, delivery.next_at),
            (State::Pending, Some(Millis(5)))
        );
        assert_eq!((delivery.attempts, delivery.response_status), (0, None));
        (delivery.state, delivery.next_at) = (State::Dead, None);
        settle_late(&mut delivery, &Err(Fault::Timeout), 1, Millis(6));
        assert_eq!((delivery.state, delivery.next_at), (State::Dead, None));
        settle_late(&mut delivery, &answered(204, None), 1, Millis(7));
        assert_eq!((delivery.state, delivery.attempts), (State::Delivered, 1));
    }

    #[test]
    fn a_host_has_some_of_the_places_and_a_person_fewer() {
        let due = |n: u8, owner: u8| DueRow {
            due_at: Millis(0),
            id: WebhookId(ObjectId([n; 12])),
            owner_id: UserId(ObjectId([owner; 12])),
            url: String::new(),
        };
        let mut tasks = JoinSet::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _entered = runtime.enter();
        let mut busy = Busy::default();
        let mut sends = |busy: &mut Busy, due: &DueRow, host: &str| {
            let task = tasks.spawn(std::future::pending::<()>());
            let sending = Sending {
                webhook: due.id,
                owner: due.owner_id,
                host: host.to_owned(),
            };
            busy.0.insert(task.id(), sending);
        };
        let (mut n, mut owner) = (0, 0);
        while busy.takes(&due(n, owner), "slow.example") {
            sends(&mut busy, &due(n, owner), "slow.example");
            (n, owner) = (n + 1, n + 1);
        }
        assert_eq!(usize::from(n), MOST_WITH_HOST);
        let of_one = (100..200).take_while(|n| {
            let due = due(*n, 99);
            let takes = busy.takes(&due, "quick.example");
            if takes {
                sends(&mut busy, &due, "quick.example");
            }
            takes
        });
        assert_eq!(of_one.count(), MOST_OF_ONE);
        assert!(!busy.is_full());
        assert!(busy.takes(&due(200, 98), "quick.example"));
        assert!(
            !busy.takes(&due(100, 98), "other.example"),
            "one at a time to each"
        );
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_but_not_for_ever_and_a_busy_server_counts_for_nothing() {
        let (mut webhook, mut delivery) = fresh();
        settle(
            &mut webhook,
            &mut delivery,
            &answered(429, Some(30)),
            1,
            Millis(0),
        );
        assert_eq!(delivery.next_at, Some(Millis(30_000)));
        settle(
            &mut webhook,
            &mut delivery,
            &answered(429, Some(u32::MAX)),
            1,
            Millis(0),
        );
        assert_eq!(delivery.next_at, Some(Millis(LONGEST_MS)));
        let (mut webhook, mut delivery) = fresh();
        settle(&mut webhook, &mut delivery, &Err(Fault::Busy), 1, Millis(0));
        assert_eq!((delivery.attempts, webhook.failing_since), (0, None));
        assert_eq!(delivery.next_at, Some(Millis(BUSY_MS)));
    }
}

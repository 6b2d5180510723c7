//! Hears of notifications as they are told to those who listen, and sends them to browsers.
//!
//! A hint, not a record: what a notification says stays in the list whether or not it was pushed, so what is on its
//! way when the server stops is not sent later. What a channel brings out costs nothing when it is published: who
//! follows it and has a browser is looked up here, some people at a time. A push service that does not keep up loses
//! messages rather than hold up those of others.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::{Audience, Event, Missed};
use bytes::Bytes;
use egress::{Answer, Fault};
use model::videos::Visibility;
use model::{CommentId, NotificationId, ObjectId, TweetId, UserId, VideoId};
use serde::{Deserialize, Serialize};
use store::push::{self as rows, PushRow};
use store::{Tx, comments, notifications, tweets, users, videos};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::sealing::{self, Keys};
use super::{MOST_BROWSERS, Push};
use crate::App;
use crate::error::Error;
use crate::events::kinds;
use crate::sessions::IDLE_MS;

/// Notifications that wait to be pushed; beyond that, the oldest are let go.
const MOST_WAITING: usize = 2_000;
/// Messages on their way: being sent, waiting for their turn with a push service, or for another try.
const MOST_ON_THEIR_WAY: usize = 256;
/// Of these, messages for one push service.
const MOST_TO_SERVICE: usize = 32;
/// Of these, messages to one person: who has many browsers at slow places keeps up only themselves.
const MOST_TO_PERSON: usize = 40;
/// How long the next message waits for a service that has so many, or for a place at all.
const PATIENCE: Duration = Duration::from_secs(2);
/// People looked at in one step.
const STEP: i64 = 200;
/// How long a push service keeps a message for a browser that is off, in seconds.
const TTL_S: u32 = 24 * 3600;
/// The pauses before a message is tried again.
const PAUSES: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(30)];
/// Characters of a text in a message.
const EXCERPT_CHARS: usize = 200;

/// What the event about a notification says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    #[serde(rename = "_id")]
    id: NotificationId,
    kind: String,
    actor: Option<UserId>,
    video: Option<VideoId>,
    comment: Option<CommentId>,
    tweet: Option<TweetId>,
    likes_count: Option<i64>,
    created_at: String,
}

/// What a browser is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(rename = "_id")]
    id: NotificationId,
    kind: String,
    actor: Option<Person>,
    video: Option<Video>,
    comment: Option<Text>,
    tweet: Option<Text>,
    likes_count: Option<i64>,
    created_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    #[serde(rename = "_id")]
    id: UserId,
    username: String,
    full_name: String,
}

#[derive(Serialize)]
struct Video {
    #[serde(rename = "_id")]
    id: VideoId,
    title: String,
    /// The page about it.
    url: String,
}

#[derive(Serialize)]
struct Text {
    #[serde(rename = "_id")]
    id: ObjectId,
    content: String,
}

/// Sends what is told, until `stop`. Ends at once where nothing is pushed.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    if app.push.vapid.is_none() {
        return;
    }
    let mut events = app.core.bus.subscribe();
    let waiting: Arc<Mutex<VecDeque<Event>>> = Arc::default();
    let arrived = Arc::new(Semaphore::new(0));
    let telling = tokio::spawn(tell_all(
        Arc::clone(&app),
        Arc::clone(&waiting),
        Arc::clone(&arrived),
    ));
    loop {
        let event = tokio::select! {
            () = stop.cancelled() => break,
            event = events.next() => event,
        };
        match event {
            Ok(event) if event.kind == kinds::NOTIFICATION_CREATED && app.turns.is_ours() => {
                let mut waiting = waiting.lock().await;
                if waiting.len() >= MOST_WAITING {
                    waiting.pop_front();
                    tracing::warn!("More is told than can be pushed: the oldest is let go");
                } else {
                    arrived.add_permits(1);
                }
                waiting.push_back(event);
            }
            Ok(_) => {}
            Err(Missed::Events(missed)) => tracing::warn!(missed, "Some notifications were not pushed"),
            Err(Missed::Some) => tracing::warn!("Some notifications may not have been pushed"),
            Err(Missed::Closed) => break,
        }
    }
    telling.abort();
}

/// Takes one notification after the other. Sending goes on beside it, so that a slow push service holds up only as
/// many messages as may be sent at once.
async fn tell_all(app: Arc<App>, waiting: Arc<Mutex<VecDeque<Event>>>, arrived: Arc<Semaphore>) {
    let sending = Sending::new(&app);
    while let Ok(one) = arrived.acquire().await {
        one.forget();
        let Some(event) = waiting.lock().await.pop_front() else {
            continue;
        };
        if let Err(error) = tell(&app, &sending, &event).await {
            tracing::warn!(error = %error, "Could not push a notification");
        }
    }
}

/// Messages on their way.
struct Sending {
    app: Arc<App>,
    places: Arc<Semaphore>,
    /// By host; those that something is on its way to.
    services: Mutex<HashMap<String, Arc<Service>>>,
    /// By person; those to whom something is on its way.
    people: Mutex<HashMap<UserId, Arc<Semaphore>>>,
    running: Mutex<JoinSet<()>>,
}

/// A push service that something is on its way to.
struct Service {
    places: Arc<Semaphore>,
    /// It was waited for in vain since it last had a place.
    stuck: AtomicBool,
}

impl Service {
    fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MOST_TO_SERVICE)),
            stuck: AtomicBool::new(false),
        }
    }

    /// A place for one message more; `None` where the service is so slow that it is let go. It is waited for once, then
    /// no more until there is a place: all others wait meanwhile.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            self.stuck.store(false, Ordering::Relaxed);
            return Some(place);
        }
        if self.stuck.load(Ordering::Relaxed) {
            return None;
        }
        let place = timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await;
        let place = place.ok().and_then(Result::ok);
        if place.is_none() {
            self.stuck.store(true, Ordering::Relaxed);
            tracing::warn!("A push service is too slow: messages for it are let go");
        }
        place
    }
}

impl Sending {
    fn new(app: &Arc<App>) -> Self {
        Self {
            app: Arc::clone(app),
            places: Arc::new(Semaphore::new(MOST_ON_THEIR_WAY)),
            services: Mutex::default(),
            people: Mutex::default(),
            running: Mutex::default(),
        }
    }

    async fn service(&self, host: &str) -> Arc<Service> {
        let mut services = self.services.lock().await;
        // Those that nothing is on its way to any more; what is holds its service a second time.
        services.retain(|_, service| Arc::strong_count(service) > 1);
        let service = services.entry(host.to_owned());
        Arc::clone(service.or_insert_with(|| Arc::new(Service::new())))
    }

    /// A place for one message more to this person; `None` where so many are on their way that it is let go.
    async fn with_person(&self, user: UserId) -> Option<OwnedSemaphorePermit> {
        let mut people = self.people.lock().await;
        people.retain(|_, places| places.available_permits() < MOST_TO_PERSON);
        let places = people
            .entry(user)
            .or_insert_with(|| Arc::new(Semaphore::new(MOST_TO_PERSON)));
        Arc::clone(places).try_acquire_owned().ok()
    }

    /// Sends beside the caller, who waits a moment while too much is on its way; then the message is let go.
    async fn start(&self, browser: PushRow, topic: NotificationId, text: Arc<str>) {
        // What was taken once may be refused since the operator has changed what is permitted.
        let Ok(target) = self.app.egress.target(&browser.endpoint) else {
            return;
        };
        let Some(to_person) = self.with_person(browser.user_id).await else {
            tracing::debug!("Too much is on its way to one person: a message is let go");
            return;
        };
        let service = self.service(target.host()).await;
        let Some(with_service) = service.place().await else {
            return;
        };
        let place = timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            tracing::warn!("Too many push messages are on their way: one is let go");
            return;
        };
        let app = Arc::clone(&self.app);
        let mut running = self.running.lock().await;
        while running.try_join_next().is_some() {}
        running.spawn(async move {
            deliver(&app, &browser, topic, &text).await;
            drop((place, with_service, to_person, service));
        });
    }
}

async fn tell(app: &App, sending: &Sending, event: &Event) -> Result<(), Error> {
    let Ok(notice) = serde_json::from_str::<Notice>(&event.payload) else {
        return Ok(());
    };
    match event.audience {
        Audience::User(user) => {
            let browsers = live(app, &mut app.core.store.read(), user).await?;
            to_person(app, sending, user, &notice, browsers).await
        }
        Audience::Subscribers { channel, post } => to_followers(app, sending, channel, post, &notice).await,
        _ => Ok(()),
    }
}

/// The browsers of somebody that may be told now.
async fn live(app: &App, tx: &mut Tx, user: UserId) -> Result<Vec<PushRow>, Error> {
    let now = app.core.clock.now();
    Ok(rows::live(tx, user, now, now.plus_ms(-IDLE_MS), MOST_BROWSERS as i64).await?)
}

async fn to_person(
    app: &App,
    sending: &Sending,
    user: UserId,
    notice: &Notice,
    browsers: Vec<PushRow>,
) -> Result<(), Error> {
    if browsers.is_empty() {
        return Ok(());
    }
    let mut tx = app.core.store.read();
    let Some(text) = message(app, &mut tx, notice, user).await? else {
        return Ok(());
    };
    let text: Arc<str> = text.into();
    for browser in browsers {
        sending.start(browser, notice.id, Arc::clone(&text)).await;
    }
    Ok(())
}

async fn to_followers(
    app: &App,
    sending: &Sending,
    channel: UserId,
    post: ObjectId,
    notice: &Notice,
) -> Result<(), Error> {
    let mut after = UserId(ObjectId([0; 12]));
    loop {
        let mut tx = app.core.store.read();
        let people = rows::followers(&mut tx, channel, after, STEP).await?;
        let Some(last) = people.last() else {
            return Ok(());
        };
        after = *last;
        let mut without = Vec::new();
        for user in people {
            if !rows::exists(&mut tx, user).await? {
                without.push(user);
                continue;
            }
            // Since when they follow it, and whether they want to hear of such things.
            if notifications::is_told(&mut tx, post, user).await? {
                let browsers = live(app, &mut tx, user).await?;
                to_person(app, sending, user, notice, browsers).await?;
            }
        }
        if !without.is_empty() {
            let mut tx = app.core.store.write().await?;
            rows::clear_marks(&mut tx, channel, &without).await?;
            tx.commit().await?;
        }
        // Steps are short, and others have work too.
        tokio::task::yield_now().await;
    }
}

/// The text for somebody; `None` where there is nothing that they may be told any more.
async fn message(app: &App, tx: &mut Tx, notice: &Notice, to: UserId) -> Result<Option<String>, Error> {
    let mut message = Message {
        id: notice.id,
        kind: notice.kind.clone(),
        actor: None,
        video: None,
        comment: None,
        tweet: None,
        likes_count: notice.likes_count,
        created_at: notice.created_at.clone(),
    };
    if let Some(id) = notice.actor {
        message.actor = users::find(tx, id).await?.map(|user| Person {
            id,
            username: user.username,
            full_name: user.full_name,
        });
    }
    if let Some(id) = notice.video {
        let video = videos::find(tx, id).await?.filter(|video| {
            let open =
                video.watchable && video.visibility != Visibility::Private && video.taken_down_at.is_none();
            open || video.owner_id == to
        });
        let Some(video) = video else { return Ok(None) };
        message.video = Some(Video {
            id,
            title: excerpt(&video.title),
            url: app.core.url(&format!("/watch/{id}")),
        });
    }
    if let Some(id) = notice.comment {
        let Some(comment) = comments::find(tx, id, None).await? else {
            return Ok(None);
        };
        if let Some(parent) = comment.parent_id
            && comments::find(tx, parent, None).await?.is_none()
        {
            return Ok(None);
        }
        let content = excerpt(&comment.content);
        message.comment = Some(Text { id: id.0, content });
    }
    if let Some(id) = notice.tweet {
        let Some(tweet) = tweets::find(tx, id, None).await? else {
            return Ok(None);
        };
        let content = excerpt(&tweet.content);
        message.tweet = Some(Text { id: id.0, content });
    }
    // Titles, names and excerpts are short: all of them together always fit.
    let text = serde_json::to_string(&message);
    text.map(Some)
        .map_err(|error| Error::failed("text of a push message", error))
}

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS).collect()
}

/// Sends a message, some times where that helps, and forgets a browser that is gone.
async fn deliver(app: &App, browser: &PushRow, topic: NotificationId, text: &str) {
    for pause in PAUSES.into_iter().map(Some).chain([None]) {
        let outcome = attempt(app, browser, topic, text).await;
        let status = outcome
            .as_ref()
            .ok()
            .and_then(|answer| answer.as_ref().ok())
            .map(|answer| answer.status);
        match (status, outcome) {
            (Some(200..300), _) => return,
            (Some(404 | 410), _) => {
                if let Err(error) = forget(app, browser).await {
                    tracing::warn!(error = %error, "Could not remove a push subscription");
                }
                return;
            }
            // It is our message that is not taken; the same again is not either.
            (Some(status @ (400..=428 | 430..=499)), _) => {
                tracing::warn!(status, "A push service refused a message");
                return;
            }
            (_, Err(fault)) => {
                tracing::warn!(error = %fault, "Could not seal a push message");
                return;
            }
            _ => {}
        }
        let Some(pause) = pause else { return };
        tokio::time::sleep(pause).await;
    }
}

async fn attempt(
    app: &App,
    browser: &PushRow,
    topic: NotificationId,
    text: &str,
) -> Result<Result<Answer, Fault>, sealing::Fault> {
    let Push { core, egress, vapid } = &app.push;
    let vapid = vapid.as_ref().ok_or(sealing::Fault::Failed)?;
    let keys = Keys::new(&browser.p256dh, &browser.auth)?;
    let sealed = sealing::seal(&keys, text.as_bytes())?;
    let target = match egress.target(&browser.endpoint) {
        Ok(target) => target,
        Err(fault) => return Ok(Err(fault.into())),
    };
    let authorization = vapid.authorization(&target.origin(), core.clock.now())?;
    let headers = egress::headers([
        ("authorization", authorization),
        ("content-encoding", "aes128gcm".to_owned()),
        ("content-type", "application/octet-stream".to_owned()),
        ("ttl", TTL_S.to_string()),
        ("urgency", "normal".to_owned()),
        // The same message again takes the place of the one before.
        ("topic", topic.to_string()),
    ]);
    Ok(match headers {
        Ok(headers) => egress.post(&target, headers, Bytes::from(sealed)).await,
        Err(fault) => Err(fault),
    })
}

async fn forget(app: &App, browser: &PushRow) -> Result<(), Error> {
    let mut tx = app.core.store.write().await?;
    rows::remove(&mut tx, browser.user_id, browser.id).await?;
    Ok(tx.commit().await?)
}

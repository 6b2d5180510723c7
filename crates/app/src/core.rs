//! What every use case needs: the seams, the clock, the settings.

use std::path::PathBuf;

use bus::Bus;
use media::runner::Tools;
use model::{Clock, Ids};
use objects::Objects;
use store::Store;

use crate::analytics::live::Live;

/// Settings that use cases read. Where they come from is the binary's affair.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Settings {
    /// What addresses begin with, without a slash at the end: `https://videos.example`.
    pub public_url: String,
    /// Whether anything may be seen without signing in.
    pub require_sign_in: bool,
    /// Who may register.
    pub registration: model::users::Registration,
    /// Largest upload taken.
    pub max_upload_bytes: u64,
    /// Free bytes that uploads must leave on the disk.
    pub disk_reserve_bytes: u64,
    /// How long an upload over several requests waits for its next bytes, in hours.
    pub upload_expire_hours: u32,
    /// The most that one person may store, in bytes; 0: no bound.
    pub user_quota_bytes: u64,
    /// The most that one person may upload in a day, in bytes; 0: no bound.
    pub user_daily_bytes: u64,
    /// How long the files of exports are kept, in days.
    pub export_keep_days: u32,
    /// How long numbers of minutes are kept, in hours; at least 1.
    pub analytics_minutes_keep_hours: u32,
    /// How long numbers of hours are kept, in days.
    pub analytics_hours_keep_days: u32,
    /// How long numbers of days are kept, in days; 0: for ever.
    pub analytics_days_keep_days: u32,
    /// How many encodes run at once.
    pub encode_jobs: usize,
    /// Threads of one encode; 0: ffmpeg decides.
    pub encode_threads: usize,
    /// Which renditions are made, and how.
    pub ladder: media::ladder::LadderSettings,
    /// Whether originals stay after processing, where their owners say nothing else.
    pub keep_originals: bool,
    /// Whether files with sound and no picture are taken.
    pub audio_only: bool,
    /// Whether sign-in attempts are limited; off for load tests.
    pub rate_limits: bool,
    /// What may be connected to when something is sent to others.
    pub egress: egress::Settings,
    /// Whom push services may write to; without it nothing is pushed.
    pub push_contact: Option<String>,
    /// Whether those who send `DNT` or `Sec-GPC` are left out of the different viewers, and nothing of theirs is told
    /// apart.
    pub respect_privacy_signals: bool,
    /// Where keys lie: readable by the server only, in no backup of the data.
    pub key_file: PathBuf,
}

/// The seams and sources that use cases are given.
#[derive(Debug)]
pub struct Core {
    /// Rows.
    pub store: Store,
    /// Bytes.
    pub objects: Objects,
    /// Wake-ups.
    pub bus: Bus,
    /// Whose numbers change.
    pub live: Live,
    /// ffmpeg and its sandbox.
    pub tools: Tools,
    /// The present time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// How this instance is set up.
    pub settings: Settings,
}

/// What other nodes are told about numbers that changed.
const CHANGED: &str = "changed";
/// Things that one such message names.
const NAMED: usize = 500;

/// How often something is decided anew at most.
const DECISIONS: usize = 6;

/// Does `work`, a transaction with what is decided in it, and again while others overtake it: for what cannot be asked of
/// the caller a second time, as the hours of an upload. What small requests decide is done again by the router.
pub(crate) async fn decided<T, F>(mut work: impl FnMut() -> F) -> Result<T, crate::Error>
where
    F: Future<Output = Result<T, crate::Error>>,
{
    let mut tries = 1;
    loop {
        let (done, overtaken) = Store::attempt(tries > 1, Box::pin(work())).await;
        if done.is_ok() || !overtaken || tries == DECISIONS {
            return done;
        }
        tries += 1;
    }
}

/// Hands on what other nodes signal about `topic`, until `stop`.
pub(crate) async fn hear(
    bus: &Bus,
    topic: &'static str,
    stop: &tokio_util::sync::CancellationToken,
    mut each: impl FnMut(&[u8]),
) {
    let mut signals = bus.signals(topic);
    while let Some(Some(text)) = stop.run_until_cancelled(signals.next()).await {
        each(&text);
    }
}

impl Core {
    /// Tells those who look at numbers, on this node and others, whose have changed.
    pub fn tell_changed(&self, changed: crate::analytics::live::Changed) {
        if self.bus.has_other_nodes() {
            // Whoever looks at what is not named reads it again within a while.
            let few = crate::analytics::live::Changed {
                channels: changed.channels.iter().take(NAMED).copied().collect(),
                videos: changed.videos.iter().take(NAMED).copied().collect(),
                viewed: changed.viewed.iter().take(NAMED).copied().collect(),
            };
            if let Ok(text) = serde_json::to_vec(&few) {
                self.bus.signal(CHANGED, text.into());
            }
        }
        self.live.tell(changed);
    }

    /// Passes on what other nodes tell of numbers that changed, until `stop`.
    pub async fn hear_changed(self: std::sync::Arc<Self>, stop: tokio_util::sync::CancellationToken) {
        hear(&self.bus, CHANGED, &stop, |text| {
            if let Ok(changed) = serde_json::from_slice(text) {
                self.live.tell(changed);
            }
        })
        .await;
    }

    /// An absolute address under the public URL; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.settings.public_url)
    }

    /// Whether this ffmpeg can turn HDR into standard range; asked of it once.
    pub async fn tone_map(&self) -> bool {
        static ANSWER: tokio::sync::OnceCell<bool> = tokio::sync::OnceCell::const_new();
        let asked = ANSWER.get_or_try_init(async || {
            media::runner::capabilities(&self.tools)
                .await
                .map(|capabilities| capabilities.tone_map)
        });
        asked.await.copied().unwrap_or(false)
    }

    /// Refuses when taking `incoming_bytes` would leave less than the reserve on the disk.
    pub fn room_for(&self, incoming_bytes: u64) -> Result<(), crate::Error> {
        let (free, _) = self.objects.free_bytes()?;
        if free < incoming_bytes.saturating_add(self.settings.disk_reserve_bytes) {
            return Err(crate::Error::no_space());
        }
        Ok(())
    }
}

//! What tests of jobs begin with.

use std::path::Path;
use std::sync::Arc;

use model::{Clock, Ids};

use crate::App;

/// Use cases over a fresh folder, on this clock.
pub(crate) async fn app(folder: &Path, clock: Clock) -> Arc<App> {
    let database = folder.join("site.db");
    let core = crate::Core {
        store: store::Store::open(&store::Settings::sqlite(database))
            .await
            .unwrap(),
        objects: objects::Objects::open_local(&folder.join("objects"), &folder.join("tmp"))
            .await
            .unwrap(),
        bus: bus::Bus::in_process(),
        live: crate::analytics::live::Live::default(),
        tools: media::runner::Tools::find(None).unwrap(),
        clock,
        ids: Ids::seeded(1),
        settings: crate::Settings {
            public_url: "http://localhost".to_owned(),
            require_sign_in: false,
            registration: model::users::Registration::Open,
            max_upload_bytes: 0,
            disk_reserve_bytes: 0,
            encode_jobs: 1,
            encode_threads: 1,
            ladder: media::ladder::LadderSettings::default(),
            keep_originals: true,
            audio_only: false,
            upload_expire_hours: 24,
            export_keep_days: 7,
            analytics_minutes_keep_hours: 48,
            analytics_hours_keep_days: 90,
            analytics_days_keep_days: 0,
            user_quota_bytes: 0,
            user_daily_bytes: 0,
            rate_limits: false,
            respect_privacy_signals: true,
            egress: egress::Settings::default(),
            push_contact: None,
            key_file: folder.join("key"),
        },
    };
    let keys = crate::keys::Keys::load(&folder.join("key")).unwrap();
    Arc::new(App::new(core, &keys).unwrap())
}

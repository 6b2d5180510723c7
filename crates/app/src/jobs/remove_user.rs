//! Removes everything of someone who left: videos, then what they said, liked, followed, kept, were told and
//! took with them, and the numbers of their channel, in small transactions; then the row, then the pictures.

use model::UserId;
use objects::Key;
use serde::{Deserialize, Serialize};
use store::{push, users, videos, webhooks};

use super::{
    JobError, QUICK, Running, remove_analytics, remove_conversation, remove_library, remove_notifications,
};
use crate::events;
use crate::exports;
use crate::pictures;
use crate::videos::remove_in;

/// Name of the kind.
pub const KIND: &str = "remove_user";
/// Videos removed in one transaction.
const BATCH: i64 = 20;

/// Deliveries of webhooks removed in one transaction.
const HOOKS: i64 = 500;

/// Whose things to remove.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Who left.
    pub user: UserId,
}

impl super::Payload for Payload {
    const KIND: &'static str = KIND;
    const PRIORITY: i64 = QUICK + 10;
}

pub(super) async fn run(running: &Running) -> Result<(), JobError> {
    let Payload { user } = running.payload()?;
    let core = &running.app.core;
    loop {
        let mut tx = running.next_bite().await?;
        let now = running.now();
        // First, so that nobody is told of what goes from here on.
        push::remove_of(&mut tx, user).await?;
        let hooks = webhooks::bite_of_user(&mut tx, user, HOOKS).await?;
        let batch = videos::list::ids_of(&mut tx, user, None, BATCH).await?;
        for (_, id) in &batch {
            if let Some(video) = videos::find(&mut tx, *id).await? {
                remove_in(core, &mut tx, &video).await?;
            }
        }
        let left = hooks
            || !batch.is_empty()
            || remove_conversation::bite_of_user(&mut tx, user, now).await?
            || remove_library::bite_of_user(&mut tx, user, now).await?
            || remove_notifications::bite_of_user(&mut tx, user).await?
            || exports::bite_of_user(core, &mut tx, user).await?
            || remove_analytics::bite_of_user(&mut tx, user).await?;
        // In the transaction that saw nothing left: a video that arrived after it would lose its bytes.
        if !left {
            users::remove(&mut tx, user).await?;
            remove_analytics::enqueue_for_channel(core, &mut tx, user, now).await?;
        }
        tx.commit().await?;
        if !left {
            break;
        }
        for (_, id) in &batch {
            running.app.playback.forget(*id);
            events::videos::removed(core, *id, user);
        }
    }
    // A like may have been on its way, which the last transaction waited for and did not see.
    loop {
        let mut tx = running.next_bite().await?;
        let left = remove_conversation::bite_of_user(&mut tx, user, running.now()).await?;
        tx.commit().await?;
        if !left {
            break;
        }
    }
    let prefix =
        Key::parse(&pictures::user_folder(user)).map_err(|error| JobError::GiveUp(error.to_string()))?;
    core.objects.remove_prefix(&prefix).await?;
    core.bus.wake(super::TOPIC);
    Ok(())
}

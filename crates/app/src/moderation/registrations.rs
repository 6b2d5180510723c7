//! Registrations that wait for an admin's word, where the instance is set up so.
//!
//! An account that waits is switched off; whoever tries to sign in with its password is told why
//! ([`crate::sessions`]).

use model::UserId;
use model::moderation::{Act, Kind as Subject, Target};
use store::places::Place;
use store::users::{self, Account};
use store::{Tx, jobs as job_rows};

use super::{Moderation, must_run_the_site, note};
use crate::error::{Error, Kind};
use crate::jobs;
use crate::lists::{Request, Slice};
use crate::queue::By;
use crate::sessions::Actor;

/// Name of the list, in its cursors.
const LIST: &str = "registrations";

fn no_registration() -> Error {
    let message = "Nobody by this id waits to be let in.";
    Error::refused(Kind::NotFound, "registration_not_found", message)
}

async fn waiting(tx: &mut Tx, id: UserId) -> Result<Account, Error> {
    users::account(tx, id)
        .await?
        .filter(|account| account.user.awaiting_since.is_some())
        .ok_or_else(no_registration)
}

impl Moderation {
    /// Accounts that wait to be let in, those that wait longest first.
    pub async fn registrations(&self, request: &Request, actor: &Actor) -> Result<Slice<Account>, Error> {
        must_run_the_site(By::Actor(actor))?;
        let ask = request.ask(LIST, Place::BOTTOM)?;
        let rows = users::awaiting(&mut self.core.store.read(), ask.start.after, ask.rows).await?;
        request.cut(LIST, rows, |account| Place {
            at: account.user.awaiting_since.map_or(i64::MIN, |since| since.0),
            id: account.user.id.0,
        })
    }

    /// Lets somebody in.
    pub async fn approve_registration(&self, id: UserId, actor: &Actor) -> Result<Account, Error> {
        must_run_the_site(By::Actor(actor))?;
        let mut tx = self.core.store.write().await?;
        waiting(&mut tx, id).await?;
        users::save_disabled(&mut tx, id, None).await?;
        let target = Target::new(Subject::User, id.0);
        let act = Act::ApproveRegistration;
        note(&self.core, &mut tx, By::Actor(actor), act, target, "").await?;
        let account = users::account(&mut tx, id).await?.ok_or_else(no_registration)?;
        tx.commit().await?;
        Ok(account)
    }

    /// Turns somebody away: the account is removed by a job, and does not wait any more.
    pub async fn refuse_registration(&self, id: UserId, actor: &Actor) -> Result<(), Error> {
        must_run_the_site(By::Actor(actor))?;
        let now = self.core.clock.now();
        let mut tx = self.core.store.write().await?;
        let account = waiting(&mut tx, id).await?;
        users::save_disabled(&mut tx, id, Some(now)).await?;
        let payload = jobs::remove_user::Payload { user: id };
        let job = jobs::new(&self.core, &payload, None, Some(id), now)?;
        job_rows::enqueue(&mut tx, &job.as_row()).await?;
        let target = Target::new(Subject::User, id.0);
        let act = Act::RefuseRegistration;
        let name = &account.user.username;
        note(&self.core, &mut tx, By::Actor(actor), act, target, name).await?;
        tx.commit().await?;
        self.core.bus.wake(jobs::TOPIC);
        Ok(())
    }
}

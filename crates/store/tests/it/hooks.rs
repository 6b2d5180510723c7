//! Webhooks and browsers as rows: what is noted, what is due, and what finding it costs.

use model::webhooks::{Event, Events, State};
use model::{DeliveryId, Ids, Millis, ObjectId, SessionId, UserId, WebhookId};
use store::push::{self, PushRow};
use store::webhooks::{self, DeliveryRow, WebhookRow};
use store::{Store, Tx, Val, params, subscriptions};
use tempfile::TempDir;

use crate::kit::settings_in;

const NOW: Millis = Millis(1_800_000_000_000);
const ASHA: UserId = UserId(ObjectId([1; 12]));
const BELA: UserId = UserId(ObjectId([2; 12]));

async fn fresh() -> (Store, Ids, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings_in(folder.path(), "store.db").await;
    (Store::open(&settings).await.unwrap(), Ids::seeded(7), folder)
}

fn webhook(ids: &Ids, owner: UserId, active: bool) -> WebhookRow {
    WebhookRow {
        id: ids.next(NOW),
        owner_id: owner,
        url: "https://hooks.example/".to_owned(),
        events: Events::parse(&["tweet.created".to_owned()]).unwrap(),
        active,
        secret_rev: 0,
        failing_since: None,
        ended: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn delivery(ids: &Ids, webhook: WebhookId, next_at: i64) -> DeliveryRow {
    DeliveryRow {
        id: ids.next(NOW),
        webhook_id: webhook,
        event: Event::TweetCreated,
        body: "{}".to_owned(),
        state: State::Pending,
        attempts: 0,
        next_at: Some(Millis(next_at)),
        response_status: None,
        duration_ms: None,
        fault: None,
        created_at: NOW,
    }
}

async fn due(tx: &mut Tx, now: i64) -> Vec<WebhookId> {
    let due = webhooks::due(tx, Millis(now), None, 10).await.unwrap();
    due.into_iter().map(|due| due.id).collect()
}

#[tokio::test]
async fn only_channels_with_a_webhook_that_is_on_have_their_facts_noted() {
    let (store, ids, _folder) = fresh().await;
    let mut tx = store.write().await.unwrap();
    webhooks::add(&mut tx, &webhook(&ids, ASHA, true)).await.unwrap();
    webhooks::add(&mut tx, &webhook(&ids, BELA, false)).await.unwrap();
    for (owner, n) in [(ASHA, 3), (BELA, 4), (ASHA, 5)] {
        let subject = ObjectId([n; 12]);
        webhooks::note(&mut tx, owner, Event::TweetCreated, subject, NOW)
            .await
            .unwrap();
    }
    let facts = webhooks::facts(&mut tx, 10).await.unwrap();
    let subjects: Vec<ObjectId> = facts.iter().map(|fact| fact.subject_id).collect();
    assert_eq!(subjects, [ObjectId([3; 12]), ObjectId([5; 12])]);
    assert_eq!(
        (facts[0].owner_id, facts[0].event),
        (ASHA, Some(Event::TweetCreated))
    );
    webhooks::remove_fact(&mut tx, facts[0].seq).await.unwrap();
    assert_eq!(webhooks::facts(&mut tx, 10).await.unwrap(), facts[1..]);
}

#[tokio::test]
async fn a_webhook_is_due_when_the_first_of_its_deliveries_is() {
    let (store, ids, _folder) = fresh().await;
    let mut tx = store.write().await.unwrap();
    let (one, other) = (webhook(&ids, ASHA, true), webhook(&ids, ASHA, true));
    webhooks::add(&mut tx, &one).await.unwrap();
    webhooks::add(&mut tx, &other).await.unwrap();
    let mut first = delivery(&ids, one.id, 50);
    webhooks::add_delivery(&mut tx, &delivery(&ids, one.id, 100))
        .await
        .unwrap();
    webhooks::add_delivery(&mut tx, &first).await.unwrap();
    webhooks::add_delivery(&mut tx, &delivery(&ids, other.id, 40))
        .await
        .unwrap();
    assert!(due(&mut tx, 39).await.is_empty());
    assert_eq!(due(&mut tx, 40).await, [other.id]);
    assert_eq!(due(&mut tx, 60).await, [other.id, one.id]);
    let behind = Some((Millis(40), other.id));
    let rest = webhooks::due(&mut tx, Millis(60), behind, 10).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!((rest[0].id, rest[0].due_at), (one.id, Millis(50)));
    let next = webhooks::next_delivery(&mut tx, one.id, Millis(60))
        .await
        .unwrap();
    assert_eq!(next.as_ref(), Some(&first));

    (first.state, first.next_at, first.attempts) = (State::Delivered, None, 1);
    webhooks::save_delivery(&mut tx, &first, Millis(60))
        .await
        .unwrap();
    assert_eq!(due(&mut tx, 60).await, [other.id]);
    assert_eq!(webhooks::waiting(&mut tx, one.id, 10).await.unwrap(), 1);
    assert_eq!(webhooks::give_up(&mut tx, one.id, 10).await.unwrap(), 1);
    assert_eq!(due(&mut tx, 1_000).await, [other.id]);
    let found = webhooks::find_delivery(&mut tx, one.id, first.id).await.unwrap();
    assert_eq!(found.unwrap().state, State::Delivered, "what arrived stays so");
    let nobodys: DeliveryId = ObjectId([9; 12]).into();
    assert!(
        webhooks::find_delivery(&mut tx, one.id, nobodys)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        webhooks::find_delivery(&mut tx, other.id, first.id)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn after_its_turn_a_webhook_with_much_that_is_overdue_stands_behind_the_others() {
    let (store, ids, _folder) = fresh().await;
    let mut tx = store.write().await.unwrap();
    let (failing, quiet) = (webhook(&ids, ASHA, true), webhook(&ids, BELA, true));
    webhooks::add(&mut tx, &failing).await.unwrap();
    webhooks::add(&mut tx, &quiet).await.unwrap();
    let mut tried = delivery(&ids, failing.id, 10);
    for row in [
        &tried,
        &delivery(&ids, failing.id, 11),
        &delivery(&ids, quiet.id, 60),
    ] {
        webhooks::add_delivery(&mut tx, row).await.unwrap();
    }
    assert_eq!(due(&mut tx, 100).await, [failing.id, quiet.id]);
    tried.next_at = Some(Millis(5_000));
    webhooks::save_delivery(&mut tx, &tried, Millis(100))
        .await
        .unwrap();
    assert_eq!(due(&mut tx, 100).await, [quiet.id, failing.id]);
    // Something new does not move it further back.
    webhooks::add_delivery(&mut tx, &delivery(&ids, failing.id, 200))
        .await
        .unwrap();
    assert_eq!(due(&mut tx, 100).await, [quiet.id, failing.id]);
}

#[tokio::test]
async fn what_is_old_goes_and_what_is_of_somebody_who_leaves() {
    let (store, ids, _folder) = fresh().await;
    let mut tx = store.write().await.unwrap();
    let (ashas, belas) = (webhook(&ids, ASHA, true), webhook(&ids, BELA, true));
    for row in [&ashas, &belas] {
        webhooks::add(&mut tx, row).await.unwrap();
        for n in 0..5 {
            webhooks::add_delivery(&mut tx, &delivery(&ids, row.id, n))
                .await
                .unwrap();
        }
    }
    assert_eq!(webhooks::sweep(&mut tx, NOW, 10).await.unwrap(), 0);
    let mut bites = 0;
    while webhooks::bite_of_user(&mut tx, ASHA, 2).await.unwrap() {
        bites += 1;
    }
    assert_eq!(bites, 4, "two, two, one, and the webhook");
    assert!(webhooks::find(&mut tx, ashas.id).await.unwrap().is_none());
    assert_eq!(webhooks::list(&mut tx, BELA, 10).await.unwrap(), [belas]);
    assert_eq!(webhooks::sweep(&mut tx, NOW.plus_ms(1), 3).await.unwrap(), 3);
    assert_eq!(webhooks::sweep(&mut tx, NOW.plus_ms(1), 3).await.unwrap(), 2);
    // Its row says that something is due; whoever looks for it in vain says that nothing is.
    assert_eq!(due(&mut tx, 10).await.len(), 1);
    let id = webhooks::list(&mut tx, BELA, 1).await.unwrap()[0].id;
    assert!(
        webhooks::next_delivery(&mut tx, id, Millis(10))
            .await
            .unwrap()
            .is_none()
    );
    webhooks::settle_due(&mut tx, id, Millis(10)).await.unwrap();
    assert!(due(&mut tx, i64::MAX).await.is_empty());
}

fn browser(ids: &Ids, user: UserId, endpoint: &str) -> PushRow {
    PushRow {
        id: ids.next(NOW),
        user_id: user,
        session_id: SessionId(user.0),
        endpoint: endpoint.to_owned(),
        p256dh: vec![4; 65],
        auth: vec![5; 16],
        created_at: NOW,
    }
}

#[tokio::test]
async fn a_browser_has_one_row_and_whoever_has_it_next_has_another_id() {
    let (store, ids, _folder) = fresh().await;
    let mut tx = store.write().await.unwrap();
    let mut first = browser(&ids, ASHA, "https://push.example/a");
    push::add(&mut tx, &first).await.unwrap();
    let again = PushRow {
        auth: vec![6; 16],
        ..browser(&ids, ASHA, &first.endpoint)
    };
    push::add(&mut tx, &again).await.unwrap();
    first.auth.clone_from(&again.auth);
    assert_eq!(
        push::list(&mut tx, ASHA, 10).await.unwrap(),
        std::slice::from_ref(&first),
        "the same browser"
    );

    let belas = browser(&ids, BELA, &first.endpoint);
    push::add(&mut tx, &belas).await.unwrap();
    assert!(!push::exists(&mut tx, ASHA).await.unwrap());
    assert_eq!(
        push::list(&mut tx, BELA, 10).await.unwrap(),
        std::slice::from_ref(&belas)
    );
    for user in [ASHA, BELA] {
        assert!(!push::remove(&mut tx, user, first.id).await.unwrap());
    }
    assert!(!push::remove(&mut tx, ASHA, belas.id).await.unwrap());
    assert!(push::remove(&mut tx, BELA, belas.id).await.unwrap());
    assert!(push::find(&mut tx, &first.endpoint).await.unwrap().is_none());
}

async fn pushed_to(tx: &mut Tx, channel: UserId, after: UserId, limit: i64) -> Vec<UserId> {
    push::followers(tx, channel, after, limit).await.unwrap()
}

const BEGINNING: UserId = UserId(ObjectId([0; 12]));

#[tokio::test]
async fn a_channel_finds_its_followers_that_have_a_browser_and_reads_no_others() {
    let (store, ids, _folder) = fresh().await;
    let mut tx = store.write().await.unwrap();
    let user = |n: u16| {
        let [a, b] = n.to_be_bytes();
        UserId(ObjectId([9, a, b, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
    };
    for n in 0..2_000 {
        // Some follow before they have a browser, some have one before they follow.
        let has_browser = n % 200 == 7;
        if has_browser && n > 1_000 {
            let row = browser(&ids, user(n), &format!("https://push.example/{n}"));
            push::add(&mut tx, &row).await.unwrap();
        }
        subscriptions::add(&mut tx, ids.next(NOW), user(n), ASHA, NOW)
            .await
            .unwrap();
        if has_browser && n <= 1_000 {
            let row = browser(&ids, user(n), &format!("https://push.example/{n}"));
            push::add(&mut tx, &row).await.unwrap();
            push::save_marks(&mut tx, user(n), BEGINNING, 10).await.unwrap();
        }
    }
    // Somebody with a browser who follows another channel.
    push::add(&mut tx, &browser(&ids, BELA, "https://push.example/bela"))
        .await
        .unwrap();
    subscriptions::add(&mut tx, ids.next(NOW), BELA, user(0), NOW)
        .await
        .unwrap();

    let with: Vec<UserId> = (0..2_000).filter(|n| n % 200 == 7).map(user).collect();
    assert_eq!(with.len(), 10);
    assert_eq!(pushed_to(&mut tx, ASHA, BEGINNING, 100).await, with);
    assert_eq!(pushed_to(&mut tx, ASHA, with[3], 2).await, with[4..6]);

    // Who has no browser any more is come across once.
    let gone = push::list(&mut tx, with[0], 1).await.unwrap().remove(0);
    assert!(push::remove(&mut tx, with[0], gone.id).await.unwrap());
    assert_eq!(pushed_to(&mut tx, ASHA, BEGINNING, 100).await.len(), 10);
    push::clear_marks(&mut tx, ASHA, &with).await.unwrap();
    assert_eq!(pushed_to(&mut tx, ASHA, BEGINNING, 100).await, with[1..]);
}

#[tokio::test]
async fn whoever_follows_many_is_marked_in_bites() {
    let (store, ids, _folder) = fresh().await;
    let mut tx = store.write().await.unwrap();
    for n in 0..25 {
        let channel = UserId(ObjectId([100 + n; 12]));
        subscriptions::add(&mut tx, ids.next(NOW), ASHA, channel, NOW)
            .await
            .unwrap();
    }
    assert_eq!(
        push::save_marks(&mut tx, ASHA, BEGINNING, 10).await.unwrap(),
        None
    );
    push::add(&mut tx, &browser(&ids, ASHA, "https://push.example/a"))
        .await
        .unwrap();
    let (mut after, mut bites) = (Some(BEGINNING), 0);
    while let Some(behind) = after {
        after = push::save_marks(&mut tx, ASHA, behind, 10).await.unwrap();
        bites += 1;
    }
    assert_eq!(bites, 3);
    for n in 0..25 {
        let channel = UserId(ObjectId([100 + n; 12]));
        assert_eq!(pushed_to(&mut tx, channel, BEGINNING, 2).await, [ASHA]);
    }
}

#[tokio::test]
async fn what_is_looked_for_again_and_again_is_found_by_an_index() {
    let (store, _, _folder) = fresh().await;
    let (id, none) = (ObjectId([1; 12]), Val::from(0_i64));
    let list = format!(
        "SELECT id, body FROM webhook_deliveries{}",
        webhooks::LIST_DELIVERIES
    );
    let asked: [(&str, Vec<Val<'_>>, &str); 3] = [
        (
            webhooks::DUE,
            params![NOW, NOW, id, 5_i64].to_vec(),
            "webhooks_due_idx",
        ),
        (
            &list,
            vec![Val::from(id), none.clone(), Val::from(id), none],
            "webhook_deliveries_newest_idx",
        ),
        (
            push::FOLLOWERS,
            params![id, id, 5_i64].to_vec(),
            "USING COVERING INDEX subscriptions_push_idx (channel_id=? AND subscriber_id>?)",
        ),
    ];
    for (text, params, index) in asked {
        let mut tx = store.read();
        let plan = tx
            .all(&format!("EXPLAIN QUERY PLAN {text}"), &params, |row| {
                Ok(row.text(3)?.to_owned())
            })
            .await
            .unwrap();
        assert!(plan.iter().any(|step| step.contains(index)), "{text}\n{plan:#?}");
        assert!(
            plan.iter()
                .all(|step| !step.contains("TEMP B-TREE") && !step.starts_with("SCAN")),
            "{text}\n{plan:#?}"
        );
    }
}

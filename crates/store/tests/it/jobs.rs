//! The queue: who goes next, what a lease is worth, and what either costs.

use model::jobs::{JobState, Lane, Urgency};
use model::{Ids, JobId, Millis, ObjectId, UserId};
use store::jobs::{self, Cursor, JobRow, Leased, New, STATEMENTS, WINDOW, list};
use store::{Store, Tx, Val, params};
use tempfile::TempDir;

use crate::kit::{Dice, settings_in};

const START: Millis = Millis(1_700_000_000_000);

struct Site {
    store: Store,
    ids: Ids,
    now: Millis,
    _folder: TempDir,
}

impl Site {
    async fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&settings_in(folder.path(), "site.db").await)
            .await
            .unwrap();
        Self {
            store,
            ids: Ids::seeded(7),
            now: START,
            _folder: folder,
        }
    }

    fn job(&self, user: Option<UserId>) -> New<'static> {
        New {
            id: self.ids.next(self.now),
            kind: "encode_part",
            payload: "{}",
            subject_id: None,
            user_id: user,
            lane: Lane::Encode,
            urgency: None,
            priority: 100,
            run_at: self.now,
            now: self.now,
        }
    }

    async fn enqueues(&self, new: New<'static>) -> JobId {
        let mut tx = self.store.write().await.unwrap();
        jobs::enqueue(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        new.id
    }

    async fn claims(&self) -> Option<JobRow> {
        self.claims_in(Lane::Encode, &mut Cursor::default()).await
    }

    async fn claims_in(&self, lane: Lane, cursor: &mut Cursor) -> Option<JobRow> {
        let due = jobs::any_due(&mut self.store.read(), lane, self.now)
            .await
            .unwrap();
        let mut tx = self.store.write().await.unwrap();
        let job = jobs::claim(&mut tx, "worker", lane, cursor, self.now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(job.is_some(), due, "the look and the claim agree");
        job
    }

    async fn changes<T>(&self, change: impl AsyncFnOnce(&mut Tx) -> Result<T, store::StoreError>) -> T {
        let mut tx = self.store.write().await.unwrap();
        let done = change(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        done
    }

    async fn ends(&self, job: &JobRow) -> bool {
        let now = self.now;
        self.changes(async |tx| jobs::end(tx, job, JobState::Done, None, now).await)
            .await
    }

    async fn leased(&self) -> Vec<Leased> {
        jobs::leased(&mut self.store.read(), None, 100).await.unwrap()
    }

    async fn takes_over(&self, silent: &Leased) -> Option<JobRow> {
        let now = self.now;
        self.changes(async |tx| jobs::take_over(tx, silent, now).await)
            .await
    }

    async fn finds(&self, id: JobId) -> JobRow {
        list::find(&mut self.store.read(), id).await.unwrap().unwrap()
    }
}

fn user(number: u32) -> UserId {
    let mut id = [7; 12];
    id[..4].copy_from_slice(&number.to_be_bytes());
    UserId(ObjectId(id))
}

#[tokio::test]
async fn several_users_share_the_workers_and_a_lone_one_may_use_them_all() {
    let site = Site::fresh().await;
    for _ in 0..6 {
        site.enqueues(site.job(Some(user(1)))).await;
    }
    let mut served = Vec::new();
    for _ in 0..3 {
        served.push(site.claims().await.unwrap().user_id);
    }
    assert_eq!(served, [Some(user(1)); 3], "nobody else waits");
    for _ in 0..3 {
        site.enqueues(site.job(Some(user(2)))).await;
    }
    let mut served = Vec::new();
    for _ in 0..5 {
        served.push(site.claims().await.unwrap().user_id);
    }
    let (one, two) = (Some(user(1)), Some(user(2)));
    assert_eq!(
        served,
        [two, two, two, one, one],
        "who came later catches up first"
    );
}

#[tokio::test]
async fn with_a_single_worker_users_take_turns() {
    let site = Site::fresh().await;
    for _ in 0..3 {
        site.enqueues(New {
            priority: 1,
            ..site.job(Some(user(1)))
        })
        .await;
    }
    for _ in 0..2 {
        site.enqueues(site.job(Some(user(2)))).await;
    }
    let mut served = Vec::new();
    while let Some(job) = site.claims().await {
        served.push(job.user_id.unwrap());
        assert!(site.ends(&job).await);
    }
    assert_eq!(served, [user(1), user(2), user(1), user(2), user(1)]);
}

#[tokio::test]
async fn what_is_urgent_goes_before_fairness_and_what_is_low_after_it() {
    let site = Site::fresh().await;
    let low = site
        .enqueues(New {
            urgency: Some(Urgency::Low),
            priority: 1,
            ..site.job(Some(user(2)))
        })
        .await;
    let first = site.enqueues(site.job(Some(user(1)))).await;
    let normal = site.enqueues(site.job(Some(user(1)))).await;
    assert_eq!(site.claims().await.unwrap().id, first);
    let urgent = site
        .enqueues(New {
            urgency: Some(Urgency::Urgent),
            ..site.job(Some(user(1)))
        })
        .await;
    for expected in [urgent, normal, low] {
        assert_eq!(site.claims().await.unwrap().id, expected);
    }
}

#[tokio::test]
async fn what_is_urgent_about_a_thing_stays_so_for_what_follows_from_it() {
    let site = Site::fresh().await;
    let video = Some(ObjectId([9; 12]));
    let about = |site: &Site| New {
        subject_id: video,
        ..site.job(Some(user(1)))
    };
    let first = site.enqueues(about(&site)).await;
    site.changes(async |tx| jobs::save_urgency(tx, first, Urgency::Urgent, START).await)
        .await;
    let running = site.claims().await.unwrap();
    let next = site.enqueues(about(&site)).await;
    assert_eq!(site.finds(next).await.urgency, Urgency::Urgent);
    assert!(site.ends(&running).await);
    let next = site.claims().await.unwrap();
    assert!(site.ends(&next).await);
    let later = site.enqueues(about(&site)).await;
    assert_eq!(
        site.finds(later).await.urgency,
        Urgency::Normal,
        "that work is over"
    );
}

#[tokio::test]
async fn a_hundred_thousand_jobs_of_one_user_do_not_hide_the_one_of_another() {
    let site = Site::fresh().await;
    let flooder = user(1);
    site.changes(async |tx| {
        tx.exec(
            "INSERT INTO jobs (id, kind, payload, user_id, queue_key, lane, priority, run_at, due, created_at, updated_at) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
             SELECT CAST(printf('%012d', i) AS BLOB), 'encode_part', '{}', $1, $1, 1, i % 50, $2, 1, $2, $2 FROM n",
            &params![flooder, START],
        )
        .await
    })
    .await;
    let one = site.enqueues(site.job(Some(user(2)))).await;
    assert_eq!(site.claims().await.unwrap().user_id, Some(flooder));
    let other = site.claims().await.unwrap();
    assert_eq!((other.id, other.user_id), (one, Some(user(2))));
    let waiting = list::depths(&mut site.store.read()).await.unwrap();
    assert_eq!((waiting[1].ready, waiting[1].running), (99_999, 2));
    let mut tx = site.store.read();
    let newest = list::list(&mut tx, Some(flooder), Some(JobState::Queued), None, 2)
        .await
        .unwrap();
    assert_eq!(
        list::own_ahead(&mut tx, &newest[0], 200).await.unwrap(),
        200,
        "counted so far"
    );
    assert_eq!(
        list::crowd(&mut tx, Lane::Encode).await.unwrap(),
        [(Some(flooder), 100)]
    );
}

#[tokio::test]
async fn more_users_than_a_claim_looks_at_are_looked_at_in_turn() {
    let site = Site::fresh().await;
    let users = u32::try_from(WINDOW).unwrap() + 50;
    for number in 0..users {
        site.enqueues(site.job(Some(user(number)))).await;
    }
    let mut cursor = Cursor::default();
    let mut served = std::collections::BTreeSet::new();
    let mut claims = 0;
    while served.len() < users as usize {
        // Everybody always has another job waiting: nobody leaves the window by themselves.
        let job = site.claims_in(Lane::Encode, &mut cursor).await.unwrap();
        served.insert(job.user_id);
        site.enqueues(site.job(job.user_id)).await;
        assert!(site.ends(&job).await);
        claims += 1;
        assert!(
            claims <= 3 * users,
            "only {} of {users} were served",
            served.len()
        );
    }
}

/// What the store is compared with: the whole queue in a list.
#[derive(Debug, Clone)]
struct Twin {
    id: JobId,
    user: Option<UserId>,
    lane: Lane,
    urgency: Urgency,
    priority: i64,
    run_at: Millis,
    state: JobState,
    turn: i64,
}

/// Who goes next, by looking at everything.
fn next(all: &[Twin], lane: Lane, now: Millis) -> Option<JobId> {
    let key = |job: &Twin| job.user.map_or(vec![0], |user| user.as_bytes().to_vec());
    let running = |who: &Twin| {
        let same = |job: &&Twin| job.lane == lane && job.user == who.user && job.state == JobState::Running;
        all.iter().filter(same).count()
    };
    let turn = |who: &Twin| {
        let same = all.iter().filter(|job| job.lane == lane && job.user == who.user);
        same.map(|job| job.turn).max()
    };
    let ready: Vec<&Twin> = all
        .iter()
        .filter(|job| job.lane == lane && job.state == JobState::Queued && job.run_at <= now)
        .collect();
    let urgent = ready.iter().filter(|job| job.urgency == Urgency::Urgent);
    if let Some(first) = urgent.min_by_key(|job| (job.priority, job.run_at, job.id)) {
        return Some(first.id);
    }
    let mut firsts: std::collections::BTreeMap<Vec<u8>, &Twin> = std::collections::BTreeMap::new();
    for job in ready {
        let rank = |job: &Twin| (job.urgency, job.priority, job.run_at, job.id);
        let first = firsts.entry(key(job)).or_insert(job);
        if rank(job) < rank(first) {
            *first = job;
        }
    }
    firsts
        .into_values()
        .min_by_key(|job| {
            (
                job.urgency,
                running(job),
                turn(job),
                job.priority,
                job.run_at,
                job.id,
            )
        })
        .map(|job| job.id)
}

#[tokio::test]
async fn the_order_is_that_of_a_list_that_is_looked_through_as_a_whole() {
    let mut dice = Dice(0x5eed_1234_9876_0001);
    let mut claimed = 0;
    for _ in 0..12 {
        let mut site = Site::fresh().await;
        let mut all: Vec<Twin> = Vec::new();
        let mut leases: Vec<JobRow> = Vec::new();
        let mut turns = 0;
        for _ in 0..150 {
            let lane = Lane::ALL[dice.below(2) as usize];
            match dice.below(10) {
                0..4 => {
                    let number = u32::try_from(dice.below(5)).unwrap();
                    let twin = Twin {
                        id: site.ids.next(site.now),
                        user: (number > 0).then(|| user(number)),
                        lane,
                        urgency: [Urgency::Normal, Urgency::Normal, Urgency::Low, Urgency::Urgent]
                            [dice.below(4) as usize],
                        priority: dice.below(3) as i64,
                        run_at: site.now.plus_ms(dice.below(2_000) as i64 - 1_000),
                        state: JobState::Queued,
                        turn: 0,
                    };
                    site.enqueues(New {
                        id: twin.id,
                        lane,
                        urgency: Some(twin.urgency),
                        priority: twin.priority,
                        run_at: twin.run_at,
                        ..site.job(twin.user)
                    })
                    .await;
                    all.push(twin);
                }
                4..7 => {
                    let job = site.claims_in(lane, &mut Cursor::default()).await;
                    let expected = next(&all, lane, site.now);
                    assert_eq!(job.as_ref().map(|job| job.id), expected, "{all:#?}");
                    if let Some(job) = job {
                        turns += 1;
                        claimed += 1;
                        let twin = all.iter_mut().find(|twin| twin.id == job.id).unwrap();
                        (twin.state, twin.turn) = (JobState::Running, turns);
                        leases.push(job);
                    }
                }
                7..9 if !leases.is_empty() => {
                    let job = leases.swap_remove(dice.below(leases.len() as u64) as usize);
                    let twin = all.iter_mut().find(|twin| twin.id == job.id).unwrap();
                    let now = site.now;
                    match dice.below(3) {
                        0 => {
                            assert!(site.ends(&job).await);
                            twin.state = JobState::Done;
                        }
                        1 => {
                            let run_at = now.plus_ms(dice.below(1_500) as i64);
                            let back = site
                                .changes(async |tx| jobs::retry_at(tx, &job, "Again.", run_at, now).await)
                                .await;
                            assert!(back);
                            (twin.state, twin.run_at) = (JobState::Queued, run_at);
                        }
                        _ => {
                            assert!(site.changes(async |tx| jobs::put_back(tx, &job, now).await).await);
                            (twin.state, twin.run_at) = (JobState::Queued, now);
                        }
                    }
                }
                _ => site.now = site.now.plus_ms(dice.below(700) as i64),
            }
        }
    }
    assert!(claimed > 200, "the order was looked at {claimed} times");
}

#[tokio::test]
async fn no_claim_reads_through_the_queue() {
    let site = Site::fresh().await;
    for (text, count) in STATEMENTS {
        let values: Vec<Val<'_>> = (0..*count).map(|_| Val::Int(1)).collect();
        let steps: Vec<String> = site
            .store
            .read()
            .all(&format!("EXPLAIN QUERY PLAN {text}"), &values, |row| {
                Ok(row.text(3)?.to_owned())
            })
            .await
            .unwrap();
        for step in &steps {
            let of_the_window = ["SCAN waiting", "SCAN CONSTANT ROW"].contains(&step.as_str());
            assert!(!step.contains("SCAN") || of_the_window, "{text}\n{steps:#?}");
            // Only the window itself, a few hundred rows, may be sorted.
            let sorts = step.contains("TEMP B-TREE");
            assert!(
                !sorts || text.ends_with("ORDER BY waiting.place"),
                "{text}\n{steps:#?}"
            );
        }
        assert!(
            steps.iter().any(|step| step.contains("USING")),
            "{text}\n{steps:#?}"
        );
    }
}

#[tokio::test]
async fn whoever_lost_the_lease_can_do_nothing_to_the_job() {
    let site = Site::fresh().await;
    let id = site.enqueues(site.job(Some(user(1)))).await;
    let late = site.claims().await.unwrap();
    let seen = site.leased().await;
    let taken = site.takes_over(&seen[0]).await.unwrap();
    assert_eq!((taken.id, taken.fence, taken.recoveries), (id, late.fence + 1, 1));
    assert!(site.takes_over(&seen[0]).await.is_none(), "one watcher does it");
    let now = site.now;
    site.changes(async |tx| jobs::put_back(tx, &taken, now).await)
        .await;
    let present = site.claims().await.unwrap();
    assert_eq!(
        (present.id, present.attempts),
        (id, 1),
        "the lost start is not held against it"
    );

    let report = jobs::Report {
        step: "late",
        progress: 0.9,
        eta_s: None,
    };
    assert!(
        !site
            .changes(async |tx| jobs::report(tx, &late, report, now).await)
            .await
    );
    assert!(!site.changes(async |tx| jobs::holds(tx, &late).await).await);
    assert!(
        !site
            .changes(async |tx| jobs::retry_at(tx, &late, "No.", now, now).await)
            .await
    );
    assert!(
        !site
            .changes(async |tx| jobs::put_back(tx, &late, now).await)
            .await
    );
    assert!(!site.ends(&late).await);
    assert!(site.changes(async |tx| jobs::holds(tx, &present).await).await);
    assert!(site.ends(&present).await);
    assert_eq!(site.finds(id).await.state, JobState::Done);
}

#[tokio::test]
async fn a_worker_that_has_moved_keeps_its_job() {
    let site = Site::fresh().await;
    site.enqueues(site.job(Some(user(1)))).await;
    let job = site.claims().await.unwrap();
    let seen = site.leased().await;
    let report = jobs::Report {
        step: "encoding",
        progress: 0.25,
        eta_s: Some(30),
    };
    assert!(
        site.changes(async |tx| jobs::report(tx, &job, report, START).await)
            .await
    );
    assert!(site.takes_over(&seen[0]).await.is_none());
    let row = site.finds(job.id).await;
    assert_eq!((row.step.as_str(), row.eta_s), ("encoding", Some(30)));
    assert!(site.ends(&job).await);
}

#[tokio::test]
async fn a_cancelled_job_is_taken_from_its_worker_and_may_be_revived() {
    let site = Site::fresh().await;
    let id = site.enqueues(site.job(Some(user(1)))).await;
    let job = site.claims().await.unwrap();
    assert!(
        site.changes(async |tx| jobs::cancel(tx, id, "Cancelled.", START).await)
            .await
    );
    assert!(
        !site
            .changes(async |tx| jobs::cancel(tx, id, "Twice.", START).await)
            .await
    );
    assert!(!site.ends(&job).await, "its worker has nothing to end");
    assert!(site.claims().await.is_none());
    let row = site.finds(id).await;
    assert_eq!(
        (row.state, row.last_error.as_deref()),
        (JobState::Cancelled, Some("Cancelled."))
    );
    assert!(site.changes(async |tx| jobs::revive(tx, id, START).await).await);
    let again = site.claims().await.unwrap();
    assert_eq!((again.id, again.attempts), (id, 1));
    assert!(again.fence > job.fence + 1, "no number is given twice");
    assert!(
        !site.changes(async |tx| jobs::revive(tx, id, START).await).await,
        "it runs"
    );
}

#[tokio::test]
async fn a_clock_that_is_set_neither_loses_nor_doubles_a_job() {
    let mut site = Site::fresh().await;
    let id = site.enqueues(site.job(Some(user(1)))).await;
    // Ten years ahead, a job fails and waits for its next try; then somebody puts the clock right.
    site.now = START.plus_ms(10 * 365 * 24 * 3_600_000);
    let job = site.claims().await.unwrap();
    let (ahead, wait) = (site.now, site.now.plus_ms(30_000));
    site.changes(async |tx| jobs::retry_at(tx, &job, "Again.", wait, ahead).await)
        .await;
    assert!(site.claims().await.is_none(), "its wait is not over");
    site.now = START;
    let job = site.claims().await.unwrap();
    assert_eq!((job.id, job.attempts), (id, 2));
    // Back and forth while it runs: the lease is nobody else's.
    for now in [START.plus_ms(-3_600_000), START.plus_ms(3_600_000)] {
        site.now = now;
        assert!(site.claims().await.is_none());
        assert!(site.changes(async |tx| jobs::holds(tx, &job).await).await);
    }
    assert!(site.ends(&job).await);
}

#[tokio::test]
async fn a_job_does_not_run_before_its_time() {
    let mut site = Site::fresh().await;
    let later = New {
        run_at: START.plus_ms(5_000),
        ..site.job(Some(user(1)))
    };
    let id = site.enqueues(later).await;
    let depths = list::depths(&mut site.store.read()).await.unwrap();
    assert_eq!((depths[1].ready, depths[1].later, depths[1].oldest), (0, 1, None));
    assert!(site.claims().await.is_none());
    site.now = START.plus_ms(5_000);
    assert_eq!(site.claims().await.unwrap().id, id);
}

#[tokio::test]
async fn lists_are_by_user_and_state_newest_first() {
    let site = Site::fresh().await;
    let mut of_one = Vec::new();
    for number in [1, 2, 1, 1, 2] {
        let id = site.enqueues(site.job(Some(user(number)))).await;
        if number == 1 {
            of_one.insert(0, id);
        }
    }
    let page = async |user, state, before, limit| -> Vec<JobId> {
        let rows = list::list(&mut site.store.read(), user, state, before, limit).await;
        rows.unwrap().into_iter().map(|row| row.id).collect()
    };
    assert_eq!(page(Some(user(1)), None, None, 10).await, of_one);
    assert_eq!(page(Some(user(1)), None, Some(of_one[0]), 1).await, [of_one[1]]);
    assert_eq!(page(None, None, None, 10).await.len(), 5);
    let running = site.claims().await.unwrap();
    assert_eq!(page(None, Some(JobState::Running), None, 10).await, [running.id]);
    assert_eq!(
        page(running.user_id, Some(JobState::Queued), None, 10)
            .await
            .len(),
        2
    );
    assert_eq!(page(None, Some(JobState::Dead), None, 10).await, []);
}

//! How many durable likes a second: grouped, against one transaction and one sync each.
//!
//! `cargo run --release -p streamsphere-store --example likes -- [folder] [seconds] [tasks] [videos]`

#![expect(clippy::print_stdout, reason = "it reports to whoever started it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::likes::Target;
use model::users::Role;
use model::{Ids, Millis, UserId, VideoId};
use store::{Settings, Store, StoreError, likes, params, users};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const NOW: Millis = Millis(1_700_000_000_000);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let length = Duration::from_secs(args.next().map_or(Ok(3), |text| text.parse())?);
    let tasks = args.next().map_or(Ok(64), |text| text.parse())?;
    let videos = args.next().map_or(Ok(1_000), |text| text.parse())?;
    for round in 1..=3 {
        let alone = run(&folder, tasks, videos, length, true).await?;
        let grouped = run(&folder, tasks, videos, length, false).await?;
        println!(
            "round {round}: {tasks} tasks, {videos} videos  alone {alone:.0}/s  grouped {grouped:.0}/s  ratio {:.1}",
            grouped / alone
        );
    }
    Ok(())
}

async fn run(
    folder: &Path,
    tasks: usize,
    videos: usize,
    length: Duration,
    alone: bool,
) -> Result<f64, Failure> {
    let file = folder.join(format!("likes-{}.db", std::process::id()));
    let store = Store::open(&Settings::sqlite(&file)).await?;
    let ids = Ids::random();
    let (people, targets) = fill(&store, &ids, tasks, videos).await?;
    let targets = Arc::new(targets);
    let turn = Arc::new(tokio::sync::Mutex::new(()));
    let began = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for (task, user) in people.into_iter().enumerate() {
        let (store, turn, ids) = (store.clone(), Arc::clone(&turn), ids.clone());
        let targets = Arc::clone(&targets);
        running.spawn(async move {
            let mut done = 0_usize;
            let mut at = task;
            while began.elapsed() < length {
                at = (at * 31 + 17) % targets.len();
                let target = Target::Video(targets[at]);
                // Holding the turn over the commit keeps every group at one member.
                let turn = if alone { Some(turn.lock().await) } else { None };
                let mut tx = store.write().await?;
                // As a toggle does it.
                let step = if likes::remove(&mut tx, user, target).await?.is_some() {
                    -1
                } else {
                    likes::add(&mut tx, user, target, ids.next(NOW), NOW).await?;
                    1
                };
                likes::count(&mut tx, target, step).await?;
                tx.commit().await?;
                drop(turn);
                done += 1;
            }
            Ok::<_, StoreError>(done)
        });
    }
    let mut done = 0;
    while let Some(one) = running.join_next().await {
        done += one??;
    }
    let seconds = began.elapsed().as_secs_f64();
    let wrong = store::conversation::wrong_counters(&mut store.slow_read(60_000)).await?;
    assert!(wrong.is_empty(), "counts are edges: {wrong:?}");
    store.close().await?;
    for end in ["db", "db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(end));
    }
    Ok(done as f64 / seconds)
}

async fn fill(
    store: &Store,
    ids: &Ids,
    people: usize,
    videos: usize,
) -> Result<(Vec<UserId>, Vec<VideoId>), StoreError> {
    let mut tx = store.write().await?;
    let mut all_people = Vec::new();
    for n in 0..people {
        let id = ids.next(NOW);
        let new = users::New {
            id,
            username: &format!("person{n}"),
            email: &format!("person{n}@example.com"),
            full_name: "A person",
            password_hash: "",
            role: Role::User,
            avatar_rev: "",
            cover_rev: None,
            now: NOW,
        };
        users::add(&mut tx, &new).await?;
        all_people.push(id);
    }
    let mut all_videos = Vec::new();
    for n in 0..videos {
        let id: VideoId = ids.next(NOW);
        tx.exec(
            "INSERT INTO videos (id, owner_id, title, description, visibility, status, watchable, listed, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, 0, 1, 1, 1, $5, $5)",
            &params![
                id,
                all_people[n % all_people.len()],
                "A clip of some length",
                "What can be seen in it. ".repeat(8),
                NOW
            ],
        )
        .await?;
        all_videos.push(id);
    }
    tx.commit().await?;
    Ok((all_people, all_videos))
}

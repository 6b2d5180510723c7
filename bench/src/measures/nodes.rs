//! Two web nodes and two workers against one node, over one PostgreSQL: each node with a core of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::{Bench, tiny_clip, upload_and_wait};
use crate::api::Person;
use crate::error::{BenchError, Doing};
use crate::http::{Body, expect_ok};
use crate::load::{self, Plan, Report, Stop};
use crate::postgres::Database;
use crate::process::{cpu_of, cpu_of_tree, on_core};
use crate::report::{Row, Section, Target, median};
use crate::seed;
use crate::server::{Launch, Server};

/// Connections to one node, each of somebody else.
const CLIENTS: usize = 32;
/// Videos that are read and liked by turns.
const VIDEOS: i64 = 10_000;
const READ: usize = 500;
/// Comments under the video whose comments are read.
const COMMENTS: usize = 60;
/// Load that is not counted before each run: connections and statements are prepared by it.
const WARM: Duration = Duration::from_secs(1);
/// What one node has to be exceeded by.
const WANTED: f64 = 1.6;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// One video of many, signed in.
    Video,
    /// What people who look around cause: eleven videos, two pages of the newest, two of comments and a like.
    Around,
    /// Twenty comments of a video, signed in: the store is asked for every page.
    Comments,
    /// Likes and their ends, durable.
    Likes,
}

const WORKS: [(Work, &str, Target); 4] = [
    (Work::Video, "GET /videos/{id} signed in", Target::AtLeast(WANTED)),
    (
        Work::Around,
        "looking around, one like in 16",
        Target::AtLeast(WANTED),
    ),
    (Work::Comments, "GET /comments/{id} signed in", Target::None),
    (Work::Likes, "POST /likes/toggle, durable", Target::None),
];

/// Nodes that run at once, the first of them on the first core.
struct Nodes {
    web: Vec<Server>,
    workers: Vec<Server>,
}

/// What a run gave.
#[derive(Debug, Clone, Copy, Default)]
struct Figure {
    per_second: f64,
    p99_ms: f64,
    /// Microseconds of processor time of one request.
    nodes: f64,
    database: f64,
    client: f64,
    /// What of both cores was used, in percent.
    busy: f64,
}

/// Of the rounds.
#[derive(Debug, Default)]
struct Figures {
    two: Vec<Figure>,
    /// With the database on the node's core.
    one: Vec<Figure>,
    /// With the database wherever there is room.
    one_and_database: Vec<Figure>,
}

fn middle(figures: &[Figure], pick: fn(&Figure) -> f64) -> f64 {
    median(&figures.iter().map(pick).collect::<Vec<_>>())
}

/// Everything that is asked for, and by whom.
struct Site {
    videos: Vec<String>,
    template: String,
    tokens: Vec<String>,
}

/// Alternates one node and the four.
pub fn measure(bench: &Bench) -> Result<Section, BenchError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if cores < 2 {
        return Err(BenchError::Usage("two nodes need a core each".to_owned()));
    }
    let folder = bench.folder()?;
    let database = Database::start(&bench.scratch)?;
    let nats = testkit::nats::Nats::start();
    let data = folder.path().join("data");
    let mut launch = bench.launch.clone();
    for (name, place) in [("OBJECTS_URL", "objects"), ("KEY_FILE", "secret.key")] {
        let place = std::path::absolute(folder.path().join(place)).doing("find a folder")?;
        launch.env.push((
            format!("STREAMSPHERE_{name}"),
            place.to_string_lossy().into_owned(),
        ));
    }
    let mut site = fill(&launch, folder.path(), &data)?;
    let mut launch = database.takes(&launch, &data, "site")?;
    launch
        .env
        .push(("STREAMSPHERE_BUS_URL".to_owned(), nats.url("site")));

    let mut figures = WORKS.map(|_| Figures::default());
    for _ in 0..bench.rounds {
        // One core for everything, one with the database elsewhere, and two for everything.
        database.pin(&[0])?;
        let one = Nodes::start(&launch, folder.path(), &["all"], &[])?;
        site.sign_in(&one)?;
        for ((work, ..), figures) in WORKS.iter().zip(&mut figures) {
            figures.one.push(one.figure(*work, &site, &database, bench.run)?);
        }
        database.pin(&[0, 1])?;
        for ((work, ..), figures) in WORKS.iter().zip(&mut figures) {
            let figure = one.figure(*work, &site, &database, bench.run)?;
            figures.one_and_database.push(figure);
        }
        one.stop()?;
        let two = Nodes::start(&launch, folder.path(), &["web", "web"], &["worker", "worker"])?;
        for ((work, ..), figures) in WORKS.iter().zip(&mut figures) {
            figures.two.push(two.figure(*work, &site, &database, bench.run)?);
        }
        two.stop()?;
    }
    let mut rows = Vec::new();
    for ((_, name, target), figures) in WORKS.iter().zip(&figures) {
        let mut compared = |what: &str, other: &[Figure], pick: fn(&Figure) -> f64, target| {
            rows.push(Row::compared(
                format!("{name}, {what}"),
                middle(&figures.two, pick),
                middle(other, pick),
                target,
            ));
        };
        let Figures {
            one,
            one_and_database,
            ..
        } = figures;
        compared("requests/s", one, |figure| figure.per_second, *target);
        compared(
            "requests/s (other: PostgreSQL on the second core)",
            one_and_database,
            |figure| figure.per_second,
            Target::None,
        );
        compared("p99 ms", one, |figure| figure.p99_ms, Target::None);
        compared(
            "CPU µs/request of the nodes",
            one,
            |figure| figure.nodes,
            Target::None,
        );
        compared("– of PostgreSQL", one, |figure| figure.database, Target::None);
        compared("– of the client", one, |figure| figure.client, Target::None);
        rows.push(Row::beside(
            format!("{name}, of both cores used, % (other: by one node and PostgreSQL)"),
            middle(&figures.two, |figure| figure.busy),
            middle(one_and_database, |figure| figure.busy),
            Target::None,
        ));
    }
    let how = format!(
        "Two web nodes and two workers (ours) against one node of the role all (other), over the same PostgreSQL of {} \
         videos and the same NATS. Each web node is pinned to a core of its own, with its worker and its client of \
         {CLIENTS} connections, each of somebody else. PostgreSQL shares what there is: the one core beside one node, \
         both beside two; where it says so, it has the second core to itself beside one node, and both cores are then \
         in use already. {READ} videos and {COMMENTS} comments are read by turns; looking around is, of 16 requests, 11 \
         videos, 2 pages of the newest, 2 of comments and a like. A second of each is not counted. {}",
        crate::report::figure(VIDEOS as f64),
        bench.rounds_text(),
    );
    Ok(Section {
        name: "nodes".to_owned(),
        how,
        rows,
    })
}

/// People, videos and comments, in a SQLite file.
fn fill(launch: &Launch, folder: &Path, data: &Path) -> Result<Site, BenchError> {
    let clip = tiny_clip(folder)?;
    let server = launch.start(data)?;
    let mut owner = Person::join(server.address(), "owner")?;
    let template = upload_and_wait(&mut owner, &clip, Duration::from_mins(2))?;
    for number in 0..COMMENTS {
        let text = serde_json::json!({ "content": format!("Comment {number}") });
        let answer = owner
            .http
            .call(
                "POST",
                &format!("/api/v1/comments/{template}"),
                &[],
                Body::Json(&text),
            )
            .doing("comment")?;
        expect_ok("comment", answer)?;
    }
    for client in 0..CLIENTS * 2 {
        Person::join(server.address(), &format!("person{client}"))?;
    }
    server.stop()?;
    let file = seed::find_database(data)?;
    seed::videos(&file, &template, VIDEOS, seed::Words::Left)?;
    Ok(Site {
        videos: seed::ids(&file, READ as i64)?,
        template,
        tokens: Vec::new(),
    })
}

impl Site {
    /// Signs everybody in; the tokens are good at all nodes.
    fn sign_in(&mut self, nodes: &Nodes) -> Result<(), BenchError> {
        let Some(node) = nodes.web.first() else {
            return Ok(());
        };
        self.tokens = (0..CLIENTS * 2)
            .map(|client| Person::sign_in(node.address(), &format!("person{client}")))
            .map(|person| Ok(person?.http.token().unwrap_or_default().to_owned()))
            .collect::<Result<_, BenchError>>()?;
        Ok(())
    }

    /// The head of a request: a method and a path.
    fn asks(&self, work: Work, sequence: u64) -> (&'static str, String) {
        // A number without a factor in common with that of the videos: everybody comes to all of them.
        let video = &self.videos[(sequence.wrapping_mul(617) % self.videos.len() as u64) as usize];
        let (read, newest) = (
            || ("GET", format!("/api/v1/videos/{video}")),
            || ("GET", "/api/v1/videos?limit=10".to_owned()),
        );
        let comments = || ("GET", format!("/api/v1/comments/{}?limit=20", self.template));
        let like = || ("POST", format!("/api/v1/likes/toggle/v/{video}"));
        match work {
            Work::Video => read(),
            Work::Comments => comments(),
            Work::Likes => like(),
            Work::Around => match sequence % 16 {
                3 | 11 => newest(),
                5 | 13 => comments(),
                8 => like(),
                _ => read(),
            },
        }
    }
}

impl Nodes {
    /// Starts nodes of these roles, the first web node and the first worker on the first core and so on.
    fn start(launch: &Launch, folder: &Path, web: &[&str], workers: &[&str]) -> Result<Self, BenchError> {
        let started = |roles: &[&str], kind: &str| -> Result<Vec<Server>, BenchError> {
            let nodes = roles.iter().enumerate().map(|(number, role)| {
                let mut launch = launch.clone();
                launch
                    .env
                    .push(("STREAMSPHERE_ROLE".to_owned(), (*role).to_owned()));
                on_core(number, || launch.start(&folder.join(format!("{kind}{number}"))))?
            });
            nodes.collect()
        };
        let nodes = Self {
            web: started(web, "web")?,
            workers: started(workers, "worker")?,
        };
        for node in nodes.web.iter().chain(&nodes.workers) {
            super::settle(node.pid());
        }
        Ok(nodes)
    }

    fn stop(self) -> Result<(), BenchError> {
        for node in self.web.into_iter().chain(self.workers) {
            node.stop()?;
        }
        Ok(())
    }

    /// All web nodes at once, each asked by a client on its own core.
    fn load(&self, work: Work, site: &Site, run: Duration) -> Result<Vec<Report>, BenchError> {
        let one = |number: usize, address: SocketAddr| {
            on_core(number, || {
                let plan = Plan {
                    target: address,
                    connections: CLIENTS,
                    threads: 1,
                    stop: Stop::After(run),
                };
                // Half-way around from where the other node's clients are.
                let ahead = (number * READ / 2) as u64;
                load::run(&plan, |connection, sequence, out| {
                    let (method, path) = site.asks(work, sequence + ahead);
                    let token = &site.tokens[number * CLIENTS + connection];
                    let length = if method == "POST" { "Content-Length: 0\r\n" } else { "" };
                    out.extend_from_slice(
                        format!(
                            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{length}\r\n"
                        )
                        .as_bytes(),
                    );
                })?
                .only(200)
            })?
        };
        std::thread::scope(|scope| {
            let runs: Vec<_> = self
                .web
                .iter()
                .enumerate()
                .map(|(number, node)| {
                    let (one, address) = (&one, node.address());
                    scope.spawn(move || one(number, address))
                })
                .collect();
            runs.into_iter()
                .map(|run| {
                    run.join()
                        .map_err(|_| BenchError::Usage("a client ended early".to_owned()))?
                })
                .collect()
        })
    }

    fn figure(
        &self,
        work: Work,
        site: &Site,
        database: &Database,
        run: Duration,
    ) -> Result<Figure, BenchError> {
        self.load(work, site, WARM)?;
        let cpu = || {
            let nodes = self.web.iter().chain(&self.workers);
            (
                nodes.map(|node| cpu_of_tree(node.pid())).sum::<f64>(),
                database.cpu(),
                cpu_of(std::process::id()),
            )
        };
        let before = cpu();
        let reports = self.load(work, site, run)?;
        let after = cpu();
        let used = (after.0 - before.0, after.1 - before.1, after.2 - before.2);
        let requests: u64 = reports.iter().map(|report| report.requests).sum();
        let each = |seconds: f64| seconds * 1e6 / requests as f64;
        let longest = reports.iter().map(|report| report.wall).max().unwrap_or(run);
        let p99 = reports.iter().map(|report| report.latency.percentile(99.0)).max();
        Ok(Figure {
            per_second: reports.iter().map(Report::per_second).sum(),
            p99_ms: p99.unwrap_or_default().as_secs_f64() * 1e3,
            nodes: each(used.0),
            database: each(used.1),
            client: each(used.2),
            busy: (used.0 + used.1 + used.2) * 100.0 / (longest.as_secs_f64() * 2.0),
        })
    }
}

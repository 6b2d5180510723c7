//! One client: does seeded mixed work and remembers what it was told.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use super::model::{Account, Family, Presence, Slot, Video};
use crate::api;
use crate::error::BenchError;
use crate::http::{Answer, Body, Client};
use crate::rng::Rng;

/// A client keeps at most this many videos and further accounts, so that checks stay short.
const MOST_VIDEOS: usize = 6;
const MOST_ACCOUNTS: usize = 3;
/// The longest padding after a clip.
const MOST_PADDING: u64 = 1 << 20;

/// How many changes of each outcome there were.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// 2xx, received whole.
    pub acknowledged: u64,
    /// 4xx: did not happen.
    pub refused: u64,
    /// 5xx or no answer: may have happened.
    pub unknown: u64,
}

/// A client with its memory.
#[derive(Debug)]
pub struct Actor {
    /// Username of its own account.
    pub name: String,
    /// Full name of its own account.
    pub full_name: Slot<String>,
    /// Its videos, gone ones too until they were checked.
    pub videos: Vec<Video>,
    /// Accounts it registered beside its own.
    pub accounts: Vec<Account>,
    /// Its sign-in.
    pub family: Option<Family>,
    /// What it did in all.
    pub tally: Tally,
    access: String,
    clips: Arc<Vec<Vec<u8>>>,
    rng: Rng,
    serial: u64,
}

/// What became of a request.
enum Outcome {
    Acknowledged(Answer),
    Refused(u16),
    Unknown,
}

impl Actor {
    /// A client that will be known as `name`.
    pub fn new(name: String, clips: Arc<Vec<Vec<u8>>>, rng: Rng) -> Self {
        Self {
            full_name: Slot::known(format!("Test {name}")),
            name,
            videos: Vec::new(),
            accounts: Vec::new(),
            family: None,
            tally: Tally::default(),
            access: String::new(),
            clips,
            rng,
            serial: 0,
        }
    }

    /// Makes its account on a fresh server.
    pub fn arrive(&mut self, server: SocketAddr) -> Result<(), BenchError> {
        let person = api::Person::join(server, &self.name)?;
        person
            .http
            .token()
            .unwrap_or_default()
            .clone_into(&mut self.access);
        self.family = Some(Family {
            token: person.refresh,
            in_flight: false,
        });
        self.full_name = Slot::known(format!("Test {}", self.name));
        self.videos.clear();
        self.accounts.clear();
        Ok(())
    }

    /// Takes the tokens of a sign-in.
    pub fn signed_in(&mut self, access: String, refresh: String) {
        self.access = access;
        self.family = Some(Family {
            token: refresh,
            in_flight: false,
        });
    }

    /// A client of the server that sends the access token.
    pub fn client(&self, server: SocketAddr, timeout: Duration) -> Client {
        let mut http = Client::new(server, timeout);
        http.sign(self.access.clone());
        http
    }

    /// Works until told to stop, or until the server does not answer any more.
    pub fn work(&mut self, server: SocketAddr, stop: &AtomicBool) {
        let mut http = self.client(server, Duration::from_secs(20));
        while !stop.load(Ordering::Relaxed) {
            if self.act(&mut http).is_err() {
                // The connection broke: the server is gone, and what was under way is noted.
                return;
            }
        }
    }

    fn act(&mut self, http: &mut Client) -> Result<(), io::Error> {
        let kept = self
            .videos
            .iter()
            .filter(|video| video.presence == Presence::There)
            .count();
        match self.rng.below(100) {
            0..=9 if kept < MOST_VIDEOS => self.upload(http),
            10..=14 if kept > 1 => self.delete(http),
            15..=29 => self.update_account(http),
            30..=44 => self.refresh(http),
            45..=47 => self.sign_in(http),
            48..=49 if self.accounts.len() < MOST_ACCOUNTS => self.register(http),
            _ if kept > 0 => self.retitle(http),
            _ => self.upload(http),
        }
    }

    /// A text that this client never used before.
    fn new_text(&mut self, kind: &str) -> String {
        self.serial += 1;
        format!("{}{kind}{}", self.name, self.serial)
    }

    /// Sorts an answer by what it says about the effect, and counts it. A broken connection is an
    /// unknown outcome and ends the work.
    fn judge(&mut self, answer: Result<Answer, io::Error>) -> (Outcome, Result<(), io::Error>) {
        match answer {
            Ok(answer) if answer.ok() => {
                self.tally.acknowledged += 1;
                (Outcome::Acknowledged(answer), Ok(()))
            }
            Ok(answer) if answer.status < 500 => {
                self.tally.refused += 1;
                (Outcome::Refused(answer.status), Ok(()))
            }
            Ok(_) => {
                self.tally.unknown += 1;
                (Outcome::Unknown, Ok(()))
            }
            Err(error) => {
                self.tally.unknown += 1;
                (Outcome::Unknown, Err(error))
            }
        }
    }

    fn a_video(&mut self) -> Option<usize> {
        let there: Vec<usize> = (0..self.videos.len())
            .filter(|index| self.videos[*index].presence == Presence::There)
            .collect();
        let pick = self.rng.below(there.len() as u64) as usize;
        there.get(pick).copied()
    }

    fn retitle(&mut self, http: &mut Client) -> Result<(), io::Error> {
        let Some(index) = self.a_video() else {
            return Ok(());
        };
        let title = self.new_text(" title ");
        self.videos[index].title.begin(title.clone());
        let answer = api::retitle(http, &self.videos[index].id, &title);
        let (outcome, connection) = self.judge(answer);
        match outcome {
            Outcome::Acknowledged(_) => self.videos[index].title.acknowledge(),
            Outcome::Refused(_) => self.videos[index].title.refuse(),
            Outcome::Unknown => {}
        }
        connection
    }

    fn update_account(&mut self, http: &mut Client) -> Result<(), io::Error> {
        let full_name = self.new_text(" name ");
        self.full_name.begin(full_name.clone());
        let body = json!({ "fullName": full_name });
        let answer = http.call("PATCH", "/api/v1/users/update-account", &[], Body::Json(&body));
        let (outcome, connection) = self.judge(answer);
        match outcome {
            Outcome::Acknowledged(_) => self.full_name.acknowledge(),
            Outcome::Refused(_) => self.full_name.refuse(),
            Outcome::Unknown => {}
        }
        connection
    }

    fn refresh(&mut self, http: &mut Client) -> Result<(), io::Error> {
        let Some(family) = &mut self.family else {
            return self.sign_in(http);
        };
        if family.in_flight {
            // Whether this token is used up is not known, so the family is left alone.
            return self.sign_in(http);
        }
        family.in_flight = true;
        let token = family.token.clone();
        let answer = api::refresh(http, &token);
        let (outcome, connection) = self.judge(answer);
        match outcome {
            Outcome::Acknowledged(answer) => self.take_tokens(&answer, http),
            Outcome::Refused(_) => self.family = None,
            Outcome::Unknown => {}
        }
        connection
    }

    fn sign_in(&mut self, http: &mut Client) -> Result<(), io::Error> {
        let name = self.name.clone();
        let answer = api::login(http, &name);
        let (outcome, connection) = self.judge(answer);
        if let Outcome::Acknowledged(answer) = outcome {
            self.take_tokens(&answer, http);
        }
        connection
    }

    fn take_tokens(&mut self, answer: &Answer, http: &mut Client) {
        let access = api::text_at(answer, "/accessToken");
        if let (Some(access), Some(refresh)) = (access, api::text_at(answer, "/refreshToken")) {
            http.sign(access.clone());
            self.signed_in(access, refresh);
        }
    }

    fn register(&mut self, http: &mut Client) -> Result<(), io::Error> {
        let name = self.new_text(".");
        let answer = api::register(http, &name);
        let (outcome, connection) = self.judge(answer);
        match outcome {
            Outcome::Acknowledged(_) => self.accounts.push(Account {
                name,
                acknowledged: true,
            }),
            Outcome::Refused(_) => {}
            Outcome::Unknown => self.accounts.push(Account {
                name,
                acknowledged: false,
            }),
        }
        connection
    }

    fn delete(&mut self, http: &mut Client) -> Result<(), io::Error> {
        let Some(index) = self.a_video() else {
            return Ok(());
        };
        self.videos[index].presence = Presence::Leaving;
        let path = format!("/api/v1/videos/{}", self.videos[index].id);
        let answer = http.call("DELETE", &path, &[], Body::Empty);
        let (outcome, connection) = self.judge(answer);
        self.videos[index].presence = match outcome {
            Outcome::Acknowledged(_) | Outcome::Refused(404) => Presence::Gone,
            Outcome::Refused(_) => Presence::There,
            Outcome::Unknown => Presence::Leaving,
        };
        connection
    }

    /// A real clip with an `mdat` box of noise behind it that no track names, so that no two uploads have the same bytes.
    fn clip(&mut self) -> Vec<u8> {
        let pick = self.rng.below(self.clips.len() as u64) as usize;
        let mut bytes = self.clips[pick].clone();
        let mut noise = vec![0; 16 + self.rng.below(MOST_PADDING) as usize];
        self.rng.fill(&mut noise);
        bytes.extend_from_slice(&(noise.len() as u32 + 8).to_be_bytes());
        bytes.extend_from_slice(b"mdat");
        bytes.extend_from_slice(&noise);
        bytes
    }

    fn upload(&mut self, http: &mut Client) -> Result<(), io::Error> {
        let title = self.new_text(" title ");
        let bytes = self.clip();
        let answer = api::upload(http, &title, &mut bytes.as_slice(), bytes.len() as u64);
        let (outcome, connection) = self.judge(answer);
        if let Outcome::Acknowledged(answer) = outcome
            && let Some(id) = api::text_at(&answer, "/_id")
        {
            self.videos.push(Video {
                id,
                title: Slot::known(title),
                hash: *blake3::hash(&bytes).as_bytes(),
                length: bytes.len() as u64,
                presence: Presence::There,
                decoded: false,
            });
        }
        connection
    }
}

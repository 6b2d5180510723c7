//! After a restart: is everything that was acknowledged there, through the API?

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::actor::Actor;
use super::model::{Presence, Violation};
use crate::api;
use crate::http::{Answer, Body, Client};
use crate::media;

/// Limits of a check.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A video may be processing for this long after a restart: lease and 30 s.
    pub processing: Duration,
}

struct Check<'a> {
    actor: &'a mut Actor,
    server: SocketAddr,
    http: Client,
    found: Vec<Violation>,
}

/// Checks all that one client knows, and makes its memory what is there. `again` decodes videos whose
/// HLS was already read in an earlier round.
pub fn actor(actor: &mut Actor, server: SocketAddr, patience: Patience, again: bool) -> Vec<Violation> {
    let http = Client::new(server, Duration::from_mins(1));
    let mut check = Check {
        actor,
        server,
        http,
        found: Vec::new(),
    };
    if check.sign_in() {
        check.account();
        check.others();
        check.videos(patience, again);
    }
    check.found
}

impl Check<'_> {
    fn lost(&mut self, what: impl Into<String>) {
        let what = format!("{}: {}", self.actor.name, what.into());
        self.found.push(Violation::Lost(what));
    }

    fn broken(&mut self, what: impl Into<String>) {
        let what = format!("{}: {}", self.actor.name, what.into());
        self.found.push(Violation::Broken(what));
    }

    fn get(&mut self, path: &str) -> Option<Answer> {
        match self.http.call("GET", path, &[], Body::Empty) {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.broken(format!("GET {path} has no answer: {error}"));
                None
            }
        }
    }

    /// The family's last token must work, once; two refreshes with it at once have the same successor.
    /// Then a sign-in of its own, so that a lost family costs no more than itself.
    fn sign_in(&mut self) -> bool {
        if let Some(family) = self.actor.family.take() {
            let tokens: Vec<_> = (0..2)
                .map(|_| match api::refresh(&mut self.http, &family.token) {
                    Ok(answer) => (answer.status, api::text_at(&answer, "/refreshToken")),
                    Err(error) => (0, Some(error.to_string())),
                })
                .collect();
            match (&tokens[0], &tokens[1]) {
                ((401, _), _) if family.in_flight => {}
                ((200, Some(first)), (200, Some(second))) if first == second => {}
                ((200, _), (200, _)) => self.broken("one refresh token has two successors"),
                ((200, _), second) => self.broken(format!("a refresh repeated at once: {}", second.0)),
                (first, _) => self.lost(format!("the session of the newest refresh token ({})", first.0)),
            }
        }
        let name = self.actor.name.clone();
        let answer = match api::login(&mut self.http, &name) {
            Ok(answer) => answer,
            Err(error) => {
                self.broken(format!("sign-in has no answer: {error}"));
                return false;
            }
        };
        let tokens = (
            api::text_at(&answer, "/accessToken"),
            api::text_at(&answer, "/refreshToken"),
        );
        let (true, (Some(access), Some(refresh))) = (answer.ok(), tokens) else {
            self.lost(format!("the account ({})", answer.status));
            return false;
        };
        self.http.sign(access.clone());
        self.actor.signed_in(access, refresh);
        true
    }

    fn account(&mut self) {
        let Some(answer) = self.get("/api/v1/users/current-user") else {
            return;
        };
        let found = api::text_at(&answer, "/fullName").unwrap_or_default();
        let expected = self.actor.full_name.value().clone();
        if !self.actor.full_name.settle(found.clone()) {
            self.lost(format!("full name {expected:?}, found {found:?}"));
        }
    }

    fn others(&mut self) {
        for account in std::mem::take(&mut self.actor.accounts) {
            let mut http = Client::new(self.server, Duration::from_mins(1));
            match api::login(&mut http, &account.name) {
                Ok(answer) if answer.ok() => {}
                Ok(answer) if answer.status == 401 && !account.acknowledged => {}
                Ok(answer) => self.lost(format!("account {} ({})", account.name, answer.status)),
                Err(error) => self.broken(format!("sign-in of {} has no answer: {error}", account.name)),
            }
        }
    }

    fn videos(&mut self, patience: Patience, again: bool) {
        let began = Instant::now();
        let mut kept = Vec::new();
        for mut video in std::mem::take(&mut self.actor.videos) {
            let path = format!("/api/v1/videos/{}", video.id);
            let Some(answer) = self.get(&path) else { continue };
            let there = answer.ok();
            if !there && !matches!(answer.status, 404 | 410) {
                self.broken(format!("video {}: {}", video.id, answer.status));
                continue;
            }
            if !video.presence.allows(there) {
                match video.presence {
                    Presence::Gone => self.lost(format!("the end of video {}: it is back", video.id)),
                    _ => self.lost(format!("video {} ({})", video.id, answer.status)),
                }
            }
            if !there {
                continue;
            }
            video.presence = Presence::There;
            let found = api::text_at(&answer, "/title").unwrap_or_default();
            let expected = video.title.value().clone();
            if !video.title.settle(found.clone()) {
                self.lost(format!(
                    "title {expected:?} of video {}, found {found:?}",
                    video.id
                ));
            }
            let data = self.settled(&path, &answer, began, patience);
            self.bytes(&video, &data);
            if data["status"] == "ready" && (again || !video.decoded) {
                video.decoded = self.decodes(&video.id, &data);
            }
            kept.push(video);
        }
        self.actor.videos = kept;
    }

    /// Waits until the video is not being processed any more.
    fn settled(&mut self, path: &str, first: &Answer, began: Instant, patience: Patience) -> Value {
        let mut data = first.json()["data"].take();
        while data["status"] == "processing" {
            if began.elapsed() > patience.processing {
                self.broken(format!(
                    "{path} is processing {} s after the restart",
                    began.elapsed().as_secs()
                ));
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
            match self.get(path) {
                Some(answer) if answer.ok() => data = answer.json()["data"].take(),
                _ => break,
            }
        }
        match data["status"].as_str() {
            Some("ready" | "processing") => {}
            status => self.broken(format!("{path} ended as {status:?}: {}", data["statusReason"])),
        }
        data
    }

    /// The progressive file is what was uploaded, byte for byte; once a video is ready it may be a
    /// rendition instead, which then has to play (the stored original is compared on disk).
    fn bytes(&mut self, video: &super::model::Video, data: &Value) {
        let path = format!("/api/v1/videos/{}/stream", video.id);
        let Some(answer) = self.get(&path) else { return };
        if !answer.ok() {
            self.lost(format!("the bytes of video {} ({})", video.id, answer.status));
            return;
        }
        if *blake3::hash(&answer.body).as_bytes() == video.hash {
            return;
        }
        if data["status"] != "ready" {
            self.lost(format!(
                "the bytes of video {}: {} bytes came, {} were uploaded",
                video.id,
                answer.body.len(),
                video.length
            ));
        } else if !video.decoded
            && let Err(error) = media::decode(&format!("http://{}{path}", self.server))
        {
            self.broken(format!(
                "the progressive file of video {} does not play: {error}",
                video.id
            ));
        }
    }

    fn decodes(&mut self, id: &str, data: &Value) -> bool {
        let Some(url) = data["hls"].as_str() else {
            self.broken(format!("video {id} is ready and has no HLS"));
            return false;
        };
        // The public URL may name an earlier port.
        let url = format!("http://{}{}", self.server, api::path_of(url));
        match media::decode(&url) {
            Ok(()) => true,
            Err(error) => {
                self.broken(format!("the HLS of video {id} does not play: {error}"));
                false
            }
        }
    }
}

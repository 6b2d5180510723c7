//! A real browser plays: Chromium without a screen, led by `chromedriver` in the words of the `WebDriver` standard.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use reqwest::Client;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kit::clips::{self, Clip};
use crate::kit::program::processes;
use crate::kit::{self, Person};

#[expect(clippy::disallowed_types, reason = "tests run real programs")]
type Command = std::process::Command;

/// A browser window, and the programs behind it.
pub struct Browser {
    driver: std::process::Child,
    /// The folder of a user who has never been anywhere; its name tells our processes from others.
    user: TempDir,
    client: Client,
    /// Address of the session.
    session: String,
}

/// Opens a browser.
pub async fn browser() -> Browser {
    let user = tempfile::Builder::new().prefix("browser-").tempdir().unwrap();
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        // What it makes on the way lies where we clean up.
        .env("TMPDIR", user.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(driver.stdout.take().unwrap());
    let client = kit::client().no_proxy().build().unwrap();
    // Held before anything can go wrong: from here on the programs end with us.
    let mut browser = Browser {
        driver,
        user,
        client,
        session: String::new(),
    };
    let port = said
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            let port = line.split_once("was started successfully on port ")?.1;
            port.trim_end_matches('.').parse::<u16>().ok()
        })
        .expect("chromedriver tells its port");
    let profile = format!(
        "--user-data-dir={}",
        browser.user.path().join("profile").display()
    );
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--autoplay-policy=no-user-gesture-required",
        "--mute-audio",
        // Without a screen it calls itself a program, whose watching does not count.
        "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
        &profile,
    ];
    let capabilities = json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": arguments},
        "goog:loggingPrefs": {"browser": "ALL"},
    }}});
    let root = format!("http://127.0.0.1:{port}");
    let answer = browser
        .client
        .post(format!("{root}/session"))
        .json(&capabilities)
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    let id = answer["value"]["sessionId"]
        .as_str()
        .unwrap_or_else(|| panic!("no session: {answer}"));
    browser.session = format!("{root}/session/{id}");
    browser
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver, what it has started, and whoever names our folder: nothing else is ours.
        let folder = self.user.path().display().to_string();
        let mut ours = vec![self.driver.id()];
        let running = processes();
        let mut known = 0;
        while known < ours.len() {
            let parent = ours[known].to_string();
            let children = running.iter().filter(|(_, its_parent, _)| *its_parent == parent);
            ours.extend(children.map(|(pid, _, _)| *pid));
            known += 1;
        }
        ours.extend(
            running
                .iter()
                .filter(|(_, _, words)| words.contains(&folder))
                .map(|(pid, _, _)| *pid),
        );
        for pid in ours {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// Sends a command of the standard; answers its value.
    pub async fn command(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.session)).json(body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(answer["value"]["error"].is_null(), "{path} {body}: {answer}");
        answer["value"].clone()
    }

    pub async fn opens(&self, url: &str) {
        self.command("/url", &json!({"url": url})).await;
    }

    /// Runs a script in the page; answers what it returns.
    pub(super) async fn asks(&self, script: &str) -> Value {
        self.command("/execute/sync", &json!({"script": script, "args": []}))
            .await
    }

    /// Runs a script that calls back.
    pub async fn awaits(&self, script: &str) -> Value {
        self.command("/execute/async", &json!({"script": script, "args": []}))
            .await
    }

    /// Waits until an expression is true in the page.
    pub(super) async fn until(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        kit::until(expression, async || {
            if self.asks(&script).await == true {
                return true;
            }
            let error = self
                .asks("return document.querySelector('video')?.error?.message")
                .await;
            assert!(error.is_null(), "the video failed: {error}");
            false
        })
        .await;
    }

    /// Signs someone in, as the answer of a sign-in form would.
    async fn carries(&self, person: &Person<'_>) {
        let cookie = json!({
            "name": "accessToken", "value": person.token.clone().unwrap(), "path": "/", "httpOnly": true,
            "sameSite": "Lax",
        });
        self.command("/cookie", &json!({"cookie": cookie})).await;
    }

    /// What the console has said since it was last asked.
    async fn console(&self) -> Vec<String> {
        let entries = self.command("/se/log", &json!({"type": "browser"})).await;
        let entries = entries.as_array().unwrap();
        entries
            .iter()
            .map(|entry| format!("{} {}", entry["level"], entry["message"]))
            .collect()
    }

    /// Asserts that the page had nothing to complain about.
    pub async fn is_content(&self) {
        let said = self.console().await;
        assert!(said.is_empty(), "{said:?}");
    }

    /// Gives the page's video the playlist to play: this Chromium knows HLS by itself.
    async fn turns_to_the_playlist(&self) {
        let hls = self.asks("return document.querySelector('a').href").await;
        assert!(hls.as_str().unwrap().ends_with("/master.m3u8"), "{hls}");
        assert_ne!(
            self.asks("return video.canPlayType('application/vnd.apple.mpegurl')")
                .await,
            ""
        );
        self.asks("video.src = document.querySelector('a').href; video.load()")
            .await;
        self.until("video.readyState >= 2 && video.currentTime == 0")
            .await;
    }

    /// Plays the page's video from the start, seeks near to the end, and plays to it.
    async fn plays(&self, sizes: &[(u64, u64)], seconds: f64) {
        self.until("document.querySelector('video')").await;
        self.asks("window.video = document.querySelector('video'); video.muted = true")
            .await;
        let refused = self
            .awaits("const done = arguments[0]; video.play().then(() => done(null), (e) => done(String(e)))")
            .await;
        assert!(refused.is_null(), "{refused}");
        self.until("video.currentTime > 0.5 && video.readyState >= 2")
            .await;
        let shown = self
            .asks("return [video.videoWidth, video.videoHeight, video.duration]")
            .await;
        let size = (shown[0].as_u64().unwrap(), shown[1].as_u64().unwrap());
        assert!(sizes.contains(&size), "{size:?} of {sizes:?}");
        assert!((shown[2].as_f64().unwrap() - seconds).abs() < 0.15, "{shown}");
        // The element on the page has the shape of the picture.
        let shape = self.asks("return video.clientWidth / video.clientHeight").await;
        assert!(shape.as_f64().unwrap() > 0.0, "{shape}");

        let target = seconds - 0.4;
        let landed = self
            .awaits(&format!(
                "const done = arguments[0]; video.pause(); \
                 video.addEventListener('seeked', () => done(video.currentTime), {{once: true}}); \
                 video.currentTime = {target}"
            ))
            .await;
        assert!((landed.as_f64().unwrap() - target).abs() < 0.01, "{landed}");
        self.until("!video.seeking && video.readyState >= 2").await;
        self.asks("video.play()").await;
        self.until("video.ended").await;
        assert!(self.asks("return video.error").await.is_null());
        let dropped = self
            .asks("return video.getVideoPlaybackQuality().corruptedVideoFrames || 0")
            .await;
        assert_eq!(dropped, 0);
    }
}

/// Publishes a clip and watches it on its page as someone who is not signed in.
async fn plays_in_the_browser(clip: &Clip, whole: (u64, u64), lower: (u64, u64)) {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(clip, &[]).await;
    let browser = browser().await;
    browser.opens(&format!("{}/watch/{id}", site.url)).await;
    browser.plays(&[whole], 3.0).await;
    browser.turns_to_the_playlist().await;
    // Which quality it begins with is the browser's affair.
    browser.plays(&[whole, lower], 3.0).await;
    browser.is_content().await;
}

#[tokio::test]
async fn the_browser_plays_a_turned_phone_video() {
    plays_in_the_browser(&clips::phone(), (360, 640), (240, 426)).await;
}

#[tokio::test]
async fn the_browser_plays_a_screen_recording_in_webm() {
    plays_in_the_browser(&clips::screen(), (640, 360), (426, 240)).await;
}

#[tokio::test]
async fn the_browser_plays_hevc_in_mkv() {
    plays_in_the_browser(&clips::hevc(), (640, 360), (426, 240)).await;
}

#[tokio::test]
async fn the_browser_plays_a_private_video_for_its_owner_only() {
    let site = kit::site().await;
    let (asha, bela) = (site.person("asha").await, site.person("bela").await);
    let id = asha
        .publishes(
            &clips::screen(),
            &[("visibility", "private"), ("title", "My secret plan")],
        )
        .await;
    let page = format!("{}/watch/{id}", site.url);
    let browser = browser().await;
    for viewer in [None, Some(&bela)] {
        browser.opens(&page).await;
        if let Some(viewer) = viewer {
            browser.carries(viewer).await;
            browser.opens(&page).await;
        }
        let text = browser.asks("return document.documentElement.innerText").await;
        assert!(
            text.as_str().unwrap().contains("There is no such video"),
            "{text}"
        );
        let html = browser.asks("return document.documentElement.outerHTML").await;
        assert!(!html.as_str().unwrap().contains("secret plan"), "{html}");
        assert!(!html.as_str().unwrap().contains("<video"), "{html}");
    }
    // A page that is not there is something the console tells of; the owner's has nothing to tell.
    browser.console().await;
    browser.carries(&asha).await;
    browser.opens(&page).await;
    browser.plays(&[(640, 360)], 3.0).await;
    let text = browser.asks("return document.documentElement.innerText").await;
    assert!(text.as_str().unwrap().contains("My secret plan"), "{text}");
    let source = browser.asks("return video.currentSrc").await;
    assert!(source.as_str().unwrap().contains("/media/~"), "{source}");
    browser.turns_to_the_playlist().await;
    browser.plays(&[(640, 360), (426, 240)], 3.0).await;
    browser.is_content().await;
}

#[tokio::test]
async fn watching_in_the_browser_is_a_view_and_the_open_page_shows_it() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::phone(), &[]).await;
    let browser = browser().await;
    browser.opens(&format!("{}/watch/{id}", site.url)).await;
    browser
        .until("document.querySelector('#views')?.textContent === '0'")
        .await;
    browser
        .asks("window.video = document.querySelector('video'); video.muted = true; video.play()")
        .await;
    browser.until("video.ended").await;
    browser
        .until("document.querySelector('#views').textContent === '1'")
        .await;
    let video = site.anyone().get(&format!("/api/v1/videos/{id}")).await.is(200);
    assert_eq!(video.at("/data/views"), 1);
    browser.is_content().await;
}

#[tokio::test]
async fn the_browser_shows_markup_in_titles_as_text() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let title = "</title><script>window.pwned=1</script><img src=x onerror=\"window.pwned=2\">";
    let description = "\"'><svg onload=window.pwned=3> <a href=\"javascript:window.pwned=4\">x</a>";
    let id = asha
        .publishes(&clips::small(), &[("title", title), ("description", description)])
        .await;
    let browser = browser().await;
    browser.opens(&format!("{}/watch/{id}", site.url)).await;
    browser
        .until("document.querySelector('video').readyState >= 1")
        .await;
    let seen = browser
        .asks(
            "return [document.title, document.querySelector('h1').textContent, document.body.innerText, \
             document.querySelectorAll('script:not([src=\"/watch/player.js\"]), svg, img, h1 *').length, window.pwned ?? null]",
        )
        .await;
    assert_eq!((seen[0].as_str(), seen[1].as_str()), (Some(title), Some(title)));
    assert!(seen[2].as_str().unwrap().contains(description), "{seen}");
    assert_eq!((&seen[3], &seen[4]), (&json!(0), &Value::Null));
    browser.is_content().await;

    // Were markup to get through all the same, the policy stops it: a script put into the page does not run.
    let ran = browser
        .asks(
            "const script = document.createElement('script'); script.textContent = 'window.pwned = 5'; \
             document.body.append(script); return window.pwned ?? null",
        )
        .await;
    assert!(ran.is_null(), "{ran}");
    let said = browser.console().await.join("\n");
    assert!(said.contains("Content Security Policy"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_shows_the_document_of_the_api() {
    let site = kit::site().await;
    let browser = browser().await;
    browser.opens(&format!("{}/api/docs", site.url)).await;
    browser.until("document.querySelector('details.call')").await;
    let calls = browser
        .asks("return document.querySelectorAll('details.call').length")
        .await;
    let routes: usize = api::routes::routes().iter().map(|route| route.paths.len()).sum();
    assert_eq!(calls, routes, "every call");
    // Each can be opened and tells what it takes and answers.
    browser
        .asks("for (const call of document.querySelectorAll('details.call')) call.open = true")
        .await;
    let told =
        "[...document.querySelectorAll('h3')].filter((title) => title.textContent === 'Answers').length";
    browser.until(&format!("{told} === {routes}")).await;
    let found = browser
        .asks(
            "const find = document.getElementById('find'); find.value = 'patch playlist order'; \
             find.dispatchEvent(new Event('input')); \
             return [...document.querySelectorAll('details.call:not([hidden])')].map((call) => call.id)",
        )
        .await;
    assert_eq!(found, json!(["move_in_playlist"]));
    browser.is_content().await;
}

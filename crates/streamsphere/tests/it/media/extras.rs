//! What is shown beside the picture: subtitles, chapters and previews.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::Value;

use super::browser::browser;
use crate::kit::{self, Person, clips};

/// What people have tried to get into pages by way of text. Each ends up in a cue of its own.
const PAYLOADS: &[&str] = &[
    "<script>window.pwned=1</script>",
    "<SCRIPT SRC=//127.0.0.1:9/x.js></SCRIPT>",
    "<img src=x onerror=window.pwned=1>",
    "<img src=//127.0.0.1:9/leak.png>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<iframe src=javascript:window.pwned=1></iframe>",
    "<iframe srcdoc=\"<script>parent.pwned=1</script>\"></iframe>",
    "<object data=javascript:window.pwned=1></object>",
    "<embed src=javascript:window.pwned=1>",
    "<a href=javascript:window.pwned=1>x</a>",
    "<body onload=window.pwned=1>",
    "<video><source onerror=window.pwned=1></video>",
    "<audio src=x onerror=window.pwned=1></audio>",
    "<details open ontoggle=window.pwned=1>x</details>",
    "<input autofocus onfocus=window.pwned=1>",
    "<marquee onstart=window.pwned=1>x</marquee>",
    "<style>@import '//127.0.0.1:9/x.css';</style>",
    "<link rel=stylesheet href=//127.0.0.1:9/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:window.pwned=1'>",
    "<base href=//127.0.0.1:9/>",
    "<form action=javascript:window.pwned=1><button>x</button></form>",
    "<math><mtext></table><img src=x onerror=window.pwned=1>",
    "<template><script>window.pwned=1</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=window.pwned=1>\">",
    "<b onmouseover=window.pwned=1>bold</b>",
    "<c.x\" onclick=\"window.pwned=1>class</c>",
    "<v \"><img src=x onerror=window.pwned=1>>voice</v>",
    "<v <script>window.pwned=1</script>>voice</v>",
    "<lang en\"><script>window.pwned=1</script>>x</lang>",
    "<ruby><rt><script>window.pwned=1</script></rt></ruby>",
    "<i style=background:url(//127.0.0.1:9/x.png)>x</i>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.pwned=1&#62;",
    "&#x3c;svg/onload=window.pwned=1&#x3e;",
    "&amp;lt;script&amp;gt;",
    "<<script>script>window.pwned=1<</script>/script>",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    "<script\u{b}>window.pwned=1</script\u{b}>",
    "<img/src=x/onerror=window.pwned=1>",
    "<!-- ><img src=x onerror=window.pwned=1>",
    "<![CDATA[<img src=x onerror=window.pwned=1>]]>",
    "<?xml-stylesheet href=\"javascript:window.pwned=1\"?>",
    "<c.--\n>00:00.000 X 00:01.000",
    "\" onerror=\"window.pwned=1",
    "' onload='window.pwned=1",
    "</track><script>window.pwned=1</script>",
    "</video><img src=x onerror=window.pwned=1>",
    "javascript:window.pwned=1",
    "{\\an8}<img src=x onerror=window.pwned=1>",
    "\u{202e}<script>window.pwned=1</script>",
    "\u{2028}<script>window.pwned=1</script>\u{2029}",
];

async fn puts_captions(person: &Person<'_>, id: &str, query: &str, file: String) {
    let path = format!("/api/v1/videos/{id}/captions/en{query}");
    let request = person.request(Method::PUT, &path);
    kit::answer(request.header("content-type", "text/vtt").body(file))
        .await
        .is(201);
}

/// A silent minute of a small picture that does not move: long enough for many cues.
fn still_minute() -> clips::Clip {
    let source = "color=c=gray:size=320x180:rate=5:duration=60";
    clips::made(
        "still-minute.mp4",
        &["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"],
    )
}

#[tokio::test]
async fn a_browser_shows_captions_and_knows_the_chapters() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let description = "0:00 Intro\n0:20 Middle & <i>more</i>\n0:40 End";
    let id = asha
        .publishes(&still_minute(), &[("description", description)])
        .await;
    let file = "WEBVTT\n\n00:00.000 --> 00:30.000 line:10%\n<v Mary>Hello <b>you</b> &amp; me\n";
    puts_captions(&asha, &id, "?label=Plain%20English", file.to_owned()).await;
    let browser = browser().await;
    browser.opens(&format!("{}/watch/{id}", site.url)).await;
    browser
        .until("(window.video = document.querySelector('video')).readyState >= 2")
        .await;
    let tracks = browser
        .asks("return [...video.textTracks].map((t) => [t.kind, t.language, t.label].join('|')).join()")
        .await;
    assert_eq!(tracks, "subtitles|en|Plain English,chapters||Chapters");
    browser
        .asks("video.textTracks[0].mode = 'showing'; video.textTracks[1].mode = 'hidden'; video.currentTime = 1")
        .await;
    browser.until("video.textTracks[0].activeCues?.length == 1").await;
    browser.until("video.textTracks[1].cues?.length == 3").await;
    let shown = browser
        .asks(
            "const cue = video.textTracks[0].activeCues[0]; const html = cue.getCueAsHTML(); \
             return [html.textContent, html.querySelector('b')?.textContent, html.querySelector('span')?.title, cue.line]",
        )
        .await;
    assert_eq!(shown, serde_json::json!(["Hello you & me", "you", "Mary", 10]));
    let chapters = browser
        .asks(
            "return [...video.textTracks[1].cues].map((c) => \
             [c.startTime, c.endTime, c.getCueAsHTML().textContent].join(' ')).join('|')",
        )
        .await;
    assert_eq!(chapters, "0 20 Intro|20 40 Middle & <i>more</i>|40 60 End");
    browser.is_content().await;
}

#[tokio::test]
async fn nothing_in_captions_or_chapters_runs_or_is_fetched_in_a_browser() {
    assert!(PAYLOADS.len() >= 40);
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let description =
        "0:00 <script>window.pwned=1</script>\n0:02 <img src=x onerror=window.pwned=1>\n0:04 \" onload=\"x";
    let id = asha
        .publishes(&still_minute(), &[("description", description)])
        .await;
    let mut file = "WEBVTT\n\nSTYLE\n::cue { background-image: url(//127.0.0.1:9/x.png) }\n".to_owned();
    for payload in PAYLOADS {
        writeln!(file, "\n00:00.000 --> 00:59.000\n{payload} end").unwrap();
    }
    let label = "?label=%22%3E%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E";
    puts_captions(&asha, &id, label, file).await;
    let browser = browser().await;
    browser.opens(&format!("{}/watch/{id}", site.url)).await;
    browser
        .until("(window.video = document.querySelector('video')).readyState >= 2")
        .await;
    browser
        .asks("for (const track of video.textTracks) track.mode = 'showing'; video.currentTime = 1")
        .await;
    browser
        .until(&format!(
            "video.textTracks[0].activeCues?.length == {}",
            PAYLOADS.len()
        ))
        .await;
    browser.until("video.textTracks[1].cues?.length == 3").await;
    // A browser that shows cues makes nodes of them: put them into the page as a player would.
    let made = browser
        .asks(
            "const box = document.createElement('div'); document.body.append(box); \
             for (const track of video.textTracks) for (const cue of track.cues) box.append(cue.getCueAsHTML()); \
             const names = new Set([...box.querySelectorAll('*')].map((e) => e.localName)); \
             const attributes = new Set([...box.querySelectorAll('*')].flatMap((e) => [...e.attributes].map((a) => a.name))); \
             return [[...names].sort().join(), [...attributes].sort().join()]",
        )
        .await;
    let allowed = ["b", "i", "u", "span", "ruby", "rt"];
    for name in made[0].as_str().unwrap().split(',') {
        assert!(allowed.contains(&name), "{made}");
    }
    for name in made[1]
        .as_str()
        .unwrap()
        .split(',')
        .filter(|name| !name.is_empty())
    {
        assert!(["class", "title", "lang"].contains(&name), "{made}");
    }
    browser.asks("video.play()").await;
    browser.until("video.currentTime > 1.5").await;
    let after = browser
        .asks(
            "return [window.pwned ?? null, document.querySelectorAll('script:not([src=\"/watch/player.js\"]), img, svg, iframe').length, \
             performance.getEntriesByType('resource').map((e) => e.name.replace(location.origin, '')) \
             .filter((name) => !/^[/]media[/]|^[/]watch[/]player.js$|^[/]api[/]v1[/](events[?]videos=|videos[/])[0-9a-f]{24}([/]views)?$/.test(name)).join()]",
        )
        .await;
    assert_eq!((&after[0], after[1].as_u64()), (&Value::Null, Some(0)));
    assert_eq!(
        after[2], "",
        "nothing but media of ours was fetched, and what the page itself asks for"
    );
    browser.is_content().await;
}

/// Red, green and blue of a part of a picture, in the middle of it.
fn colour(jpeg: &[u8], (left, top, width, height): (u32, u32, u32, u32)) -> [u8; 3] {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("sheet.jpg"), jpeg).unwrap();
    let crop = format!(
        "crop=8:8:{}:{},scale=1:1:flags=area",
        left + width / 2 - 4,
        top + height / 2 - 4
    );
    let (from, to) = (path("sheet.jpg"), path("pixel.rgb"));
    let words = [
        "-i", &from, "-vf", &crop, "-pix_fmt", "rgb24", "-f", "rawvideo", &to,
    ];
    clips::ffmpeg(&words);
    std::fs::read(&to).unwrap().try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storyboard_shows_for_each_stretch_what_is_there() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    // Red for six seconds, then green, then blue: the colour tells the time.
    let source = |colour: &str| format!("color=c={colour}:size=640x360:rate=10:duration=6");
    let (red, green, blue) = (source("0xff0000"), source("0x00ff00"), source("0x0000ff"));
    let clip = clips::made(
        "three-colours.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            &red,
            "-f",
            "lavfi",
            "-i",
            &green,
            "-f",
            "lavfi",
            "-i",
            &blue,
            "-filter_complex",
            "[0][1][2]concat=n=3",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "10",
        ],
    );
    let id = asha.publishes(&clip, &[("visibility", "unlisted")]).await;
    let video = asha.get(&format!("/api/v1/videos/{id}")).await.is(200);
    let url = video.text_at("/data/storyboard");
    assert!(url.contains("/media/~"), "{url}");
    let playback = asha.get(&format!("/api/v1/videos/{id}/playback")).await.is(200);
    assert!(playback.at("/data/storyboard").is_string());
    let text = site.anyone().get(&url).await.is(200);
    assert_eq!(text.header("content-type"), "text/vtt");
    let text = String::from_utf8(text.bytes).unwrap();
    let cues: Vec<&str> = text.trim_end().split("\n\n").skip(1).collect();
    assert_eq!(cues.len(), 9, "{text}");
    let base = url.rsplit_once('/').unwrap().0;
    for (number, cue) in cues.iter().enumerate() {
        let (time, place) = cue.split_once('\n').unwrap();
        assert!(
            time.starts_with(&format!("00:00:{:02}.000 --> ", number * 2)),
            "{time}"
        );
        let (sheet, area) = place.split_once("#xywh=").unwrap();
        let area: Vec<u32> = area.split(',').map(|number| number.parse().unwrap()).collect();
        assert_eq!(area[2..], [160, 90]);
        let got = site.anyone().get(&format!("{base}/{sheet}")).await.is(200);
        assert_eq!(got.header("content-type"), "image/jpeg");
        let shown = colour(&got.bytes, (area[0], area[1], area[2], area[3]));
        let strongest = (0..3).max_by_key(|channel| shown[*channel]).unwrap();
        assert_eq!(strongest, number / 3, "{cue}: {shown:?}");
    }
    // What is not on the list of sheets is not there, whatever lies in the folder.
    let other = url.replace(".vtt", "-1.jpg");
    site.anyone().get(&other).await.refuses(404, "media_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_whose_previews_cannot_be_made_is_ready_all_the_same() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha.publishes(&clips::screen(), &[]).await;
    let page = format!("/api/v1/videos/{id}");
    assert!(asha.get(&page).await.at("/data/storyboard").is_string());
    // The smallest rendition, which previews are taken from, holds nothing any more; then its last step runs
    // once more.
    let app = &site.server.app;
    let video: model::VideoId = id.parse().unwrap();
    let mut tx = app.core.store.write().await.unwrap();
    let before = store::videos::find(&mut tx, video).await.unwrap().unwrap();
    let renditions = store::renditions::list(&mut tx, video, before.media_gen)
        .await
        .unwrap();
    let smallest = renditions
        .iter()
        .filter(|row| row.height > 0)
        .min_by_key(|row| row.height)
        .unwrap();
    let path = site.objects().join(&smallest.object_key);
    std::fs::write(&path, vec![0; std::fs::read(&path).unwrap().len()]).unwrap();
    let after = store::videos::VideoRow {
        status: model::videos::Status::Processing,
        ..before.clone()
    };
    store::videos::save(&mut tx, &before, after).await.unwrap();
    let payload = app::jobs::finish_video::Payload {
        video,
        gen_no: before.media_gen,
    };
    let now = app.core.clock.now();
    let job = app::jobs::new(&app.core, &payload, Some(video.0), None, now).unwrap();
    store::jobs::enqueue(&mut tx, &job.as_row()).await.unwrap();
    tx.commit().await.unwrap();
    app.playback.forget(video);
    app.core.bus.wake(app::jobs::TOPIC);
    let video = asha.waits_until(&id, "ready").await;
    assert_eq!(video["storyboard"], Value::Null);
    let stream = site.anyone().get(video["videoFile"].as_str().unwrap()).await;
    assert_eq!(stream.status, 200);
}

/// What ffprobe finds behind an address, as JSON.
#[expect(clippy::disallowed_types, reason = "tests run the real program")]
fn probed(url: &str) -> Value {
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_entries"])
        .arg("stream=codec_type,codec_name:stream_tags=language")
        .args(["-i", url])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn captions_are_in_both_manifests_also_of_what_is_not_public() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let id = asha
        .publishes(&clips::screen(), &[("visibility", "unlisted")])
        .await;
    for language in ["en", "pt-br"] {
        let path = format!("/api/v1/videos/{id}/captions/{language}");
        let file = "WEBVTT\n\n00:00.500 --> 00:02.500\nHello\n";
        let request = asha
            .request(Method::PUT, &path)
            .header("content-type", "text/vtt");
        kit::answer(request.body(file)).await.is(201);
    }
    let video = site.anyone().get(&format!("/api/v1/videos/{id}")).await.is(200);
    let (hls, dash) = (video.text_at("/data/hls"), video.text_at("/data/dash"));
    let text_of = async |url: &str| {
        let got = site.anyone().get(url).await.is(200);
        String::from_utf8(got.bytes).unwrap()
    };
    let master = text_of(&hls).await;
    let base = hls.rsplit_once('/').unwrap().0;
    for (language, name) in [("en", "English"), ("pt-br", "Português (BR)")] {
        let line = master
            .lines()
            .find(|line| {
                line.contains("TYPE=SUBTITLES") && line.contains(&format!("LANGUAGE=\"{language}\""))
            })
            .unwrap_or_else(|| panic!("no {language} in {master}"));
        assert!(line.contains(&format!("NAME=\"{name}\"")), "{line}");
        let group = line
            .split("GROUP-ID=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let variants = master
            .lines()
            .filter(|line| line.starts_with("#EXT-X-STREAM-INF"));
        for variant in variants {
            assert!(variant.contains(&format!("SUBTITLES=\"{group}\"")), "{variant}");
        }
        let playlist = text_of(&format!("{base}/captions-{language}.m3u8")).await;
        let file = playlist.lines().find(|line| !line.starts_with('#')).unwrap();
        let cues = text_of(&format!("{base}/{file}")).await;
        assert!(cues.contains("00:00:00.500 --> 00:00:02.500\nHello"), "{cues}");
    }
    let manifest = text_of(&dash).await;
    assert_eq!(manifest.matches("mimeType=\"text/vtt\"").count(), 2, "{manifest}");
    // Which a player finds, too; ffmpeg passes over the subtitles of HLS, and plays the rest.
    for (url, subtitles) in [(&hls, 0), (&dash, 2)] {
        let found = probed(url);
        let of_kind = |kind: &str| {
            let streams = found["streams"].as_array().unwrap();
            streams
                .iter()
                .filter(|stream| stream["codec_type"] == kind)
                .count()
        };
        assert!(of_kind("video") >= 1 && of_kind("audio") == 1, "{found}");
        assert_eq!(of_kind("subtitle"), subtitles, "{found}");
    }
}

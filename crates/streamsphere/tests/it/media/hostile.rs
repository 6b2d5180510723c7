//! Files that want to be read as something else, names that want to be arguments, and files that want
//! to cost more than they are worth. All of them through the front door.

mod costs;
mod disguises;

use std::time::{Duration, Instant};

use reqwest::Method;

use crate::kit::clips;
use crate::kit::wire;
use crate::kit::{self, Answer, Person};

const VIDEOS: &str = "/api/v1/videos";

async fn uploads(person: &Person<'_>, file_name: &str, bytes: &[u8]) -> Answer {
    let form = wire::form(&[
        wire::text("title", "A clip"),
        wire::text("allowDuplicate", "true"),
        wire::file("videoFile", file_name, bytes),
    ]);
    let request = person
        .request(Method::POST, VIDEOS)
        .header("content-type", wire::form_type());
    kit::answer(request.body(form)).await
}

/// Waits until a video is not being processed any more; answers its status.
async fn ends(person: &Person<'_>, id: &str) -> String {
    let path = format!("{VIDEOS}/{id}");
    // A damaged file may be copied, then encoded, before it is given up.
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        let status = person.get(&path).await.is(200).text_at("/data/status");
        if status != "processing" {
            return status;
        }
        assert!(Instant::now() < deadline, "{id} is still being processed");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_is_called_is_only_ever_shown() {
    let site = kit::site().await;
    let mallory = site.person("mallory").await;
    let bytes = clips::small().bytes();
    let long = format!("{}.mp4", "n".repeat(300));
    let marker = site.folder.path().join("marker");
    let run = format!("$(touch {})", marker.display());
    let mut ids = Vec::new();
    for name in [
        "-i",
        "-i /etc/passwd",
        "--help",
        "-filter_complex",
        "$(id)",
        &run,
        "`id`",
        "; id",
        "| id",
        "../../x",
        "../../../../../../tmp/x.mp4",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a%03d.mp4",
        "%s%n%p",
        "concat:a|b",
        "file:/etc/passwd",
        "http://127.0.0.1/x.mp4",
        "a\tb.mp4",
        "CON",
        "x.mp4;.php",
        "x.php",
        "<script>alert(1)</script>.mp4",
        "\u{202e}4pm.exe",
        "名前.mp4",
        &long,
    ] {
        let answer = uploads(&mallory, name, &bytes).await;
        // Without a name, the part may count as none of a file; it is not taken for anything else.
        if name.is_empty() && answer.status == 400 {
            continue;
        }
        assert_eq!(answer.status, 201, "{name:?}: {}", answer.json);
        ids.push((name, answer.text_at("/data/_id")));
    }
    // A line break ends the line of the name; an empty line begins the content early.
    for name in [
        "a\nb.mp4",
        "a\r\nX-Injected: 1\r\n\r\nb.mp4",
        "a\0b.mp4",
        "a\"b.mp4",
        "a\\\"b.mp4",
    ] {
        let answer = uploads(&mallory, name, &bytes).await;
        assert!(
            [201, 400, 415].contains(&answer.status),
            "{name:?}: {}",
            answer.json
        );
        if answer.status == 201 {
            ids.push((name, answer.text_at("/data/_id")));
        }
    }
    for (name, id) in &ids {
        let row = store::videos::find(&mut site.server.app.core.store.read(), id.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        assert!(row.source_name.chars().count() <= 255, "{name:?}");
        assert!(!row.source_name.chars().any(char::is_control), "{name:?}");
        assert_eq!(
            row.source_key.as_deref(),
            Some(format!("videos/{id}/source.mp4").as_str())
        );
        let status = ends(&mallory, id).await;
        assert_eq!(status, "ready", "{name:?}");
    }
    assert!(!marker.exists(), "nothing was run");
    let ours = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    for file in kit::files(&site.objects()) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.bytes().all(ours), "{name}");
    }
}

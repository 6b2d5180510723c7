//! Numbers as files.

use serde_json::{Value, json};

use super::{Counter, noon, videos};

/// The lines of a CSV file, field by field.
fn parse(bytes: &[u8]) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut field) = (Vec::new(), Vec::new(), String::new());
    let text = std::str::from_utf8(bytes).unwrap();
    let (mut chars, mut quoted) = (text.chars().peekable(), false);
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => line.push(std::mem::take(&mut field)),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'));
                line.push(std::mem::take(&mut field));
                lines.push(std::mem::take(&mut line));
            }
            c => field.push(c),
        }
    }
    assert!(field.is_empty() && line.is_empty(), "a line ends with CRLF");
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_videos_and_days_opens_in_a_spreadsheet_and_runs_nothing() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let rows = videos(&site, &asha, &["=HYPERLINK(\"http://x\")", "Sea, \"blue\""]).await;
    let mut counter = Counter::of(&asha);
    counter.watches(rows[0].id, "2026-10-24T10:00:00Z", 60, 1).await;
    counter.watches(rows[1].id, "2026-10-25T10:00:00Z", 90, 2).await;
    counter.watches(rows[1].id, "2026-09-01T10:00:00Z", 90, 2).await;
    let file = asha.get("/api/v1/dashboard/export?format=csv").await.is(200);
    let name = "asha-videos-2026-09-29-to-2026-10-26.csv";
    assert!(
        file.header("content-disposition").contains(name),
        "{}",
        file.header("content-disposition")
    );
    let (first, second) = (rows[0].id.to_string(), rows[1].id.to_string());
    let expected = [
        vec![
            "date",
            "videoId",
            "title",
            "views",
            "watchTime",
            "likes",
            "comments",
            "subscribersGained",
        ],
        vec![
            "2026-10-24",
            &first,
            "'=HYPERLINK(\"http://x\")",
            "1",
            "60.0",
            "0",
            "0",
            "0",
        ],
        vec!["2026-10-25", &second, "Sea, \"blue\"", "2", "90.0", "0", "0", "0"],
    ];
    assert_eq!(parse(&file.bytes), expected);
    let total = asha
        .get("/api/v1/dashboard/export?granularity=total&format=json&from=2026-08-01")
        .await
        .is(200);
    assert_eq!(total.json.as_array().unwrap().len(), 2);
    assert_eq!(
        (&total.json[0]["videoId"], &total.json[0]["views"]),
        (&json!(second), &json!(4))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_exported_bucket_by_bucket() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let none = asha.get("/api/v1/dashboard/export?format=json").await.is(200);
    assert_eq!(none.json, json!([]));
    let sea = videos(&site, &asha, &["Sea"]).await[0].id;
    let mut counter = Counter::of(&asha);
    counter.watches(sea, "2026-10-24T22:30:00Z", 60, 1).await;
    for whose in ["per=channel".to_owned(), format!("videoId={sea}")] {
        let path = format!("/api/v1/dashboard/export?{whose}&from=2026-10-24&to=2026-10-26");
        let days = asha
            .get(&format!("{path}&tz=Europe/Berlin&format=json"))
            .await
            .is(200)
            .json;
        assert_eq!((&days[0]["views"], &days[1]["views"]), (&json!(0), &json!(1)));
        assert_eq!(
            (&days[1]["date"], &days[1]["at"]),
            (&json!("2026-10-25"), &json!("2026-10-24T22:00:00.000Z"))
        );
        assert_eq!(days[0]["startup"], Value::Null);
        let hours = asha.get(&format!("{path}&granularity=hour")).await.is(200);
        let lines = parse(&hours.bytes);
        assert_eq!(
            (lines.len(), &*lines[23][0], &*lines[23][1]),
            (49, "2026-10-24T22:00:00.000Z", "1")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_export_goes_on_where_a_piece_ended() {
    let site = noon().await;
    let asha = site.person("asha").await;
    let titles: Vec<String> = (0..450).map(|number| format!("Video {number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let rows = videos(&site, &asha, &titles).await;
    let channel = asha.id.parse().unwrap();
    let mut tx = site.server.app.core.store.write().await.unwrap();
    for day in ["2026-10-24", "2026-10-25"] {
        for video in &rows {
            let counts = model::analytics::Counts {
                views: 1,
                ..Default::default()
            };
            let (day, grain) = (super::at(day), model::analytics::Grain::Day);
            store::analytics::rollups::add_to_channel(&mut tx, channel, grain, day, video.id, &counts)
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
    let file = asha
        .get("/api/v1/dashboard/export?format=json")
        .await
        .is(200)
        .json;
    let seen: std::collections::BTreeSet<(String, String)> = file
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["date"].to_string(), row["title"].to_string()))
        .collect();
    assert_eq!((file.as_array().unwrap().len(), seen.len()), (900, 900));
}

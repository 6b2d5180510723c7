//! Section 8's dashboard, to the field.

use super::{assert_items, enveloped, gives, is_array};
use crate::kit;
use crate::kit::rows::{add, row};

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_says_what_the_contract_says() {
    let site = kit::site().await;
    let asha = site.person("asha").await;
    let rows = [row(&site, &asha, "One"), row(&site, &asha, "Two")];
    add(&site, &rows).await;
    let stats = asha.get("/api/v1/dashboard/stats").await;
    let stats = gives(
        stats,
        200,
        "totalVideos:int totalViews:int totalSubscribers:int subscriberCount:int totalLikes:int \
         totalComments:int totalWatchTime:num",
    );
    assert_eq!(stats["totalVideos"], 2);
    is_array(&asha, "/api/v1/dashboard/videos", "own_video watchTime:num").await;
    let path = "/api/v1/dashboard/timeseries?metric=views&from=0&to=1&granularity=day";
    let series = gives(
        asha.get(path).await,
        200,
        "metric:text granularity:text timeZone:text from:time to:time total:num points:list",
    );
    assert_items(&series["points"], "at:time date:text value:num", path);
    let top = asha.get("/api/v1/dashboard/top?metric=views&from=0&to=1").await;
    gives(
        top,
        200,
        "by:text metric:text from:time to:time timeZone:text total:num items:empty",
    );
    let path = format!("/api/v1/dashboard/videos/{}/retention", rows[0].id);
    let retention = gives(
        asha.get(&path).await,
        200,
        "video:id from:time to:time timeZone:text sessions:int averagePercentageViewed:num? \
         averageViewDuration:num? points:list quality:any",
    );
    assert_items(&retention["points"], "position:num watching:num", &path);
    let realtime = gives(
        asha.get("/api/v1/dashboard/realtime").await,
        200,
        "viewersNow:int viewsLast60Minutes:int viewsLast48Hours:int minutes:list videos:empty",
    );
    assert_items(&realtime["minutes"], "at:time views:int viewers:int", "realtime");
    for (format, media_type) in [
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("json", "application/json"),
    ] {
        let path = format!("/api/v1/dashboard/export?format={format}");
        let file = asha.get(&path).await.is(200);
        assert_eq!(file.header("content-type"), media_type);
        assert!(file.header("content-disposition").starts_with("attachment;"));
    }
    let nobody = site.anyone().get("/api/v1/dashboard/export?format=csv").await;
    assert_eq!(enveloped_refusal(nobody), "unauthenticated");
    assert_eq!(
        enveloped(asha.get("/api/v1/dashboard/videos").await, 200)
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

/// The code of a refusal that asks for signing in.
fn enveloped_refusal(answer: kit::Answer) -> String {
    answer.is(401).text_at("/code")
}

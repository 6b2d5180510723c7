//! How the server ends.

use crate::kit::{pattern, site};
use streamsphere_delivery::{DrainReport, Limits};
use tokio::{io::AsyncReadExt, net::TcpStream};

#[tokio::test]
async fn draining_finishes_what_is_under_way_and_takes_nothing_new() {
    let site = site(Limits::default()).await;
    let content = pattern(32 * 1024 * 1024);
    site.has_file("v.mp4", &content);
    let mut idle = site.client().await;
    idle.asks("GET", "/media/v.mp4", "Range: bytes=0-0\r\n").await;
    assert_eq!(idle.answer("GET").await.unwrap().status, 206);
    let mut idle_at_hyper = site.client().await;
    idle_at_hyper.asks("GET", "/", "").await;
    assert_eq!(idle_at_hyper.answer("GET").await.unwrap().status, 200);
    let mut watching = site.client().await;
    watching.asks("GET", "/media/v.mp4", "").await;
    watching.stream.readable().await.unwrap();
    let mut waiting = site.client().await;
    waiting.asks("GET", "/wait", "").await;
    site.waiting.acquire().await.unwrap().forget();

    site.shutdown.cancel();
    assert!(idle.is_left_in_silence().await, "an idle connection ends at once");
    assert!(idle_at_hyper.is_left_in_silence().await);
    // The listener is gone before the idle connections are: whoever comes now is refused by the system, or was
    // in its queue and is reset.
    if let Ok(mut late) = TcpStream::connect(site.address).await {
        assert!(matches!(late.read(&mut [0]).await, Ok(0) | Err(_)));
    }
    site.go.add_permits(1);
    let answer = waiting.answer("GET").await.unwrap();
    assert_eq!(
        (answer.body.as_slice(), answer.field("connection")),
        (&b"waited"[..], Some("close"))
    );
    assert!(watching.answer("GET").await.unwrap().body == content);
    drop((waiting, watching));
    let report = site.served.await.unwrap();
    assert_eq!(report.cut, 0);
}

#[tokio::test]
async fn draining_does_not_wait_for_ever() {
    let site = site(Limits {
        drain_ms: 50,
        ..Limits::default()
    })
    .await;
    let mut waiting = site.client().await;
    waiting.asks("GET", "/wait", "").await;
    site.waiting.acquire().await.unwrap().forget();
    site.shutdown.cancel();
    assert_eq!(site.served.await.unwrap(), DrainReport { finished: 0, cut: 1 });
    assert!(waiting.is_left_in_silence().await);
}

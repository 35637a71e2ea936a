//! The door: who only stands there, and who guesses.

use tokio::io::AsyncReadExt;

use super::Hub;
use crate::wait;

#[tokio::test(flavor = "multi_thread")]
async fn who_only_stands_there_keeps_nobody_out() {
    let hub = Hub::new().await;
    // More than there is room for: some have begun to ask, and do not go on.
    let mut silent = Vec::new();
    for _guest in 0..520 {
        silent.push(hub.stranger().half_asks().await);
    }
    assert_eq!(hub.stranger().get("/log-ind").await.status, 200, "there is room again before long");
    let mut first = silent.swap_remove(0);
    let mut rest = Vec::new();
    let ended = wait::soon("whoever says nothing is let go", first.read_to_end(&mut rest)).await;
    assert!(ended.is_err() || rest.is_empty() || rest.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&rest));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_from_one_address_waits_and_nobody_elsewhere() {
    let hub = Hub::with(&[("CONSOLE__PROXIES", "127.0.0.1")]).await;
    let from = |address: &str| hub.stranger().saying("x-forwarded-for", address);
    let mut guesser = from("192.0.2.1");
    let guess = [("link", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    let mut got = Vec::new();
    while got.last() != Some(&429) && got.len() < 100 {
        got.push(guesser.post("/log-ind/link", &guess).await.status);
    }
    assert!(got.len() > 30 && got.iter().rev().skip(1).all(|status| *status == 422), "{got:?}");
    assert_eq!(guesser.signs_in("ida", "en kode der er lang", "/").await.status, 429, "nor by password");
    // What somebody writes there of themselves changes nothing; others are not kept out.
    assert_eq!(from("203.0.113.9, 192.0.2.1").post("/log-ind/link", &guess).await.status, 429);
    assert_eq!(from("192.0.2.2").post("/log-ind/link", &guess).await.status, 422);
    assert_eq!(hub.stranger().post("/log-ind/link", &guess).await.status, 422);
}

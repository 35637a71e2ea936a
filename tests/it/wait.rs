//! Waiting for something to become true, with a limit: tests never sleep and hope.

use std::time::Duration;

use tokio::time::Instant;

/// Long enough for anything that works, on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_mins(2);

/// How often to look.
const LOOK: Duration = Duration::from_millis(50);

/// Waits until `look` finds something.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begin.elapsed() < LIMIT, "this did not come true in {LIMIT:?}: {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits for a future that should end soon.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(LIMIT, future).await.ok();
    ended.unwrap_or_else(|| panic!("this did not end in {LIMIT:?}: {what}"))
}

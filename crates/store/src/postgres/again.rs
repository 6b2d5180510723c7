//! What is decided again from the beginning, when others changed what it was decided by.

use std::cell::Cell;

struct Attempt {
    alone: bool,
    overtaken: Cell<bool>,
}

tokio::task_local! {
    static ATTEMPT: Attempt;
}

/// Whether the transactions of the present task go alone.
pub(super) fn alone() -> bool {
    ATTEMPT.try_with(|attempt| attempt.alone).unwrap_or(false)
}

/// Notes that a transaction of the present task was given up because others had changed what it read.
pub(super) fn note_overtaken() {
    let _ = ATTEMPT.try_with(|attempt| attempt.overtaken.set(true));
}

/// Does `work`, with its transactions alone among those of this process or not. Also tells whether one of them was
/// overtaken by others, so that the same work may succeed when it is done again.
pub(crate) async fn attempt<T>(alone: bool, work: impl Future<Output = T>) -> (T, bool) {
    let attempt = Attempt {
        alone,
        overtaken: Cell::new(false),
    };
    ATTEMPT
        .scope(attempt, async {
            let done = work.await;
            let overtaken = ATTEMPT.with(|attempt| attempt.overtaken.get());
            (done, overtaken)
        })
        .await
}

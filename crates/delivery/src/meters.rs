//! What is counted. Handles are made once, because looking one up by name for each response costs more than
//! counting does. The recorder must be installed before the first connection.

use http::StatusCode;
use metrics::{Counter, Gauge, counter, gauge};
use std::sync::LazyLock;

/// The statuses the fast sender counts by name.
const STATUSES: [u16; 12] = [200, 206, 301, 302, 304, 400, 401, 403, 404, 412, 416, 500];

/// All meters of this crate.
pub(crate) struct Meters {
    /// Body bytes sent by `sendfile`.
    pub(crate) sendfile_bytes: Counter,
    /// Body bytes that passed through user space.
    pub(crate) user_space_bytes: Counter,
    /// Connections open now.
    pub(crate) open: Gauge,
    /// Connections taken.
    pub(crate) accepted: Counter,
    /// Connections refused because there were too many.
    pub(crate) refused: Counter,
    /// Connections cut because a deadline passed.
    pub(crate) timed_out: Counter,
    /// Connections whose task panicked; anything but zero is a bug.
    pub(crate) panicked: Counter,
    statuses: [Counter; STATUSES.len()],
    other: Counter,
}

impl Meters {
    /// Counts an answer of the fast sender.
    pub(crate) fn answered(&self, status: StatusCode) {
        let known = STATUSES.iter().position(|known| *known == status.as_u16());
        known
            .and_then(|at| self.statuses.get(at))
            .unwrap_or(&self.other)
            .increment(1);
    }
}

/// The meters.
pub(crate) static METERS: LazyLock<Meters> = LazyLock::new(|| Meters {
    sendfile_bytes: counter!("streamsphere_delivery_bytes_total", "path" => "sendfile"),
    user_space_bytes: counter!("streamsphere_delivery_bytes_total", "path" => "user_space"),
    open: gauge!("streamsphere_connections_open"),
    accepted: counter!("streamsphere_connections_accepted_total"),
    refused: counter!("streamsphere_connections_refused_total"),
    timed_out: counter!("streamsphere_connections_timed_out_total"),
    panicked: counter!("streamsphere_connections_panicked_total"),
    statuses: STATUSES
        .map(|status| counter!("streamsphere_delivery_responses_total", "status" => status.to_string())),
    other: counter!("streamsphere_delivery_responses_total", "status" => "other"),
});

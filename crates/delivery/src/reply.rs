//! Response heads of HTTP/1 as bytes, for what the fast sender answers itself.

use crate::{envelope, head::Fault};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use parking_lot::Mutex;
use std::time::{Duration, UNIX_EPOCH};

/// What is said about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persistence {
    /// It goes on, as HTTP/1.1 takes for granted.
    Goes,
    /// It goes on, which an HTTP/1.0 client has to be told.
    GoesSaid,
    /// It ends after this answer.
    Ends,
}

/// Begins a head: the status line.
pub(crate) fn begin(out: &mut Vec<u8>, status: StatusCode) {
    out.clear();
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(status.canonical_reason().unwrap_or("").as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Adds a field.
pub(crate) fn field(out: &mut Vec<u8>, name: &HeaderName, value: &HeaderValue) {
    out.extend_from_slice(name.as_str().as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Ends a head with the fields of the connection.
pub(crate) fn end(out: &mut Vec<u8>, date: &[u8], persistence: Persistence) {
    out.extend_from_slice(b"date: ");
    out.extend_from_slice(date);
    out.extend_from_slice(match persistence {
        Persistence::Goes => b"\r\n\r\n".as_slice(),
        Persistence::GoesSaid => b"\r\nconnection: keep-alive\r\n\r\n".as_slice(),
        Persistence::Ends => b"\r\nconnection: close\r\n\r\n".as_slice(),
    });
}

/// Fields that are about the connection, which nobody but the sender may set.
pub(crate) fn is_of_the_connection(name: &HeaderName) -> bool {
    *name == header::CONNECTION
        || *name == header::TRANSFER_ENCODING
        || *name == header::CONTENT_LENGTH
        || *name == header::UPGRADE
        || *name == header::DATE
        || name.as_str() == "keep-alive"
}

/// The answer to a refused head. Always the last on its connection.
pub(crate) fn refused(fault: Fault) -> Response<Bytes> {
    let (status, code, message) = fault.words();
    let mut response = envelope::refusal(status, code, message);
    let fields = response.headers_mut();
    match fault {
        Fault::Method => {
            let methods = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            fields.insert(header::ALLOW, methods);
        }
        Fault::Crowded => {
            fields.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        _ => {}
    }
    response
}

/// The `Date` field, formatted once a second.
#[derive(Debug, Default)]
pub(crate) struct Dates(Mutex<(i64, [u8; DATE_BYTES])>);

/// Length of an IMF-fixdate.
pub(crate) const DATE_BYTES: usize = 29;

impl Dates {
    /// The date of `now_ms`.
    pub(crate) fn at(&self, now_ms: i64) -> [u8; DATE_BYTES] {
        let second = now_ms.div_euclid(1000);
        let mut cached = self.0.lock();
        if cached.0 != second || cached.1[0] == 0 {
            let since = Duration::from_secs(u64::try_from(second).unwrap_or(0).min(253_402_300_799));
            let text = httpdate::fmt_http_date(UNIX_EPOCH + since);
            if let Ok(text) = text.as_bytes().try_into() {
                *cached = (second, text);
            }
        }
        cached.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_clock() {
        let dates = Dates::default();
        assert_eq!(&dates.at(0), b"Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(&dates.at(784_111_777_999), b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(&dates.at(-5), b"Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn a_fault_and_its_status_name_each_other() {
        for fault in [
            Fault::Malformed,
            Fault::TargetTooLong,
            Fault::HeadTooLarge,
            Fault::TooSlow,
            Fault::Method,
            Fault::Crowded,
        ] {
            assert_eq!(Fault::of_status(fault.words().0.as_u16()), fault);
        }
    }
}

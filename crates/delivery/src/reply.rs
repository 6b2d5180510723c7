//! Response heads of HTTP/1 as bytes, for what the fast sender answers itself.

use crate::{
    envelope,
    fields::{Fields, Value},
    head::Fault,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, header};

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

/// Ends a head with the fields of the connection.
pub(crate) fn end(out: &mut Vec<u8>, now_ms: i64, persistence: Persistence) {
    let seconds = u64::try_from(now_ms.div_euclid(1000)).unwrap_or(0);
    out.add(&header::DATE, Value::Date(seconds));
    match persistence {
        Persistence::Goes => {}
        Persistence::GoesSaid => out.add(&header::CONNECTION, Value::Text("keep-alive")),
        Persistence::Ends => out.add(&header::CONNECTION, Value::Text("close")),
    }
    out.extend_from_slice(b"\r\n");
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

#[cfg(test)]
mod tests {
    use super::*;

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

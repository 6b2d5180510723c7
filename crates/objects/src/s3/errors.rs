//! What the client says, in our words.

use object_store::Error;

use crate::ObjectsError;

pub(super) fn failed(error: Error) -> ObjectsError {
    match error {
        // Where absence is no answer, what was there a moment ago is gone.
        Error::Precondition { .. } | Error::NotModified { .. } | Error::NotFound { .. } => {
            ObjectsError::Changed
        }
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            ObjectsError::Forbidden(Box::new(error))
        }
        other => ObjectsError::Unavailable(Box::new(other)),
    }
}

/// Absence as a value.
pub(super) fn absent<T>(result: Result<T, Error>) -> Result<Option<T>, ObjectsError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

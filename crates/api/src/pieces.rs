//! Answers that are written while they are sent, so that a long one takes no more memory than a short one, however
//! slowly it is read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Frame;
use tokio::sync::mpsc;

use crate::problem::Problem;

/// An answer of pieces that something else makes; one that fails cuts it off.
pub(crate) struct Pieces(mpsc::Receiver<Result<Bytes, Problem>>);

impl From<mpsc::Receiver<Result<Bytes, Problem>>> for Pieces {
    fn from(pieces: mpsc::Receiver<Result<Bytes, Problem>>) -> Self {
        Self(pieces)
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        // Why a piece could not be made is in the log.
        let cut_off = |_| io::Error::other("the answer was cut off");
        self.0
            .poll_recv(context)
            .map(|piece| piece.map(|piece| piece.map(Frame::data).map_err(cut_off)))
    }
}

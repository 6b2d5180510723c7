//! Work that is done a few at a time, each on a task of its own, and heard of in the order in which it ends.

use tokio::task::JoinSet;

use crate::error::Error;

/// Pieces of work under way; dropped, they end.
#[derive(Debug)]
pub(crate) struct Few<T> {
    running: JoinSet<T>,
    most: usize,
    /// What is being done, for whoever reads of one that failed.
    what: &'static str,
}

impl<T: Send + 'static> Few<T> {
    /// At most `most` at once.
    pub(crate) fn new(most: usize, what: &'static str) -> Self {
        Self {
            running: JoinSet::new(),
            most,
            what,
        }
    }

    /// Begins a piece of work, where there is room; else waits for one that ends first, and answers what came of that.
    pub(crate) async fn begin(
        &mut self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<Option<T>, Error> {
        let ended = if self.running.len() >= self.most {
            self.end().await?
        } else {
            None
        };
        self.running.spawn(work);
        Ok(ended)
    }

    /// What came of the next that ends; `None`: none is under way.
    pub(crate) async fn end(&mut self) -> Result<Option<T>, Error> {
        match self.running.join_next().await {
            None => Ok(None),
            Some(Ok(ended)) => Ok(Some(ended)),
            Some(Err(gone)) => Err(Error::failed(self.what, gone)),
        }
    }
}

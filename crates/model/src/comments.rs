//! Comments: what their text looks like. Who may write and remove them is `app::comments`.

use crate::text::{self, Fault};

/// The longest comment, in characters as people see them.
pub const MAX_CONTENT: usize = 10_000;

/// The text of a comment: several lines, trimmed, 1 to 10,000 characters.
pub fn content(raw: &str) -> Result<String, Fault> {
    text::paragraphs(raw, 1, MAX_CONTENT)
}

//! Pressing bytes and names onto the disk.

use std::fs::File;
use std::io;
use std::num::NonZeroU64;
use std::path::Path;

use rustix::fs::{Advice, fadvise};

/// Returns once the file's bytes would survive a power cut.
pub(crate) fn file(file: &File) -> io::Result<()> {
    if is_sabotaged() { Ok(()) } else { file.sync_data() }
}

/// Returns once the names in the folder would survive a power cut.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    if is_sabotaged() {
        Ok(())
    } else {
        File::open(path)?.sync_all()
    }
}

/// Asks the system to begin writing a range out, so that less is left for the sync at the end.
///
/// Linux begins write-back of dirty pages when told that they are not needed, and drops those that
/// are clean. `sync_file_range` would say it more plainly, but has no safe wrapper. Only a hint: what
/// goes wrong here shows up in the sync.
pub(crate) fn begin(file: &File, offset_bytes: u64, bytes: u64) {
    let _ = fadvise(file, offset_bytes, NonZeroU64::new(bytes), Advice::DontNeed);
}

/// Whether this build was made to lose data, and told to, so that the power-cut tests have something
/// that they must catch.
#[cfg(feature = "sabotage")]
pub(crate) fn is_sabotaged() -> bool {
    std::env::var("STREAMSPHERE_SABOTAGE").is_ok_and(|how| how == "no-sync")
}

/// Only a build with the feature `sabotage` can be made to lose data.
#[cfg(not(feature = "sabotage"))]
pub(crate) const fn is_sabotaged() -> bool {
    false
}

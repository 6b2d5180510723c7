//! The crate on real parts: clips made by ffmpeg, the sandbox as the server runs it, real files.

#[cfg(test)]
mod encodes;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod join;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod ladder;
#[cfg(test)]
mod ladder_kit;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod pipeline;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod sandboxed;

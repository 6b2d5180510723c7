//! Media: what a file is, how it is turned into something that streams, and the text that describes it.
//!
//! Owns the sniffing of uploads, probing, the ffmpeg and ffprobe plans, the sandboxed runner, the
//! MP4 segment index, HLS text and pictures. Knows no database, no users and no URLs: paths come in
//! as arguments, facts go out as structs. Plans are pure; [`runner`] alone starts processes.

pub mod argv;
pub mod avatar;
pub mod background;
pub mod captions;
pub mod cuts;
pub mod dash;
pub mod encode;
pub mod exec;
pub mod hls;
pub mod images;
pub mod ladder;
pub mod mp4;
pub mod poster;
pub mod probe;
pub mod runner;
pub mod sandbox;
pub mod sniff;
pub mod storyboard;

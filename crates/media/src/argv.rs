//! Argument lists for ffmpeg and ffprobe.
//!
//! Owns the only builder of such a list. Words are literals of this crate, numbers, or paths behind a
//! `file:` prefix, so nothing a person typed can become an option, a protocol or a filter. Which
//! words, and in which order, is decided in [`crate::plan`], [`crate::probe`] and [`crate::poster`].

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::path::{Path, PathBuf};

use crate::sniff::Container;

/// Which program an [`Invocation`] starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Demuxes, decodes, encodes and muxes.
    Ffmpeg,
    /// Reports what a file holds, as JSON on its standard output.
    Ffprobe,
}

/// Decoders that may run on what people upload. Everything else is refused by ffmpeg itself.
pub const DECODERS: &str = "h264,hevc,vp8,vp9,libdav1d,av1,mpeg4,msmpeg4,mpeg2video,mpeg1video,mjpeg,theora,\
prores,dnxhd,flv,h263,aac,aac_latm,mp3,mp3float,mp2,mp2float,opus,libopus,vorbis,flac,alac,ac3,eac3,dca,\
pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_u8,pcm_mulaw,pcm_alaw";

/// Decoders that ffprobe opens, though no plan ever reads those tracks: it gives up on a file in
/// which it may not open one.
const PROBE_ONLY_DECODERS: &str = "mov_text,srt,subrip,ass,ssa,webvtt,text,dvdsub,dvbsub,pgssub,png,cc_dec";

/// Most pixels a decoded picture may have.
pub const MAX_PIXELS: u64 = 35_389_440;

/// Most streams a file may have.
pub const MAX_STREAMS: u32 = 32;

/// One program start: what to run, with which words, and what it may touch.
///
/// Only the plans of this crate can make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    program: Program,
    args: Vec<OsString>,
    reads: Vec<PathBuf>,
    writes: Option<PathBuf>,
}

impl Invocation {
    /// The program to start.
    pub fn program(&self) -> Program {
        self.program
    }

    /// Its arguments, without the program's own name.
    pub fn args(&self) -> &[OsString] {
        &self.args
    }

    /// Files it may read, besides the program and its libraries.
    pub fn reads(&self) -> &[PathBuf] {
        &self.reads
    }

    /// The one folder it may create and write files in.
    pub fn writes(&self) -> Option<&Path> {
        self.writes.as_deref()
    }
}

/// Builds an [`Invocation`] word by word.
#[derive(Debug)]
pub(crate) struct Argv {
    invocation: Invocation,
}

impl Argv {
    /// Starts an ffmpeg call that reports progress and asks nothing.
    pub(crate) fn ffmpeg() -> Self {
        Self::new(Program::Ffmpeg)
            .flag("-nostdin")
            .flag("-hide_banner")
            .flag("-nostats")
            .flag("-y")
            .opt("-v", "error")
            .opt("-progress", "pipe:1")
    }

    /// Starts an ffprobe call that answers in JSON.
    pub(crate) fn ffprobe() -> Self {
        Self::new(Program::Ffprobe)
            .flag("-hide_banner")
            .opt("-v", "error")
            .opt("-of", "json=c=1")
    }

    fn new(program: Program) -> Self {
        Self {
            invocation: Invocation {
                program,
                args: Vec::new(),
                reads: Vec::new(),
                writes: None,
            },
        }
    }

    /// Adds a word of ours.
    pub(crate) fn flag(mut self, word: &'static str) -> Self {
        self.invocation.args.push(word.into());
        self
    }

    /// Adds an option and its literal value.
    pub(crate) fn opt(self, name: &'static str, value: &'static str) -> Self {
        self.flag(name).flag(value)
    }

    /// Adds an option and a value put together from numbers and literals of this crate.
    pub(crate) fn value(mut self, name: &'static str, value: impl Display) -> Self {
        self.invocation.args.push(name.into());
        self.invocation.args.push(value.to_string().into());
        self
    }

    /// Adds an uploaded file as input, behind the launch profile: one protocol, one demuxer, the
    /// listed decoders, and bounds on pixels, streams and probing.
    pub(crate) fn untrusted_input(self, path: &Path, container: Container) -> Self {
        let ffprobe = self.invocation.program == Program::Ffprobe;
        let decoders = if ffprobe {
            format!("{DECODERS},{PROBE_ONLY_DECODERS}")
        } else {
            DECODERS.to_owned()
        };
        self.opt("-protocol_whitelist", "file")
            .opt("-f", container.demuxer())
            .opt("-format_whitelist", container.demuxer())
            .value("-codec_whitelist", decoders)
            .value("-max_pixels", MAX_PIXELS)
            .value("-max_streams", MAX_STREAMS)
            .opt("-probesize", "10M")
            .opt("-analyzeduration", "10M")
            .input_path(path)
    }

    /// Adds a file that an earlier step of ours wrote.
    pub(crate) fn own_mp4_input(self, path: &Path) -> Self {
        self.opt("-protocol_whitelist", "file")
            .opt("-f", "mov")
            .opt("-format_whitelist", "mov")
            .input_path(path)
    }

    fn input_path(mut self, path: &Path) -> Self {
        self.invocation.args.push("-i".into());
        self.invocation.args.push(file_url(path));
        if !self.invocation.reads.iter().any(|known| known == path) {
            self.invocation.reads.push(path.to_owned());
        }
        self
    }

    /// Ends an output: the muxer by name and a server-made file name in the output folder.
    pub(crate) fn output(mut self, muxer: &'static str, folder: &Path, name: impl AsRef<Path>) -> Self {
        self.invocation.args.push("-f".into());
        self.invocation.args.push(muxer.into());
        self.invocation.args.push(file_url(&folder.join(name)));
        self.invocation.writes = Some(folder.to_owned());
        self
    }

    /// Ends an output that goes nowhere.
    pub(crate) fn null_output(self) -> Self {
        self.opt("-f", "null").flag("-")
    }

    /// The finished call.
    pub(crate) fn build(self) -> Invocation {
        self.invocation
    }
}

/// `file:` and the path: a leading dash or a colon in it can't become an option or a protocol.
fn file_url(path: &Path) -> OsString {
    let mut url = OsString::from("file:");
    url.push::<&OsStr>(path.as_os_str());
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_never_an_option_or_a_protocol() {
        let odd = Path::new("/data/-i http:%03d,x.mp4");
        let call = Argv::ffprobe().untrusted_input(odd, Container::WebM).build();
        let last = call.args().last().unwrap();
        assert_eq!(last, "file:/data/-i http:%03d,x.mp4");
        assert_eq!(call.reads(), [odd]);
        assert_eq!(call.writes(), None);
    }

    #[test]
    fn every_upload_is_opened_with_one_demuxer_and_the_allow_lists() {
        for container in Container::ALL {
            let call = Argv::ffmpeg()
                .untrusted_input(Path::new("/in"), container)
                .build();
            let words: Vec<_> = call.args().iter().map(|word| word.to_str().unwrap()).collect();
            let after = |name: &str| words[words.iter().position(|word| *word == name).unwrap() + 1];
            assert_eq!(after("-f"), container.demuxer());
            assert_eq!(after("-protocol_whitelist"), "file");
            assert_eq!(after("-format_whitelist"), container.demuxer());
            assert!(!after("-codec_whitelist").contains("magicyuv"));
        }
    }
}

//! What an administrator decides about ladders, and the text forms of it in a settings file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A video codec that renditions are encoded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VideoCodec {
    /// H.264 High by x264; what every device plays.
    H264,
    /// H.265 by x265, tagged `hvc1`.
    Hevc,
    /// VP9 by libvpx.
    Vp9,
    /// AV1 by SVT-AV1.
    Av1,
}

impl VideoCodec {
    /// Its name in settings and at the end of rung names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::H264 => "h264",
            Self::Hevc => "hevc",
            Self::Vp9 => "vp9",
            Self::Av1 => "av1",
        }
    }

    /// Percent of H.264's bit rate that gives about the same picture.
    pub(super) const fn percent(self) -> u32 {
        match self {
            Self::H264 => 100,
            Self::Hevc | Self::Vp9 => 70,
            Self::Av1 => 60,
        }
    }
}

/// Trade of encoding time for size, in x264's words; the other encoders get their nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "x264's own names, fastest first")]
pub enum Preset {
    Ultrafast,
    Superfast,
    #[default]
    Veryfast,
    Faster,
    Fast,
    Medium,
    Slow,
    Slower,
}

impl Preset {
    /// Every preset, fastest first.
    pub const ALL: [Self; 8] = [
        Self::Ultrafast,
        Self::Superfast,
        Self::Veryfast,
        Self::Faster,
        Self::Fast,
        Self::Medium,
        Self::Slow,
        Self::Slower,
    ];

    /// Its name in settings and for x264 and x265.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ultrafast => "ultrafast",
            Self::Superfast => "superfast",
            Self::Veryfast => "veryfast",
            Self::Faster => "faster",
            Self::Fast => "fast",
            Self::Medium => "medium",
            Self::Slow => "slow",
            Self::Slower => "slower",
        }
    }
}

/// One rung that the ladder may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RungSetting {
    /// Its number: the short side of the 16:9 frame that its picture fits in, pixels.
    pub height: u32,
    /// Ceiling of the bit rate in H.264 at up to 40 frames per second, kilobits per second. Half as much
    /// again above that.
    pub kbps: u32,
}

/// How ladders are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LadderSettings {
    /// Number of the largest rung. Default 1080.
    pub max_height: u32,
    /// Rungs, smallest first. Default 240 to 2160.
    pub rungs: Vec<RungSetting>,
    /// Sets beside H.264, which is always there. Default none.
    pub codecs: Vec<VideoCodec>,
    /// Trade of encoding time for size. Default `veryfast`.
    pub preset: Preset,
    /// Length of the chunks of a long video, seconds; rounded down to a multiple of 4. Default 60.
    pub chunk_s: u32,
    /// Videos longer than this are cut into chunks, seconds. Default 300.
    pub split_after_s: u32,
}

impl Default for LadderSettings {
    fn default() -> Self {
        let rungs = [
            (240, 400),
            (360, 800),
            (480, 1400),
            (720, 3000),
            (1080, 6000),
            (1440, 10_000),
            (2160, 20_000),
        ];
        Self {
            max_height: 1080,
            rungs: rungs.map(|(height, kbps)| RungSetting { height, kbps }).to_vec(),
            codecs: Vec::new(),
            preset: Preset::default(),
            chunk_s: 60,
            split_after_s: 300,
        }
    }
}

/// Why ladder settings can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LadderSettingsError {
    /// A rung is not written as `height:kbps`.
    #[error("a rung is written as height:kbps, for instance 720:3000, not {0:?}")]
    Rung(String),
    /// There is no rung at all.
    #[error("at least one rung is needed")]
    NoRungs,
    /// Rungs do not rise.
    #[error("rungs go from the smallest to the largest, each once")]
    Order,
    /// A number is outside what makes sense.
    #[error("{name} must be from {least} to {most}")]
    Range {
        /// The setting.
        name: &'static str,
        /// Least value.
        least: u32,
        /// Most value.
        most: u32,
    },
    /// No such codec.
    #[error("a codec is one of hevc, vp9, av1, each once, not {0:?}")]
    Codec(String),
    /// No such preset.
    #[error(
        "a preset is one of ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, not {0:?}"
    )]
    Preset(String),
}

impl LadderSettings {
    /// Checks what the types do not.
    pub fn check(&self) -> Result<(), LadderSettingsError> {
        let within = |name, value: u32, least, most| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(LadderSettingsError::Range { name, least, most })
            }
        };
        within("max_height", self.max_height, 144, 4320)?;
        within("chunk_s", self.chunk_s, 12, 600)?;
        within("split_after_s", self.split_after_s, 24, 3600)?;
        if self.rungs.is_empty() {
            return Err(LadderSettingsError::NoRungs);
        }
        for rung in &self.rungs {
            within("a rung's height", rung.height, 64, 4320)?;
            within("a rung's kbps", rung.kbps, 50, 200_000)?;
        }
        if !self.rungs.is_sorted_by(|left, right| left.height < right.height) {
            return Err(LadderSettingsError::Order);
        }
        for (place, codec) in self.codecs.iter().enumerate() {
            let again = self.codecs.iter().take(place).any(|earlier| earlier == codec);
            if again || *codec == VideoCodec::H264 {
                return Err(LadderSettingsError::Codec(codec.name().to_owned()));
            }
        }
        Ok(())
    }
}

impl FromStr for RungSetting {
    type Err = LadderSettingsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || LadderSettingsError::Rung(text.to_owned());
        let (height, kbps) = text.trim().split_once(':').ok_or_else(wrong)?;
        Ok(Self {
            height: height.trim().parse().map_err(|_| wrong())?,
            kbps: kbps.trim().parse().map_err(|_| wrong())?,
        })
    }
}

impl fmt::Display for RungSetting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.height, self.kbps)
    }
}

impl FromStr for VideoCodec {
    type Err = LadderSettingsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::H264, Self::Hevc, Self::Vp9, Self::Av1]
            .into_iter()
            .find(|codec| codec.name() == text.trim())
            .ok_or_else(|| LadderSettingsError::Codec(text.to_owned()))
    }
}

impl fmt::Display for VideoCodec {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = LadderSettingsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|preset| preset.name() == text.trim())
            .ok_or_else(|| LadderSettingsError::Preset(text.to_owned()))
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Reads rungs written as `240:400,360:800`: number and kilobits per second at 30 frames. Sorted.
pub fn parse_rungs(text: &str) -> Result<Vec<RungSetting>, LadderSettingsError> {
    let mut rungs: Vec<RungSetting> = text.split(',').map(str::parse).collect::<Result<_, _>>()?;
    rungs.sort_by_key(|rung| rung.height);
    Ok(rungs)
}

/// Reads the codecs of extra sets written as `hevc,av1`; the empty text is none.
pub fn parse_codecs(text: &str) -> Result<Vec<VideoCodec>, LadderSettingsError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(str::parse).collect()
}

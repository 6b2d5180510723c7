//! Reading ffprobe's JSON answer into a [`Probe`].

use serde::Deserialize;

use super::{AudioStream, FrameRate, Hdr, Probe, ProbeError, VideoStream};
use crate::sniff::Container;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    packets: Vec<Packet>,
    #[serde(default)]
    streams: Vec<Stream>,
    format: Format,
}

#[derive(Deserialize)]
struct Packet {
    stream_index: u32,
    pts_time: Option<String>,
    #[serde(default)]
    flags: String,
}

#[derive(Deserialize)]
struct Format {
    duration: Option<String>,
    size: Option<String>,
    bit_rate: Option<String>,
    #[serde(default)]
    nb_streams: u32,
}

#[derive(Deserialize)]
struct Stream {
    index: u32,
    codec_name: Option<String>,
    codec_type: Option<String>,
    profile: Option<String>,
    level: Option<i32>,
    width: Option<u32>,
    height: Option<u32>,
    sample_aspect_ratio: Option<String>,
    pix_fmt: Option<String>,
    field_order: Option<String>,
    color_transfer: Option<String>,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    bits_per_raw_sample: Option<String>,
    channels: Option<u32>,
    sample_rate: Option<String>,
    bit_rate: Option<String>,
    duration: Option<String>,
    nb_frames: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Deserialize, Default)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Deserialize)]
struct SideData {
    #[serde(default)]
    side_data_type: String,
    rotation: Option<f64>,
}

pub(super) fn read(json: &[u8], container: Container) -> Result<Probe, ProbeError> {
    let answer: Answer = serde_json::from_slice(json).map_err(|error| ProbeError::Unreadable {
        detail: error.to_string(),
    })?;
    let of_type = |name: &'static str| {
        answer
            .streams
            .iter()
            .filter(move |stream| stream.codec_type.as_deref() == Some(name))
    };
    let video = of_type("video").find(|stream| stream.disposition.attached_pic == 0);
    let audio = of_type("audio").next();
    let known = u32::from(video.is_some()) + u32::from(audio.is_some());
    let streams = answer
        .format
        .nb_streams
        .max(u32::try_from(answer.streams.len()).unwrap_or(u32::MAX));
    let duration_ms = answer
        .format
        .duration
        .as_deref()
        .or_else(|| video.and_then(|stream| stream.duration.as_deref()))
        .and_then(millis);
    Ok(Probe {
        container,
        duration_ms,
        size_bytes: parsed(answer.format.size.as_deref()).unwrap_or(0),
        bitrate: parsed(answer.format.bit_rate.as_deref()),
        video: video.map(|stream| video_stream(stream, &answer.packets)),
        audio: audio.map(audio_stream),
        streams,
        other_streams: streams.saturating_sub(known),
    })
}

fn video_stream(stream: &Stream, packets: &[Packet]) -> VideoStream {
    let first = packets.iter().find(|packet| packet.stream_index == stream.index);
    let starts_hidden = first.is_some_and(|packet| {
        let before_start = parsed::<f64>(packet.pts_time.as_deref()).is_some_and(|pts| pts < -0.001);
        before_start || packet.flags.contains('D') || !packet.flags.contains('K')
    });
    let pixel_format = stream.pix_fmt.clone();
    let bit_depth = parsed(stream.bits_per_raw_sample.as_deref())
        .filter(|bits| *bits > 0)
        .unwrap_or_else(|| depth_of(pixel_format.as_deref().unwrap_or_default()));
    VideoStream {
        index: stream.index,
        codec: stream.codec_name.clone().unwrap_or_default(),
        profile: stream.profile.clone(),
        level: stream.level.filter(|level| *level > 0),
        width: stream.width.unwrap_or(0),
        height: stream.height.unwrap_or(0),
        rotation: rotation(stream),
        pixel_aspect: stream
            .sample_aspect_ratio
            .as_deref()
            .and_then(|text| fraction(text, ':'))
            .unwrap_or((1, 1)),
        pixel_format,
        bit_depth,
        frame_rate: [&stream.avg_frame_rate, &stream.r_frame_rate]
            .into_iter()
            .filter_map(|text| fraction(text.as_deref()?, '/'))
            .map(|(num, den)| FrameRate { num, den })
            .next(),
        duration_ms: stream.duration.as_deref().and_then(millis),
        frames: parsed(stream.nb_frames.as_deref()).filter(|frames| *frames > 0),
        hdr: match stream.color_transfer.as_deref() {
            Some("smpte2084") => Some(Hdr::Pq),
            Some("arib-std-b67") => Some(Hdr::Hlg),
            _ => None,
        },
        interlaced: matches!(stream.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt")),
        starts_hidden,
    }
}

fn audio_stream(stream: &Stream) -> AudioStream {
    AudioStream {
        index: stream.index,
        codec: stream.codec_name.clone().unwrap_or_default(),
        profile: stream.profile.clone(),
        channels: stream.channels.unwrap_or(0),
        sample_rate: parsed(stream.sample_rate.as_deref()).unwrap_or(0),
        bitrate: parsed(stream.bit_rate.as_deref()),
    }
}

/// The display matrix tells how far the picture is turned counterclockwise.
fn rotation(stream: &Stream) -> u16 {
    let turned = stream
        .side_data_list
        .iter()
        .find(|data| data.side_data_type == "Display Matrix")
        .and_then(|data| data.rotation)
        .filter(|angle| angle.is_finite())
        .unwrap_or(0.0);
    match (-turned).rem_euclid(360.0) {
        angle if (45.0..135.0).contains(&angle) => 90,
        angle if (135.0..225.0).contains(&angle) => 180,
        angle if (225.0..315.0).contains(&angle) => 270,
        _ => 0,
    }
}

fn depth_of(pixel_format: &str) -> u8 {
    let named = |bits: &str| {
        pixel_format.ends_with(&format!("{bits}le"))
            || pixel_format.ends_with(&format!("{bits}be"))
            || pixel_format.starts_with(&format!("p0{bits}"))
    };
    [(10, "10"), (12, "12"), (14, "14"), (16, "16")]
        .into_iter()
        .find(|(_, text)| named(text))
        .map_or(8, |(bits, _)| bits)
}

fn parsed<T: std::str::FromStr>(text: Option<&str>) -> Option<T> {
    text?.parse().ok()
}

/// Seconds in text to milliseconds; `None` for nonsense.
fn millis(text: &str) -> Option<u64> {
    let seconds: f64 = text.parse().ok()?;
    let plausible = seconds.is_finite() && (0.0..1e9).contains(&seconds);
    plausible
        .then(|| (seconds * 1000.0).round() as u64)
        .filter(|ms| *ms > 0)
}

fn fraction(text: &str, separator: char) -> Option<(u32, u32)> {
    let (num, den) = text.split_once(separator)?;
    let (num, den) = (num.parse().ok()?, den.parse().ok()?);
    (num > 0 && den > 0).then_some((num, den))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_recording_is_understood() {
        let json = br#"{"packets":[{"stream_index":1,"pts_time":"0.0","flags":"K_"}],
            "streams":[
              {"index":0,"codec_name":"mjpeg","codec_type":"video","disposition":{"attached_pic":1}},
              {"index":1,"codec_name":"hevc","codec_type":"video","profile":"Main 10","level":120,
               "width":1920,"height":1080,"sample_aspect_ratio":"1:1","pix_fmt":"yuv420p10le",
               "color_transfer":"arib-std-b67","avg_frame_rate":"30000/1001","r_frame_rate":"600/1",
               "side_data_list":[{"side_data_type":"Display Matrix","rotation":-90}]},
              {"index":2,"codec_type":"data"},
              {"index":3,"codec_name":"aac","codec_type":"audio","sample_rate":"44100","channels":2}],
            "format":{"duration":"12.345","size":"99","nb_streams":4}}"#;
        let probe = read(json, Container::Mov).unwrap();
        let video = probe.video.unwrap();
        assert_eq!(
            (video.index, video.rotation, video.bit_depth, video.hdr),
            (1, 90, 10, Some(Hdr::Hlg))
        );
        assert_eq!(video.display_size(), (1080, 1920));
        assert_eq!(
            video.frame_rate,
            Some(FrameRate {
                num: 30000,
                den: 1001
            })
        );
        assert!(!video.starts_hidden);
        assert_eq!(
            (probe.duration_ms, probe.streams, probe.other_streams),
            (Some(12_345), 4, 2)
        );
    }

    #[test]
    fn nonsense_numbers_are_absent() {
        assert_eq!(millis("N/A"), None);
        assert_eq!(millis("-3"), None);
        assert_eq!(millis("1e300"), None);
        assert_eq!(fraction("0/0", '/'), None);
    }

    #[test]
    fn an_answer_that_is_no_json_is_unreadable() {
        assert!(matches!(
            read(b"", Container::Mp4),
            Err(ProbeError::Unreadable { .. })
        ));
    }
}

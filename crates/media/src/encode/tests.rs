use super::*;
use crate::ladder::{Keyframes, LadderSettings, Made, Pass, Preset, RungSetting, VideoCodec, plan};
use crate::probe::{AudioStream, FrameRate, Hdr, VideoStream};

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        // Xorshift; good enough to wander through inputs.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: u32) -> u32 {
        u32::try_from(self.next() % u64::from(most.max(1))).unwrap()
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(u32::try_from(choices.len()).unwrap()) as usize].clone()
    }
}

/// What a hostile file could make ffprobe say.
fn nasty(numbers: &mut Numbers) -> String {
    numbers
        .of(&[
            "h264",
            "hevc",
            "-i",
            "/etc/passwd",
            "http://x/",
            "a:b,c[d];movie=x",
            "concat:a|b",
            "",
            "%n\u{0}\n",
        ])
        .to_owned()
}

fn random_probe(numbers: &mut Numbers) -> Probe {
    let video = VideoStream {
        index: numbers.below(32),
        codec: if numbers.chance(60) {
            "h264".to_owned()
        } else {
            nasty(numbers)
        },
        profile: Some(numbers.of(&["High", "Main", "High", "-y", "[x]"]).to_owned()),
        level: Some(i32::try_from(numbers.below(70)).unwrap()),
        width: numbers.below(9000),
        height: numbers.below(9000),
        rotation: numbers.of(&[0, 90, 180, 270]),
        pixel_aspect: (numbers.below(200), numbers.below(200)),
        pixel_format: Some(
            numbers
                .of(&["yuv420p", "yuv420p", "yuv420p10le", ";rm", "-vf"])
                .to_owned(),
        ),
        bit_depth: numbers.of(&[8, 8, 10]),
        frame_rate: numbers.chance(80).then(|| FrameRate {
            num: numbers.below(240_000),
            den: numbers.of(&[1, 1001, 1000]),
        }),
        frames: None,
        duration_ms: None,
        hdr: numbers.of(&[None, None, None, Some(Hdr::Pq), Some(Hdr::Hlg)]),
        interlaced: numbers.chance(20),
        starts_hidden: numbers.chance(10),
    };
    let audio = AudioStream {
        index: numbers.below(32),
        codec: numbers.of(&["aac", "opus", "-af"]).to_owned(),
        profile: Some(numbers.of(&["LC", "HE-AAC", "$(x)"]).to_owned()),
        channels: numbers.below(9),
        sample_rate: numbers.of(&[0, 8000, 44_100, 48_000, 192_000]),
        bitrate: numbers.chance(50).then(|| numbers.next() % 2_000_000),
    };
    Probe {
        container: numbers.of(&Container::ALL),
        duration_ms: numbers.chance(95).then(|| numbers.next() % 43_200_000),
        size_bytes: numbers.next() % (8 << 30),
        bitrate: numbers.chance(70).then(|| numbers.next() % 40_000_000),
        video: numbers.chance(95).then_some(video),
        audio: numbers.chance(80).then_some(audio),
        streams: numbers.below(33),
        other_streams: numbers.below(30),
    }
}

fn random_settings(numbers: &mut Numbers) -> LadderSettings {
    let codecs = [VideoCodec::Hevc, VideoCodec::Vp9, VideoCodec::Av1];
    LadderSettings {
        max_height: 144 + numbers.below(4000),
        rungs: if numbers.chance(50) {
            LadderSettings::default().rungs
        } else {
            (1..=numbers.below(6) + 1)
                .map(|count| RungSetting {
                    height: count * 173,
                    kbps: 50 + numbers.below(20_000),
                })
                .collect()
        },
        codecs: codecs.into_iter().filter(|_| numbers.chance(30)).collect(),
        preset: numbers.of(&Preset::ALL),
        chunk_s: 12 + numbers.below(588),
        split_after_s: 24 + numbers.below(3000),
    }
}

/// Every call that a random source could cause.
fn random_calls(numbers: &mut Numbers) -> Vec<Step> {
    let (probe, settings) = (random_probe(numbers), random_settings(numbers));
    let (input, folder) = (Path::new("/data/in put/-i:src"), Path::new("/data/out"));
    let Some(mut ladder) = plan(&probe, &settings) else {
        return Vec::new();
    };
    if numbers.chance(30) {
        let gap = 1900 + numbers.next() % 8000;
        let count = (ladder.duration_ms / gap).min(4000);
        ladder.align_to_copy((0..=count).map(|place| place * gap).collect());
    }
    let keyframes: Vec<u64> = (0..ladder.duration_ms / 60_000)
        .map(|minute| minute * 60_000)
        .collect();
    ladder.cut(&keyframes);
    let threads = numbers.below(9);
    let mut steps = Vec::new();
    steps.extend(remux(&ladder, &probe, input, folder, threads));
    steps.extend(audio(&ladder, &probe, input, folder, threads));
    for (number, pass) in ladder.passes.iter().enumerate() {
        let last = u32::try_from(pass.chunks.len()).unwrap();
        let chunk = numbers.below(last) as usize;
        steps.extend(part(
            &ladder,
            &probe,
            input,
            folder,
            number,
            chunk,
            threads,
            numbers.chance(50),
        ));
    }
    steps.push(progressive(
        Path::new("/data/v.mp4"),
        Some(Path::new("/data/a.mp4")),
        folder,
    ));
    steps
}

/// The letters of a word without its numbers.
fn shape(word: &str) -> String {
    let mut shape = String::new();
    for letter in word.chars() {
        if letter.is_ascii_digit() {
            if !shape.ends_with('#') {
                shape.push('#');
            }
        } else {
            shape.push(letter);
        }
    }
    shape
}

/// Words that are allowed besides the listed shapes: graphs of our filters and lists of times.
fn composed(word: &str) -> bool {
    let filters = [
        "trim=start=",
        "trim=end=",
        "trim=end=",
        "setpts=PTS-",
        "select='if(isnan(prev_selected_t)",
        "yadif=",
        "scale=",
        "zscale=",
        "format=",
        "setparams=",
        "setsar=",
        "split[",
        "tonemap=",
    ];
    let graph = word.starts_with("[0:")
        && word
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "[]:;,=.'_-/()*+".contains(letter))
        && word.split(';').all(|chain| {
            let bare = chain
                .trim_start_matches(|letter: char| letter != ']')
                .trim_start_matches(']');
            !bare.is_empty() && filters.iter().any(|filter| bare.starts_with(filter))
        });
    let times = word.split(',').all(|time| {
        time.chars()
            .all(|letter| letter.is_ascii_digit() || letter == '.')
            && !time.is_empty()
    });
    graph || times
}

#[test]
fn no_word_of_a_call_comes_from_a_file() {
    let literals: std::collections::HashSet<&str> = include_str!("vocabulary.txt").lines().collect();
    let mut numbers = Numbers(0x5eed_cafe);
    let mut seen = 0;
    for _ in 0..4000 {
        for step in random_calls(&mut numbers) {
            for word in step.invocation.args() {
                let word = word.to_str().unwrap();
                let path = word == "file:/data/in put/-i:src"
                    || word == "file:/data/v.mp4"
                    || word == "file:/data/a.mp4"
                    || step
                        .outputs
                        .iter()
                        .any(|output| word == format!("file:/data/out/{}", output.file));
                let known = path
                    || word == crate::argv::DECODERS
                    || composed(word)
                    || literals.contains(shape(word).as_str());
                assert!(known, "not in the vocabulary: {word:?}, as {:?}", shape(word));
                seen += 1;
            }
            for output in &step.outputs {
                let plain =
                    |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
                assert!(output.rendition().chars().all(plain), "{}", output.file);
            }
        }
    }
    assert!(seen > 100_000, "{seen}");
}

#[test]
fn no_call_is_longer_than_the_kernel_takes() {
    let mut numbers = Numbers(77);
    for _ in 0..1000 {
        for step in random_calls(&mut numbers) {
            let longest = step
                .invocation
                .args()
                .iter()
                .map(|word| word.len())
                .max()
                .unwrap();
            assert!(longest < 100_000, "{longest}");
        }
    }
}

fn clip(change: impl FnOnce(&mut VideoStream)) -> Probe {
    let mut video = VideoStream {
        index: 0,
        codec: "hevc".into(),
        profile: None,
        level: None,
        width: 1920,
        height: 1080,
        rotation: 0,
        pixel_aspect: (1, 1),
        pixel_format: Some("yuv420p".into()),
        bit_depth: 8,
        frame_rate: Some(FrameRate { num: 30, den: 1 }),
        frames: None,
        duration_ms: None,
        hdr: None,
        interlaced: false,
        starts_hidden: false,
    };
    change(&mut video);
    Probe {
        container: Container::Matroska,
        duration_ms: Some(600_000),
        size_bytes: 300_000_000,
        bitrate: None,
        video: Some(video),
        audio: None,
        streams: 1,
        other_streams: 0,
    }
}

fn ladder(probe: &Probe) -> Ladder {
    let mut ladder = plan(probe, &LadderSettings::default()).unwrap();
    ladder.cut(&(0..300).map(|count| count * 2000).collect::<Vec<_>>());
    ladder
}

fn words(ladder: &Ladder, probe: &Probe, pass: usize, chunk: usize) -> Vec<String> {
    let step = part(
        ladder,
        probe,
        Path::new("/in"),
        Path::new("/out"),
        pass,
        chunk,
        2,
        true,
    )
    .unwrap();
    let words = step.invocation.args().iter();
    words.map(|word| word.to_str().unwrap().to_owned()).collect()
}

fn after<'a>(words: &'a [String], name: &str) -> Option<&'a str> {
    let place = words.iter().position(|word| word == name)?;
    words.get(place + 1).map(String::as_str)
}

#[test]
fn one_decode_feeds_all_rungs_from_the_larger_to_the_smaller() {
    let probe = clip(|_| ());
    let words = words(&ladder(&probe), &probe, 1, 0);
    assert_eq!(
        after(&words, "-filter_complex").unwrap(),
        "[0:0]trim=end=59.999995,scale=1920:1080:flags=bicubic,setsar=1,format=yuv420p,split[v0][c1];\
         [c1]scale=1280:720:flags=bicubic,setsar=1,split[v1][c2];\
         [c2]scale=854:480:flags=bicubic,setsar=1,split[v2][c3];\
         [c3]scale=640:360:flags=bicubic,setsar=1[v3]"
    );
    assert_eq!(words.iter().filter(|word| *word == "-i").count(), 1);
    assert_eq!(words.iter().filter(|word| *word == "libx264").count(), 4);
    assert!(
        !words.iter().any(|word| word == "-r"),
        "a fixed rate fills gaps with copies"
    );
}

#[test]
fn chunks_touch_without_a_hole() {
    let probe = clip(|_| ());
    let ladder = ladder(&probe);
    let times = |(pass, chunk)| {
        let words = words(&ladder, &probe, pass, chunk);
        let graph = after(&words, "-filter_complex").unwrap();
        let end = graph
            .split_once("trim=end=")
            .map(|(_, rest)| rest.split_once(',').unwrap().0.to_owned());
        (after(&words, "-ss").map(str::to_owned), end)
    };
    let pieces: Vec<_> = ladder
        .pieces_of("1080p")
        .iter()
        .map(|place| (place.pass, place.chunk))
        .collect();
    assert_eq!(times(pieces[0]), (None, Some("59.999995".into())));
    assert_eq!(
        times(pieces[1]),
        (Some("59.999995".into()), Some("60.000000".into()))
    );
    assert_eq!(times(pieces[9]).0, Some("539.999995".into()));
}

#[test]
fn a_file_without_an_index_is_decoded_from_its_start() {
    let mut probe = clip(|_| ());
    probe.container = Container::Avi;
    let words = words(&ladder(&probe), &probe, 0, 1);
    assert_eq!(after(&words, "-ss"), None);
    assert!(
        after(&words, "-filter_complex")
            .unwrap()
            .starts_with("[0:0]trim=start=11.999995,setpts=")
    );
}

#[test]
fn listed_keyframes_are_written_on_the_chunks_own_clock() {
    let probe = clip(|_| ());
    let mut ladder = plan(&probe, &LadderSettings::default()).unwrap();
    ladder.keyframes = Keyframes::At(vec![0, 4171, 8342, 12_513, 16_684]);
    ladder.passes = vec![Pass {
        rungs: vec!["240p".into()],
        chunks: vec![
            Chunk {
                start_ms: 0,
                end_ms: Some(8340),
            },
            Chunk {
                start_ms: 8340,
                end_ms: None,
            },
        ],
    }];
    let forced = |ladder: &Ladder, chunk| {
        after(&words(ladder, &probe, 0, chunk), "-force_key_frames")
            .unwrap()
            .to_owned()
    };
    assert_eq!(forced(&ladder, 0), "0.000,4.169");
    assert_eq!(forced(&ladder, 1), "0.000,4.171,8.342");
    // A picture that begins late: a time at zero would leave its own for the frame after the first.
    ladder.keyframes = Keyframes::At(vec![6, 2006]);
    assert_eq!(forced(&ladder, 0), "0.004,2.004");
}

#[test]
fn picture_and_sound_of_a_transport_stream_are_made_on_one_clock() {
    for (container, both) in [
        (Container::MpegTs, true),
        (Container::Ogg, true),
        (Container::Mp4, false),
    ] {
        let mut probe = clip(|_| ());
        probe.container = container;
        probe.audio = Some(AudioStream {
            index: 1,
            codec: "mp2".into(),
            profile: None,
            channels: 2,
            sample_rate: 48_000,
            bitrate: None,
        });
        let ladder = plan(&probe, &LadderSettings::default()).unwrap();
        let sound = audio(&ladder, &probe, Path::new("/in"), Path::new("/out"), 1).unwrap();
        let sound = sound.invocation.args().iter();
        let sound = sound.map(|word| word.to_str().unwrap().to_owned()).collect();
        for (call, other) in [(words(&ladder, &probe, 0, 0), "0:1"), (sound, "0:0")] {
            let place = call.iter().position(|word| word == "null");
            assert_eq!(place.is_some(), both, "{container:?}: {call:?}");
            let read = call.windows(2).any(|pair| pair[0] == "-map" && pair[1] == other);
            assert_eq!(read, both, "{container:?}: {call:?}");
        }
    }
}

#[test]
fn more_than_sixty_frames_a_second_are_thinned_out() {
    let graph = |rate| {
        let probe = clip(|video| video.frame_rate = rate);
        let words = words(&ladder(&probe), &probe, 0, 0);
        after(&words, "-filter_complex").unwrap().to_owned()
    };
    assert!(graph(Some(FrameRate { num: 120, den: 1 })).contains("select="));
    assert!(graph(None).contains("select="));
    assert!(!graph(Some(FrameRate { num: 60, den: 1 })).contains("select="));
}

#[test]
fn high_dynamic_range_is_mapped_where_the_filters_exist() {
    let graph = |tone_map| {
        let probe = clip(|video| video.hdr = Some(Hdr::Hlg));
        let (input, folder) = (Path::new("/in"), Path::new("/out"));
        let step = part(&ladder(&probe), &probe, input, folder, 0, 0, 1, tone_map).unwrap();
        let words = step.invocation.args().iter();
        let words: Vec<_> = words.map(|word| word.to_str().unwrap().to_owned()).collect();
        after(&words, "-filter_complex").unwrap().to_owned()
    };
    assert!(graph(true).contains("tonemap"));
    assert!(!graph(false).contains("zscale"));
}

#[test]
fn limits_follow_the_chunk_and_its_rungs() {
    let probe = clip(|_| ());
    let ladder = ladder(&probe);
    let limits = |pass, chunk| {
        part(
            &ladder,
            &probe,
            Path::new("/in"),
            Path::new("/out"),
            pass,
            chunk,
            2,
            true,
        )
        .unwrap()
        .limits
    };
    let (early, rest, all) = (limits(0, 0), limits(0, 1), limits(1, 1));
    assert!(early.cpu_s < rest.cpu_s && rest.cpu_s < all.cpu_s);
    assert!(early.file_bytes < all.file_bytes && early.wall < all.wall);
    assert!(all.cpu_s < 60 * 60, "{}", all.cpu_s);
    assert!(ladder.video.iter().all(|rung| rung.how == Made::Encode));
    assert_eq!(
        part(
            &ladder,
            &probe,
            Path::new("/in"),
            Path::new("/out"),
            7,
            0,
            2,
            true
        ),
        None
    );
}

use std::io::Write as _;
use std::path::PathBuf;

use super::*;

mod rebuilt;

fn boxed(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let mut bytes = (content.len() as u32 + 8).to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(content);
    bytes
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn all(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.concat()
}

fn stored(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn stsd() -> Vec<u8> {
    let mut entry = vec![0; 78];
    entry.extend(boxed(b"avcC", &[1, 0x64, 0, 0x1f, 0xff]));
    boxed(b"stsd", &all(&[words(&[0, 1]), boxed(b"avc1", &entry)]))
}

fn track(extra: &[u8]) -> Vec<u8> {
    let mdhd = boxed(b"mdhd", &words(&[0, 0, 0, 1000, 0, 0]));
    let hdlr = boxed(b"hdlr", &all(&[words(&[0, 0]), b"vide".to_vec(), vec![0; 13]]));
    let minf = boxed(b"minf", &boxed(b"stbl", &stsd()));
    boxed(
        b"trak",
        &all(&[boxed(b"mdia", &all(&[mdhd, hdlr, minf])), extra.to_vec()]),
    )
}

fn moov(extra: &[u8]) -> Vec<u8> {
    let trex = boxed(b"trex", &words(&[0, 1, 1, 40, 0, 0x0001_0000]));
    boxed(
        b"moov",
        &all(&[
            boxed(b"mvhd", &[0; 100]),
            track(&[]),
            boxed(b"mvex", &trex),
            extra.to_vec(),
        ]),
    )
}

/// A fragment of `count` samples whose first one is a keyframe or not.
fn fragment(time: u32, count: u32, key: bool) -> Vec<u8> {
    let first_flags = if key { 0x0200_0000 } else { 0x0101_0000 };
    let tfhd = boxed(b"tfhd", &words(&[0x0002_0000, 1]));
    let tfdt = boxed(b"tfdt", &words(&[0, time]));
    let trun = boxed(b"trun", &words(&[0x05, count, 0, first_flags]));
    let traf = boxed(b"traf", &all(&[tfhd, tfdt, trun]));
    all(&[
        boxed(b"moof", &all(&[boxed(b"mfhd", &words(&[0, 1])), traf])),
        boxed(b"mdat", &[7; 20]),
    ])
}

fn fragmented() -> Vec<u8> {
    all(&[
        boxed(b"ftyp", b"iso5\0\0\0\0"),
        moov(&[]),
        fragment(80, 50, true),
        fragment(2080, 25, false),
        fragment(3080, 50, true),
    ])
}

fn located() -> Vec<u8> {
    let keys = {
        let name = b"com.apple.quicktime.location.ISO6709";
        let key = all(&[words(&[name.len() as u32 + 8]), b"mdta".to_vec(), name.to_vec()]);
        boxed(b"keys", &all(&[words(&[0, 1]), key]))
    };
    let item = boxed(
        &[0, 0, 0, 1],
        &boxed(b"data", &all(&[words(&[1, 0]), b"+27.17+078.04/".to_vec()])),
    );
    let hdlr = boxed(b"hdlr", &all(&[words(&[0, 0]), b"mdta".to_vec(), vec![0; 13]]));
    let meta = boxed(b"meta", &all(&[hdlr, keys, boxed(b"ilst", &item)]));
    let place = boxed(b"\xa9xyz", b"\0\x0e\x15\xc7+27.17+078.04/");
    let udta = boxed(b"udta", &all(&[boxed(b"\xa9too", b"maker"), place, vec![0; 4]]));
    let inside = boxed(b"udta", &boxed(b"loci", b"\0\0\0\0+27.17"));
    let moov = boxed(
        b"moov",
        &all(&[
            boxed(b"mvhd", &[0; 100]),
            track(&inside),
            udta,
            meta,
            boxed(b"gps ", b"+27.17"),
        ]),
    );
    all(&[boxed(b"ftyp", b"qt  \0\0\0\0"), moov, boxed(b"mdat", b"+99.99")])
}

#[test]
fn fragments_are_found_with_their_times_and_places_to_start() {
    let bytes = fragmented();
    let index = segment_index(&stored(&bytes)).unwrap();
    assert_eq!((index.timescale, index.start, index.sidx), (1000, 80, None));
    let found: Vec<_> = index
        .fragments
        .iter()
        .map(|one| (one.duration, one.starts_with_sap))
        .collect();
    assert_eq!(found, [(2000, true), (1000, false), (2000, true)]);
    assert_eq!(index.fragments[0].offset, index.init.end());
    let last = index.fragments[2];
    assert_eq!(last.offset + last.size, bytes.len() as u64);
    assert_eq!((index.duration_ms(), index.longest_group_ms()), (5000, 3000));
    assert_eq!(SegmentIndex::from_bytes(&index.to_bytes()).unwrap(), index);
}

#[test]
fn the_codec_is_named_as_manifests_spell_it() {
    assert_eq!(
        codec_string(&stored(&fragmented())).unwrap().as_deref(),
        Some("avc1.64001f")
    );
}

#[test]
fn an_index_that_an_older_version_stored_is_read() {
    // Version; init, sidx, timescale, start, count; gap, size, and duration with the flag.
    let stored = [1, 0, 100, 0, 0, 0xe8, 0x07, 80, 1, 100, 50, 0xa1, 0x1f];
    let index = SegmentIndex::from_bytes(&stored).unwrap();
    let fragment = Fragment {
        offset: 100,
        size: 50,
        duration: 2000,
        starts_with_sap: true,
        keyframe_bytes: 0,
    };
    assert_eq!(
        (index.timescale, index.start, index.earliest_presentation),
        (1000, 80, 0)
    );
    assert_eq!(index.fragments, [fragment]);
    assert_eq!(
        SegmentIndex::from_bytes(&index.to_bytes()).unwrap(),
        index,
        "stored anew"
    );
}

#[test]
fn every_codec_that_is_made_has_a_name() {
    let named = |kind: &[u8], fields: usize, config: &[u8], content: &[u8]| {
        let mut entry = vec![0; fields];
        entry.extend(boxed(config, content));
        let stsd = boxed(b"stsd", &all(&[words(&[0, 1]), boxed(kind, &entry)]));
        let mdia = boxed(b"mdia", &boxed(b"minf", &boxed(b"stbl", &stsd)));
        codec_string(&stored(&boxed(b"moov", &boxed(b"trak", &mdia)))).unwrap()
    };
    let hvcc = [1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93];
    assert_eq!(
        named(b"hvc1", 78, b"hvcC", &hvcc).as_deref(),
        Some("hvc1.1.6.L93.90")
    );
    let high_tier = [1, 0x62, 0x20, 0, 0, 0, 0xb0, 0, 1, 0, 0, 0, 153];
    assert_eq!(
        named(b"hev1", 78, b"hvcC", &high_tier).as_deref(),
        Some("hev1.A2.4.H153.B0.0.1")
    );
    let vpcc = [1, 0, 0, 0, 0, 31, 0x82, 2, 2, 2, 0, 0];
    assert_eq!(
        named(b"vp09", 78, b"vpcC", &vpcc).as_deref(),
        Some("vp09.00.31.08")
    );
    let coloured = [1, 0, 0, 0, 2, 10, 0xa3, 9, 16, 9, 0, 0];
    assert_eq!(
        named(b"vp09", 78, b"vpcC", &coloured).as_deref(),
        Some("vp09.02.10.10.01.09.16.09.01")
    );
    assert_eq!(
        named(b"av01", 78, b"av1C", &[0x81, 0x05, 0x0c, 0]).as_deref(),
        Some("av01.0.05M.08")
    );
    assert_eq!(
        named(b"av01", 78, b"av1C", &[0x81, 0x4d, 0xec, 0]).as_deref(),
        Some("av01.2.13H.12")
    );
    assert_eq!(named(b"Opus", 28, b"dOps", &[0; 11]).as_deref(), Some("opus"));
    assert_eq!(named(b"hvc1", 78, b"hvcC", &hvcc[..12]), None, "cut off");
    assert_eq!(named(b"tx3g", 0, b"none", &[]), None);
}

#[test]
fn every_kind_of_location_is_blanked_in_place() {
    let before = located();
    let file = stored(&before);
    let report = scrub_location(&file).unwrap();
    assert_eq!(
        report,
        Scrub {
            changed: true,
            only_picture_and_sound: true,
            unknown_content: false,
            faststart: true
        }
    );
    let mut after = vec![0; before.len()];
    file.read_exact_at(&mut after, 0).unwrap();
    assert!(!after.windows(3).any(|window| window == b"+27"));
    assert!(
        after.windows(5).any(|window| window == b"maker"),
        "the harmless neighbour stays"
    );
    assert_eq!(after[after.len() - 6..], *b"+99.99", "media is not touched");
    assert!(!scrub_location(&file).unwrap().changed);
}

#[test]
fn a_list_that_contradicts_itself_goes_as_a_whole() {
    let mut lying = boxed(b"\xa9too", b"maker");
    lying[3] = 200;
    let udta = boxed(b"udta", &all(&[lying, b"+27.17".to_vec()]));
    let file = stored(&all(&[boxed(b"ftyp", b"isom\0\0\0\0"), moov(&udta)]));
    assert!(scrub_location(&file).unwrap().changed);
    let mut bytes = vec![0; file.metadata().unwrap().len() as usize];
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert!(!bytes.windows(3).any(|window| window == b"+27"));
}

#[test]
fn what_lies_about_its_size_is_damaged() {
    let with = |bytes: &[u8]| {
        let file = stored(bytes);
        (
            segment_index(&file).is_err(),
            codec_string(&file).is_err(),
            scrub_location(&file).is_err(),
        )
    };
    let huge_count = {
        let trun = boxed(b"trun", &words(&[0x0f01, u32::MAX, 0, 1, 2, 3, 4]));
        let traf = boxed(b"traf", &all(&[boxed(b"tfdt", &words(&[0, 0])), trun]));
        all(&[moov(&[]), boxed(b"moof", &traf)])
    };
    assert!(segment_index(&stored(&huge_count)).is_err());
    for bytes in [
        words(&[7]).iter().chain(b"moov").copied().collect::<Vec<_>>(),
        all(&[words(&[1]), b"moov".to_vec(), vec![0xff; 8]]),
        all(&[words(&[1]), b"moov".to_vec(), vec![0; 8]]),
        all(&[words(&[u32::MAX]), b"moov".to_vec()]),
        boxed(b"moov", &boxed(b"trak", &words(&[3]))),
        b"\0\0\0".to_vec(),
        Vec::new(),
    ] {
        assert_eq!(with(&bytes), (true, true, true), "{bytes:?}");
    }
}

#[test]
fn depth_and_number_are_bounded() {
    // 200,000 tracks, one in the other, and two million empty boxes.
    let mut nested = Vec::with_capacity(1_600_000);
    for depth in 0..200_000_u32 {
        nested.extend((8 * (200_000 - depth)).to_be_bytes());
        nested.extend(b"trak");
    }
    let flat = boxed(b"free", &[]).repeat(2_000_000);
    for inside in [nested, flat.clone()] {
        let file = stored(&boxed(b"moov", &inside));
        assert!(segment_index(&file).is_err());
        assert!(codec_string(&file).is_err());
        assert!(scrub_location(&file).is_err());
    }
    let file = stored(&flat);
    assert!(matches!(segment_index(&file), Err(Mp4Error::OverBudget(_))));
    assert!(matches!(scrub_location(&file), Err(Mp4Error::OverBudget(_))));
}

#[test]
fn no_damage_panics_or_grows_the_file() {
    let mut seed = 3_u64;
    let mut next = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for whole in [fragmented(), located()] {
        for _ in 0..3_000 {
            let mut bytes = whole.clone();
            for _ in 0..=next(4) {
                let at = next(bytes.len());
                match next(4) {
                    0 => bytes[at] = next(256) as u8,
                    1 => bytes[at] ^= 1 << next(8),
                    2 => {
                        let end = (at + 4).min(bytes.len());
                        bytes[at..end].fill(if next(2) == 0 { 0xff } else { 0 });
                    }
                    _ => bytes.truncate(at.max(1)),
                }
            }
            let file = stored(&bytes);
            let _ = segment_index(&file);
            let _ = codec_string(&file);
            let _ = scrub_location(&file);
            assert_eq!(file.metadata().unwrap().len(), bytes.len() as u64);
        }
    }
}

#[test]
fn a_stored_index_of_any_bytes_is_read_or_refused() {
    let whole = segment_index(&stored(&fragmented())).unwrap().to_bytes();
    for at in 0..whole.len() {
        assert!(SegmentIndex::from_bytes(&whole[..at]).is_err());
        for value in 0..=255 {
            let mut bytes = whole.clone();
            bytes[at] = value;
            if let Ok(index) = SegmentIndex::from_bytes(&bytes) {
                let _ = (
                    index.duration_ms(),
                    index.longest_group_ms(),
                    crate::hls::bandwidth(&index),
                );
                let _ = crate::hls::media_playlist("v.mp4", &index);
            }
        }
    }
    assert!(SegmentIndex::from_bytes(&[3]).is_err(), "another version");
}

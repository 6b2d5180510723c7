use super::*;

const HEAD: &str = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n";

/// The cues of a file, without the head.
fn rebuilt(file: impl AsRef<[u8]>) -> String {
    let vtt = rebuild(file.as_ref()).unwrap().vtt;
    vtt.strip_prefix(HEAD).unwrap().trim().to_owned()
}

/// What becomes of the text of one cue.
fn words(text: &str) -> String {
    let cue = rebuilt(format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n"));
    cue.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn a_webvtt_file_keeps_its_times_words_and_places() {
    let file = "WEBVTT - made by hand\nKind: captions\n\nintro\n00:01.000 --> 00:02.500 line:10%,start position:50%,line-left size:33.50% align:left\n\
                Hello <i>world</i>\nagain\n\n1:00:02.000 --> 01:00:03.000 vertical:rl line:-3 region:fred onclick:x\n&amp; <v.loud Mary>goodbye\n";
    assert_eq!(
        rebuilt(file),
        "00:00:01.000 --> 00:00:02.500 line:10%,start position:50%,line-left size:33.50% align:left\n\
         Hello <i>world</i>\nagain\n\n\
         01:00:02.000 --> 01:00:03.000 vertical:rl line:-3\n&amp; <v.loud Mary>goodbye</v>"
    );
    assert_eq!(rebuild(file.as_bytes()).unwrap().cues, 2);
}

#[test]
fn a_subrip_file_becomes_webvtt() {
    let file = "1\r\n00:00:01,000 --> 00:00:02,000 X1:10 X2:20\r\n<I>Hello</I> <font color=\"red\">you</font>\r\n \r\n\
                2\r\n00:00:02,5 --> 00:00:03,000\r\n{\\an8}{\\fs20}a < b, <3 & R&D\r\n3\r\n00:00:04,000 --> 00:00:05,000\r\nno gap above\r\n\r\n4\r\n";
    assert_eq!(
        rebuilt(file),
        "00:00:01.000 --> 00:00:02.000\n<i>Hello</i> you\n\n\
         00:00:02.500 --> 00:00:03.000 line:0\na &lt; b, &lt;3 &amp; R&amp;D\n\n\
         00:00:04.000 --> 00:00:05.000\nno gap above"
    );
}

#[test]
fn styles_regions_and_comments_are_dropped() {
    let file = "WEBVTT\n\nSTYLE\n::cue { background: url(https://evil.example/) }\n\nREGION\nid:fred\n\n\
                NOTE 00:01.000 --> 00:02.000\nsecret\n\n00:01.000 --> 00:02.000\nshown\n\nNOTE\nsecret too";
    assert_eq!(rebuilt(file), "00:00:01.000 --> 00:00:02.000\nshown");
}

#[test]
fn only_the_listed_markup_comes_through_and_it_is_balanced() {
    for (text, kept) in [
        ("<b>a<i>b</b>c", "<b>a<i>bc</i></b>"),
        ("</i>a<u>", "a<u></u>"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<img src=x onerror=alert(1)>a", "a"),
        ("<c.yellow.bg_blue.a\"b>a</c>", "<c.yellow.bg_blue>a</c>"),
        (
            "<v Mary \"O'Neil\" & <b>>a",
            "<v Mary \"O'Neil\" &amp; &lt;b>&gt;a</v>",
        ),
        ("<lang en-GB>a</lang><lang>b</lang>", "<lang en-GB>a</lang>b"),
        ("<ruby>a<rt>b</ruby><rt>c", "<ruby>a<rt>b</rt></ruby>c"),
        ("a<00:01.500>b", "ab"),
        (
            "a &lt;b&gt; &amp;lt; &nbsp;c &bogus; &#60;i&#x3e; &",
            "a &lt;b&gt; &amp;lt; \u{a0}c &amp;bogus; &lt;i&gt; &amp;",
        ),
        ("a<!-- x -", "a&lt;!-- x -"),
        ("a\u{0007}\u{1b}[31mb", "a[31mb"),
        ("a\n<font></font>\n&#10;\nb", "a\nb"),
        ("<b", "&lt;b"),
    ] {
        assert_eq!(words(text), kept, "{text}");
    }
}

/// What is searched for anew at each place of such a text takes hours, not moments.
#[test]
fn a_text_is_searched_once_for_what_closes_its_markup() {
    let times = 4 << 20;
    for (mark, closing, kept) in [
        ("<a", "", "&lt;a"),
        ("<<", ">", "&lt;&lt;"),
        ("<1", ">", "&lt;1"),
        ("<1", ":", "&lt;1"),
        ("&a", ";", "&amp;a"),
    ] {
        let text = mark.repeat(times) + closing;
        let rebuilt = text::rebuild(&text);
        assert!(rebuilt.starts_with(&kept.repeat(times - 3)), "{mark}");
    }
    let text = "{\\a".repeat(times);
    let mut settings = Settings::default();
    assert!(text::without_overrides(&text, &mut settings) == text);
    assert_eq!(settings, Settings::default());
}

#[test]
fn no_cue_can_be_made_to_end_early_by_its_own_words() {
    for text in [
        "<c.--\n>00:03.000",
        "<v x--\n>00:03.000",
        "<lang en--\n>00:03.000",
        "a &#45;&#45;&gt; b",
        "<c.a.-->".trim_end_matches('>'),
        "<b>\n<x>\n</b>\nSTYLE",
    ] {
        let cue = rebuilt(format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\nmore"));
        assert_eq!(cue.matches("-->").count(), 1, "{text}: {cue}");
        assert!(!cue.contains("\n\n"), "{text}: {cue}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let many: String = (0..=MAX_CUES).map(|_| "00:01.000 --> 00:02.000\na\n\n").collect();
    let long = format!("00:01.000 --> 00:02.000\n{}", "a".repeat(MAX_CUE_CHARS + 1));
    for (file, expected) in [
        ("", CaptionsError::NoCues),
        ("just some words", CaptionsError::NoCues),
        ("WEBVTT\n\nNOTE nothing", CaptionsError::NoCues),
        ("1\nno time\n", CaptionsError::NoTime { line: 1 }),
        (
            "WEBVTT\n\nname\n\n00:01.000 --> 00:02.000\na",
            CaptionsError::NoTime { line: 3 },
        ),
        (
            "WEBVTT\n\n00:01.000 --> soon\na",
            CaptionsError::BadTime { line: 3 },
        ),
        (
            "WEBVTT\n\n00:61.000 --> 00:62.000\na",
            CaptionsError::BadTime { line: 3 },
        ),
        (
            "WEBVTT\n\n-00:01.000 --> 00:02.000\na",
            CaptionsError::BadTime { line: 3 },
        ),
        (
            "WEBVTT\n\n٠0:01.000 --> 00:02.000\na",
            CaptionsError::BadTime { line: 3 },
        ),
        (
            "WEBVTT\n\n00:02.000 --> 00:02.000\na",
            CaptionsError::EndsEarly { line: 3 },
        ),
        (
            "00:00:05,000 --> 00:00:06,000\na\n\n00:00:04,999 --> 00:00:07,000\nb",
            CaptionsError::OutOfOrder { line: 4 },
        ),
        (
            many.as_str(),
            CaptionsError::TooManyCues {
                line: MAX_CUES * 3 + 1,
            },
        ),
        (long.as_str(), CaptionsError::CueTooLong { line: 1 }),
        ("a\0b", CaptionsError::NotText),
    ] {
        let error = rebuild(file.as_bytes()).unwrap_err();
        assert_eq!(error, expected, "{}", file.chars().take(60).collect::<String>());
        if let Some(line) = error.line() {
            assert!(error.to_string().starts_with(&format!("Line {line}: ")));
        }
    }
    let padding = format!("WEBVTT\n\n00:01.000 --> 00:02.000\na\n{}", "\n".repeat(MAX_BYTES));
    assert_eq!(rebuild(padding.as_bytes()), Err(CaptionsError::TooLarge));
    // Each of these characters is written as five.
    let ampersands = format!("00:01.000 --> 00:02.000\n{}\n\n", "&".repeat(3_900)).repeat(500);
    assert_eq!(rebuild(ampersands.as_bytes()), Err(CaptionsError::TooLarge));
}

#[test]
fn the_largest_file_that_is_taken_is_taken() {
    let most: String = (0..MAX_CUES).map(|_| "00:01.000 --> 00:02.000\na\n\n").collect();
    assert_eq!(rebuild(most.as_bytes()).unwrap().cues, MAX_CUES);
}

#[test]
fn text_is_read_in_the_encodings_that_editors_write() {
    let file = "WEBVTT\n\n00:01.000 --> 00:02.000\n“Größe” – 東京\n";
    let expected = "00:00:01.000 --> 00:00:02.000\n“Größe” – 東京";
    let with_mark = [b"\xef\xbb\xbf".as_slice(), file.as_bytes()].concat();
    let units: Vec<u16> = std::iter::once(0xfeff).chain(file.encode_utf16()).collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [file.as_bytes(), &with_mark, &little, &big] {
        assert_eq!(rebuilt(bytes), expected);
    }
    let old = b"1\r\n00:00:01,000 --> 00:00:02,000\r\n\x93Gr\xf6\xdfe\x94 \x96 \x80\r\n";
    assert_eq!(rebuilt(old), "00:00:01.000 --> 00:00:02.000\n“Größe” – €");
    // Five bytes mean nothing in that encoding, and no picture or video is without zeros.
    for other in [
        b"\xff\x81\x8d".as_slice(),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\0\0\0\x20ftypisom",
    ] {
        assert_eq!(rebuild(other), Err(CaptionsError::NotText));
    }
}

#[test]
fn a_document_of_plain_words_is_escaped() {
    assert_eq!(
        document([
            (0, 1_500, "Intro"),
            (1_500, 3_600_000, "a --> <b>\nc"),
            (3_600_000, 3_600_001, " \n ")
        ]),
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nIntro\n\n00:00:01.500 --> 01:00:00.000\na --&gt; &lt;b&gt; c\n"
    );
}

/// A small generator (xorshift64), so that a failure can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides.max(1)
    }
}

/// Every tag in a rebuilt file is one of ours and well formed, and nothing but times has an arrow.
fn assert_safe(vtt: &str) {
    let body = vtt.strip_prefix(HEAD).unwrap();
    assert_eq!(
        body.matches("-->").count(),
        body.lines().filter(|l| l.contains(" --> ")).count(),
        "{vtt}"
    );
    for block in body.split("\n\n") {
        let mut lines = block.trim_start_matches('\n').lines();
        let time = lines.next().unwrap();
        assert!(
            time.contains(" --> ") && time.starts_with(|c: char| c.is_ascii_digit()),
            "{block}"
        );
        let text: Vec<&str> = lines.collect();
        assert!(!text.is_empty(), "{block}");
        let text = text.join("\n");
        for piece in text.split('<').skip(1) {
            let (inside, _) = piece.split_once('>').unwrap_or_else(|| panic!("{block}"));
            let name = inside.trim_start_matches('/').split(['.', ' ']).next().unwrap();
            assert!(
                ["b", "i", "u", "c", "v", "lang", "ruby", "rt"].contains(&name),
                "{block}"
            );
        }
        for piece in text.split('&').skip(1) {
            assert!(
                ["amp;", "lt;", "gt;"]
                    .iter()
                    .any(|known| piece.starts_with(known)),
                "{block}"
            );
        }
    }
}

#[test]
fn whatever_bytes_come_what_is_written_is_safe_and_reads_back_the_same() {
    let seeds = [
        "WEBVTT\n\nSTYLE\n::cue{}\n\n1\n00:00:01.000 --> 00:00:02.000 line:10% align:left\n<v.x Mary>a</v> <c.--\n>&lt;b\n\n00:02.000 --> 00:03.000\n<ruby>a<rt>b</rt></ruby>\n",
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<i>Hello</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nBye &amp; <lang en>so</lang>\n",
    ];
    let pieces = [
        "-->",
        "<",
        ">",
        "&",
        ";",
        "\n",
        "\n\n",
        "<c.--",
        "<v ",
        "<lang a-",
        "</",
        "&#",
        "&#x3c;",
        "STYLE",
        "NOTE",
        "00:05.000 --> 00:06.000",
        "{\\an",
        "}",
        "\u{feff}",
        "\u{2028}",
        "é",
        "<rt>",
        "<ruby>",
        "\t",
        "--",
        "\r",
    ];
    let mut dice = Dice(0x5eed_0000_cafe);
    let mut taken = 0;
    for _ in 0..6_000 {
        let mut bytes = seeds[dice.roll(seeds.len())].as_bytes().to_vec();
        for _ in 0..=dice.roll(6) {
            let at = dice.roll(bytes.len());
            if bytes.len() < 2 {
                break;
            }
            match dice.roll(4) {
                0 => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
                1 => {
                    bytes.remove(at);
                }
                2 => bytes.truncate(at.max(1)),
                _ => {
                    let piece = pieces[dice.roll(pieces.len())];
                    bytes.splice(at..at, piece.bytes());
                }
            }
        }
        if let Ok(captions) = rebuild(&bytes) {
            taken += 1;
            assert_safe(&captions.vtt);
            let again = rebuild(captions.vtt.as_bytes()).unwrap();
            assert_eq!(again, captions, "{}", String::from_utf8_lossy(&bytes));
        }
    }
    assert!(taken > 1_000, "the mutations are worth something: {taken}");
}

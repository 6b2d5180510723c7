//! Where a request body ends.
//!
//! Follows a body byte by byte without keeping it, so that the head after it can be found and checked. Accepts
//! less than hyper does: two parsers that agree on all that passes cannot be played against each other.

use crate::head::Framing;

/// Longest chunk-size line, extensions included.
const MAX_CHUNK_LINE_BYTES: u32 = 256;
/// Largest trailer section.
const MAX_TRAILER_BYTES: u32 = 8 * 1024;

/// A body on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyScan {
    /// This many bytes are still to come; none means the body is over.
    Length(u64),
    /// Chunks are still to come.
    Chunk(Chunk),
}

/// A place inside a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// In the hexadecimal size; `seen` counts its bytes.
    Size { value: u64, seen: u32 },
    /// In the extensions after the size.
    Extension { value: u64, seen: u32 },
    /// After the carriage return that ends the size line.
    SizeEnd { value: u64 },
    /// In the data.
    Data(u64),
    /// After the data.
    DataCr,
    /// After the data and its carriage return.
    DataLf,
    /// In the trailer section; `line` counts the bytes of the current line.
    Trailer { seen: u32, line: u32, cr: bool },
}

/// The body is not what its framing promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken {
    /// How many bytes before the fault are good.
    pub(crate) good: usize,
}

impl From<Framing> for BodyScan {
    fn from(framing: Framing) -> Self {
        match framing {
            Framing::Length(length) => Self::Length(length),
            Framing::Chunked => Self::Chunk(Chunk::Size { value: 0, seen: 0 }),
        }
    }
}

impl BodyScan {
    /// Whether the next byte belongs to the next request.
    pub(crate) fn is_over(self) -> bool {
        self == Self::Length(0)
    }

    /// Takes in what belongs to the body and says how many bytes that was; fewer than given when the body ended.
    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let mut at = 0;
        while at < bytes.len() {
            match self {
                Self::Length(0) => break,
                Self::Length(left) | Self::Chunk(Chunk::Data(left)) => {
                    let step = (bytes.len() - at).min(usize::try_from(*left).unwrap_or(usize::MAX));
                    at += step;
                    *left -= step as u64;
                    if let Self::Chunk(Chunk::Data(0)) = self {
                        *self = Self::Chunk(Chunk::DataCr);
                    }
                }
                Self::Chunk(chunk) => {
                    *self = chunk.step(bytes[at]).ok_or(Broken { good: at })?;
                    at += 1;
                }
            }
        }
        Ok(at)
    }
}

impl Chunk {
    /// One byte of framing; `None` when it does not belong there.
    fn step(self, byte: u8) -> Option<BodyScan> {
        Some(BodyScan::Chunk(match (self, byte) {
            (Self::Size { value, seen }, b'\r') if seen > 0 => Self::SizeEnd { value },
            (Self::Size { value, seen }, b';') if seen > 0 => Self::Extension { value, seen },
            (Self::Size { value, seen }, digit) if seen < 16 => {
                let digit = char::from(digit).to_digit(16)?;
                Self::Size {
                    value: value.checked_mul(16)? + u64::from(digit),
                    seen: seen + 1,
                }
            }
            (Self::Extension { value, .. }, b'\r') => Self::SizeEnd { value },
            (Self::Extension { value, seen }, byte) if byte != b'\n' && seen < MAX_CHUNK_LINE_BYTES => {
                Self::Extension {
                    value,
                    seen: seen + 1,
                }
            }
            (Self::SizeEnd { value: 0 }, b'\n') => Self::Trailer {
                seen: 0,
                line: 0,
                cr: false,
            },
            (Self::SizeEnd { value }, b'\n') => Self::Data(value),
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::Size { value: 0, seen: 0 },
            (
                Self::Trailer {
                    line: 0, cr: true, ..
                },
                b'\n',
            ) => return Some(BodyScan::Length(0)),
            (Self::Trailer { seen, cr: true, .. }, b'\n') => Self::Trailer {
                seen: seen + 1,
                line: 0,
                cr: false,
            },
            (
                Self::Trailer {
                    seen,
                    line,
                    cr: false,
                },
                byte,
            ) if byte != b'\n' && seen < MAX_TRAILER_BYTES => {
                let cr = byte == b'\r';
                Self::Trailer {
                    seen: seen + 1,
                    line: line + u32::from(!cr),
                    cr,
                }
            }
            _ => return None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunked() -> BodyScan {
        Framing::Chunked.into()
    }

    #[test]
    fn a_chunked_body_ends_where_it_ends_however_it_is_cut() {
        let text = b"5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\nGET / HTTP/1.1";
        let end = text.len() - 14;
        for cut in 0..=end {
            let mut scan = chunked();
            let first = scan.advance(&text[..cut]).unwrap();
            assert_eq!(first, cut);
            assert_eq!(first + scan.advance(&text[cut..]).unwrap(), end, "cut at {cut}");
            assert!(scan.is_over());
        }
    }

    #[test]
    fn a_body_with_a_length_ends_after_it() {
        let mut scan = BodyScan::from(Framing::Length(3));
        assert_eq!(scan.advance(b"ab"), Ok(2));
        assert_eq!(scan.advance(b"cd"), Ok(1));
        assert!(scan.is_over());
    }

    #[test]
    fn loose_chunks_are_refused() {
        for text in [
            "\r\n",
            "5\nhello",
            "5 \r\nhello",
            "0x5\r\n",
            "-5\r\n",
            "5\r\nhelloX",
            "5\r\nhello\n",
            "5;a\nb",
            "11112222333344445\r\n",
            "0\r\nT: v\n\r\n",
            "0\r\n\rX",
            "5\rX",
        ] {
            assert!(chunked().advance(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn extensions_and_trailers_are_bounded() {
        assert!(
            chunked()
                .advance(format!("5;{}", "a".repeat(300)).as_bytes())
                .is_err()
        );
        assert!(
            chunked()
                .advance(format!("0\r\nT: {}", "a".repeat(9000)).as_bytes())
                .is_err()
        );
    }
}

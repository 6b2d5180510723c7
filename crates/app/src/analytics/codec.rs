//! How records and snapshots are written down: whole numbers in as few bytes as they need (LEB128), fixed bytes as
//! they are, texts behind their length.

use thiserror::Error;

/// Bytes that are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the bytes are not what was written")]
pub struct Damaged;

/// Writes a whole number.
pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes a text of at most 64 KiB; what is longer is cut to nothing.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    let text = if text.len() > usize::from(u16::MAX) {
        ""
    } else {
        text
    };
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Reads what was written, from its beginning.
#[derive(Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// Whether everything has been read.
    pub(super) fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// This many bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], Damaged> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// Some bytes of a known number.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        self.bytes(N)?.try_into().map_err(|_| Damaged)
    }

    /// One byte.
    pub(super) fn byte(&mut self) -> Result<u8, Damaged> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A whole number.
    pub(super) fn number(&mut self) -> Result<u64, Damaged> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Damaged);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    /// A whole number that fits into 32 bits.
    pub(super) fn small(&mut self) -> Result<u32, Damaged> {
        u32::try_from(self.number()?).map_err(|_| Damaged)
    }

    /// A whole number that was not negative.
    pub(super) fn positive(&mut self) -> Result<i64, Damaged> {
        i64::try_from(self.number()?).map_err(|_| Damaged)
    }

    /// A text.
    pub(super) fn text(&mut self) -> Result<&'a str, Damaged> {
        let length = u16::try_from(self.number()?).map_err(|_| Damaged)?;
        std::str::from_utf8(self.bytes(usize::from(length))?).map_err(|_| Damaged)
    }
}

/// The table of [`crc32`].
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut crc = at as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
};

/// The checksum of zip and PNG (CRC-32/ISO-HDLC).
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |crc, byte| TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_survive() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let mut out = Vec::new();
        for number in numbers {
            put_number(&mut out, number);
        }
        put_text(&mut out, "ä");
        let mut reader = Reader(&out);
        for number in numbers {
            assert_eq!(reader.number(), Ok(number));
        }
        assert_eq!(reader.text(), Ok("ä"));
        assert!(reader.is_done());
        assert_eq!(reader.byte(), Err(Damaged));
    }

    #[test]
    fn numbers_and_texts_that_cannot_be_are_damage() {
        assert_eq!(Reader(&[0xff; 11]).number(), Err(Damaged), "more than 64 bits");
        assert_eq!(Reader(&[0x80]).number(), Err(Damaged), "no end");
        assert_eq!(Reader(&[5, b'a']).text(), Err(Damaged), "too short");
        assert_eq!(Reader(&[1, 0xff]).text(), Err(Damaged), "not UTF-8");
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }
}

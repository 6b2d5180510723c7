//! How many different viewers there were: a sketch that holds any number of them in at most 12 KiB, and to which
//! the same viewer may be added any number of times.
//!
//! `HyperLogLog` (Flajolet et al. 2007) with 2^14 registers. Small sets are kept as a list of the hashes themselves,
//! at a finer grain that later gives exactly the registers that they would have made (the encoding of HLL++, Heule
//! et al. 2013). The estimate is Ertl's (arXiv 1702.01284, algorithm 6), which needs no tables and is good over the
//! whole range; its standard error is 0.8 %.

use thiserror::Error;

use super::ViewerKey;

/// Bits of a hash that choose its register.
const P: u32 = 14;
/// Registers.
const M: usize = 1 << P;
/// Bits that choose the place in the list of a small set.
const FINE: u32 = 25;
/// Bits for a rank.
const RANK_BITS: u32 = 6;
/// The largest rank of a register.
const Q: usize = 64 - P as usize;
/// The most entries of a list; beyond them, registers are smaller soon.
const MAX_LIST: usize = 512;

/// First byte of a stored list.
const LIST: u8 = 1;
/// First byte of stored registers.
const REGISTERS: u8 = 2;

/// Bytes that are no sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a sketch")]
pub struct DamagedSketch;

/// A set of viewers, of which only the size can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Sorted entries: 25 bits of the hash, and the rank of what follows them.
    List(Vec<u32>),
    /// The largest rank seen by each register.
    Registers(Box<[u8]>),
}

/// One more than the number of zeros that `bits` begins with, of which `width` count.
fn rank(bits: u64, width: u32) -> u32 {
    bits.leading_zeros().min(width) + 1
}

/// The entry of a hash in a list.
fn entry(hash: u64) -> u32 {
    let index = (hash >> (64 - FINE)) as u32;
    (index << RANK_BITS) | rank(hash << FINE, 64 - FINE)
}

/// Which register an entry belongs to, and its rank there.
fn register(entry: u32) -> (usize, u8) {
    let index = entry >> RANK_BITS;
    let between_bits = FINE - P;
    let between = index & ((1 << between_bits) - 1);
    let rank = if between == 0 {
        between_bits + (entry & ((1 << RANK_BITS) - 1))
    } else {
        between.leading_zeros() - (32 - between_bits) + 1
    };
    ((index >> between_bits) as usize, rank as u8)
}

impl Default for Sketch {
    fn default() -> Self {
        Self(Kind::List(Vec::new()))
    }
}

impl Sketch {
    /// Adds a viewer.
    pub fn add(&mut self, viewer: ViewerKey) {
        self.add_entry(entry(viewer.0));
    }

    /// Adds all viewers of another sketch.
    pub fn merge(&mut self, other: &Self) {
        match &other.0 {
            Kind::List(entries) => entries.iter().for_each(|entry| self.add_entry(*entry)),
            Kind::Registers(theirs) => {
                for (own, theirs) in self.registers().iter_mut().zip(theirs) {
                    *own = (*own).max(*theirs);
                }
            }
        }
    }

    /// About how many different viewers were added. Exact for small numbers.
    pub fn estimate(&self) -> u64 {
        match &self.0 {
            Kind::List(entries) => entries.len() as u64,
            Kind::Registers(registers) => estimate(registers),
        }
    }

    /// The bytes to keep: at most 12,289.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Kind::List(entries) => {
                let mut bytes = Vec::with_capacity(1 + entries.len() * 4);
                bytes.push(LIST);
                for entry in entries {
                    bytes.extend_from_slice(&entry.to_le_bytes());
                }
                bytes
            }
            Kind::Registers(registers) => {
                let mut bytes = Vec::with_capacity(1 + M * 6 / 8);
                bytes.push(REGISTERS);
                for four in registers.chunks_exact(4) {
                    let packed = four
                        .iter()
                        .fold(0_u32, |packed, register| (packed << 6) | u32::from(*register));
                    bytes.extend_from_slice(&packed.to_be_bytes()[1..]);
                }
                bytes
            }
        }
    }

    /// The sketch that was kept as these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DamagedSketch> {
        let (kind, rest) = bytes.split_first().ok_or(DamagedSketch)?;
        match *kind {
            LIST if rest.len().is_multiple_of(4) && rest.len() / 4 <= MAX_LIST => {
                let mut sketch = Self::default();
                for four in rest.chunks_exact(4) {
                    let entry = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
                    let rank = entry & ((1 << RANK_BITS) - 1);
                    if rank == 0 || rank > 64 - FINE + 1 || entry >> (FINE + RANK_BITS) != 0 {
                        return Err(DamagedSketch);
                    }
                    sketch.add_entry(entry);
                }
                Ok(sketch)
            }
            REGISTERS if rest.len() == M * 6 / 8 => {
                let mut registers = Vec::with_capacity(M);
                for three in rest.chunks_exact(3) {
                    let packed = u32::from_be_bytes([0, three[0], three[1], three[2]]);
                    for at in [18, 12, 6, 0] {
                        let register = ((packed >> at) & 63) as u8;
                        if usize::from(register) > Q + 1 {
                            return Err(DamagedSketch);
                        }
                        registers.push(register);
                    }
                }
                Ok(Self(Kind::Registers(registers.into_boxed_slice())))
            }
            _ => Err(DamagedSketch),
        }
    }

    fn add_entry(&mut self, entry: u32) {
        match &mut self.0 {
            Kind::List(entries) => {
                let Err(at) = entries.binary_search(&entry) else {
                    return;
                };
                if entries.len() < MAX_LIST {
                    entries.insert(at, entry);
                    return;
                }
            }
            Kind::Registers(_) => {}
        }
        let (index, rank) = register(entry);
        // An entry has 14 bits of index.
        if let Some(own) = self.registers().get_mut(index) {
            *own = (*own).max(rank);
        }
    }

    /// The registers, made of the list where there is one.
    fn registers(&mut self) -> &mut [u8] {
        if let Kind::List(entries) = &self.0 {
            let mut registers = vec![0; M].into_boxed_slice();
            for entry in entries {
                let (index, rank) = register(*entry);
                if let Some(own) = registers.get_mut(index) {
                    *own = rank.max(*own);
                }
            }
            self.0 = Kind::Registers(registers);
        }
        match &mut self.0 {
            Kind::Registers(registers) => registers,
            Kind::List(_) => &mut [],
        }
    }
}

fn estimate(registers: &[u8]) -> u64 {
    let mut histogram = [0_u32; Q + 2];
    for register in registers {
        if let Some(count) = histogram.get_mut(usize::from(*register)) {
            *count += 1;
        }
    }
    let m = M as f64;
    let mut z = m * tau(1.0 - f64::from(histogram[Q + 1]) / m);
    for count in histogram[1..=Q].iter().rev() {
        z = 0.5 * (z + f64::from(*count));
    }
    z += m * sigma(f64::from(histogram[0]) / m);
    let estimate = m * m / (2.0 * std::f64::consts::LN_2 * z);
    // Casts of fractions stop at the ends of the range.
    estimate.round() as u64
}

/// What registers that saw nothing contribute.
fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z <= before {
            return z;
        }
    }
}

/// What registers that are full contribute.
fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z >= before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes that look random and are the same in every run (`SplitMix64`).
    fn viewer(n: u64) -> ViewerKey {
        let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ViewerKey(z ^ (z >> 31))
    }

    fn of(viewers: impl Iterator<Item = u64>) -> Sketch {
        let mut sketch = Sketch::default();
        viewers.for_each(|n| sketch.add(viewer(n)));
        sketch
    }

    #[test]
    fn a_million_viewers_are_counted_within_two_in_a_hundred_all_the_way() {
        let mut sketch = Sketch::default();
        let mut next = 1_u64;
        for n in 1..=1_000_000_u64 {
            sketch.add(viewer(n));
            if n == next {
                let estimate = sketch.estimate();
                let wrong = (estimate as f64 / n as f64 - 1.0).abs();
                assert!(wrong <= 0.02, "{estimate} for {n}");
                next = (next * 11).div_ceil(10);
            }
        }
    }

    #[test]
    fn small_numbers_are_exact() {
        for n in [0, 1, 2, 100, 512] {
            assert_eq!(of(0..n).estimate(), n);
        }
    }

    #[test]
    fn who_comes_again_is_counted_once() {
        let once = of(0..5_000);
        let mut again = of((0..5_000).rev());
        again.merge(&once);
        for n in 0..5_000 {
            again.add(viewer(n));
        }
        assert_eq!(again, once);
    }

    #[test]
    fn two_sketches_make_the_one_of_all_whatever_their_sizes_and_order() {
        for (left, right) in [(10, 20), (10, 600), (600, 10), (500, 500), (3_000, 4_000)] {
            let all = of(0..left + right);
            let (one, other) = (of(0..left), of(left..left + right));
            let mut merged = one.clone();
            merged.merge(&other);
            let mut turned = other;
            turned.merge(&one);
            assert_eq!(merged, all, "{left} and {right}");
            assert_eq!(turned, all, "{right} and {left}");
        }
    }

    #[test]
    fn a_list_gives_the_registers_that_its_hashes_would_have_made() {
        // Hashes with many zeros behind the index are where the two encodings could differ.
        for shift in 0..=64_u32 {
            let hash = 0xdead_beef_dead_beef_u64;
            let low = if shift == 64 { 0 } else { hash >> shift };
            let hash = (hash & (u64::MAX << (64 - P))) | (low & (u64::MAX >> P));
            let expected = rank(hash << P, 64 - P);
            let (index, rank) = register(entry(hash));
            assert_eq!(index as u64, hash >> (64 - P));
            assert_eq!(u32::from(rank), expected, "{hash:x}");
        }
    }

    #[test]
    fn a_sketch_survives_the_store_and_stays_small() {
        for n in [0, 1, 512, 513, 100_000] {
            let sketch = of(0..n);
            let bytes = sketch.to_bytes();
            assert!(bytes.len() <= 12_289, "{} bytes for {n}", bytes.len());
            assert_eq!(Sketch::from_bytes(&bytes), Ok(sketch));
        }
    }

    #[test]
    fn other_bytes_are_no_sketch() {
        let full = [[REGISTERS].as_slice(), &[0xff; M * 6 / 8]].concat();
        let long = [[LIST].as_slice(), &[1; 4 * (MAX_LIST + 1)]].concat();
        let damaged: [&[u8]; 9] = [
            &[],
            &[0],
            &[9, 1, 2, 3],
            &[LIST, 1, 2],
            &[LIST, 0, 0, 0, 0],
            &[LIST, 0xff, 0xff, 0xff, 0xff],
            &[REGISTERS, 1],
            &full,
            &long,
        ];
        for bytes in damaged {
            assert_eq!(Sketch::from_bytes(bytes), Err(DamagedSketch));
        }
    }

    #[test]
    fn more_viewers_than_there_are_people_are_still_a_number() {
        let full = Sketch(Kind::Registers(vec![Q as u8 + 1; M].into_boxed_slice()));
        assert!(full.estimate() > 1_000_000_000_000);
    }
}

//! Chance that can be repeated: the same seed throws the same numbers.

/// A linear congruential generator; good enough to choose moments and victims.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// Puts a deck into an order of chance.
    pub fn shuffle<T>(&mut self, deck: &mut [T]) {
        for at in (1..deck.len()).rev() {
            deck.swap(at, self.below(at + 1));
        }
    }
}

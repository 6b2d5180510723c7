//! Which parts of a video a session has watched: stretches that do not touch, in their order, a bounded number.

use model::analytics::beacon::Span;

use super::codec::{Damaged, Reader, put_number};

/// The most stretches that are kept apart.
pub const MAX_STRETCHES: usize = 64;

/// The stretches that a session has watched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Covered(Vec<Span>);

impl Covered {
    /// How much of a stretch was not watched before, in milliseconds.
    pub fn missing_ms(&self, span: Span) -> u32 {
        self.gaps(span).map(Span::length_ms).sum()
    }

    /// The beginning of a stretch that holds at most `most_ms` that were not watched before; `None` where that is
    /// nothing at all.
    pub fn cut(&self, span: Span, most_ms: i64) -> Option<Span> {
        let mut left = most_ms.max(0);
        for gap in self.gaps(span) {
            if i64::from(gap.length_ms()) > left {
                let end = gap
                    .from_ms()
                    .saturating_add(u32::try_from(left).unwrap_or(u32::MAX));
                return Span::new(span.from_ms(), end);
            }
            left -= i64::from(gap.length_ms());
        }
        Some(span)
    }

    /// Adds a stretch. Where there are too many, the two that are nearest to each other become one, with what lies
    /// between them: what is kept here decides what counts no more, so a session loses by it and never gains.
    pub fn insert(&mut self, span: Span) {
        // Those that it touches are replaced by the one that holds them all.
        let first = self.0.partition_point(|known| known.to_ms() < span.from_ms());
        let last = self.0.partition_point(|known| known.from_ms() <= span.to_ms());
        let touched = &self.0[first..last.max(first)];
        let from_ms = touched
            .first()
            .map_or(span.from_ms(), |known| known.from_ms().min(span.from_ms()));
        let to_ms = touched
            .last()
            .map_or(span.to_ms(), |known| known.to_ms().max(span.to_ms()));
        let whole = Span::new(from_ms, to_ms).unwrap_or(span);
        self.0.splice(first..last.max(first), [whole]);
        if self.0.len() > MAX_STRETCHES {
            self.close_smallest_gap();
        }
    }

    fn close_smallest_gap(&mut self) {
        let nearest = self
            .0
            .windows(2)
            .enumerate()
            .min_by_key(|(_, pair)| pair[1].from_ms() - pair[0].to_ms())
            .map(|(at, pair)| (at, Span::new(pair[0].from_ms(), pair[1].to_ms())));
        if let Some((at, Some(whole))) = nearest {
            self.0.splice(at..at + 2, [whole]);
        }
    }

    /// What of a stretch lies in none of those that are known.
    fn gaps(&self, span: Span) -> impl Iterator<Item = Span> {
        let first = self.0.partition_point(|known| known.to_ms() <= span.from_ms());
        let known = self.0[first..]
            .iter()
            .take_while(move |known| known.from_ms() < span.to_ms())
            .map(|known| (known.from_ms(), known.to_ms()));
        let mut at = span.from_ms();
        // What stands behind the end closes the last gap.
        known
            .chain([(span.to_ms(), u32::MAX)])
            .filter_map(move |(from_ms, to_ms)| {
                let gap = Span::new(at, from_ms.min(span.to_ms()));
                at = at.max(to_ms);
                gap
            })
    }

    /// Writes the stretches behind what is in `out`.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_number(out, self.0.len() as u64);
        for span in &self.0 {
            put_number(out, span.from_ms().into());
            put_number(out, span.length_ms().into());
        }
    }

    /// Reads what was written.
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let count = reader.number()?;
        if count > MAX_STRETCHES as u64 {
            return Err(Damaged);
        }
        let mut covered = Self::default();
        for _ in 0..count {
            let from_ms = reader.small()?;
            let to_ms = from_ms.checked_add(reader.small()?).ok_or(Damaged)?;
            covered.insert(Span::new(from_ms, to_ms).ok_or(Damaged)?);
        }
        Ok(covered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from_ms: u32, to_ms: u32) -> Span {
        Span::new(from_ms, to_ms).unwrap()
    }

    fn of(spans: &[(u32, u32)]) -> Covered {
        let mut covered = Covered::default();
        for (from, to) in spans {
            covered.insert(span(*from, *to));
        }
        covered
    }

    #[test]
    fn stretches_that_touch_become_one_in_any_order() {
        let whole = of(&[(0, 30)]);
        assert_eq!(of(&[(0, 10), (10, 20), (20, 30)]), whole);
        assert_eq!(of(&[(20, 30), (0, 10), (5, 25)]), whole);
        assert_eq!(of(&[(0, 30), (5, 6)]), whole);
        assert_eq!(of(&[(0, 10), (20, 30)]).0, [span(0, 10), span(20, 30)]);
        assert_eq!(of(&[(20, 30), (0, 10), (12, 15)]).0.len(), 3);
    }

    #[test]
    fn what_is_missing_is_counted_to_the_millisecond() {
        let covered = of(&[(10, 20), (30, 40)]);
        for ((from, to), missing) in [
            ((0, 50), 30),
            ((0, 10), 10),
            ((10, 20), 0),
            ((12, 18), 0),
            ((15, 35), 10),
            ((20, 30), 10),
            ((40, 41), 1),
            ((0, u32::MAX), u32::MAX - 20),
        ] {
            assert_eq!(covered.missing_ms(span(from, to)), missing, "{from} to {to}");
        }
        assert_eq!(Covered::default().missing_ms(span(5, 9)), 4);
    }

    #[test]
    fn a_stretch_is_cut_where_it_would_be_too_much() {
        let covered = of(&[(10, 20), (30, 40)]);
        assert_eq!(covered.cut(span(0, 50), 30), Some(span(0, 50)));
        assert_eq!(covered.cut(span(0, 50), 15), Some(span(0, 25)));
        assert_eq!(covered.cut(span(0, 50), 10), Some(span(0, 20)));
        assert_eq!(covered.cut(span(0, 50), 0), None);
        assert_eq!(covered.cut(span(12, 18), 0), Some(span(12, 18)), "seen before");
        assert_eq!(covered.cut(span(0, 50), -5), None);
    }

    #[test]
    fn however_many_stretches_there_are_few_are_kept_and_nothing_is_forgotten() {
        let mut covered = Covered::default();
        for n in 0..1_000_u32 {
            let at = n * 7_919 % 1_000 * 10;
            covered.insert(span(at, at + 3));
            assert!(covered.0.len() <= MAX_STRETCHES);
            assert!(
                covered
                    .0
                    .windows(2)
                    .all(|pair| pair[0].to_ms() < pair[1].from_ms())
            );
        }
        for n in 0..1_000_u32 {
            assert_eq!(covered.missing_ms(span(n * 10, n * 10 + 3)), 0);
        }
    }

    #[test]
    fn stretches_survive_a_snapshot() {
        let covered = of(&[(0, 3), (7, 9), (1_000, u32::MAX)]);
        let mut out = Vec::new();
        covered.encode(&mut out);
        assert_eq!(Covered::decode(&mut Reader(&out)), Ok(covered));
        assert_eq!(Covered::decode(&mut Reader(&[65])), Err(Damaged));
        assert_eq!(Covered::decode(&mut Reader(&[1, 5, 0])), Err(Damaged));
    }
}

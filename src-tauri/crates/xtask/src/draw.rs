//! Chance out of a seed: equal seeds, equal draws.

use std::ops::Range;

/// A small generator (splitmix64); statistics good enough for choosing what people do.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of the range.
    pub fn of(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start).max(1)
    }

    /// True so often of a hundred.
    pub fn percent(&mut self, odds: u64) -> bool {
        self.of(0..100) < odds
    }

    /// One of the list; `None` of an empty one.
    pub fn one<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.of(0..list.len() as u64);
        list.get(usize::try_from(at).unwrap_or(0))
    }

    /// Another generator, for a second hand that acts at the same time.
    #[must_use]
    pub fn split(&mut self) -> Draw {
        Draw(self.next())
    }
}

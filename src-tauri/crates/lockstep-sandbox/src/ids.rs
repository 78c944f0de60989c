//! Ids and chance from a seed: the same seed draws the same numbers, so a practice platform can be replayed.

use serde::{Deserialize, Serialize};

/// A SplitMix64 sequence. Quick and even enough for ids and fault odds; not for secrets that matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    state: u64,
}

impl Ids {
    /// Starts a sequence; equal seeds give equal sequences.
    pub fn new(seed: u64) -> Self {
        Self { state: seed ^ 0x5851_f42d_4c95_7f2d }
    }

    /// A second sequence that does not disturb this one, told apart by `name`.
    pub fn branch(&self, name: &str) -> Self {
        let salt = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { state: self.state ^ salt }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, without, `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { ((u128::from(self.next_u64()) * u128::from(end)) >> 64) as u64 }
    }

    /// One of the items.
    ///
    /// # Panics
    /// When there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// True in `permille` of a thousand draws. Draws nothing for 0 and for 1000.
    pub fn chance(&mut self, permille: u16) -> bool {
        match permille {
            0 => false,
            1000.. => true,
            _ => self.below(1000) < u64::from(permille),
        }
    }

    /// Sixteen bytes, as a ServiceNow `sys_id` or a UUID holds.
    pub fn bytes16(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next_u64().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next_u64().to_be_bytes());
        bytes
    }

    /// `digits` lower-case hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            text.push_str(&format!("{:016x}", self.next_u64()));
        }
        text.truncate(digits);
        text
    }

    /// Letters and digits, `length` of them, as in a token or a password.
    pub fn token(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        (0..length).map(|_| char::from(*self.pick(LETTERS))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn equal_seeds_draw_equal_numbers() {
        let (mut one, mut two) = (Ids::new(7), Ids::new(7));
        assert_eq!((one.next_u64(), one.hex(32)), (two.next_u64(), two.hex(32)));
        assert_ne!(Ids::new(7).next_u64(), Ids::new(8).next_u64());
        assert_ne!(one.branch("a").next_u64(), one.branch("b").next_u64());
    }

    #[test]
    fn below_stays_below_and_chance_knows_its_ends() {
        let mut ids = Ids::new(1);
        assert!((0..1000).all(|_| ids.below(7) < 7));
        assert_eq!(ids.below(0), 0);
        assert!(!ids.chance(0) && ids.chance(1000));
        let hits = (0..10_000).filter(|_| ids.chance(250)).count();
        assert!((2_200..2_800).contains(&hits), "{hits}");
    }

    #[test]
    fn hex_and_token_have_the_length_asked_for() {
        let mut ids = Ids::new(3);
        assert_eq!(ids.hex(32).len(), 32);
        assert_eq!(ids.hex(5).len(), 5);
        assert_eq!(ids.token(24).len(), 24);
    }
}

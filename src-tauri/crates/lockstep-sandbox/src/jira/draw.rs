//! Everything the practice Jira "draws by chance" comes from here: a pure function of the seed and a counter.

use sha2::{Digest, Sha256};

/// A well mixed number (the finaliser of splitmix64) of a seed and a counter.
pub fn mix(seed: u64, counter: u64) -> u64 {
    let mut z = seed ^ counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One of `items`.
pub fn pick<T: Copy>(seed: u64, counter: u64, items: &[T]) -> T {
    items[(mix(seed, counter) % items.len() as u64) as usize]
}

/// Hexadecimal digits of a digest over seed, purpose and subject.
pub fn hex(seed: u64, purpose: &str, subject: &str, digits: usize) -> String {
    let mut digest = Sha256::new();
    digest.update(seed.to_le_bytes());
    digest.update(purpose.as_bytes());
    digest.update([0]);
    digest.update(subject.as_bytes());
    let mut text: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(digits);
    text
}

/// A version 4 shaped UUID of seed, purpose and subject.
pub fn uuid(seed: u64, purpose: &str, subject: &str) -> String {
    let h = hex(seed, purpose, subject, 32);
    format!("{}-{}-4{}-a{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_inputs_give_equal_draws() {
        assert_eq!(mix(1, 2), mix(1, 2));
        assert_ne!(mix(1, 2), mix(1, 3));
        assert_eq!(uuid(7, "file", "1").len(), 36);
        assert_eq!(hex(7, "token", "x", 24).len(), 24);
    }
}

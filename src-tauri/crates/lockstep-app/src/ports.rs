//! Ids as a port: seeded in a simulation, random on a real machine.

use uuid::Uuid;

/// The only source of new ids.
pub trait Ids: Send + Sync {
    /// A new UUIDv7 made at `now_ms`; an id, never an order (hazards.md H49).
    fn op_id(&self, now_ms: i64) -> Uuid;
}

/// Ids from the operating system's randomness.
#[derive(Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn op_id(&self, now_ms: i64) -> Uuid {
        let mut random = [0u8; 10];
        getrandom::fill(&mut random).expect("the operating system gives randomness");
        uuid::Builder::from_unix_timestamp_millis(u64::try_from(now_ms).unwrap_or(0), &random).into_uuid()
    }
}

/// The same ids for the same seed, for tests and simulations.
#[derive(Debug)]
pub struct SeededIds(std::sync::atomic::AtomicU64);

impl SeededIds {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }
}

impl Ids for SeededIds {
    fn op_id(&self, now_ms: i64) -> Uuid {
        let mut state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, std::sync::atomic::Ordering::Relaxed);
        let mut random = [0u8; 10];
        for byte in &mut random {
            state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            state ^= state >> 27;
            *byte = state.to_le_bytes()[3];
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        }
        uuid::Builder::from_unix_timestamp_millis(u64::try_from(now_ms).unwrap_or(0), &random).into_uuid()
    }
}

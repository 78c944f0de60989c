//! The referee is tried: engines that break one rule each, and every one of them is found out.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use lockstep_core::omission::{Broken, Omission};

use crate::eye::Careless;
use crate::scenario::Scenario;
use crate::seeds::{is_sim_profile, play_alone};
use crate::world::Playing;

/// A broken engine is found out within so many seeds.
const SEEDS_MAX: u64 = 1_000;

#[derive(Debug, Clone, Copy)]
enum Engine {
    Without(Omission),
    /// A layer below breaks the rule.
    On(Careless),
}

const ENGINES: &[Engine] = &[
    Engine::Without(Omission::MarkerNotSent),
    Engine::Without(Omission::StoreTakenForNew),
    Engine::Without(Omission::SettleNotAwaited),
    Engine::Without(Omission::OwnTicketIsNew),
    Engine::Without(Omission::BulkMatchedByPosition),
    Engine::Without(Omission::LostAnswerIsNo),
    Engine::Without(Omission::UnknownTakenAsDone),
    Engine::Without(Omission::ReadingIsTheBase),
    Engine::Without(Omission::StampsProveContent),
    Engine::Without(Omission::AbsentIsEmpty),
    Engine::Without(Omission::OverwritesNotLookedFor),
    Engine::Without(Omission::AgreementOneWay),
    Engine::Without(Omission::LostCommentSentAgain),
    Engine::Without(Omission::FilesKnownByContent),
    Engine::Without(Omission::CursorWithoutPending),
    Engine::Without(Omission::EpochNotChecked),
    Engine::Without(Omission::MissedNotLookedFor),
    Engine::Without(Omission::CopiedMarkerBelieved),
    Engine::Without(Omission::OlderRowsBelieved),
    Engine::Without(Omission::JournalAfterTheCall),
    Engine::Without(Omission::NotFoundIsDeleted),
    Engine::Without(Omission::NotesCopiedPublic),
    Engine::Without(Omission::UnknownUpdateSentAgain),
    Engine::Without(Omission::CursorMovesFirst),
    Engine::Without(Omission::RetryAfterIgnored),
    Engine::On(Careless::RepeatsPosts),
];

/// The law that a broken engine breaks with this seed.
fn broken_law(engine: Engine, seed: u64) -> Option<&'static str> {
    let (_broken, playing) = match engine {
        Engine::Without(rule) => (Some(Broken::without(rule)), Playing::default()),
        Engine::On(careless) => (None, Playing { careless: Some(careless), ..Playing::default() }),
    };
    play_alone(&Scenario::of(seed), playing).violations.first().map(|violation| violation.law)
}

/// The first seed that finds a broken engine out and that the whole engine passes, with the law that is broken.
fn found_out(engine: Engine) -> Option<(u64, &'static str)> {
    let passes = |seed| play_alone(&Scenario::of(seed), Playing::default()).violations.is_empty();
    (0..SEEDS_MAX).find_map(|seed| broken_law(engine, seed).filter(|_| passes(seed)).map(|law| (seed, law)))
}

#[test]
fn every_broken_engine_is_found_out_within_a_thousand_seeds() {
    if !is_sim_profile() {
        return;
    }
    let (next, missed, tries) = (AtomicUsize::new(0), Mutex::new(Vec::new()), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(engine) = ENGINES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match found_out(*engine) {
                        Some((seed, law)) => {
                            tries.fetch_add(seed + 1, Ordering::Relaxed);
                            println!("{engine:?}: seed {seed}, {law}");
                        }
                        None => missed.lock().unwrap().push(*engine),
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    println!("{} broken engines, {} seeds", ENGINES.len(), tries.load(Ordering::Relaxed));
    assert!(missed.is_empty(), "nobody notices {missed:?}");
}

//! Rules that a test leaves out, to see that its referee notices.
//!
//! A referee that has never found anything proves nothing. Where the engine follows a rule of safety, it asks
//! [`left_out`] first; the tests break one rule at a time and expect to be told. Without the feature `omissions`, which
//! only tests switch on, the answer is a constant `false` and costs nothing.

/// A rule that can be left out. Its words say what a broken engine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Omission {
    /// Creates are sent without the marker (hazards.md H1).
    MarkerNotSent,
    /// The marker names the call that made the ticket instead of the ticket it was made for (hazards.md H1).
    MarkerNamesTheCall,
    /// Nobody asks whether the store is as new as the world (hazards.md H2).
    StoreTakenForNew,
    /// Another store's markers are taken over without being asked (hazards.md H3).
    OtherStoreIgnored,
    /// A look-up counts at once, before the platform has had its time (hazards.md H4).
    SettleNotAwaited,
    /// An empty look-up counts although it cannot see what is known to be there (hazards.md H5).
    EmptyLookUpBelieved,
    /// A customer request is known by its property alone, which a second call writes (hazards.md H5, H10).
    RefLineNotRead,
    /// A create that was lost twice is sent a third time (hazards.md H5).
    LostTwiceSentAgain,
    /// The second new ticket leaves before the first one's marker was read back (hazards.md H5).
    CanaryNotAwaited,
    /// A marker counts wherever it stands (hazards.md H6).
    CopiedMarkerBelieved,
    /// No marker means no ticket, whatever else we made there (hazards.md H7).
    AbsentWithoutAccounting,
    /// A ticket of our own without a link is new (hazards.md H8).
    OwnTicketIsNew,
    /// The ids in the answer of a bulk create are taken in the order of the request (hazards.md H9).
    BulkMatchedByPosition,
    /// A lost answer or a gateway's error means that nothing was done (hazards.md H10).
    LostAnswerIsNo,
    /// A write whose outcome is not known is taken as done without a reading (hazards.md H11).
    UnknownTakenAsDone,
    /// New tickets of both sides are copied before anybody looks whether they are one (hazards.md H12).
    NewTicketsNotMatched,
    /// An ended link leaves no trace (hazards.md H13).
    TombstonesForgotten,
    /// The first reading after a write is the base, whoever wrote in between (hazards.md H14).
    ReadingIsTheBase,
    /// A write counts as done although its answer shows the old value (hazards.md H15).
    IgnoredWriteTakenAsDone,
    /// Rows of a feed count although they are older than what is known, or lag (hazards.md H16).
    OlderRowsBelieved,
    /// A ticket with the stamp that was dealt with has not changed (hazards.md H17).
    StampsProveContent,
    /// A field that is not shown is empty (hazards.md H18).
    AbsentIsEmpty,
    /// Nobody looks for what a write may have replaced in the last moment (hazards.md H19).
    OverwritesNotLookedFor,
    /// One refused field takes the others of its call down with it (hazards.md H20).
    RefusedCallNotSplit,
    /// A path of steps that was cut off is taken for a person's change (hazards.md H21).
    HalfWayIsTheirs,
    /// A base of other rules counts (hazards.md H22).
    OldBaseCounts,
    /// A decision counts whatever stands there now (hazards.md H23).
    DecisionUnbound,
    /// Sides agree by one direction of the pairs alone (hazards.md H24).
    AgreementOneWay,
    /// Nobody counts how often a field goes back and forth (hazards.md H25).
    FlipsNotCounted,
    /// Tags are compared and written as one value (hazards.md H26).
    SetsAsOneValue,
    /// A copy that holds less replaces its original (hazards.md H27).
    LossyCopyComesHome,
    /// A built text is written again over what people made of it (hazards.md H28).
    BuiltTextRewritten,
    /// The side of the newer ticket wins (hazards.md H29).
    NewestByTicketStamp,
    /// A date meets a date with time (hazards.md H30).
    DatesMeetTimes,
    /// Two connections may write one ticket (hazards.md H31).
    OverlapsAllowed,
    /// Connections may go in a ring (hazards.md H32).
    RingsAllowed,
    /// A comment whose answer was lost is sent again without a look (hazards.md H33).
    LostCommentSentAgain,
    /// A comment is known by its text (hazards.md H34).
    CommentsKnownByText,
    /// A ref counts whoever wrote it (hazards.md H35).
    RefOfAnybody,
    /// A comment that is not known is new, however old it is (hazards.md H36).
    OldCommentsSent,
    /// What our user wrote and nobody explains is copied (hazards.md H37).
    UnexplainedOwnCopied,
    /// A ticket that our user changed last has not changed (hazards.md H37).
    OurUserChangesNothing,
    /// What was planned is sent without looking at flags again (hazards.md H38).
    SentAsPlanned,
    /// Comments written while a ticket was private follow once it is not (hazards.md H39).
    PrivateCommentsFollow,
    /// A file is known by its content (hazards.md H41).
    FilesKnownByContent,
    /// At linking a time stands for the list of what was read (hazards.md H42).
    AccountedByTime,
    /// The cursor passes tickets that nobody remembers (hazards.md H43).
    CursorWithoutPending,
    /// Nobody looks for tickets that no feed shows (hazards.md H44).
    MissedNotLookedFor,
    /// Nobody asks whether known tickets are still there (hazards.md H45).
    ReplacedNotAsked,
    /// A limit counts each batch by itself (hazards.md H46).
    LimitPerBatch,
    /// A commit does not ask whether the store is still ours (hazards.md H47).
    EpochNotChecked,
    /// A write leaves however long ago its row was committed (hazards.md H48).
    SentAfterSleep,
    /// This computer's clock stands for the server's (hazards.md H49).
    OwnClockBelieved,
    /// A row that moved since a person saw the plan is written all the same (hazards.md H52).
    MovedRowsWritten,
    /// What a cancelled run leaves undone is forgotten (hazards.md H54).
    CancelledRestForgotten,
    /// A ticket that moved away stays linked as it was (hazards.md H55).
    MovedTicketStaysLinked,
    /// The journal's row is written after the call: a crash in between leaves nothing to look up (engine.md §4).
    JournalAfterTheCall,
    /// What is not found is deleted (engine.md §3.4).
    NotFoundIsDeleted,
    /// Internal notes are copied for everybody (engine.md I6).
    NotesCopiedPublic,
    /// An update whose outcome is not known is sent once more (hazards.md H11).
    UnknownUpdateSentAgain,
    /// The cursors move before anything is written (engine.md I2).
    CursorMovesFirst,
    /// A platform that asks to be left alone is asked again (V17).
    RetryAfterIgnored,
}

/// Whether this thread's engine leaves the rule out.
#[cfg(not(feature = "omissions"))]
#[must_use]
#[inline(always)]
pub const fn left_out(_: Omission) -> bool {
    false
}

#[cfg(feature = "omissions")]
pub use switched::{Broken, caught, left_out};

#[cfg(feature = "omissions")]
mod switched {
    use std::cell::RefCell;

    use super::Omission;

    thread_local! {
        static LEFT_OUT: RefCell<Vec<Omission>> = const { RefCell::new(Vec::new()) };
    }

    /// Whether this thread's engine leaves the rule out.
    #[must_use]
    pub fn left_out(rule: Omission) -> bool {
        LEFT_OUT.with_borrow(|rules| rules.contains(&rule))
    }

    /// An engine on this thread without one rule, until dropped. Several of them leave out several rules.
    #[must_use = "the rule is back as soon as this is dropped"]
    pub struct Broken(Omission);

    impl Broken {
        /// Leaves this rule out on this thread.
        pub fn without(rule: Omission) -> Broken {
            LEFT_OUT.with_borrow_mut(|rules| rules.push(rule));
            Broken(rule)
        }
    }

    /// A scenario that passes with the whole engine is found out without this rule, and by that judgement.
    ///
    /// # Panics
    /// When the scenario passes, or stops for another reason.
    pub fn caught(rule: Omission, because: &str, scenario: fn()) {
        let _broken = Broken::without(rule);
        let Err(judged) = std::panic::catch_unwind(scenario) else {
            panic!("nobody noticed that the rule of {rule:?} was left out")
        };
        let said = judged.downcast_ref::<String>().cloned();
        let said = said.or_else(|| judged.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        let said = said.unwrap_or_default();
        assert!(said.contains(because), "without {rule:?} it says: {said}");
    }

    impl Drop for Broken {
        fn drop(&mut self) {
            LEFT_OUT.with_borrow_mut(|rules| {
                if let Some(at) = rules.iter().rposition(|rule| *rule == self.0) {
                    rules.remove(at);
                }
            });
        }
    }
}

/// One test for each rule: the scenario named, a test itself, is found out without it.
#[cfg(feature = "omissions")]
#[macro_export]
macro_rules! caught_without {
    ($($name:ident: $rule:ident, $scenario:path, $because:literal;)+) => {$(
        #[test]
        fn $name() {
            $crate::omission::caught($crate::omission::Omission::$rule, $because, $scenario);
        }
    )+};
}

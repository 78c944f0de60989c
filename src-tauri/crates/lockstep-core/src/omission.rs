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
}

/// Whether this thread's engine leaves the rule out.
#[cfg(not(feature = "omissions"))]
#[must_use]
#[inline(always)]
pub const fn left_out(_: Omission) -> bool {
    false
}

#[cfg(feature = "omissions")]
pub use switched::{Broken, left_out};

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

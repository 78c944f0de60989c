//! Exit codes: documented in the help, relied on by scripts.

use std::process::ExitCode;

use lockstep_app::ApiError;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, nothing to do included.
    Success,
    Unexpected,
    /// Wrong arguments or a wrong configuration.
    Usage,
    SignIn,
    Unreachable,
    /// A guard stopped it, or a person's order is needed.
    Guard,
    /// Some or all tickets failed.
    Tickets,
    Keychain,
    Store,
    Busy,
    Cancelled,
}

/// What `--help` says about them.
pub const TABLE: &str = "Exit codes:
  0    done, nothing to do included
  1    unexpected
  2    wrong arguments or configuration
  3    a platform refuses the sign-in, or a permission is missing
  4    a platform cannot be reached, or makes callers wait
  5    a guard stopped the run, or it needs an order of yours (--yes)
  6    some or all tickets failed
  7    the keychain is absent, locked or refuses
  8    the store is newer, damaged, or its disk is full
  9    another Lockstep runs on this store
  130  cancelled";

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Unexpected => 1,
            Exit::Usage => 2,
            Exit::SignIn => 3,
            Exit::Unreachable => 4,
            Exit::Guard => 5,
            Exit::Tickets => 6,
            Exit::Keychain => 7,
            Exit::Store => 8,
            Exit::Busy => 9,
            Exit::Cancelled => 130,
        }
    }

    /// How an error ends the program.
    pub fn of(error: &ApiError) -> Exit {
        match error.code.as_str() {
            "invalid" | "not_found" | "start_needed" | "config" | "prerequisites" => Exit::Usage,
            "sign_in_needed" | "forbidden" => Exit::SignIn,
            "unreachable" | "rate_limited" => Exit::Unreachable,
            "guard" | "plan" | "instance_replaced" => Exit::Guard,
            "refused" | "changed_meanwhile" => Exit::Tickets,
            "keychain" | "keychain_missing" => Exit::Keychain,
            "store" | "data" => Exit::Store,
            "busy" => Exit::Busy,
            "cancelled" => Exit::Cancelled,
            _ => Exit::Unexpected,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_the_help() {
        let all = [
            Exit::Success,
            Exit::Unexpected,
            Exit::Usage,
            Exit::SignIn,
            Exit::Unreachable,
            Exit::Guard,
            Exit::Tickets,
            Exit::Keychain,
            Exit::Store,
            Exit::Busy,
            Exit::Cancelled,
        ];
        for exit in all {
            assert!(TABLE.lines().any(|line| line.starts_with(&format!("  {:<5}", exit.code()))), "{exit:?}");
        }
    }

    #[test]
    fn errors_end_with_their_code() {
        for (code, exit) in [
            ("sign_in_needed", 3),
            ("unreachable", 4),
            ("guard", 5),
            ("keychain", 7),
            ("store", 8),
            ("busy", 9),
            ("never heard of", 1),
        ] {
            assert_eq!(Exit::of(&ApiError::new(code, "x")).code(), exit, "{code}");
        }
    }
}

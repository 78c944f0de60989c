//! When to try again: only for calls that are safe to repeat, with a growing pause, or when the platform says.

use http::HeaderMap;
use jiff::fmt::rfc2822::DateTimeParser;

/// First pause between two tries of a read, milliseconds.
const PAUSE_MS_FIRST: u64 = 500;
/// Longest pause between two tries, milliseconds.
const PAUSE_MS_MAX: u64 = 60_000;

/// The pause before try number `attempt` + 1: doubled each time, plus up to a quarter that spreads callers out.
///
/// `spread` stands for chance: any number that differs between calls, so that a simulation stays repeatable.
pub(crate) fn pause_ms(attempt: u32, spread: u64) -> u64 {
    let pause = PAUSE_MS_FIRST.saturating_mul(1 << attempt.min(10)).min(PAUSE_MS_MAX);
    pause + spread.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) % (pause / 4 + 1)
}

/// Milliseconds to wait as `Retry-After` has it: seconds or a date by the server's clock.
pub fn retry_after_ms(headers: &HeaderMap, server_now_ms: i64) -> Option<u64> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let sane = seconds.is_finite() && (0.0..=1e9).contains(&seconds);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
        return sane.then(|| (seconds * 1000.0).ceil() as u64);
    }
    let until = http_date_ms(text)?;
    Some(u64::try_from(until.saturating_sub(server_now_ms)).unwrap_or(0))
}

/// Reads an HTTP date (`Sun, 06 Nov 1994 08:49:37 GMT`), milliseconds since 1970 UTC.
pub fn http_date_ms(text: &str) -> Option<i64> {
    static PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    if text.len() > 40 {
        return None;
    }
    PARSER.parse_timestamp(text.trim()).ok().map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_spellings_of_a_wait_are_read() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", value.parse().unwrap());
            retry_after_ms(&headers, 784_111_770_000)
        };
        assert_eq!(with("3"), Some(3000));
        assert_eq!(with("1.5"), Some(1500));
        assert_eq!(with("Sun, 06 Nov 1994 08:49:37 GMT"), Some(7000));
        assert_eq!(with("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0));
        for bad in ["-1", "soon", "1e400", "NaN", ""] {
            assert_eq!(with(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_as_a_date_is_survived(text in ".{0,60}") {
            let _ = http_date_ms(&text);
        }

        #[test]
        fn pauses_grow_and_end(attempt in 0u32..99, spread: u64) {
            let pause = pause_ms(attempt, spread);
            prop_assert!((PAUSE_MS_FIRST..=PAUSE_MS_MAX * 5 / 4).contains(&pause));
        }
    }
}

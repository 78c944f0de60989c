//! Times as people write and read them (ux.md §3). Pure: the time now is an argument.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::api_error::ApiError;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Reads a start date: `all`, `2026-01-31`, `2026-01-31T08:00:00Z`, `24h`, `7d`. A date means its midnight in the
/// system's zone.
pub fn since_ms(text: &str, now_ms: i64) -> Result<i64, ApiError> {
    let wrong = || {
        ApiError::new("invalid", format!("{text:?} is no start date"))
            .hint("Write a date (2026-01-31), a time (2026-01-31T08:00:00Z), a span back from now (24h, 7d), or all.")
    };
    let text = text.trim();
    if text.eq_ignore_ascii_case("all") {
        return Ok(0);
    }
    let read = span_ms(text)
        .map(|span| now_ms - span)
        .or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond))
        .or_else(|| {
            let date: Date = text.parse().ok()?;
            date.to_zoned(TimeZone::system()).ok().map(|zoned| zoned.timestamp().as_millisecond())
        })
        .ok_or_else(wrong)?;
    if read > now_ms {
        return Err(ApiError::new("invalid", format!("{text:?} lies in the future"))
            .hint("Name a date that has passed."));
    }
    Ok(read.max(0))
}

fn span_ms(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let count: i64 = text[..text.len() - unit.len_utf8()].parse().ok().filter(|count| *count >= 0)?;
    let unit_ms = match unit {
        'm' => MINUTE_MS,
        'h' => HOUR_MS,
        'd' => DAY_MS,
        'w' => 7 * DAY_MS,
        _ => return None,
    };
    count.checked_mul(unit_ms)
}

/// `2026-05-12`, in the system's zone.
pub fn day(ms: i64) -> String {
    let stamp = Timestamp::from_millisecond(ms).unwrap_or_default();
    stamp.to_zoned(TimeZone::system()).strftime("%Y-%m-%d").to_string()
}

/// `14:03` today, `Mon 09:12` this week, `3 May 2026, 09:12` otherwise, in the system's zone.
pub fn moment(ms: i64, now_ms: i64) -> String {
    let local =
        |ms: i64| Timestamp::from_millisecond(ms).ok().map(|stamp| stamp.to_zoned(TimeZone::system()));
    let (Some(then), Some(now)) = (local(ms), local(now_ms)) else {
        return ms.to_string();
    };
    moment_in(&then, &now)
}

fn moment_in(then: &Zoned, now: &Zoned) -> String {
    let age_ms = now.timestamp().as_millisecond() - then.timestamp().as_millisecond();
    if then.date() == now.date() {
        then.strftime("%H:%M").to_string()
    } else if (0..6 * DAY_MS).contains(&age_ms) {
        then.strftime("%a %H:%M").to_string()
    } else {
        then.strftime("%-d %b %Y, %H:%M").to_string()
    }
}

/// `41 s`, `1 min 50 s`, `2 h 22 min`.
pub fn duration(ms: i64) -> String {
    let ms = ms.max(0);
    let (seconds, minutes, hours) = (ms / 1000 % 60, ms / MINUTE_MS % 60, ms / HOUR_MS);
    match (hours, minutes, seconds) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// `1,204`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The hour of the local day, 0 to 23.
pub fn local_hour(now_ms: i64) -> u8 {
    let zoned = jiff::Timestamp::from_millisecond(now_ms).map(|at| at.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map_or(0, |at| u8::try_from(at.hour()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_167_067_000;

    #[test]
    fn start_dates_in_all_spellings() {
        assert_eq!(since_ms("all", NOW).unwrap(), 0);
        assert_eq!(since_ms("24h", NOW).unwrap(), NOW - DAY_MS);
        assert_eq!(since_ms("2026-01-31T08:00:00Z", NOW).unwrap(), 1_769_846_400_000);
        assert!((since_ms("2026-01-31", NOW).unwrap() - 1_769_817_600_000).abs() <= 14 * HOUR_MS);
        for wrong in ["", "soon", "31.1.2026", "-3d", "2027-01-01", "é"] {
            assert_eq!(since_ms(wrong, NOW).unwrap_err().code, "invalid", "{wrong}");
        }
    }

    #[test]
    fn formats_follow_the_design() {
        let zoned = |text: &str| text.parse::<Zoned>().unwrap();
        let now = zoned("2026-05-12T18:00:00+00:00[UTC]");
        for (then, shown) in [
            ("2026-05-12T14:03:21+00:00[UTC]", "14:03"),
            ("2026-05-11T09:12:00+00:00[UTC]", "Mon 09:12"),
            ("2026-05-03T09:12:00+00:00[UTC]", "3 May 2026, 09:12"),
        ] {
            assert_eq!(moment_in(&zoned(then), &now), shown);
        }
        for (ms, shown) in
            [(41_300, "41 s"), (110_000, "1 min 50 s"), (8_520_000, "2 h 22 min"), (3_600_000, "1 h")]
        {
            assert_eq!(duration(ms), shown);
        }
        assert_eq!(
            (count(7).as_str(), count(1204).as_str(), count(1_234_567).as_str()),
            ("7", "1,204", "1,234,567")
        );
    }
}

//! ServiceNow's times: UTC, `YYYY-MM-DD HH:MM:SS`, no zone (servicenow.md §0, §9).

/// Reads a stamp, milliseconds since 1970 UTC. Days of the proleptic Gregorian calendar, no leap seconds.
pub(super) fn read(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 19 || bytes[10] != b' ' || bytes[13] != b':' || bytes[16] != b':' {
        return None;
    }
    let days = days(&bytes[..10])?;
    let (hour, minute, second) = (number(&bytes[11..13])?, number(&bytes[14..16])?, number(&bytes[17..19])?);
    (hour < 24 && minute < 60 && second < 60)
        .then(|| ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000)
}

/// Writes a stamp; milliseconds are cut off.
pub(super) fn write(ms: i64) -> String {
    let second = ms.div_euclid(1000);
    let (day, rest) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    let (year, month, date) = civil(day);
    format!("{year:04}-{month:02}-{date:02} {:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Whether `text` is `YYYY-MM-DD`.
pub(super) fn is_date(text: &str) -> bool {
    text.len() == 10 && days(text.as_bytes()).is_some()
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

fn days(date: &[u8]) -> Option<i64> {
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(&date[..4])?, number(&date[5..7])?, number(&date[8..10])?);
    if !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    // Counted in years that begin in March, so that a leap day comes last.
    let (march_year, march_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let since = march_year * 365 + march_year.div_euclid(4) - march_year.div_euclid(100)
        + march_year.div_euclid(400)
        + (march_month * 153 + 2) / 5
        + day
        - 1
        - 719_468;
    (civil(since) == (year, month, day)).then_some(since)
}

fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_moments() {
        assert_eq!(read("1970-01-01 00:00:00"), Some(0));
        assert_eq!(read("2026-05-04 09:59:03"), Some(1_777_888_743_000));
        assert_eq!(write(1_777_888_743_999), "2026-05-04 09:59:03");
        for bad in [
            "",
            "2026-02-30 00:00:00",
            "2026-13-01 00:00:00",
            "2026-05-04T09:59:03",
            "2026-05-04 24:00:00",
            "x",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(is_date("2024-02-29") && !is_date("2023-02-29"));
    }

    proptest! {
        #[test]
        fn stamps_agree_with_jiff(second in -60_000_000_000i64..250_000_000_000) {
            let text = write(second * 1000);
            prop_assert_eq!(read(&text), Some(second * 1000));
            let civil: jiff::civil::DateTime = text.parse().unwrap();
            let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
            prop_assert_eq!(zoned.timestamp().as_second(), second);
        }

        #[test]
        fn any_text_is_survived(text in ".{0,25}") {
            let _ = read(&text);
        }
    }
}

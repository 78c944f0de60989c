//! Times as text, in UTC: the forms that the platforms and HTTP write. Reads no clock.

/// Year, month and day of a day number counted from 1970-01-01.
pub fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The day number of a date, counted from 1970-01-01.
pub fn day_number(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// `2026-05-04 10:00:01` for seconds since 1970, without a heap allocation.
pub fn plain(seconds: i64) -> [u8; 19] {
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400) as u32;
    let mut text = *b"0000-00-00 00:00:00";
    let year = year.clamp(0, 9999) as u32;
    two(&mut text, 0, year / 100);
    two(&mut text, 2, year % 100);
    two(&mut text, 5, month);
    two(&mut text, 8, day);
    two(&mut text, 11, of_day / 3600);
    two(&mut text, 14, of_day / 60 % 60);
    two(&mut text, 17, of_day % 60);
    text
}

/// [`plain`] as a string.
pub fn plain_text(seconds: i64) -> String {
    String::from_utf8_lossy(&plain(seconds)).into_owned()
}

fn two(text: &mut [u8; 19], at: usize, number: u32) {
    text[at] = b'0' + (number / 10 % 10) as u8;
    text[at + 1] = b'0' + (number % 10) as u8;
}

/// Seconds since 1970 of `2026-05-04 10:00:01`, or of a bare date at midnight. Nothing else is read.
pub fn parse_plain(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<u32> {
        let part = bytes.get(from..to)?;
        part.iter()
            .all(u8::is_ascii_digit)
            .then(|| part.iter().fold(0, |sum, b| sum * 10 + u32::from(b - b'0')))
    };
    if !(bytes.len() == 19 || bytes.len() == 10) || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let midnight = day_number(i64::from(year), month, day) * 86_400;
    if bytes.len() == 10 {
        return Some(midnight);
    }
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let in_range = bytes[10] == b' ' && bytes[13] == b':' && bytes[16] == b':';
    (in_range && hour < 24 && minute < 60 && second < 60)
        .then(|| midnight + i64::from(hour * 3600 + minute * 60 + second))
}

/// The form of HTTP's `Date` and `Retry-After`: `Mon, 04 May 2026 10:00:01 GMT`.
pub fn http_date(ms: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = ms.div_euclid(1000);
    let days = seconds.div_euclid(86_400);
    let (year, month, day) = civil(days);
    let of_day = seconds.rem_euclid(86_400);
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        DAYS[days.rem_euclid(7) as usize],
        MONTHS[(month - 1) as usize],
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// ISO 8601 to the minute, as in Jira's `X-RateLimit-Reset`: `2026-05-04T10:00Z`.
pub fn iso_minute(ms: i64) -> String {
    let text = plain_text(ms.div_euclid(1000));
    format!("{}T{}Z", &text[..10], &text[11..16])
}

#[cfg(test)]
mod tests {
    use super::{civil, day_number, http_date, iso_minute, parse_plain, plain_text};

    #[test]
    fn dates_go_there_and_back() {
        for days in -800_000..800_000_i64 {
            let (year, month, day) = civil(days);
            assert_eq!(day_number(year, month, day), days);
        }
    }

    #[test]
    fn text_forms() {
        let ms = 784_111_777_000;
        assert_eq!(http_date(ms), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(plain_text(ms / 1000), "1994-11-06 08:49:37");
        assert_eq!(iso_minute(ms), "1994-11-06T08:49Z");
        assert_eq!(parse_plain("1994-11-06 08:49:37"), Some(ms / 1000));
        assert_eq!(parse_plain("1994-11-06"), Some(ms / 1000 - 8 * 3600 - 49 * 60 - 37));
        for wrong in ["1994-13-06 08:49:37", "1994-11-06T08:49:37", "yesterday", "", "1994-11-06 25:00:00"] {
            assert_eq!(parse_plain(wrong), None, "{wrong}");
        }
    }
}

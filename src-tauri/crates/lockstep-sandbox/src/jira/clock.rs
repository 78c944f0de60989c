//! Writing and reading times as Jira does: stamps with milliseconds and an offset without colon (sheet §3.2).

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Milliseconds in one day.
pub const DAY_MS: i64 = 86_400_000;

/// The zone in which the site writes its stamps.
#[derive(Debug, Clone)]
pub struct SiteClock {
    zone: TimeZone,
    utc: bool,
}

impl SiteClock {
    /// The clock of a named zone; `None` for an unknown name.
    pub fn named(name: &str) -> Option<Self> {
        let zone = TimeZone::get(name).ok()?;
        Some(Self { zone, utc: matches!(name, "UTC" | "Etc/UTC" | "GMT") })
    }

    /// `2026-11-20T10:31:07.123+0000`, the form of the platform API.
    pub fn stamp(&self, ms: i64) -> String {
        self.write(ms, true)
    }

    /// `2026-11-20T10:31:07+0000`, the `iso8601` member of JSM dates.
    pub fn short(&self, ms: i64) -> String {
        self.write(ms, false)
    }

    fn write(&self, ms: i64, with_ms: bool) -> String {
        let offset_s = if self.utc {
            0
        } else {
            Timestamp::from_millisecond(ms).map_or(0, |at| self.zone.to_offset(at).seconds())
        };
        let local = ms + i64::from(offset_s) * 1000;
        let (year, month, day) = civil(local.div_euclid(DAY_MS));
        let in_day = local.rem_euclid(DAY_MS);
        let (hour, minute, second, milli) =
            (in_day / 3_600_000, in_day / 60_000 % 60, in_day / 1000 % 60, in_day % 1000);
        let mut text = String::with_capacity(28);
        digits(&mut text, year, 4);
        text.push('-');
        digits(&mut text, month, 2);
        text.push('-');
        digits(&mut text, day, 2);
        text.push('T');
        digits(&mut text, hour, 2);
        text.push(':');
        digits(&mut text, minute, 2);
        text.push(':');
        digits(&mut text, second, 2);
        if with_ms {
            text.push('.');
            digits(&mut text, milli, 3);
        }
        text.push(if offset_s < 0 { '-' } else { '+' });
        digits(&mut text, i64::from(offset_s.abs() / 3600), 2);
        digits(&mut text, i64::from(offset_s.abs() / 60 % 60), 2);
        text
    }
}

fn digits(text: &mut String, number: i64, width: u32) {
    for place in (0..width).rev() {
        text.push(char::from(b'0' + (number / 10_i64.pow(place) % 10) as u8));
    }
}

/// Year, month and day of a day number since 1970 (proleptic Gregorian; days counted from 1 March of year 0).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let in_era = shifted.rem_euclid(146_097);
    let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `yyyy-MM-dd` of a time in UTC.
pub fn date_utc(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(DAY_MS));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The `Date` header of HTTP.
pub fn http_date(ms: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = ms.div_euclid(DAY_MS);
    let (year, month, day) = civil(days);
    let second = ms.rem_euclid(DAY_MS) / 1000;
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        DAYS[days.rem_euclid(7) as usize],
        MONTHS[(month - 1) as usize],
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Reads a date-time with offset, as clients write it into a date-time field (`+0100`, `+01:00` or `Z`).
pub fn parse_stamp(text: &str) -> Option<i64> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let cut = text.len().checked_sub(5)?;
    let (head, offset) = (text.get(..cut)?, text.get(cut..)?);
    if !offset.starts_with(['+', '-']) {
        return None;
    }
    let colon = format!("{head}{}:{}", &offset[..3], offset.get(3..)?);
    colon.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// Whether `text` is a calendar date `yyyy-MM-dd`.
pub fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_have_milliseconds_and_no_colon() {
        let utc = SiteClock::named("UTC").expect("known");
        assert_eq!(utc.stamp(1_795_167_067_123), "2026-11-20T09:31:07.123+0000");
        let york = SiteClock::named("America/New_York").expect("known");
        assert_eq!(york.stamp(1_795_167_067_123), "2026-11-20T04:31:07.123-0500");
        assert_eq!(parse_stamp(&york.stamp(1_795_167_067_123)), Some(1_795_167_067_123));
        assert_eq!(parse_stamp("2026-11-20T09:31:07Z"), Some(1_795_167_067_000));
        assert_eq!(parse_stamp("2026-11-20"), None);
        assert_eq!(http_date(1_795_167_067_123), "Fri, 20 Nov 2026 09:31:07 GMT");
        assert_eq!(date_utc(1_795_167_067_123), "2026-11-20");
        assert!(is_date("2026-02-28") && !is_date("2026-02-30") && !is_date("28.02.2026"));
    }
}

//! The few server-side script calls that queries may hold (sheet 3.5: a value that begins with `javascript:` runs).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::stamps;

/// Who asks, and when: what scripts in a query can see.
#[derive(Debug, Clone, Default)]
pub struct Asking<'a> {
    /// The user's `sys_id`.
    pub user_id: &'a str,
    /// The user's login name.
    pub user_name: &'a str,
    /// Now, in seconds.
    pub now: i64,
    /// The user's zone; UTC when absent.
    pub zone: Option<TimeZone>,
    /// The instance refuses scripts in queries.
    pub blocked: bool,
}

/// The value of a script; nothing when the text is no script. An unknown call gives `undefined`, which finds nothing.
pub fn evaluate(text: &str, asking: &Asking<'_>) -> Option<String> {
    const PREFIX: &str = "javascript:";
    let head = text.get(..PREFIX.len())?;
    if !head.eq_ignore_ascii_case(PREFIX) {
        return None;
    }
    if asking.blocked {
        return Some("undefined".to_owned());
    }
    let call = text[PREFIX.len()..].trim().trim_end_matches(';');
    let (name, rest) = call.split_once('(').unwrap_or((call, ""));
    let arguments: Vec<&str> = rest
        .trim_end_matches(')')
        .split(',')
        .map(|argument| argument.trim().trim_matches(['\'', '"']))
        .collect();
    let number = || arguments.first().and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    let stamp = |seconds: i64| Some(stamps::plain_text(seconds));
    match name.strip_prefix("gs.").unwrap_or(name) {
        "getUserID" => Some(asking.user_id.to_owned()),
        "getUserName" => Some(asking.user_name.to_owned()),
        "nowDateTime" | "now" => stamp(asking.now),
        "minutesAgo" | "minutesAgoStart" => stamp(asking.now - number() * 60),
        "hoursAgo" | "hoursAgoStart" => stamp(asking.now - number() * 3_600),
        "daysAgo" => stamp(asking.now - number() * 86_400),
        "daysAgoStart" => midnight(asking, number(), 0),
        "beginningOfToday" => midnight(asking, 0, 0),
        "endOfToday" => midnight(asking, 0, 86_399),
        "dateGenerate" => match arguments.as_slice() {
            [date, time] => {
                local(&format!("{date} {}", time_of(time)), asking).or(Some("undefined".to_owned()))
            }
            _ => Some("undefined".to_owned()),
        },
        _ => Some("undefined".to_owned()),
    }
}

fn time_of(word: &str) -> &str {
    match word {
        "start" => "00:00:00",
        "end" => "23:59:59",
        time => time,
    }
}

/// A time of the user's zone, in UTC: what makes `dateGenerate` a trap.
fn local(text: &str, asking: &Asking<'_>) -> Option<String> {
    let seconds = stamps::parse_plain(text)?;
    Some(stamps::plain_text(from_zone(seconds, asking.zone.as_ref())))
}

fn midnight(asking: &Asking<'_>, days_ago: i64, plus: i64) -> Option<String> {
    let here = to_zone(asking.now, asking.zone.as_ref());
    let start = (here.div_euclid(86_400) - days_ago) * 86_400 + plus;
    Some(stamps::plain_text(from_zone(start, asking.zone.as_ref())))
}

/// Seconds of a zone's wall clock, for seconds of UTC.
pub fn to_zone(seconds: i64, zone: Option<&TimeZone>) -> i64 {
    let Some(zone) = zone else { return seconds };
    match jiff::Timestamp::from_second(seconds) {
        Ok(timestamp) => seconds + i64::from(zone.to_offset(timestamp).seconds()),
        Err(_) => seconds,
    }
}

/// Seconds of UTC, for seconds of a zone's wall clock.
pub fn from_zone(seconds: i64, zone: Option<&TimeZone>) -> i64 {
    let Some(zone) = zone else { return seconds };
    let text = stamps::plain_text(seconds);
    let wall: Option<DateTime> = text.replace(' ', "T").parse().ok();
    let timestamp = wall.and_then(|wall| zone.to_ambiguous_timestamp(wall).compatible().ok());
    timestamp.map_or(seconds, |timestamp| timestamp.as_second())
}

#[cfg(test)]
mod tests {
    use super::{Asking, evaluate, from_zone, to_zone};
    use jiff::tz::TimeZone;

    #[test]
    fn scripts_know_the_user_and_the_time() {
        let asking =
            Asking { user_id: "abc", user_name: "jane", now: 86_400 * 3 + 7_200, ..Asking::default() };
        let run = |text| evaluate(text, &asking);
        assert_eq!(run("javascript:gs.getUserID()").as_deref(), Some("abc"));
        assert_eq!(run("JavaScript:gs.getUserName()").as_deref(), Some("jane"));
        assert_eq!(run("javascript:gs.daysAgoStart(1)").as_deref(), Some("1970-01-03 00:00:00"));
        assert_eq!(run("javascript:gs.hoursAgo(2)").as_deref(), Some("1970-01-04 00:00:00"));
        assert_eq!(run("javascript:launch()").as_deref(), Some("undefined"));
        assert_eq!(run("plain"), None);
        assert_eq!(run("Dañaré un texto"), None, "no slicing inside a letter");
        let blocked = Asking { blocked: true, ..asking };
        assert_eq!(evaluate("javascript:gs.getUserID()", &blocked).as_deref(), Some("undefined"));
    }

    #[test]
    fn date_generate_is_read_in_the_users_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let asking = Asking { zone: Some(zone.clone()), ..Asking::default() };
        let text = evaluate("javascript:gs.dateGenerate('2026-07-01','10:00:00')", &asking);
        assert_eq!(text.as_deref(), Some("2026-07-01 08:00:00"));
        assert_eq!(from_zone(to_zone(1_777_896_000, Some(&zone)), Some(&zone)), 1_777_896_000);
    }
}

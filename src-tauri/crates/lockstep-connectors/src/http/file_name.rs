//! What is kept of a file's name: its last part, in one line, short enough for every platform, and no name that means a
//! device (reliability.md T9). The same on both sides, so that a file is recognised by the name it was stored under.

use super::redact::printable;

/// Longest name, characters: what ServiceNow's `file_name` holds.
const NAME_CHARS_MAX: usize = 100;
/// Longest ending that is kept when a name is cut, characters with the dot.
const ENDING_CHARS_MAX: usize = 12;

/// The name without any path; never empty, and its own base name.
pub fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = printable(last, usize::MAX);
    if plain.bytes().all(|byte| matches!(byte, b'.' | b' ')) {
        return "file".to_owned();
    }
    let name = if is_device(&plain) { format!("_{plain}") } else { plain };
    cut(&name)
}

fn cut(name: &str) -> String {
    let chars = name.chars().count();
    if chars <= NAME_CHARS_MAX {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |at| &name[at..]);
    let ending = if ending.chars().count() > ENDING_CHARS_MAX { "" } else { ending };
    let kept: String = name.chars().take(NAME_CHARS_MAX - 1 - ending.chars().count()).collect();
    format!("{}…{ending}", kept.trim_end())
}

/// Names that Windows takes for devices, with any ending.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered =
        |prefix: &str| stem.strip_prefix(prefix).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn t9_names_are_base_names() {
        for (name, base) in [
            ("graph.png", "graph.png"),
            ("../../etc/passwd", "passwd"),
            ("../../x", "x"),
            ("/etc/shadow", "shadow"),
            ("C:\\x\\y.txt", "y.txt"),
            ("\\\\host\\share\\z", "z"),
            ("a\r\nb.txt", "a b.txt"),
            ("a\u{1b}[31m\u{202e}fdp.exe", "a [31mfdp.exe"),
            ("a\0b", "a b"),
            ("..", "file"),
            (". .", "file"),
            ("", "file"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("Com1", "_Com1"),
            ("console.log", "console.log"),
            ("Übersicht 1.pdf", "Übersicht 1.pdf"),
        ] {
            assert_eq!(base_name(name), base);
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = base_name(&format!("{}.pdf", "x".repeat(300)));
        assert_eq!(name.chars().count(), NAME_CHARS_MAX);
        assert!(name.ends_with("x….pdf"));
        assert_eq!(base_name(&"é".repeat(300)).chars().count(), NAME_CHARS_MAX);
    }

    proptest! {
        #[test]
        fn t9_a_base_name_is_its_own(name in "[ -~\u{0}-\u{1f}éäß😀…/\\\\.\u{202e}]{0,160}") {
            let base = base_name(&name);
            prop_assert_eq!(&base_name(&base), &base);
            prop_assert!(base.chars().count() <= NAME_CHARS_MAX && !base.is_empty());
            prop_assert!(!base.contains(['/', '\\']) && !base.contains(char::is_control));
        }
    }
}

//! Many requests that differ in a running number only, as one loop.

/// How many equal lines are worth a loop.
const WORTHWHILE: usize = 4;

/// The lines, with each run of them that counts up by one written as a loop over `n`.
pub(super) fn looped(lines: &[String]) -> Vec<String> {
    let mut shown = Vec::new();
    let mut rest = lines;
    while let Some(first) = rest.first() {
        match Counting::of(rest) {
            Some(counting) if counting.length >= WORTHWHILE => {
                shown.push(counting.to_string());
                rest = &rest[counting.length..];
            }
            _ => {
                shown.push(first.clone());
                rest = &rest[1..];
            }
        }
    }
    shown
}

/// Lines that are the same but for a number that counts up.
struct Counting<'a> {
    before: &'a str,
    first: u64,
    after: &'a str,
    length: usize,
}

impl<'a> Counting<'a> {
    /// The longest run from the first line on.
    fn of(lines: &'a [String]) -> Option<Self> {
        let (first, second) = (lines.first()?, lines.get(1)?);
        let start = first.bytes().zip(second.bytes()).position(|(a, b)| a != b)?;
        // The number begins at the first digit of those that lead to the difference.
        let digits = first[..start].bytes().rev().take_while(u8::is_ascii_digit).count();
        let (before, tail) = first.split_at_checked(start - digits)?;
        let number = leading_number(tail)?;
        let after = &tail[number.len()..];
        let counting = Self { before, first: number.parse().ok()?, after, length: 0 };
        let length = lines.iter().enumerate().take_while(|(at, line)| counting.is_nth(*at, line)).count();
        is_quoted(before).then_some(Self { length, ..counting })
    }

    fn is_nth(&self, at: usize, line: &str) -> bool {
        let number = (self.first + at as u64).to_string();
        let rest = line.strip_prefix(self.before).and_then(|rest| rest.strip_prefix(number.as_str()));
        rest == Some(self.after)
    }
}

impl std::fmt::Display for Counting<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { before, first, after, length } = self;
        let last = first + *length as u64 - 1;
        write!(f, "for n in $(seq {first} {last}); do {before}'\"$n\"'{after}; done")
    }
}

fn leading_number(text: &str) -> Option<&str> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let number = &text[..end];
    // A number with a zero in front would lose it in a loop.
    (!number.is_empty() && !number.starts_with('0')).then_some(number)
}

/// Whether the end of a text is inside single quotes.
fn is_quoted(text: &str) -> bool {
    let quotes = text.match_indices('\'').filter(|(at, _)| !text[..*at].ends_with('\\'));
    quotes.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_loop_does_what_its_lines_do() {
        let mut lines: Vec<_> = (8..=12).map(|n| format!("echo 'it'\\''s name-{n}' 7")).collect();
        lines.push("echo last".to_owned());
        let shown = looped(&lines);
        assert_eq!(shown.len(), 2, "{shown:?}");
        let told =
            |lines: &[String]| Command::new("sh").arg("-c").arg(lines.join("\n")).output().unwrap().stdout;
        assert_eq!(told(&shown), told(&lines));
    }

    #[test]
    fn lines_that_do_not_count_up_stay() {
        for lines in [["echo 'a-1'", "echo 'a-3'"], ["echo a-1", "echo a-2"], ["echo 'a-1'", "echo 'a-1'"]] {
            let lines: Vec<_> = lines.iter().cycle().take(6).map(|line| (*line).to_owned()).collect();
            assert_eq!(looped(&lines), lines);
        }
    }
}

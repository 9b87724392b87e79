//! Texts from regular expressions, at a wanted length.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use super::choices::Choices;

/// The plainest characters, the simplest first.
const TAME: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-";

/// Characters that are legal in most texts and that careless code breaks on.
const WILD: &str = "_.~ +%\"'&/=?#@:;,!$()*<>[]^`{|}\\éßñØЖ中日한🙂";

/// How often something unbounded repeats, unless a length asks for more.
const SOFT: usize = 8;

/// No text is longer.
pub(super) const LONGEST: usize = 200_000;

/// What a compiled pattern may take, in bytes: published ones repeat wide classes often.
const LARGEST: usize = 64 << 20;

/// Twelve digits are an account of AWS: we name the one of its examples, and never a stranger's.
const ACCOUNT: &str = "111122223333";
const TWELVE: (u32, Option<u32>) = (12, Some(12));

/// What texts of a language are made of.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Literal(String),
    /// One of these, the simplest first; the first `tame` are plain.
    Char {
        alphabet: Vec<char>,
        tame: usize,
    },
    Repeat {
        least: usize,
        most: Option<usize>,
        of: Box<Piece>,
    },
    All(Vec<Piece>),
    Either(Vec<Piece>),
}

/// How long a text may be, in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) least: usize,
    pub(super) most: usize,
}

/// How unusual the characters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taste {
    Tame,
    Wild,
}

impl Piece {
    /// Texts of any of the characters that we use, as far as `allowed`.
    pub(super) fn any(allowed: impl Fn(char) -> bool) -> Self {
        let alphabet: Vec<char> = candidates().filter(|c| allowed(*c)).collect();
        Self::Repeat { least: 0, most: None, of: Box::new(Self::one_of(alphabet)) }
    }

    /// Texts that match a pattern as contracts hold it; `None` if it needs more than a regular language, or
    /// texts longer than anybody sends.
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        let hir = regex_syntax::parse(pattern).ok()?;
        Self::of(&hir).filter(|piece| piece.shortest() <= LONGEST)
    }

    /// Every character that can occur, for finding one that cannot.
    pub(super) fn uses(&self, c: char) -> bool {
        match self {
            Self::Literal(text) => text.contains(c),
            Self::Char { alphabet, .. } => alphabet.contains(&c),
            Self::Repeat { of, .. } => of.uses(c),
            Self::All(parts) | Self::Either(parts) => parts.iter().any(|part| part.uses(c)),
        }
    }

    fn one_of(alphabet: Vec<char>) -> Self {
        let tame = alphabet.iter().take_while(|c| TAME.contains(**c)).count();
        Self::Char { alphabet, tame }
    }

    fn of(hir: &Hir) -> Option<Self> {
        let parts = |parts: &[Hir]| parts.iter().map(Self::of).collect::<Option<Vec<_>>>();
        Some(match hir.kind() {
            // Anchors and word boundaries: a text is generated whole.
            HirKind::Empty | HirKind::Look(_) => Self::Literal(String::new()),
            HirKind::Literal(literal) => Self::Literal(std::str::from_utf8(&literal.0).ok()?.to_owned()),
            HirKind::Class(Class::Unicode(class)) => Self::one_of(alphabet(class)?),
            HirKind::Class(Class::Bytes(class)) => Self::one_of(alphabet(&class.to_unicode_class()?)?),
            HirKind::Repetition(it) if (it.min, it.max) == TWELVE && is_digit(&it.sub) => {
                Self::Literal(ACCOUNT.to_owned())
            }
            HirKind::Repetition(repetition) => Self::Repeat {
                least: repetition.min as usize,
                most: repetition.max.map(|most| most as usize),
                of: Box::new(Self::of(&repetition.sub)?),
            },
            HirKind::Capture(capture) => Self::of(&capture.sub)?,
            HirKind::Concat(concat) => Self::All(parts(concat)?),
            HirKind::Alternation(either) => Self::Either(parts(either)?),
        })
    }

    /// The length of the shortest text.
    pub(super) fn shortest(&self) -> usize {
        match self {
            Self::Literal(text) => text.chars().count(),
            Self::Char { .. } => 1,
            Self::Repeat { least, of, .. } => of.shortest().saturating_mul(*least),
            Self::All(parts) => parts.iter().map(Self::shortest).fold(0, usize::saturating_add),
            Self::Either(parts) => parts.iter().map(Self::shortest).min().unwrap_or(0),
        }
    }

    /// The length of the longest text; `usize::MAX` if there is none.
    pub(super) fn longest(&self) -> usize {
        match self {
            Self::Literal(text) => text.chars().count(),
            Self::Char { .. } => 1,
            Self::Repeat { most: Some(most), of, .. } => of.longest().saturating_mul(*most),
            Self::Repeat { most: None, of, .. } => {
                if of.longest() == 0 {
                    0
                } else {
                    usize::MAX
                }
            }
            Self::All(parts) => parts.iter().map(Self::longest).fold(0, usize::saturating_add),
            Self::Either(parts) => parts.iter().map(Self::longest).max().unwrap_or(0),
        }
    }

    /// Writes a text and says how many characters it has. It keeps to the room wherever the
    /// language has such a text.
    pub(super) fn write(
        &self,
        room: Room,
        taste: Taste,
        choices: &mut Choices<'_>,
        text: &mut String,
    ) -> usize {
        match self {
            Self::Literal(literal) => {
                text.push_str(literal);
                literal.chars().count()
            }
            Self::Char { alphabet, tame } => {
                let usual = if taste == Taste::Tame && *tame > 0 { *tame } else { alphabet.len() } as u64;
                let most = (alphabet.len() as u64).saturating_sub(1);
                let index = choices.number(most, |rng| super::choices::below(rng, usual));
                text.extend(alphabet.get(index as usize));
                1
            }
            Self::Repeat { least, most, of } => {
                repeat((*least, most.unwrap_or(usize::MAX)), of, room, taste, choices, text)
            }
            Self::All(parts) => all(parts, room, taste, choices, text),
            Self::Either(parts) => {
                let fits = |part: &&Self| part.shortest() <= room.most && part.longest() >= room.least;
                let fitting: Vec<&Self> = parts.iter().filter(fits).collect();
                let fitting = if fitting.is_empty() { parts.iter().collect() } else { fitting };
                let part = fitting.get(choices.index(fitting.len()));
                part.map_or(0, |part| choices.fixed(|choices| part.write(room, taste, choices, text)))
            }
        }
    }
}

fn repeat(
    (least, most): (usize, usize),
    of: &Piece,
    room: Room,
    taste: Taste,
    choices: &mut Choices<'_>,
    text: &mut String,
) -> usize {
    let (shortest, longest) = (of.shortest(), of.longest());
    // As many as the shortest texts leave room for.
    let fitting = room.most.checked_div(shortest).unwrap_or(least + SOFT).max(least);
    let most = most.min(fitting);
    let needed = if longest == 0 { least } else { room.least.div_ceil(longest).max(least) };
    let usual = wanted(needed.min(most), most, choices);
    choices.repeated(|choices| {
        let mut length = 0;
        for index in 0..most {
            let rest = least.saturating_sub(index + 1).saturating_mul(shortest);
            let free = room.most.saturating_sub(length).saturating_sub(rest);
            let enough = index >= least && length >= room.least;
            if index >= least && free < shortest {
                break;
            }
            let later = (most - index - 1).saturating_mul(longest);
            let inner = Room { least: room.least.saturating_sub(length).saturating_sub(later), most: free };
            let written = choices.fixed(|choices| {
                let more = choices.number(1, |_| u64::from(index < usual)) == 1;
                (more || !enough).then(|| of.write(inner, taste, choices, text))
            });
            let Some(written) = written else { break };
            length += written;
        }
        length
    })
}

/// How often something repeats this time: mostly seldom, sometimes as seldom or often as it can.
fn wanted(least: usize, most: usize, choices: &mut Choices<'_>) -> usize {
    let usual = most.min(least.saturating_add(SOFT));
    match choices.steer(16) {
        0 => least,
        1 if most <= 256 => most,
        _ => least + choices.steer((usual - least) as u64 + 1) as usize,
    }
}

fn all(parts: &[Piece], room: Room, taste: Taste, choices: &mut Choices<'_>, text: &mut String) -> usize {
    let mut length = 0;
    for (index, part) in parts.iter().enumerate() {
        let rest = &parts[index + 1..];
        let shortest = rest.iter().map(Piece::shortest).fold(0, usize::saturating_add);
        let longest = rest.iter().map(Piece::longest).fold(0, usize::saturating_add);
        let inner = Room {
            least: room.least.saturating_sub(length).saturating_sub(longest),
            most: room.most.saturating_sub(length).saturating_sub(shortest),
        };
        length += part.write(inner, taste, choices, text);
    }
    length
}

/// Every character that we use, the plainest first.
pub(super) fn candidates() -> impl Iterator<Item = char> {
    TAME.chars().chain(WILD.chars())
}

fn is_digit(of: &Hir) -> bool {
    let digits = |range: &ClassUnicodeRange| (range.start(), range.end()) == ('0', '9');
    matches!(of.kind(), HirKind::Class(Class::Unicode(class)) if class.ranges().iter().all(digits))
}

/// The characters of a class that we use; of an exotic class the first few of each range.
fn alphabet(class: &ClassUnicode) -> Option<Vec<char>> {
    let within = |c: &char| class.iter().any(|range| range.start() <= *c && *c <= range.end());
    let known: Vec<char> = candidates().filter(within).collect();
    if !known.is_empty() {
        return Some(known);
    }
    let legible = |c: &char| !c.is_control();
    let exotic: Vec<char> = class
        .iter()
        .flat_map(|range| (range.start()..=range.end()).take(4))
        .filter(legible)
        .take(64)
        .collect();
    if exotic.is_empty() { class.iter().next().map(|range| vec![range.start()]) } else { Some(exotic) }
}

/// A pattern for deciding whether texts match, where the engine takes it.
pub(super) fn matcher(pattern: &str) -> Option<regex::Regex> {
    regex::RegexBuilder::new(pattern).size_limit(LARGEST).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::rng;

    fn text(piece: &Piece, room: Room, seed: u64) -> String {
        let mut rng = rng(seed, "pattern");
        let mut text = String::new();
        let taste = if seed.is_multiple_of(2) { Taste::Tame } else { Taste::Wild };
        piece.write(room, taste, &mut Choices::fresh(&mut rng), &mut text);
        text
    }

    /// Patterns of published AWS models, each with lengths that its members have.
    const PUBLISHED: &[(&str, usize, usize)] = &[
        (r"^[a-z0-9][a-z0-9-]*[a-z0-9]$", 2, 20),
        (r"^arn:aws(-[^:]+)?:eks:[a-z0-9-]+:\d{12}:cluster/.+$", 30, 60),
        (r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$", 1, 253),
        (r"^[!-~]+$", 1, 128),
        (r"[\w+=,.@-]*", 8, 64),
        (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", 0, 256),
        (r"^cluster-[2-7a-zA-Z]{11,16}$", 0, usize::MAX),
        (r"^$|^[\s\S]{5}$", 1, 5),
        (r"^[^\x00-\x1f]{0,3}(a|bc|def){4,}$", 20, 25),
        (r"^\S{1,8192}$", 1, 8192),
    ];

    #[test]
    fn texts_match_their_pattern_and_keep_to_their_length() {
        for (pattern, least, most) in PUBLISHED {
            let piece = Piece::parse(pattern).unwrap();
            let regex = matcher(pattern).unwrap();
            for seed in 0..200 {
                let text = text(&piece, Room { least: *least, most: *most }, seed);
                assert!(regex.is_match(&text), "{pattern} does not match {text:?}");
                let length = text.chars().count();
                assert!((*least..=*most).contains(&length), "{pattern} {text:?}");
            }
        }
    }

    #[test]
    fn lengths_reach_both_bounds() {
        let piece = Piece::parse("^[a-z]+$").unwrap();
        let lengths: Vec<usize> =
            (0..300).map(|seed| text(&piece, Room { least: 3, most: 20 }, seed).len()).collect();
        assert!(lengths.contains(&3) && lengths.contains(&20));
    }

    #[test]
    fn what_is_no_regular_language_is_refused() {
        assert!(Piece::parse(r"^(?!aws).*$").is_none());
        assert!(Piece::parse(r"(a)\1").is_none());
    }

    #[test]
    fn a_very_long_text_is_written_in_time() {
        let piece = Piece::any(|_| true);
        assert_eq!(text(&piece, Room { least: 50_000, most: 50_000 }, 1).chars().count(), 50_000);
    }
}

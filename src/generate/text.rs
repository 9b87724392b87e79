//! Texts that a place allows.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde_json::Value;

use super::choices::Choices;
use super::pattern::{LONGEST, Piece, Room, Taste, candidates, matcher};
use super::place::Place;

/// How often a text is drawn anew because a second pattern refuses it.
const ATTEMPTS: usize = 16;

/// Every pattern is read once in a process: a strategy is made for each case.
static PIECES: LazyLock<Cache<Piece>> = LazyLock::new(Cache::default);
static MATCHERS: LazyLock<Cache<regex::Regex>> = LazyLock::new(Cache::default);

/// What patterns allow.
#[derive(Debug, Default)]
pub(super) struct Patterns;

struct Cache<T>(Mutex<HashMap<String, Option<Arc<T>>>>);

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Cache<T> {
    fn get(&self, pattern: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Arc<T>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(pattern) {
            return known.clone();
        }
        known.entry(pattern.to_owned()).or_insert(read(pattern).map(Arc::new)).clone()
    }
}

impl Patterns {
    pub(super) fn piece(&self, pattern: &str) -> Option<Arc<Piece>> {
        PIECES.get(pattern, Piece::parse)
    }

    /// `None` where the pattern is more than a regular language.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        Some(MATCHERS.get(pattern, matcher)?.is_match(text))
    }

    /// A text for a place: mostly one of the plausible values, and where bounds are documented
    /// also anything else within them. A place without bounds of its own takes ids and the like,
    /// of which the contract's values are the only ones that make sense.
    pub(super) fn text(&self, place: &Place<'_>, choices: &mut Choices<'_>) -> Option<String> {
        let values = self.values(place);
        let bounded = ["minLength", "maxLength", "pattern"].iter().any(|k| place.all(k).next().is_some());
        let free = values.is_empty() || (bounded && choices.chance(30));
        let text = if free { self.free(place, room(place), choices) } else { None };
        if text.is_some() {
            return text;
        }
        let index = choices.index(values.len());
        values.get(index).map(|text| (*text).to_owned())
    }

    /// Plausible values that keep to all that is documented.
    pub(super) fn values<'c>(&self, place: &Place<'c>) -> Vec<&'c str> {
        let values = place.all_notes("values");
        values.filter(|text| self.fits(place, text)).collect()
    }

    /// Any text of a length that keeps to the patterns of its place.
    pub(super) fn free(&self, place: &Place<'_>, room: Room, choices: &mut Choices<'_>) -> Option<String> {
        if room.least > LONGEST {
            return None;
        }
        let mut patterns = place.all("pattern").filter_map(Value::as_str).peekable();
        let anything = patterns.peek().is_none();
        let piece = patterns.find_map(|pattern| self.piece(pattern));
        let piece = match piece {
            Some(piece) => piece,
            None if anything => Arc::new(Piece::any(|c| place.wire.allows(c))),
            None => return None,
        };
        let taste = if choices.steer(8) == 0 { Taste::Wild } else { Taste::Tame };
        choices.attempt(ATTEMPTS, |choices| {
            let mut text = String::new();
            choices.fixed(|choices| piece.write(room, taste, choices, &mut text));
            (self.agrees(place, &text) && place.wire.carries(&text)).then_some(text)
        })
    }

    /// A text of exactly that length, if possible one that keeps to the patterns.
    pub(super) fn of_length(
        &self,
        place: &Place<'_>,
        length: usize,
        choices: &mut Choices<'_>,
    ) -> Option<String> {
        let room = Room { least: length, most: length };
        let fitting = choices.fixed(|choices| self.free(place, room, choices));
        let fitting = fitting.filter(|text| text.chars().count() == length);
        fitting.or_else(|| {
            let mut text = String::new();
            Piece::any(|c| place.wire.allows(c)).write(room, Taste::Tame, choices, &mut text);
            Some(text)
        })
    }

    /// A text that does not match a pattern, near one that does.
    pub(super) fn mismatch(
        &self,
        place: &Place<'_>,
        pattern: &str,
        choices: &mut Choices<'_>,
    ) -> Option<String> {
        let room = room(place);
        if room.least > LONGEST {
            return None;
        }
        let piece = self.piece(pattern);
        let strange = |c: &char| piece.as_ref().is_none_or(|piece| !piece.uses(*c));
        let strange: Vec<char> = candidates().filter(|c| strange(c) && place.wire.allows(*c)).collect();
        choices.attempt(ATTEMPTS, |choices| {
            let mut letters: Vec<char> = self.text(place, choices).unwrap_or_default().chars().collect();
            let at = choices.index(letters.len() + 1);
            let letter = strange.get(choices.index(strange.len())).copied().unwrap_or(' ');
            if letters.len() < room.most {
                letters.insert(at, letter);
            } else if let Some(old) = letters.get_mut(at.min(room.most.saturating_sub(1))) {
                *old = letter;
            }
            let alone = std::iter::repeat_n(letter, room.least.max(1)).collect();
            let texts = [letters.into_iter().collect(), alone];
            texts
                .into_iter()
                .find(|text: &String| self.matches(pattern, text) == Some(false) && place.wire.carries(text))
        })
    }

    /// A text that is what a schema under `not` says.
    pub(super) fn refused(
        &self,
        place: &Place<'_>,
        schema: &Value,
        choices: &mut Choices<'_>,
    ) -> Option<Value> {
        if let Some(value) = schema.get("const").or_else(|| schema.get("enum")?.get(0)) {
            return Some(value.clone());
        }
        let piece = self.piece(schema.get("pattern")?.as_str()?)?;
        let room = room(place);
        choices.attempt(ATTEMPTS, |choices| {
            let mut text = String::new();
            piece.write(Room { least: 0, most: room.most }, Taste::Tame, choices, &mut text);
            let rest = self.text(place, choices).unwrap_or_default();
            let texts = [format!("{text}{rest}"), text];
            let fits = |text: &String| (room.least..=room.most).contains(&text.chars().count());
            texts.into_iter().find(|text| fits(text) && self.is(schema, text)).map(Value::from)
        })
    }

    /// Whether a text keeps to everything documented of its place.
    pub(super) fn fits(&self, place: &Place<'_>, text: &str) -> bool {
        let room = room(place);
        let length = text.chars().count();
        (room.least..=room.most).contains(&length)
            && self.agrees(place, text)
            && place.listed().is_none_or(|listed| listed.iter().any(|value| *value == text))
            && place.wire.carries(text)
    }

    /// Whether a text keeps to all patterns, and to what must not be.
    pub(super) fn agrees(&self, place: &Place<'_>, text: &str) -> bool {
        let mut patterns = place.all("pattern").filter_map(Value::as_str);
        patterns.all(|pattern| self.matches(pattern, text) != Some(false))
            && !place.all("not").any(|refused| self.is(refused, text))
    }

    /// Whether a text is what a simple schema says.
    fn is(&self, schema: &Value, text: &str) -> bool {
        let count = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
        let length = text.chars().count() as u64;
        let pattern = schema.get("pattern").and_then(Value::as_str);
        let listed = schema.get("enum").and_then(Value::as_array);
        pattern.is_none_or(|pattern| self.matches(pattern, text) == Some(true))
            && listed.is_none_or(|listed| listed.iter().any(|value| value == text))
            && schema.get("const").is_none_or(|value| value == text)
            && count("minLength").is_none_or(|least| length >= least)
            && count("maxLength").is_none_or(|most| length <= most)
    }
}

/// How long a text may be here.
pub(super) fn room(place: &Place<'_>) -> Room {
    let least = place.at_least("minLength");
    let needed = usize::from(place.wire.loses_empty());
    Room { least: least.max(needed), most: place.at_most("maxLength").unwrap_or(usize::MAX) }
}

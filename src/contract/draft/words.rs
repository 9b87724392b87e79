//! The vocabulary: which words there are, where each may stand, and what its value looks like.
//!
//! `vocabulary.json` is a JSON Schema of overlays, which editors understand as well. The same words
//! are traits in Smithy and extensions in OpenAPI, so it holds for those too.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::Notes;
use crate::contract::schema::escaped;
use crate::contract::validate::Form;

/// The words of our vocabulary, see `docs/contracts.md`.
pub(in crate::contract) const WORDS: &[&str] = &[
    "commonErrors",
    "constraints",
    "default",
    "filter",
    "generated",
    "hosts",
    "idempotencyToken",
    "identity",
    "notFound",
    "nullable",
    "pageSize",
    "pages",
    "paginated",
    "property",
    "resolutions",
    "resourceIdentifier",
    "role",
    "rules",
    "safety",
    "sensitive",
    "source",
    "states",
    "unique",
    "values",
];

static VOCABULARY: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("vocabulary.json")).unwrap_or_default());

static OVERLAY: LazyLock<Form> = LazyLock::new(|| Form::new(&VOCABULARY));

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| STANDS.iter().map(|stand| stand.form()).collect());

/// The kinds of places at which words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    Service,
    Operation,
    Resource,
    Shape,
    Member,
}

/// In the order of their declaration.
const STANDS: &[Stand] = &[Stand::Service, Stand::Operation, Stand::Resource, Stand::Shape, Stand::Member];

/// Something that is not as the vocabulary has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// JSON pointer, from where the words stand.
    pub(super) pointer: String,
    pub(super) problem: String,
    pub(super) mend: String,
}

impl Stand {
    /// Its name among the vocabulary's definitions.
    fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Operation => "operation",
            Self::Resource => "resource",
            Self::Shape => "shape",
            Self::Member => "member",
        }
    }

    fn article(self) -> &'static str {
        if self == Self::Operation { "an" } else { "a" }
    }

    fn form(self) -> Form {
        let reference = format!("#/$defs/{}", self.name());
        Form::new(&json!({"$ref": reference, "$defs": VOCABULARY["$defs"]}))
    }

    /// The words that may stand here.
    fn words(self) -> impl Iterator<Item = &'static str> {
        let words = VOCABULARY["$defs"][self.name()]["properties"].as_object();
        words.into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Where the words of an overlay stand that a pointer leads to, and the word among the steps.
    fn of<'s>(steps: &[&'s str]) -> Option<(Self, &'s str)> {
        match steps {
            ["service", word, ..] => Some((Self::Service, word)),
            ["operations", _, word, ..] => Some((Self::Operation, word)),
            ["resources", _, word, ..] => Some((Self::Resource, word)),
            ["shapes", _, "members", _, word, ..] => Some((Self::Member, word)),
            ["shapes", _, "members", ..] => None,
            ["shapes", _, word, ..] => Some((Self::Shape, word)),
            _ => None,
        }
    }
}

/// What of a whole overlay is not as the vocabulary has it.
pub(super) fn in_overlay(root: &Value) -> Vec<Misfit> {
    let misfit = |(pointer, problem): (String, String)| {
        let steps: Vec<_> = pointer.split('/').skip(1).collect();
        let mend = match Stand::of(&steps) {
            Some((stand, word)) => mend(stand, word),
            None => "write the sections service, operations, resources and shapes, each a mapping".to_owned(),
        };
        Misfit { pointer, problem, mend }
    };
    OVERLAY.misfits(root).into_iter().map(misfit).collect()
}

/// What of the notes at one place is not as the vocabulary has it. Notes that are not of our
/// vocabulary are not looked at.
pub(super) fn in_notes(stand: Stand, notes: &Notes) -> Vec<Misfit> {
    let known = |name: &str| WORDS.contains(&name);
    let words: Notes =
        notes.iter().filter(|(name, _)| known(name)).map(|(n, v)| (n.clone(), v.clone())).collect();
    let Some(form) = FORMS.get(stand as usize).filter(|_| !words.is_empty()) else { return Vec::new() };
    let misfit = |(pointer, problem): (String, String)| {
        let word = pointer.split('/').nth(1).unwrap_or_default();
        Misfit { mend: mend(stand, word), pointer, problem }
    };
    form.misfits(&Value::Object(words)).into_iter().map(misfit).collect()
}

/// How to write a word.
fn mend(stand: Stand, word: &str) -> String {
    let node = followed(&VOCABULARY["$defs"][stand.name()]["properties"][word]);
    match node["examples"].get(0) {
        Some(example) => format!("write {word} as in {example}"),
        None => format!(
            "the words of {} {} are {}",
            stand.article(),
            stand.name(),
            stand.words().collect::<Vec<_>>().join(", ")
        ),
    }
}

/// A node of the vocabulary behind its reference.
fn followed(node: &'static Value) -> &'static Value {
    let target = node["$ref"].as_str().and_then(|target| VOCABULARY.pointer(target.strip_prefix('#')?));
    target.unwrap_or(node)
}

/// The pointer to a word at a place.
pub(super) fn at_word(place: &str, word: &str) -> String {
    format!("{place}/{}", escaped(word))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Words that only a resource has, in the language of each notation.
    const LIFECYCLE: &[&str] = &["create", "delete", "identifiers", "list", "read", "tagging", "update"];

    #[test]
    fn the_vocabulary_has_all_words_and_no_others() {
        let stated: BTreeSet<_> = STANDS.iter().flat_map(|stand| stand.words()).collect();
        let known: BTreeSet<_> = WORDS.iter().chain(LIFECYCLE).chain(&["members"]).copied().collect();
        assert_eq!(stated, known);
    }

    #[test]
    fn every_word_is_documented() {
        let page = include_str!("../../../docs/contracts.md");
        let rows: String = page.lines().filter(|line| line.starts_with("| `")).collect();
        for word in STANDS.iter().flat_map(|stand| stand.words()).filter(|word| *word != "members") {
            assert!(rows.contains(&format!("`{word}`")), "{word} is in no table");
        }
    }

    #[test]
    fn every_example_of_the_vocabulary_fits() {
        for stand in STANDS {
            for word in stand.words().filter(|word| *word != "members") {
                let node = followed(&VOCABULARY["$defs"][stand.name()]["properties"][word]);
                assert!(node["description"].is_string(), "{word} has no description");
                let examples = node["examples"].as_array().cloned().unwrap_or_default();
                assert_eq!(examples.len(), 1, "{word}");
                let notes = Notes::from_iter([(word.to_owned(), examples[0].clone())]);
                assert_eq!(in_notes(*stand, &notes), [], "{word}");
            }
        }
    }

    #[test]
    fn a_wrong_value_is_told_with_an_example() {
        let notes = Notes::from_iter([("pageSize".to_owned(), json!({"maximum": "many"}))]);
        let found = in_notes(Stand::Operation, &notes);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].pointer, "/pageSize/maximum");
        assert_eq!(found[0].problem, "the value must be an integer");
        assert_eq!(found[0].mend, r#"write pageSize as in {"default":100,"maximum":100}"#);
    }

    #[test]
    fn a_word_in_a_wrong_place_is_told_with_the_words_of_that_place() {
        let root = json!({"operations": {"ListThings": {"unique": {"member": "name", "error": "Conflict"}}}});
        let found = in_overlay(&root);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].pointer, "/operations/ListThings/unique");
        assert_eq!(
            found[0].mend,
            "the words of an operation are identity, pageSize, paginated, safety, source"
        );
    }
}

//! Names of operations and shapes.

use std::collections::HashSet;

/// Names that are taken, so that each is given once.
#[derive(Default)]
pub(super) struct Taken(HashSet<String>);

impl Taken {
    /// Takes a name, with a number behind it if it is taken already.
    pub(super) fn take(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let free = names.find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(free.clone());
        free
    }

    /// Whether a name is taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// `repos/list-tags` as `ReposListTags`.
pub(super) fn pascal(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(capitalised).collect()
}

/// What can stand in a reference as it is: letters, digits, `.`, `-` and `_`.
pub(super) fn plain(text: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    text.chars().map(|letter| if fits(letter) { letter } else { '_' }).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// The name of what a pointer leads to: a component's own, else one made of the way there.
pub(super) fn of_pointer(file: &str, pointer: &str) -> String {
    let steps: Vec<_> =
        pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    match steps.as_slice() {
        [] => pascal(file.rsplit('/').next().unwrap_or(file).split('.').next().unwrap_or_default()),
        [.., group, name] if matches!(group.as_str(), "schemas" | "definitions" | "$defs") => plain(name),
        [name] => plain(name),
        steps => steps.iter().map(|step| pascal(step)).collect(),
    }
}

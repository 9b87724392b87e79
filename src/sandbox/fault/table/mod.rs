//! Every fault, by family, with exactly the checks that it breaks.

mod answers;
mod lives;
mod pages;

use super::{Bend, Fault};

const FAMILIES: [&[Fault]; 3] = [answers::ANSWERS, pages::PAGES, lives::LIVES];

const COUNT: usize = answers::ANSWERS.len() + pages::PAGES.len() + lives::LIVES.len();

/// Every fault, by family.
pub const FAULTS: &[Fault] = &joined();

/// The families, one after the other.
const fn joined() -> [Fault; COUNT] {
    let mut all = [answers::ANSWERS[0]; COUNT];
    let (mut family, mut place, mut filled) = (0, 0, 0);
    while family < FAMILIES.len() {
        if place == FAMILIES[family].len() {
            (family, place) = (family + 1, 0);
        } else {
            all[filled] = FAMILIES[family][place];
            (place, filled) = (place + 1, filled + 1);
        }
    }
    all
}

const fn fault(name: &'static str, says: &'static str, breaks: &'static [&'static str], bend: Bend) -> Fault {
    Fault { name, says, breaks, bend }
}

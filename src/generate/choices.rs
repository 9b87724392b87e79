//! The choices behind one value, and their shrinking.
//!
//! Whatever is generated is a function of a tree of small numbers: drawn from the random
//! generator the first time, and read back ever after. A number that is not there counts as 0,
//! and 0 is always the simplest choice, so every tree gives a legal value, and shrinking is
//! taking numbers away: whole groups first, outermost first, which drops optional members
//! before it looks inside them.

use proptest::prelude::Rng as _;
use proptest::test_runner::TestRng;

/// One choice, or several that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// How far from the simplest.
    Number(u64),
    /// Random bits, with nothing simpler to them.
    Seed(u64),
    /// A group read in order: a structure, an optional member.
    Fixed(Vec<Self>),
    /// A group of like things, any of which can be left out: elements, characters.
    Repeated(Vec<Self>),
}

/// Hands out choices, and keeps account of them.
pub(super) struct Choices<'r> {
    rng: Option<&'r mut TestRng>,
    given: std::vec::IntoIter<Choice>,
    taken: Vec<Choice>,
    /// How likely optional members are, in percent.
    pub(super) richness: u64,
    /// How many values were drawn, which bounds what recursive shapes grow to.
    pub(super) spent: usize,
}

impl<'r> Choices<'r> {
    pub(super) fn fresh(rng: &'r mut TestRng) -> Self {
        Self { rng: Some(rng), given: Vec::new().into_iter(), taken: Vec::new(), richness: 0, spent: 0 }
    }

    /// Always the simplest choice.
    pub(super) fn plain() -> Self {
        Self::replay(Vec::new())
    }

    fn replay(given: Vec<Choice>) -> Self {
        Self { rng: None, given: given.into_iter(), taken: Vec::new(), richness: 0, spent: 0 }
    }

    /// A number up to `most`; `fresh` draws it if it is not known yet.
    pub(super) fn number(&mut self, most: u64, fresh: impl FnOnce(&mut TestRng) -> u64) -> u64 {
        let number = match (&mut self.rng, self.given.next()) {
            (Some(rng), _) => fresh(rng),
            (None, Some(Choice::Number(number))) => number,
            (None, _) => 0,
        };
        let number = number.min(most);
        self.taken.push(Choice::Number(number));
        number
    }

    /// One of `count` things, all alike likely.
    pub(super) fn index(&mut self, count: usize) -> usize {
        let most = (count as u64).saturating_sub(1);
        self.number(most, |rng| below(rng, count as u64)) as usize
    }

    /// Whether to do something that is simpler not done.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.number(1, |rng| u64::from(below(rng, 100) < percent)) == 1
    }

    /// Random bits that stay as they are in shrinking.
    pub(super) fn seed(&mut self) -> u64 {
        let seed = match (&mut self.rng, self.given.next()) {
            (Some(rng), _) => rng.next_u64(),
            (None, Some(Choice::Seed(seed))) => seed,
            (None, _) => 0,
        };
        self.taken.push(Choice::Seed(seed));
        seed
    }

    /// A number that steers later draws and is no choice of its own; 0 when nothing is drawn.
    pub(super) fn steer(&mut self, count: u64) -> u64 {
        self.rng.as_mut().map_or(0, |rng| below(rng, count))
    }

    /// Choices that belong together, read in order.
    pub(super) fn fixed<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> T {
        self.group(Choice::Fixed, draw)
    }

    /// Choices for like things.
    pub(super) fn repeated<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> T {
        self.group(Choice::Repeated, draw)
    }

    /// Draws until it works out; what did not is forgotten. When choices are read back there is
    /// nothing to try again.
    pub(super) fn attempt<T>(
        &mut self,
        times: usize,
        mut draw: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let mark = self.taken.len();
        for _ in 0..if self.rng.is_some() { times } else { 1 } {
            if let Some(found) = draw(self) {
                return Some(found);
            }
            self.taken.truncate(mark);
        }
        None
    }

    fn group<T>(&mut self, kind: fn(Vec<Choice>) -> Choice, draw: impl FnOnce(&mut Self) -> T) -> T {
        let inner = match self.given.next() {
            Some(Choice::Fixed(inner) | Choice::Repeated(inner)) => inner,
            _ => Vec::new(),
        };
        let given = std::mem::replace(&mut self.given, inner.into_iter());
        let taken = std::mem::take(&mut self.taken);
        let drawn = draw(self);
        self.given = given;
        let inner = std::mem::replace(&mut self.taken, taken);
        self.taken.push(kind(inner));
        drawn
    }
}

/// A number below `count`; 0 for an empty range.
pub(super) fn below(rng: &mut TestRng, count: u64) -> u64 {
    if count == 0 { 0 } else { rng.next_u64() % count }
}

/// Something drawn, with what it takes to draw it again.
#[derive(Debug, Clone)]
pub(super) struct Draft<T> {
    pub(super) value: T,
    choices: Vec<Choice>,
}

impl<T> Draft<T> {
    pub(super) fn fresh(rng: &mut TestRng, draw: impl FnOnce(&mut Choices<'_>) -> Option<T>) -> Option<Self> {
        let mut choices = Choices::fresh(rng);
        let value = draw(&mut choices)?;
        Some(Self { value, choices: choices.taken })
    }

    /// The draft after one step of shrinking, if that draws anything.
    pub(super) fn after(
        &self,
        step: &Step,
        draw: impl FnOnce(&mut Choices<'_>) -> Option<T>,
    ) -> Option<Self> {
        let mut changed = self.choices.clone();
        step.apply(&mut changed);
        let mut choices = Choices::replay(changed);
        let value = draw(&mut choices)?;
        let draft = Self { value, choices: choices.taken };
        (draft.weight() < self.weight()).then_some(draft)
    }

    /// What shrinking makes smaller: how many choices, then their sum.
    fn weight(&self) -> (usize, u128) {
        self.choices.iter().map(weight).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Every step that shrinking may try, the boldest first.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step { path: Vec::new(), cut: Cut::Clear }];
        let mut level = vec![(Vec::new(), self.choices.as_slice())];
        let mut numbers = Vec::new();
        while !level.is_empty() {
            let mut next = Vec::new();
            for (path, choices) in level {
                for (index, choice) in choices.iter().enumerate() {
                    let mut path: Vec<usize> = path.clone();
                    path.push(index);
                    match choice {
                        Choice::Number(0) | Choice::Seed(_) => {}
                        Choice::Number(number) => numbers.extend(lower(*number, &path)),
                        Choice::Fixed(inner) => {
                            steps.push(Step { path: path.clone(), cut: Cut::Clear });
                            next.push((path, inner.as_slice()));
                        }
                        Choice::Repeated(inner) => {
                            steps.push(Step { path: path.clone(), cut: Cut::Clear });
                            steps.extend(removals(inner.len(), &path));
                            next.push((path, inner.as_slice()));
                        }
                    }
                }
            }
            level = next;
        }
        steps.extend(numbers);
        steps
    }
}

/// One step of shrinking: where, and what.
#[derive(Debug, Clone)]
pub(super) struct Step {
    path: Vec<usize>,
    cut: Cut,
}

#[derive(Debug, Clone)]
enum Cut {
    Clear,
    Remove(std::ops::Range<usize>),
    Lower(u64),
}

impl Step {
    fn apply(&self, choices: &mut Vec<Choice>) {
        let mut here = choices;
        for (depth, index) in self.path.iter().enumerate() {
            match here.get_mut(*index) {
                Some(Choice::Fixed(inner) | Choice::Repeated(inner)) => here = inner,
                Some(Choice::Number(number)) if depth + 1 == self.path.len() => {
                    if let Cut::Lower(lower) = self.cut {
                        *number = lower;
                    }
                    return;
                }
                _ => return,
            }
        }
        match &self.cut {
            Cut::Clear => here.clear(),
            Cut::Remove(range) if range.end <= here.len() => {
                here.drain(range.clone());
            }
            Cut::Remove(_) | Cut::Lower(_) => {}
        }
    }
}

fn weight(choice: &Choice) -> (usize, u128) {
    match choice {
        Choice::Number(number) => (1, (*number).into()),
        Choice::Seed(_) => (1, 0),
        Choice::Fixed(inner) | Choice::Repeated(inner) => {
            inner.iter().map(weight).fold((1, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
        }
    }
}

fn lower<'p>(number: u64, path: &'p [usize]) -> impl Iterator<Item = Step> + use<'p> {
    let mut lower = vec![0, number / 2, number - number / 4, number - 1];
    lower.dedup();
    lower
        .into_iter()
        .filter(move |lower| *lower < number)
        .map(|lower| Step { path: path.to_vec(), cut: Cut::Lower(lower) })
}

/// Halves, then quarters, then single things, from the end.
fn removals(count: usize, path: &[usize]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut size = count / 2;
    while size > 0 {
        let starts = (0..count).step_by(size).filter(|start| start + size <= count);
        steps.extend(
            starts.rev().map(|start| Step { path: path.to_vec(), cut: Cut::Remove(start..start + size) }),
        );
        size /= 2;
    }
    if count == 1 {
        steps.push(Step { path: path.to_vec(), cut: Cut::Remove(0..1) });
    }
    steps
}

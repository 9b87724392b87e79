//! Drawing functions as proptest strategies.

use std::fmt;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::choices::{Choices, Draft, Step};

/// A strategy from a function that draws.
pub(super) struct Drawn<F> {
    draw: F,
    nothing: &'static str,
}

/// `nothing` says why there may be no value.
pub(super) fn drawn<T, F>(nothing: &'static str, draw: F) -> Drawn<F>
where
    F: Fn(&mut Choices<'_>) -> Option<T>,
{
    Drawn { draw, nothing }
}

impl<F> fmt::Debug for Drawn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drawn")
    }
}

impl<T, F> Strategy for Drawn<F>
where
    T: Clone + fmt::Debug + PartialEq,
    F: Fn(&mut Choices<'_>) -> Option<T> + Clone,
{
    type Tree = Shrinking<T, F>;
    type Value = T;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let draft = Draft::fresh(runner.rng(), &self.draw).ok_or(self.nothing)?;
        Ok(Shrinking {
            draw: self.draw.clone(),
            now: draft,
            before: None,
            steps: None,
            at: 0,
            moved: false,
            patience: PATIENCE,
        })
    }
}

/// How many smaller values are drawn on the way, at most: of a large value, each takes its time, and
/// most are the same value again.
const PATIENCE: usize = 2_000;

/// A value on its way to a smaller one.
///
/// A step that is taken back is followed by the next one at once, so no value is asked for twice.
pub(super) struct Shrinking<T, F> {
    draw: F,
    now: Draft<T>,
    before: Option<Draft<T>>,
    /// The steps from the last value that was kept.
    steps: Option<Vec<Step>>,
    at: usize,
    /// Whether anything was kept since the first step.
    moved: bool,
    /// How many more values may be drawn.
    patience: usize,
}

impl<T, F> ValueTree for Shrinking<T, F>
where
    T: Clone + fmt::Debug + PartialEq,
    F: Fn(&mut Choices<'_>) -> Option<T>,
{
    type Value = T;

    fn current(&self) -> T {
        self.now.value.clone()
    }

    fn simplify(&mut self) -> bool {
        if self.before.take().is_some() {
            self.steps = None;
            self.moved = true;
        }
        self.advance()
    }

    fn complicate(&mut self) -> bool {
        let Some(before) = self.before.take() else { return false };
        self.now = before;
        self.at += 1;
        self.advance()
    }
}

impl<T, F> Shrinking<T, F>
where
    T: Clone + PartialEq,
    F: Fn(&mut Choices<'_>) -> Option<T>,
{
    /// To the next smaller value that is another one, if there is any.
    fn advance(&mut self) -> bool {
        loop {
            let now = &mut self.now;
            let steps = self.steps.get_or_insert_with(|| now.steps());
            let Some(step) = steps.get(self.at) else {
                if !std::mem::take(&mut self.moved) {
                    return false;
                }
                self.at = 0;
                continue;
            };
            let Some(patience) = self.patience.checked_sub(1) else { return false };
            self.patience = patience;
            match now.after(step, &self.draw) {
                Some(smaller) if smaller.value == now.value => {
                    // The same value from less: keep it, nobody needs to be asked.
                    *now = smaller;
                    self.steps = None;
                }
                Some(smaller) => {
                    self.before = Some(std::mem::replace(now, smaller));
                    return true;
                }
                None => self.at += 1,
            }
        }
    }
}

/// Makes a failing value small: walks a tree for as long as values still fail, asking at most
/// `budget` times.
pub fn shrink<T: ValueTree>(
    tree: &mut T,
    budget: usize,
    mut still_fails: impl FnMut(&T::Value) -> bool,
) -> T::Value {
    let mut smallest = tree.current();
    let mut more = tree.simplify();
    for _ in 0..budget {
        if !more {
            break;
        }
        let smaller = tree.current();
        more = if still_fails(&smaller) {
            smallest = smaller;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    smallest
}

//! How far a run is, for whoever watches a terminal.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};

use onrecord::runner::Outcome;

use super::context::Context;
use super::format::Format;

/// No line is longer, so that none wraps.
const WIDTH: usize = 78;

/// A line on standard error that is written over as the run goes on. There is none where nobody would
/// see it, and none beside the lines of the cases.
pub(super) struct Progress {
    shown: bool,
    total: usize,
    done: usize,
    failed: usize,
}

impl Progress {
    pub(super) fn of(total: usize, format: Format, context: &Context) -> Self {
        let lines = format == Format::Human && stdout().is_terminal();
        let watched = stderr().is_terminal() && context.variable("CI").is_none();
        Self { shown: watched && !lines, total, done: 0, failed: 0 }
    }

    /// A case begins.
    pub(super) fn begin(&self, name: &str) {
        let Self { total, done, failed, .. } = self;
        let line = format!("{done}/{total} cases, {failed} failed: {name}");
        self.write(&line.chars().filter(|letter| !letter.is_control()).take(WIDTH).collect::<String>());
    }

    /// It has ended.
    pub(super) fn end(&mut self, outcome: &Outcome) {
        self.done += 1;
        self.failed += usize::from(matches!(outcome, Outcome::Found(_) | Outcome::Broken(_)));
    }

    /// What comes after it stands on an empty line.
    pub(super) fn pause(&self) {
        self.write("");
    }

    fn write(&self, line: &str) {
        if self.shown {
            // Nobody may be there to read it.
            let _ = write!(stderr(), "\r\u{1b}[2K{line}");
        }
    }
}

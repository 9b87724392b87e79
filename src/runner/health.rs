//! How much a run can say: what it left out, what was refused, who fell silent.

use std::collections::BTreeMap;

use crate::check::Session;

/// So many cases of an operation in a row without an answer, and no more of them are tried.
const SILENCE: usize = 3;

/// What makes the verdict of a run weaker than its findings.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Why it ended before its last case, if so.
    pub(super) partial: Option<String>,
    /// How many cases in a row had no answer, by operation.
    silent: BTreeMap<String, usize>,
    /// How many exchanges were refused in a way that says nothing of the operation, by status.
    refused: BTreeMap<u16, u64>,
    retried: u64,
}

impl Health {
    /// Notes that something was left out; the first reason is the one that is told.
    pub(super) fn leave_out(&mut self, why: &str) {
        self.partial.get_or_insert_with(|| why.to_owned());
    }

    /// Notes what was refused. An exchange that was throttled and then sent again was dealt with.
    pub(super) fn note(&mut self, session: &Session<'_>, retried: u64) {
        let mut forgiven = retried;
        for status in session.refusals() {
            match status {
                429 if forgiven > 0 => forgiven -= 1,
                status => *self.refused.entry(status).or_default() += 1,
            }
        }
        self.retried += retried;
    }

    /// Notes a case that had no answer.
    pub(super) fn fell_silent(&mut self, operation: &str) {
        *self.silent.entry(operation.to_owned()).or_default() += 1;
    }

    /// Notes a case that had its answers.
    pub(super) fn answered(&mut self, operation: &str) {
        self.silent.remove(operation);
    }

    /// Why an operation is not tried any more, if so.
    pub(super) fn given_up(&self, operation: &str) -> Option<String> {
        let silent = self.silent.get(operation).is_some_and(|cases| *cases >= SILENCE);
        silent.then(|| format!("{operation} gave no answer in {SILENCE} cases in a row"))
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused.values().sum()
    }

    /// What a reader must know.
    pub(super) fn notes(&self, exchanges: u64) -> Vec<String> {
        let mut notes: Vec<_> = self.partial.iter().map(|why| format!("the run is partial: {why}")).collect();
        if self.refused() * 2 > exchanges {
            let by_status = self.refused.iter().map(|(status, count)| format!("{count} with {status}"));
            let by_status = by_status.collect::<Vec<_>>().join(", ");
            let refused = self.refused();
            notes.push(format!(
                "{refused} of {exchanges} exchanges were refused without regard to what was asked ({by_status}): \
                 see to the address, the credentials and the permissions"
            ));
        }
        if self.retried > 0 {
            notes.push(format!("{} requests were throttled and sent again", self.retried));
        }
        notes
    }
}

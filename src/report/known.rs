//! Findings that somebody knows of and lives with.

use serde::{Deserialize, Serialize};

use super::{Case, Cell, Run};

/// A finding that is expected, and breaks no run until a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The check's id.
    pub check: String,
    /// The operation.
    pub operation: String,
    /// Where in the exchange, with `*` for every index; any place without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The case that shows it. Where that did not run, nobody can say that it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Why it may stay.
    pub reason: String,
    /// The last day on which it may, `2027-01-01`.
    pub expires: String,
}

impl Known {
    /// Whether it is about a finding at this place, with `*` for every index.
    pub fn is_about(&self, check: &str, operation: &str, place: &str) -> bool {
        let here = self.place.as_ref().is_none_or(|own| generic(own) == place);
        self.check == check && self.operation == operation && here
    }

    /// Whether it still holds on that day.
    pub fn holds_on(&self, day: &str) -> bool {
        self.expires.as_str() >= day
    }

    /// What it is about, in words.
    pub(super) fn what(&self) -> String {
        let place = self.place.iter().map(|place| format!(", {place}")).collect::<String>();
        format!("{} on {}{place}", self.check, self.operation)
    }
}

/// A place with `*` for every index.
pub(super) fn generic(place: &str) -> String {
    let step = |step: &str| if step.parse::<usize>().is_ok() { "*".to_owned() } else { step.to_owned() };
    place.split('/').map(step).collect::<Vec<_>>().join("/")
}

impl Run {
    /// The day on which it began: expiry is reckoned by it, so that a report says the same for ever.
    fn day(&self) -> &str {
        self.started.get(..10).unwrap_or_default()
    }

    /// Says which findings are known, and until when.
    #[must_use]
    pub fn knowing(mut self, known: Vec<Known>) -> Self {
        self.known = known;
        self.mark();
        self
    }

    pub(super) fn mark(&mut self) {
        let day = self.day().to_owned();
        for finding in &mut self.findings {
            let (check, operation, place) = finding.key();
            let holds = |known: &&Known| known.is_about(check, operation, &place) && known.holds_on(&day);
            finding.known = self.known.iter().find(holds).cloned();
        }
    }

    /// What is no finding any more: its check was put to its operation, and nothing came of it.
    pub fn stale(&self) -> impl Iterator<Item = &Known> {
        self.known.iter().filter(|known| !self.shows(known) && self.could_show(known))
    }

    /// What would be known, had its time not run out.
    pub(super) fn expired(&self) -> impl Iterator<Item = &Known> {
        self.known.iter().filter(|known| !known.holds_on(self.day()) && self.shows(known))
    }

    fn shows(&self, known: &Known) -> bool {
        self.findings.iter().any(|finding| {
            let (check, operation, place) = finding.key();
            known.is_about(check, operation, &place)
        })
    }

    fn could_show(&self, known: &Known) -> bool {
        let is_judged = |cell: &Cell| {
            cell.check == known.check && cell.operation == known.operation && cell.tally.tested() > 0
        };
        let ran = |case: &Case| case.skipped.is_none() && case.broken.is_none();
        let had_its_case = match &known.case {
            Some(name) => self.cases.iter().any(|case| case.name == *name && ran(case)),
            None => self.is_whole(),
        };
        had_its_case && self.matrix.iter().any(is_judged)
    }

    /// Whether every case of the contract had its turn.
    fn is_whole(&self) -> bool {
        self.partial.is_none() && self.selection.is_none() && self.shards.is_empty()
    }

    /// What a reader must know: its notes, and what the known findings come to.
    pub(super) fn remarks(&self) -> Vec<String> {
        let stale = self.stale().map(|known| {
            let (what, reason) = (known.what(), &known.reason);
            format!("the known finding {what} is not found any more: take it out of the baseline ({reason})")
        });
        let expired = self.expired().map(|known| {
            format!("the known finding {} was known until {} ({})", known.what(), known.expires, known.reason)
        });
        self.notes.iter().cloned().chain(stale).chain(expired).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Overall, Strictness, example};
    use super::*;

    /// The moto run with all findings known that break it, and the first of them.
    fn known() -> (Run, Known) {
        let run = example::moto();
        let known = run.findings.iter().filter(|finding| finding.level == "MUST").map(|finding| Known {
            check: finding.check.clone(),
            operation: finding.operation.clone(),
            place: Some(finding.place.clone()),
            case: None,
            reason: "issue 12".to_owned(),
            expires: "2026-03-14".to_owned(),
        });
        let known: Vec<_> = known.collect();
        let first = known[0].clone();
        (run.knowing(known), first)
    }

    #[test]
    fn a_known_finding_breaks_no_run_until_its_day_is_over() {
        let (mut run, _) = known();
        assert_eq!(run.verdict(Strictness::Normal), Overall::Clean);
        assert_eq!(run.verdict(Strictness::Strict), Overall::Found, "a SHOULD is not known");
        assert_eq!(run.counts().must, 0);
        run.started = "2026-03-15T00:00:00.000Z".to_owned();
        run.mark();
        assert_eq!(run.verdict(Strictness::Normal), Overall::Found);
        assert_eq!(run.expired().count(), run.known.len());
        assert!(run.remarks().last().unwrap().ends_with("was known until 2026-03-14 (issue 12)"));
    }

    #[test]
    fn an_index_is_any_index_and_no_place_is_any_place() {
        let (run, first) = known();
        let about = |place: Option<&str>, found: &str| {
            let known = Known { place: place.map(str::to_owned), ..first.clone() };
            known.is_about(&first.check, &first.operation, found)
        };
        assert!(about(Some("response body /list/3/state"), "response body /list/*/state"));
        assert!(about(Some("response body /list/*/state"), "response body /list/*/state"));
        assert!(about(None, "response body /list/*/state"));
        assert!(!about(Some("response body /list/*/name"), "response body /list/*/state"));
        assert!(!first.is_about("PG-T02", &first.operation, &generic(first.place.as_deref().unwrap())));
        assert!(!run.findings.is_empty());
    }

    #[test]
    fn what_is_not_found_any_more_breaks_the_run() {
        let (mut run, _) = known();
        run.findings.clear();
        let judged = run.stale().count();
        assert!(judged > 0);
        assert_eq!(run.verdict(Strictness::Normal), Overall::Stale);
        assert!(run.remarks().last().unwrap().contains("take it out of the baseline (issue 12)"));
    }

    #[test]
    fn what_did_not_run_is_left_alone() {
        let (mut run, first) = known();
        run.findings.clear();
        run.known = vec![first.clone()];
        assert_eq!(run.stale().count(), 1);
        for incomplete in [
            Run { partial: Some("no time".to_owned()), ..run.clone() },
            Run { selection: Some("Describe".to_owned()), ..run.clone() },
            Run { shards: vec!["1/2".parse().unwrap()], ..run.clone() },
        ] {
            assert_eq!(incomplete.stale().count(), 0);
        }
        // With its case named, it is that case that counts.
        let case = run.cases[0].clone();
        run.selection = Some("Describe".to_owned());
        run.known[0].case = Some(case.name.clone());
        assert_eq!(run.stale().count(), 1);
        run.cases[0].skipped = Some("not allowed".to_owned());
        assert_eq!(run.stale().count(), 0);
        run.cases = vec![case];
        run.matrix.retain(|cell| cell.check != first.check);
        assert_eq!(run.stale().count(), 0, "nothing was judged");
    }
}

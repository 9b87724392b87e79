//! Where the contract speaks of what was found.

use std::collections::BTreeSet;

use super::place::{Part, Side, Spot};
use super::{Finding, Run};
use crate::contract::{About, Contract, look_up};

impl Run {
    /// Notes where a contract speaks of what was found. `read` gives the text of a file; what it does not
    /// give leaves lines open.
    pub fn locate(&mut self, contract: &Contract, read: impl Fn(&str) -> Option<Vec<u8>>) {
        for finding in &mut self.findings {
            let spot = Spot::read(&finding.place);
            finding.stands = Some(contract.locate(&finding.operation, about(finding, spot.as_ref())));
        }
        let stands = self.findings.iter().filter_map(|finding| finding.stands.as_ref());
        let files: BTreeSet<String> = stands.map(|location| location.file.clone()).collect();
        for file in files {
            let locations = self.findings.iter_mut().filter_map(|finding| finding.stands.as_mut());
            if let Some(text) = read(&file) {
                // A file that was changed since may be no document any more.
                let _ = look_up(locations, &file, &text);
            }
        }
    }
}

/// The body of an error is described elsewhere.
fn about<'p>(finding: &Finding, spot: Option<&'p Spot>) -> About<'p> {
    match spot {
        Some(Spot { side: Side::Request, part: Part::Body(pointer) }) => About::Request(pointer),
        Some(Spot { side: Side::Response, part: Part::Body(pointer) })
            if !finding.check.starts_with("ER-") =>
        {
            About::Answer(pointer)
        }
        _ => About::Call,
    }
}

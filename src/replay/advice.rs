//! What to do about a miss.

use super::miss::{Miss, Near, Reason, list};
use super::part::Part;
use crate::encoding::shell_word;
use crate::redact::REDACTED;

/// How many differing places may be left out of a comparison.
const PARTS: usize = 2;

impl Miss {
    /// What to do about it.
    pub(super) fn next(&self) -> Vec<String> {
        let near = self.nearest.first().filter(|_| self.reason == Reason::NeverRecorded);
        if let Some(instead) = near.and_then(|near| self.instead_of_recording(near)) {
            return instead;
        }
        if self.reason == Reason::Changed {
            return vec!["start the replay again, and change no cassette while it is served".to_owned()];
        }
        let mut next = self.before_recording();
        next.push(self.command());
        if let Some(parts) = near.and_then(Near::parts) {
            next.push(format!("or, if it decides nothing, do not compare it: onrecord replay {parts} ..."));
        }
        next
    }

    /// What helps where another recording would not: what differs then differs again.
    fn instead_of_recording(&self, near: &Near) -> Option<Vec<String>> {
        let places = list(&near.places);
        if near.is_client_token && self.contract.is_none() {
            let leave = |parts| format!("or leave it out yourself: onrecord replay {parts} ...");
            let named = [
                format!(
                    "{places} is called as a client token is, which differs in each run; name a contract that"
                ),
                "says so, and it is not compared: onrecord replay --contract C ...".to_owned(),
            ];
            return Some(named.into_iter().chain(near.parts().map(leave)).collect());
        }
        if near.looks_made_up {
            let leave = |parts| format!("each time, or do not compare it: onrecord replay {parts} ...");
            return Some(vec![
                format!("{places} looks made up for each run: have the client send the same value"),
                near.parts().map_or_else(|| "each time".to_owned(), leave),
            ]);
        }
        near.hides_names().then(|| {
            vec![
                format!(
                    "the cassette hides a name in {places}, which no request can be compared with: to record it"
                ),
                "again would not help; have the client keep secrets out of names".to_owned(),
            ]
        })
    }

    /// What to look at before it is recorded.
    fn before_recording(&self) -> Vec<String> {
        let told = match (self.reason, self.nearest.first()) {
            (Reason::UsedUp { .. }, _) => {
                return vec![
                    "the client asks once more than it did when this was recorded: a retry, a poll, a second"
                        .to_owned(),
                    "run against one replay. If that is right, record it again:".to_owned(),
                ];
            }
            (Reason::OtherOperations | Reason::Empty, _) => {
                let counted = |(name, count): &(String, usize)| format!("{name} ({count})");
                let recorded: Vec<_> = self.recorded.iter().map(counted).collect();
                let recorded = (!recorded.is_empty()).then(|| format!("recorded are {}", list(&recorded)));
                return recorded.into_iter().chain(["add it to the recording:".to_owned()]).collect();
            }
            (Reason::NeverRecorded, Some(near)) if !near.places.is_empty() => {
                let places = list(&near.places);
                return vec![format!(
                    "find out why the client differs in {places}; if it is right to, record it:"
                )];
            }
            (Reason::NeverRecorded | Reason::Changed, _) => "if the request is right, record it:",
            (Reason::Unreadable, _) => "mend the request's body; or, if it is right, record it as it is:",
            (Reason::Ambiguous, _) => {
                "sign the request for the Region it was recorded in, or keep one cassette for each place:"
            }
            (Reason::OtherRegions, _) => {
                return vec![
                    "have the client sign for what was recorded (AWS_REGION, and AWS_DEFAULT_REGION, which boto3"
                        .to_owned(),
                    "reads); or, if it is right, record it:".to_owned(),
                ];
            }
            (Reason::OtherHosts, _) => {
                "have the client ask the host that was recorded; or, if it is right, record it:"
            }
        };
        vec![told.to_owned()]
    }

    fn command(&self) -> String {
        let nearest = self.nearest.first().map(|near| near.cassette).unwrap_or_default();
        let cassette = self.cassettes.get(nearest).map_or("FILE", String::as_str);
        let contract = self.contract.as_ref().map(|id| format!(" --contract {}", shell_word(id)));
        format!(
            "onrecord record --cassette {}{} {} --mode new -- COMMAND",
            shell_word(cassette),
            contract.unwrap_or_default(),
            self.way
        )
    }
}

impl Near {
    /// What would have to be left out of the comparison, as flags.
    fn parts(&self) -> Option<String> {
        if self.elsewhere || self.places.is_empty() || self.places.len() > PARTS {
            return None;
        }
        let parts: Option<Vec<_>> = self.places.iter().map(|place| self.part(place)).collect();
        parts.map(|parts| parts.join(" "))
    }

    fn part(&self, place: &str) -> Option<String> {
        let (part, name) = Part::of_place(place).filter(|(_, name)| !name.is_empty())?;
        // In one line, which may be copied.
        let quoted = |text: String| {
            (!text.contains(char::is_control)).then(|| format!("--match {}", shell_word(&text)))
        };
        match (part, &self.operation) {
            (Part::Input, Some(operation)) if !name.contains('/') => {
                quoted(format!("input:{operation}.{name}=any"))
            }
            (Part::Input | Part::Body | Part::Cbor, _) => quoted(format!("body:/{name}=any")),
            (Part::Headers, _) => quoted(format!("header:{}=any", name.split('/').next()?)),
            _ => None,
        }
    }

    /// Values are matched though they are hidden, the names of members are not.
    fn hides_names(&self) -> bool {
        self.places.iter().any(|place| place.contains(REDACTED))
    }
}

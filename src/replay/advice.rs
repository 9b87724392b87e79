//! What to do about a miss.

use super::miss::{Miss, Near, Reason, list};
use super::part::Part;
use crate::redact::REDACTED;

/// How many differing places may be left out of a comparison.
const PARTS: usize = 2;

impl Miss {
    /// What to do about it.
    pub(super) fn next(&self) -> Vec<String> {
        let mut next = Vec::new();
        match (self.reason, self.nearest.first()) {
            (Reason::UsedUp { .. }, _) => {
                next.push(
                    "the client asks once more than it did when this was recorded: a retry, a poll, a second"
                        .to_owned(),
                );
                next.push("run against one replay. If that is right, record it again:".to_owned());
            }
            (Reason::OtherOperations | Reason::Empty, _) => {
                if !self.recorded.is_empty() {
                    let counted = |(name, count): &(String, usize)| format!("{name} ({count})");
                    next.push(format!(
                        "recorded are {}",
                        list(&self.recorded.iter().map(counted).collect::<Vec<_>>())
                    ));
                }
                next.push("add it to the recording:".to_owned());
            }
            (Reason::Unreadable, _) => {
                next.push("mend the request's body; or, if it is right, record it as it is:".to_owned());
            }
            (Reason::Ambiguous, _) => {
                next.push("sign the request for the Region it was recorded in, or keep one cassette for each place:".to_owned());
            }
            (Reason::OtherRegions, _) => {
                next.push(
                    "have the client sign for what was recorded (AWS_REGION); or, if it is right, record it:"
                        .to_owned(),
                );
            }
            (Reason::Changed, _) => {
                next.push("start the replay again, and change no cassette while it is served".to_owned());
                return next;
            }
            (Reason::OtherHosts, _) => {
                next.push(
                    "have the client ask the host that was recorded; or, if it is right, record it:"
                        .to_owned(),
                );
            }
            (Reason::NeverRecorded, Some(near)) if near.is_client_token && self.contract.is_none() => {
                next.push(format!(
                    "{} is called as a client token is, which differs in each run; name a contract that",
                    list(&near.places)
                ));
                next.push("says so, and it is not compared: onrecord replay --contract C ...".to_owned());
                next.extend(
                    near.parts()
                        .map(|parts| format!("or leave it out yourself: onrecord replay {parts} ...")),
                );
                return next;
            }
            (Reason::NeverRecorded, Some(near)) if near.looks_made_up => {
                next.push(format!(
                    "{} looks made up for each run: have the client send the same value",
                    list(&near.places)
                ));
                next.push(match near.parts() {
                    Some(parts) => {
                        format!("each time, or do not compare it: onrecord replay {parts} ...")
                    }
                    None => "each time".to_owned(),
                });
                return next;
            }
            (Reason::NeverRecorded, Some(near)) if near.hides_names() => {
                next.push(format!(
                    "the cassette hides a name in {}, which no request can be compared with: to record it",
                    list(&near.places)
                ));
                next.push("again would not help; have the client keep secrets out of names".to_owned());
                return next;
            }
            (Reason::NeverRecorded, Some(near)) if !near.places.is_empty() => {
                next.push(format!(
                    "find out why the client differs in {}; if it is right to, record it:",
                    list(&near.places)
                ));
            }
            (Reason::NeverRecorded, _) => next.push("if the request is right, record it:".to_owned()),
        }
        next.push(self.command());
        if let (Reason::NeverRecorded, Some(parts)) =
            (self.reason, self.nearest.first().and_then(Near::parts))
        {
            next.push(format!("or, if it decides nothing, do not compare it: onrecord replay {parts} ..."));
        }
        next
    }

    fn command(&self) -> String {
        let nearest = self.nearest.first().map(|near| near.cassette).unwrap_or_default();
        let cassette = self.cassettes.get(nearest).map_or("FILE", String::as_str);
        let quote = if cassette.contains(char::is_whitespace) { "'" } else { "" };
        let contract = self.contract.as_ref().map(|id| format!(" --contract {id}")).unwrap_or_default();
        format!(
            "onrecord record --cassette {quote}{cassette}{quote}{contract} {} --mode new -- COMMAND",
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
        let quoted = |text: String| match text
            .chars()
            .all(|part| part.is_ascii_alphanumeric() || "-_.:/=".contains(part))
        {
            true => Some(format!("--match {text}")),
            false => None,
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

//! What an exchange shows of itself: the secrets and identifiers in it. Needs nothing that was
//! seen before, so it runs beside other scans.

use super::accounts;
use super::fields;
use super::ids;
use super::names::{self, Secret, Shape};
use super::parts::{Place, Side, Syntax};
use super::pointer;
use super::pseudonyms::Kind;
use super::rules::Rules;
use super::shapes::{self, Shapes};
use super::signs::Signs;
use super::view;
use super::words;

/// Response header fields with an id that the provider gave to the request.
const REQUEST_IDS: &[&str] = &[
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-amz-id-2",
    "x-amzn-trace-id",
    "x-request-id",
    "x-amz-apigw-id",
];

/// What was found, in the order in which it stands in the exchange.
pub(super) struct Scan<'r> {
    rules: &'r Rules,
    pub(super) secrets: Vec<String>,
    pub(super) passing: Vec<String>,
    pub(super) accounts: Vec<String>,
    /// UUIDs and ids of the request.
    pub(super) sent: Vec<String>,
    /// UUIDs of the response.
    pub(super) received: Vec<String>,
    pub(super) request_ids: Vec<String>,
    /// Ids that host names in the response show, and what a user's rules name.
    pub(super) own_ids: Vec<String>,
    pub(super) named_ids: Vec<String>,
    /// Pseudonyms that are already there.
    pub(super) seen: Vec<(Kind, u64)>,
    pub(super) seen_ids: Vec<String>,
    /// Values of request header fields: what a client sent is no id of the provider's.
    sent_values: Vec<String>,
}

impl<'r> Scan<'r> {
    pub(super) fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            secrets: Vec::new(),
            passing: Vec::new(),
            accounts: Vec::new(),
            sent: Vec::new(),
            received: Vec::new(),
            request_ids: Vec::new(),
            own_ids: Vec::new(),
            named_ids: Vec::new(),
            seen: Vec::new(),
            seen_ids: Vec::new(),
            sent_values: Vec::new(),
        }
    }

    /// Looks at one part. The request's parts come before the response's.
    pub(super) fn part(&mut self, place: Place<'_>, bytes: &[u8]) {
        let names = &self.rules.names;
        match place {
            Place::HeaderName(_) | Place::Method | Place::Operation => return,
            Place::Body(_, Syntax::Framed | Syntax::Packed) => return,
            Place::Body(_, Syntax::Binary) => return self.learn_all(bytes, &names::shaped(bytes)),
            // Its text is shown again, as a part of the body.
            Place::Member(_, name) => {
                if names.say_secret(name) {
                    self.learn(bytes, Shape::Text);
                }
                return;
            }
            Place::Header(side, name) => self.header(side, name, &String::from_utf8_lossy(bytes)),
            Place::Query | Place::Body(_, Syntax::Form) => self.learn_all(bytes, &names.parameters(bytes)),
            Place::Body(_, Syntax::Json) => {
                for (start, end) in pointer::places(bytes, &self.rules.pointers) {
                    self.learn(&bytes[start..end], Shape::Text);
                }
            }
            Place::Path | Place::Body(..) => {}
        }
        let side = match place {
            Place::Header(side, _) | Place::Body(side, _) => side,
            _ => Side::Request,
        };
        self.text(side, bytes);
    }

    /// Looks at a text through all its escapes.
    fn text(&mut self, side: Side, bytes: &[u8]) {
        let rules = self.rules;
        view::each(bytes, &mut |view| {
            let bytes = view.bytes();
            let (mut signs, mut shapes) = (Signs::default(), Shapes::default());
            words::each(bytes, |word| {
                signs.word(bytes, word.clone());
                shapes.word(bytes, word, &mut |at, value, shape| self.shaped(side, bytes, at, value, shape));
            });
            self.learn_all(bytes, &rules.names.secrets_by(signs, bytes));
            for (start, end) in rules.patterns.iter().flat_map(|pattern| matches(pattern, bytes)) {
                self.learn(&bytes[start..end], Shape::Text);
            }
            shapes::numbered(bytes, |word, number| {
                let kind = if word == "cursor" { Kind::Cursor } else { Kind::RequestId };
                self.seen.push((kind, number));
            });
            self.ids(side, bytes);
        });
    }

    fn ids(&mut self, side: Side, bytes: &[u8]) {
        // As with UUIDs, one that the client names first is its own, and stays.
        let own = if side == Side::Request { &mut self.sent } else { &mut self.own_ids };
        let (named, seen) = (&mut self.named_ids, &mut self.seen_ids);
        ids::own(bytes, |id| if ids::is_pseudonym(id) { &mut *seen } else { &mut *own }.push(id.to_owned()));
        for rule in self.rules.ids.iter().filter(|rule| rule.literal.is_none()) {
            for (start, end) in matches(&rule.pattern, bytes) {
                let Ok(id) = std::str::from_utf8(&bytes[start..end]) else { continue };
                if ids::is_pseudonym(id) { &mut *seen } else { &mut *named }.push(id.to_owned());
            }
        }
    }

    fn shaped(&mut self, side: Side, text: &[u8], at: usize, value: &str, shape: shapes::Shape) {
        let is_new = self.accounts.last().is_none_or(|last| last != value);
        let is_kept = || self.rules.accounts.contains(value);
        if shape == shapes::Shape::Account && is_new && accounts::is_shown(text, at) && !is_kept() {
            self.accounts.push(value.to_owned());
        }
        let pseudonym = match shape {
            shapes::Shape::Account => shapes::pseudonym_account(value).map(|number| (Kind::Account, number)),
            shapes::Shape::Uuid => shapes::pseudonym_uuid(value).map(|number| (Kind::Uuid, number)),
        };
        match (pseudonym, shape, side) {
            (Some(pseudonym), ..) => self.seen.push(pseudonym),
            (None, shapes::Shape::Uuid, Side::Request) => self.sent.push(value.to_owned()),
            (None, shapes::Shape::Uuid, Side::Response) => self.received.push(value.to_owned()),
            (None, shapes::Shape::Account, _) => {}
        }
    }

    fn header(&mut self, side: Side, name: &str, value: &str) {
        if let Some(field) = fields::redacted(name, value, self.rules) {
            self.secrets.extend(field.secrets);
            self.passing.extend(field.passing);
        }
        if side == Side::Request {
            self.sent_values.push(value.to_owned());
        } else if REQUEST_IDS.contains(&name) && !self.sent_values.iter().any(|sent| sent == value) {
            self.request_ids.push(value.to_owned());
        }
    }

    fn learn_all(&mut self, bytes: &[u8], found: &[Secret]) {
        for secret in found {
            self.learn(&bytes[secret.start..secret.end], secret.shape);
        }
    }

    /// A secret is learned in each form that its escapes allow.
    fn learn(&mut self, secret: &[u8], shape: Shape) {
        let learned = if shape == Shape::Signature { &mut self.passing } else { &mut self.secrets };
        view::each(secret, &mut |view| {
            if let Ok(text) = std::str::from_utf8(view.bytes()) {
                learned.push(text.to_owned());
            }
        });
    }
}

/// Where a user's regular expression matches: its first group, or all of it.
pub(super) fn matches(pattern: &regex::bytes::Regex, bytes: &[u8]) -> Vec<(usize, usize)> {
    let group = |found: regex::bytes::Captures<'_>| {
        let range = found.get(1).or(found.get(0))?.range();
        (!range.is_empty()).then_some((range.start, range.end))
    };
    pattern.captures_iter(bytes).filter_map(group).collect()
}

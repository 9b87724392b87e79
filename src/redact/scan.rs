//! What an exchange shows of itself: the secrets and identifiers in it. Needs nothing that was
//! seen before, so it runs beside other scans.

use super::fields;
use super::names::{self, Secret};
use super::parts::{Place, Side, Syntax};
use super::pseudonyms::Kind;
use super::shapes::{self, Shape};
use super::view;

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
#[derive(Default)]
pub(super) struct Scan {
    pub(super) secrets: Vec<String>,
    pub(super) passing: Vec<String>,
    pub(super) accounts: Vec<String>,
    /// UUIDs of the request.
    pub(super) sent: Vec<String>,
    /// UUIDs of the response.
    pub(super) received: Vec<String>,
    pub(super) request_ids: Vec<String>,
    /// Pseudonyms that are already there.
    pub(super) seen: Vec<(Kind, u64)>,
    /// Values of request header fields: what a client sent is no id of the provider's.
    sent_values: Vec<String>,
}

impl Scan {
    /// Looks at one part. The request's parts come before the response's.
    pub(super) fn part(&mut self, place: Place<'_>, bytes: &[u8]) {
        match place {
            Place::HeaderName(_) | Place::Method | Place::Operation | Place::Body(_, Syntax::Binary) => {
                return;
            }
            Place::Header(side, name) => self.header(side, name, &String::from_utf8_lossy(bytes)),
            Place::Query | Place::Body(_, Syntax::Form) => {
                self.learn_all(bytes, &names::secret_parameters(bytes));
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
    pub(super) fn text(&mut self, side: Side, bytes: &[u8]) {
        view::each(bytes, &mut |view| {
            let bytes = view.bytes();
            self.learn_all(bytes, &names::secrets(bytes));
            shapes::shown_accounts(bytes, |account| self.accounts.push(account.to_owned()));
            shapes::numbered(bytes, |word, number| {
                let kind = if word == "cursor" { Kind::Cursor } else { Kind::RequestId };
                self.seen.push((kind, number));
            });
            shapes::each(bytes, |_, value, shape| self.shaped(side, value, shape));
        });
    }

    fn shaped(&mut self, side: Side, value: &str, shape: Shape) {
        let pseudonym = match shape {
            Shape::Account => shapes::pseudonym_account(value).map(|number| (Kind::Account, number)),
            Shape::Uuid => shapes::pseudonym_uuid(value).map(|number| (Kind::Uuid, number)),
        };
        match (pseudonym, shape, side) {
            (Some(pseudonym), ..) => self.seen.push(pseudonym),
            (None, Shape::Uuid, Side::Request) => self.sent.push(value.to_owned()),
            (None, Shape::Uuid, Side::Response) => self.received.push(value.to_owned()),
            (None, Shape::Account, _) => {}
        }
    }

    fn header(&mut self, side: Side, name: &str, value: &str) {
        if let Some(field) = fields::redacted(name, value) {
            self.secrets.extend(field.secrets);
            self.passing.extend(field.passing);
        }
        if side == Side::Request {
            self.sent_values.push(value.to_owned());
        } else if REQUEST_IDS.contains(&name) && !self.sent_values.iter().any(|sent| sent == value) {
            self.request_ids.push(value.to_owned());
        }
    }

    /// A secret is learned in each form that its escapes allow.
    fn learn_all(&mut self, bytes: &[u8], found: &[Secret]) {
        for secret in found {
            view::each(&bytes[secret.start..secret.end], &mut |view| {
                if let Ok(text) = std::str::from_utf8(view.bytes()) {
                    self.secrets.push(text.to_owned());
                }
            });
        }
    }
}

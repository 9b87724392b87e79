//! Where the credentials of a request stand: they are never recorded.

use serde_json::{Map, Value};

use super::documents::Documents;
use super::notices::Notices;
use crate::contract::model::Place;
use crate::contract::schema::escaped;

/// The places that carry credentials.
pub(super) fn places(documents: &Documents, notices: &mut Notices) -> Vec<Place> {
    let at = "0#/components/securitySchemes";
    let schemes = documents.at(at).and_then(Value::as_object);
    let mut found = Vec::new();
    for (name, node) in schemes.into_iter().flatten() {
        let at = format!("{at}/{}", escaped(name));
        match documents.object(node, &at) {
            Some((scheme, at)) => {
                let place = place(scheme, &at, notices);
                found.extend(place.filter(|place| !found.contains(place)));
            }
            None => notices.missing(&at, super::documents::reference_of(node).unwrap_or(&at)),
        }
    }
    found
}

fn place(scheme: &Map<String, Value>, at: &str, notices: &mut Notices) -> Option<Place> {
    let text = |name: &str| scheme.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = text("name").to_owned();
    match (text("type"), text("in")) {
        ("apiKey", "header") => Some(Place::Header(name)),
        ("apiKey", "query") => Some(Place::Query(name)),
        ("apiKey", "cookie") => Some(Place::Cookie(name)),
        ("http" | "oauth2" | "openIdConnect", _) => Some(Place::Header("Authorization".to_owned())),
        ("mutualTLS", _) => None,
        (kind, _) => {
            let problem = format!("the security scheme {kind} is not known, and its credentials are not");
            notices.warn(at, problem, "mark what carries them as x-onrecord-sensitive");
            None
        }
    }
}

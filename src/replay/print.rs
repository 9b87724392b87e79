//! What a request looks like: a short way to those that were recorded looking the same.
//!
//! To read a request as its operation's input takes longer than all else that a replay does. But most
//! clients send byte for byte what they sent when they were recorded, besides what says who asks and when.

use std::sync::Arc;

use super::key::Digest;
use super::realm;
use crate::contract::{Contract, Place, serving};
use crate::exchange::{EN_ROUTE, MADE_ANEW, Request};

/// Header fields that say who asks, when, and over which connection: no request is read by them, unless
/// a contract binds them.
const BESIDE: [&[&str]; 2] = [MADE_ANEW, EN_ROUTE];

/// How requests are looked at under some contracts.
#[derive(Debug, Default)]
pub(super) struct Prints {
    /// The header fields that are not looked at.
    beside: Vec<&'static str>,
}

impl Prints {
    pub(super) fn new(contracts: &[Arc<Contract>]) -> Self {
        let places = || contracts.iter().flat_map(|it| &it.operations).flat_map(|it| &it.bindings);
        let binds = |name: &str| places().any(|binding| is_of(&binding.place, name));
        Self { beside: BESIDE.concat().into_iter().filter(|name| !binds(name)).collect() }
    }

    /// Two requests with one print are read alike. Says nothing where they are read in several ways.
    pub(super) fn of(&self, contracts: &[Arc<Contract>], request: &Request) -> Digest {
        let mut text = Vec::with_capacity(512);
        // Each part says where it ends, so that no two requests run into the same bytes.
        let mut add = |part: &[u8]| {
            text.extend_from_slice(&(part.len() as u64).to_le_bytes());
            text.extend_from_slice(part);
        };
        add(b"print");
        add(request.method.as_str().as_bytes());
        add(request.target.as_str().as_bytes());
        for (name, value) in request.headers.iter().filter(|(name, _)| !self.beside.contains(name)) {
            add(name.as_bytes());
            add(value.as_bytes());
        }
        if contracts.len() > 1 {
            // Host and signature tell which of them is asked.
            add(b"\nasked");
            add(realm::service(request).unwrap_or_default().as_bytes());
            serving(contracts, request).iter().for_each(|contract| add(contract.id.as_bytes()));
        }
        Digest::of(&[&text, request.body.as_bytes()])
    }
}

fn is_of(place: &Place, field: &str) -> bool {
    match place {
        Place::Header(name) => name.eq_ignore_ascii_case(field),
        Place::HeaderMap(prefix) => {
            field.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, proptest};
    use proptest::sample::select;

    use super::super::fixtures::{contract, model, notes, request, signed};
    use super::super::key;
    use super::*;

    const LINES: &[&str] = &[
        "GET /notes",
        "GET /notes?token=a",
        "GET /notes?limit=1&token=a",
        "GET /notes?token=a&limit=1",
        "POST /notes",
        "POST /notes/1/copy",
        "PUT /any",
    ];
    const BODIES: &[&str] =
        &["", r#"{"name":"a"}"#, r#"{ "name": "a" }"#, r#"{"name":"a","clientToken":"t"}"#];
    const FIELDS: &[&str] = &["x-kind", "accept", "content-type", "range", "x-other", "cookie"];

    fn any_request() -> impl Strategy<Value = Request> {
        let field = (select([FIELDS, &BESIDE.concat()].concat()), select(&["a", "b"][..]));
        let fields = proptest::collection::vec(field, 0..3);
        let scopes = select(&[("a", "one"), ("a", "two"), ("b", "one")][..]);
        (select(LINES), select(BODIES), fields, scopes, any::<bool>()).prop_map(
            |(line, body, fields, (region, service), is_signed)| {
                let mut made = request(line, body);
                if is_signed {
                    made = signed(made, region, service);
                }
                fields.into_iter().for_each(|(name, value)| made.headers.push(name, value));
                made
            },
        )
    }

    fn contracts() -> [Vec<Arc<Contract>>; 4] {
        // One that is read by what others have beside.
        let odd = model("notes").to_string().replace("x-kind", "user-agent");
        let odd = Arc::new(Contract::from_smithy("notes", "notes.json", &odd).unwrap());
        [vec![], vec![notes()], vec![odd], vec![contract("a", "one"), contract("b", "two")]]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

        #[test]
        fn what_looks_the_same_is_read_alike(one in any_request(), other in any_request()) {
            for contracts in contracts() {
                let prints = Prints::new(&contracts);
                if prints.of(&contracts, &one) == prints.of(&contracts, &other) {
                    let keys = |request| {
                        let readings = key::readings(&contracts, request);
                        readings.into_iter().map(|reading| (reading.key, reading.form)).collect::<Vec<_>>()
                    };
                    prop_assert_eq!(keys(&one), keys(&other));
                }
            }
        }
    }

    #[test]
    fn who_asks_and_when_makes_no_other_print() {
        let contracts = [notes()];
        let prints = Prints::new(&contracts);
        let of = |request: &Request| prints.of(&contracts, request);
        let plain = request("GET /notes?token=a", "");
        assert_eq!(of(&plain), of(&signed(plain.clone(), "eu-west-1", "notes")));
        let mut other = plain.clone();
        other.headers.push("x-other", "a");
        assert_ne!(of(&plain), of(&other));
    }
}

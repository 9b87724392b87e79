//! Whatever is recorded and whatever is asked: the answer belongs to exactly that request.

use std::collections::{BTreeMap, HashSet};
use std::sync::Barrier;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::Replayer;
use super::super::fixtures::{answer, cassette, exchange, notes, request, response, signed};
use crate::encoding::percent_encode;
use crate::exchange::{Method, Request};

/// A request as its client means it. Two of them are equal if and only if one answer serves both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Meant {
    List { token: Option<String>, tags: Vec<String>, other: Vec<String> },
    Create { name: Option<String>, labels: BTreeMap<String, String>, weight: Option<i32> },
    Delete { id: String },
    Copy { id: String, kind: Option<String>, to: Option<String> },
    Unknown { path: String, query: Vec<(String, String)>, body: Vec<u8> },
}

/// How a client puts it: what must not matter.
#[derive(Debug, Clone)]
struct Manner {
    turned: bool,
    spaced: bool,
    signed: bool,
    token: u32,
}

/// Few and similar values, so that near misses are frequent.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a", "b", "ab", "", "a b", "a&b=c", "é", "%41", "a/b", "1", "null", "\"", "\u{FFFD}",
    ])
    .prop_map(str::to_owned)
}

fn meant() -> impl Strategy<Value = Meant> {
    let id = || prop::sample::select(vec!["1", "2", "1/copy", "%31", "é"]).prop_map(str::to_owned);
    let words = |most| prop::collection::vec(word(), 0..most);
    let optional = || prop::option::of(word());
    prop_oneof![
        (optional(), words(3), words(3)).prop_map(|(token, tags, other)| Meant::List { token, tags, other }),
        (optional(), prop::collection::btree_map(word(), word(), 0..3), prop::option::of(0..3))
            .prop_map(|(name, labels, weight)| Meant::Create { name, labels, weight }),
        id().prop_map(|id| Meant::Delete { id }),
        (id(), optional(), optional()).prop_map(|(id, kind, to)| Meant::Copy { id, kind, to }),
        (
            prop::sample::select(vec!["/notes/1/x", "/other"]).prop_map(str::to_owned),
            prop::collection::vec((word(), word()), 0..3),
            prop::collection::vec(prop::sample::select(vec![b'a', b'{', 0xFF]), 1..3),
        )
            .prop_map(|(path, mut query, body)| {
                query.sort_by(|(one, _), (other, _)| one.cmp(other));
                Meant::Unknown { path, query, body }
            }),
    ]
}

fn manner() -> impl Strategy<Value = Manner> {
    (any::<bool>(), any::<bool>(), any::<bool>(), any::<u32>())
        .prop_map(|(turned, spaced, signed, token)| Manner { turned, spaced, signed, token })
}

impl Meant {
    fn put(&self, manner: &Manner) -> Request {
        let request = match self {
            Self::List { token, tags, other } => {
                let mut pairs: Vec<_> = token.iter().map(|token| ("token", token)).collect();
                pairs.extend(tags.iter().map(|tag| ("tag", tag)));
                let others: Vec<_> = other.iter().map(|other| ("other", other)).collect();
                let at = if manner.turned { 0 } else { pairs.len() };
                pairs.splice(at..at, others);
                request(&format!("GET /notes{}", query(&pairs)), "")
            }
            Self::Create { name, labels, weight } => {
                let mut members = vec![("labels", json!(labels))];
                members.extend(name.iter().map(|name| ("name", json!(name))));
                members.extend(weight.map(|weight| {
                    ("weight", if manner.turned { json!(f64::from(weight)) } else { json!(weight) })
                }));
                members.push(("clientToken", json!(format!("token-{}", manner.token))));
                request("POST /notes", &manner.json(members))
            }
            Self::Delete { id } => {
                let line = format!("DELETE /notes/{}?client-token={}", percent_encode(id), manner.token);
                request(&line, "")
            }
            Self::Copy { id, kind, to } => {
                let to = to.iter().map(|to| ("to", json!(to))).collect();
                let mut copy = request(&format!("POST /notes/{}/copy", percent_encode(id)), &manner.json(to));
                copy.headers.push("amz-sdk-request", format!("attempt={}", manner.token));
                kind.iter().for_each(|kind| copy.headers.push("x-kind", kind.as_str()));
                copy
            }
            Self::Unknown { path, query: pairs, body } => {
                let mut pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value)).collect();
                if manner.turned {
                    // Those of one name keep their order.
                    pairs.sort_by(|(one, _), (other, _)| other.cmp(one));
                }
                let mut other = request(&format!("PUT {path}{}", query(&pairs)), "");
                other.body = body.clone().into();
                other
            }
        };
        if manner.signed { signed(request, "us-east-1", "notes") } else { request }
    }
}

impl Manner {
    fn json(&self, mut members: Vec<(&str, Value)>) -> String {
        if self.turned {
            members.reverse();
        }
        let members: Map<_, _> = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let value = Value::Object(members);
        if self.spaced { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() }
    }
}

fn query(pairs: &[(&str, &String)]) -> String {
    let escaped =
        pairs.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)));
    let joined = escaped.collect::<Vec<_>>().join("&");
    if joined.is_empty() { joined } else { format!("?{joined}") }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_belongs_to_exactly_the_equal_request(
        recorded in prop::collection::vec((meant(), manner()), 0..12),
        asked in prop::collection::vec((meant(), manner()), 0..12),
        picked in prop::collection::vec((any::<prop::sample::Index>(), manner()), 0..12),
        split in any::<prop::sample::Index>(),
    ) {
        let exchanges: Vec<_> = recorded.iter().enumerate().map(|(at, (meant, manner))| {
            let mut recorded = meant.put(manner);
            recorded.headers.set("host", "provider.example");
            exchange(recorded, response(&at.to_string()))
        }).collect();
        let (first, second) = exchanges.split_at(split.index(exchanges.len() + 1));
        let cassettes = vec![cassette(first.to_vec()), cassette(second.to_vec())];
        let replayer = Replayer::new(vec![notes()], cassettes);

        let mut left: BTreeMap<&Meant, Vec<usize>> = BTreeMap::new();
        for (at, (meant, _)) in recorded.iter().enumerate().rev() {
            left.entry(meant).or_default().push(at);
        }
        let again = picked.iter().filter(|_| !recorded.is_empty());
        let again = again.map(|(at, manner)| (&recorded[at.index(recorded.len())].0, manner));
        for (meant, manner) in asked.iter().map(|(meant, manner)| (meant, manner)).chain(again) {
            let got = answer(&replayer, &meant.put(manner));
            match left.get_mut(meant).and_then(Vec::pop) {
                Some(at) => prop_assert_eq!(got, at.to_string()),
                None => prop_assert!(got.starts_with("miss: "), "{:?} got {}", meant, got),
            }
        }
        prop_assert_eq!(replayer.unused().len(), left.values().map(Vec::len).sum::<usize>());
        prop_assert_eq!(replayer.served() + replayer.unused().len(), recorded.len());
    }

    /// The same with many clients at once, compared with a search through a list.
    #[test]
    fn however_many_ask_at_once_each_exchange_answers_one_equal_request(
        recorded in prop::collection::vec((meant(), manner()), 1..16),
        asked in prop::collection::vec((any::<prop::sample::Index>(), meant(), any::<bool>(), manner()), 1..32),
    ) {
        let exchanges = recorded.iter().enumerate().map(|(at, (meant, manner))| {
            let mut recorded = meant.put(manner);
            recorded.headers.set("host", "provider.example");
            exchange(recorded, response(&at.to_string()))
        });
        let replayer = Replayer::new(vec![notes()], vec![cassette(exchanges)]);
        let asked: Vec<_> = asked.into_iter().map(|(at, other, is_other, manner)| {
            (if is_other { other } else { at.get(&recorded).0.clone() }, manner)
        }).collect();
        let got: Vec<(&Meant, String)> = std::thread::scope(|scope| {
            let clients: Vec<_> = asked.chunks(asked.len().div_ceil(4)).map(|chunk| {
                let replayer = &replayer;
                let ask = move |(meant, manner): &'_ (Meant, Manner)| answer(replayer, &meant.put(manner));
                scope.spawn(move || chunk.iter().map(|it| (&it.0, ask(it))).collect::<Vec<_>>())
            }).collect();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        let mut used = HashSet::new();
        for (meant, got) in &got {
            let equal = recorded.iter().filter(|(other, _)| other == *meant).count();
            let times = asked.iter().filter(|(other, _)| other == *meant).count();
            match got.parse::<usize>() {
                Ok(at) => {
                    prop_assert_eq!(&recorded[at].0, *meant);
                    prop_assert!(used.insert(at), "exchange {} was served twice", at);
                }
                Err(_) => prop_assert!(got.starts_with("miss: ") && times > equal, "{:?} got {}", meant, got),
            }
        }
        let expected = recorded.iter().enumerate().filter(|(at, (meant, _))| {
            let before = recorded[..*at].iter().filter(|(other, _)| other == meant).count();
            asked.iter().filter(|(other, _)| other == meant).count() > before
        });
        prop_assert_eq!(used.len(), expected.count());
    }

    #[test]
    fn any_bytes_get_an_answer(
        method in "[A-Z]{0,5}", target in "\\PC{0,20}", query in "[?&=%a-f0-9]{0,20}",
        name in "[a-z-]{1,9}", value in prop::collection::vec(any::<u8>(), 0..20),
        body in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let target = crate::exchange::Target::new(format!("/{target}{query}"));
        let mut odd = Request::new(Method::from(method.as_str()), target);
        odd.headers.push(name, value.clone());
        odd.headers.push("authorization", value);
        odd.body = body.into();
        let replayer = Replayer::new(vec![notes()], vec![cassette([exchange(odd.clone(), response("it"))])]);
        prop_assert_eq!(answer(&replayer, &odd), "it");
        prop_assert_eq!(answer(&replayer, &odd), "miss: used-up");
        prop_assert!(!replayer.misses()[0].to_string().is_empty());
    }
}

#[test]
fn eight_threads_get_each_exchange_once() {
    let body = |name: usize| format!(r#"{{"name":"{name}"}}"#);
    let exchanges = (0..800)
        .map(|at| exchange(request("POST /notes", &body(at % 5)), response(&format!("{}/{at}", at % 5))));
    let replayer = Replayer::new(vec![notes()], vec![cassette(exchanges)]);
    let barrier = Barrier::new(8);
    let got: Vec<Vec<String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    (0..110)
                        .map(|at| {
                            let got = answer(&replayer, &request("POST /notes", &body(at % 5)));
                            assert!(
                                got.starts_with("miss") || got.starts_with(&format!("{}/", at % 5)),
                                "{got}"
                            );
                            got
                        })
                        .collect()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for own in &got {
        let turns = own.iter().filter_map(|got| got.split_once('/')?.1.parse::<usize>().ok());
        let mut last = BTreeMap::new();
        for turn in turns {
            assert!(last.insert(turn % 5, turn).is_none_or(|before| before < turn), "out of order");
        }
    }
    let all: Vec<_> = got.concat().into_iter().filter(|got| !got.starts_with("miss")).collect();
    assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (800, 800));
    assert_eq!((replayer.served(), replayer.missed()), (800, 80));
    assert!(replayer.unused().is_empty());
}

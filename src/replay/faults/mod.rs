//! Faults of a replay: deliberate, named misbehaviours, to see that a *client* is robust.
//!
//! A fault acts on the n-th request of a key, or on a share of all that a seed chooses. That depends
//! on nothing but the seed, the fault, the request's key and its number, so that it repeats however
//! many connections there are.

mod bend;
mod order;

pub use order::{Order, OrderError};

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::key::{self, Call, Digest};
use crate::contract::Contract;
use crate::exchange::{Request, Response};
use crate::net::Reply;

/// The header field of an answer that a fault has made or changed: its name.
const MARKER: &str = "x-onrecord-fault";

/// How many requests are told apart by their numbers: a client that never asks the same must not fill
/// memory.
const COUNTED: usize = 100_000;

/// A deliberate, named misbehaviour towards a client.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name, `throttle`.
    pub name: &'static str,
    /// What the client then sees, in one sentence.
    pub says: &'static str,
    bend: Bend,
}

#[derive(Debug, Clone, Copy)]
enum Bend {
    /// The answer instead of the recorded one, which stays for when the client asks again.
    Instead(fn(&Asked<'_>, Option<Call<'_>>) -> Reply),
    /// Changes the recorded answer, and says whether it did; and what no recorded success is or has where
    /// it changes none.
    Change(fn(Option<Call<'_>>, &mut Response) -> bool, &'static str),
}

/// Every fault of a replay.
pub const FAULTS: &[Fault] = &[
    Fault {
        name: "throttle",
        says: "the provider's own throttling error; asked again, it answers",
        bend: Bend::Instead(bend::throttle),
    },
    Fault {
        name: "unavailable",
        says: "a 503, or the server error that is documented; asked again, it answers",
        bend: Bend::Instead(bend::unavailable),
    },
    Fault {
        name: "expired-token",
        says: "the credentials have expired; asked again, it answers",
        bend: Bend::Instead(bend::expired),
    },
    Fault {
        name: "dropped-connection",
        says: "the connection breaks off in the body, or before an answer without one; asked again, it answers",
        bend: Bend::Instead(bend::dropped),
    },
    Fault {
        name: "slow-body",
        says: "the body of a success comes in four pieces, a quarter of a second apart",
        bend: Bend::Change(bend::slow, "has a body to be sent in pieces"),
    },
    Fault {
        name: "reordered-page",
        says: "the items of a list come in the opposite order",
        bend: Bend::Change(bend::reordered, "is a page of several items, as far as a contract knows"),
    },
    Fault {
        name: "unknown-member",
        says: "a success has one more member, which no contract knows",
        bend: Bend::Change(bend::unknown_member, "is a JSON object"),
    },
    Fault {
        name: "new-enum-value",
        says: "the first value of an enumeration is one that is not documented",
        bend: Bend::Change(bend::new_enum_value, "has a value of an enumeration, as far as a contract knows"),
    },
];

impl Fault {
    /// The fault of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FAULTS.iter().find(|fault| fault.name == name)
    }

    /// What no success is or has in recordings in which it could change nothing; `None` if it needs none.
    pub(super) fn needs(&self) -> Option<&'static str> {
        match self.bend {
            Bend::Instead(_) => None,
            Bend::Change(_, needed) => Some(needed),
        }
    }

    /// Whether it changes a recorded answer to that call.
    pub(super) fn changes(&self, call: Option<Call<'_>>, recorded: &Response) -> bool {
        match self.bend {
            Bend::Instead(_) => true,
            Bend::Change(change, _) => change(call, &mut recorded.clone()),
        }
    }
}

/// A request, and what is known of its answer.
pub(super) struct Asked<'a> {
    pub(super) contracts: &'a [Arc<Contract>],
    pub(super) request: &'a Request,
    /// The status of the recorded answer that comes next, if one does.
    pub(super) next: &'a dyn Fn() -> Option<u16>,
}

/// Which request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    /// Of those with its key, counted from 1.
    OfKey(u64),
    /// Of all whose keys are not counted any more. None of them is known to be the n-th of its key, but
    /// of no key are all, or none, drawn for a share.
    Beyond(u64),
}

/// Faults that are planted in a session.
pub(super) struct Faulty {
    orders: Vec<Order>,
    seed: u64,
    asked: Mutex<HashMap<Digest, u64>>,
    /// Requests that were not counted by their keys any more.
    beyond: AtomicU64,
    /// Answers that are not as recorded.
    acted: AtomicUsize,
}

impl Faulty {
    pub(super) fn new(orders: Vec<Order>, seed: u64) -> Self {
        Self { orders, seed, asked: Mutex::default(), beyond: AtomicU64::new(0), acted: AtomicUsize::new(0) }
    }

    /// How many answers a fault made or changed.
    pub(super) fn acted(&self) -> usize {
        self.acted.load(Ordering::Relaxed)
    }

    /// How often the key was asked for, this time included.
    fn number(&self, digest: Digest) -> Number {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= COUNTED && !asked.contains_key(&digest) {
            return Number::Beyond(self.beyond.fetch_add(1, Ordering::Relaxed));
        }
        let number = asked.entry(digest).or_default();
        *number += 1;
        Number::OfKey(*number)
    }

    /// The answer to a request: what `serve` gives, or what a fault makes of it.
    pub(super) fn reply(&self, asked: &Asked<'_>, serve: impl FnOnce() -> Reply) -> Reply {
        let readings = key::readings(asked.contracts, asked.request);
        let Some(reading) = readings.first() else { return serve() };
        let (call, digest) = (reading.call, reading.key.digest());
        let number = self.number(digest);
        let acts = |order: &&Order| order.acts(self.seed, call, digest.as_bytes(), number);
        let acting: Vec<_> = self.orders.iter().filter(acts).map(Order::fault).collect();
        for fault in &acting {
            if let Bend::Instead(answer) = fault.bend {
                self.acted.fetch_add(1, Ordering::Relaxed);
                return marked(answer(asked, call), fault);
            }
        }
        let (mut reply, mut is_changed) = (serve(), false);
        for fault in acting {
            if let Bend::Change(change, _) = fault.bend
                && change(call, &mut reply.response)
            {
                reply = marked(reply, fault);
                is_changed = true;
            }
        }
        self.acted.fetch_add(usize::from(is_changed), Ordering::Relaxed);
        reply
    }
}

fn marked(mut reply: Reply, fault: &Fault) -> Reply {
    reply.response.headers.push(MARKER, fault.name);
    reply
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty")
            .field("orders", &self.orders)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Ending, Method, Target};
    use crate::replay::fixtures;

    /// The replies to these requests, and how many of them were served.
    fn asked(orders: &[&str], targets: &[&str]) -> (Vec<Reply>, usize) {
        let orders = orders.iter().map(|order| order.parse().unwrap()).collect();
        let (faulty, contracts, mut served) = (Faulty::new(orders, 7), [fixtures::notes()], 0);
        let reply = |target: &&str| {
            let request = Request::new(Method::Get, Target::new(*target));
            let asked = Asked { contracts: &contracts, request: &request, next: &|| Some(200) };
            faulty.reply(&asked, || {
                served += 1;
                let mut response = Response::new(200);
                response.body = r#"{"notes":["a","b"],"token":"t"}"#.to_owned().into();
                Reply { response, ending: Ending::Complete }
            })
        };
        (targets.iter().map(reply).collect(), served)
    }

    #[test]
    fn a_fault_that_clients_retry_uses_up_nothing_and_acts_once_for_each_key() {
        for (name, status, ending) in [
            ("throttle", 429, Ending::Complete),
            ("unavailable", 503, Ending::Complete),
            ("expired-token", 403, Ending::Complete),
            ("dropped-connection", 200, Ending::Aborted),
        ] {
            let order = format!("{name}:List");
            let (replies, served) =
                asked(&[&order], &["/notes", "/notes?limit=1", "/notes", "/notes?limit=1", "/unknown"]);
            assert_eq!(served, 3, "{name}: the first of each key never reached the cassette");
            for (index, reply) in replies.iter().enumerate() {
                let marker = reply.response.headers.get(MARKER);
                assert_eq!(marker.as_deref(), (index < 2).then_some(name), "{name} {index}");
                let expected = if index < 2 { (status, ending) } else { (200, Ending::Complete) };
                assert_eq!((reply.response.status, reply.ending), expected, "{name} {index}");
            }
        }
    }

    #[test]
    fn where_no_contract_knows_a_fault_speaks_as_the_service_would() {
        let signed =
            |line: &str, service: &str| fixtures::signed(fixtures::request(line, ""), "us-east-1", service);
        let mut target = signed("POST /", "dynamodb");
        target.headers.push("x-amz-target", "DynamoDB_20120810.GetItem");
        let asked = [
            (
                target,
                ["ThrottlingException 429", "ServiceUnavailableException 503", "ExpiredTokenException 403"],
            ),
            (
                signed("GET /functions", "lambda"),
                ["ThrottlingException 429", "ServiceUnavailableException 503", "ExpiredTokenException 403"],
            ),
            (
                signed("POST /?Action=ListUsers", "iam"),
                ["Throttling 400", "ServiceUnavailable 503", "ExpiredToken 403"],
            ),
            (signed("GET /bucket/key", "s3"), ["SlowDown 503", "ServiceUnavailable 503", "ExpiredToken 400"]),
        ];
        for (request, expected) in asked {
            for (fault, expected) in ["throttle", "unavailable", "expired-token"].into_iter().zip(expected) {
                let faulty = Faulty::new(vec![fault.parse().unwrap()], 7);
                let asked = Asked { contracts: &[], request: &request, next: &|| None };
                let response = faulty.reply(&asked, || unreachable!("it acts at once")).response;
                let (code, status) = expected.split_once(' ').unwrap();
                assert_eq!(response.status.to_string(), status, "{fault} {request:?}");
                let header = response.headers.get("x-amzn-errortype").unwrap_or_default().into_owned();
                let body = response.body.text().unwrap();
                let told = [format!("\"__type\":\"{code}\""), format!("<Code>{code}</Code>")];
                assert!(header == code || told.iter().any(|told| body.contains(told)), "{fault}: {body}");
            }
        }
    }

    #[test]
    fn a_connection_drops_in_the_answer_that_would_have_come() {
        let faulty = Faulty::new(vec!["dropped-connection".parse().unwrap()], 7);
        let request = fixtures::request("GET /notes", "");
        let asked = Asked { contracts: &[], request: &request, next: &|| Some(404) };
        let reply = faulty.reply(&asked, || unreachable!("it acts at once"));
        assert_eq!((reply.response.status, reply.ending), (404, Ending::Aborted));
    }

    #[test]
    fn no_client_can_have_us_count_for_ever() {
        let faulty = Faulty::new(vec!["throttle".parse().unwrap()], 7);
        let number = |at: usize| faulty.number(Digest::of(&[&at.to_le_bytes()]));
        assert!((0..COUNTED).all(|at| number(at) == Number::OfKey(1)));
        let expected = [Number::Beyond(0), Number::Beyond(1), Number::OfKey(2), Number::OfKey(3)];
        assert_eq!([number(COUNTED), number(COUNTED), number(0), number(0)], expected);
        assert_eq!(faulty.asked.lock().unwrap().len(), COUNTED);
    }

    #[test]
    fn a_fault_changes_what_it_says_and_nothing_else() {
        let body = |order: &str| {
            let (replies, served) = asked(&[order], &["/notes"]);
            assert_eq!(served, 1);
            (replies[0].response.body.text().unwrap().to_owned(), replies[0].response.pieces.len())
        };
        assert_eq!(body("reordered-page"), (r#"{"notes":["b","a"],"token":"t"}"#.to_owned(), 0));
        assert_eq!(
            body("unknown-member").0,
            r#"{"notes":["a","b"],"token":"t","onrecordUnknownMember":"something new"}"#
        );
        assert_eq!(body("slow-body"), (r#"{"notes":["a","b"],"token":"t"}"#.to_owned(), 4));
        assert_eq!(body("new-enum-value").0, r#"{"notes":["a","b"],"token":"t"}"#, "there is none");
    }
}

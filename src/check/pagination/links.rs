//! Links to the next page: PG-T33 and PG-T34.

use std::collections::HashMap;

use super::super::{Check, Observation, Ruling, Seen};
use super::windows::asked_size;
use crate::contract::{Contract, Level, Link, Operation, Pagination, Place};
use crate::exchange::{Request, Target};
use crate::redact::PROVIDER;

pub(in crate::check) const NEXT_LINK: Check = Check {
    id: "PG-T33",
    name: "pagination.next-link",
    level: Level::Must,
    says: "a link to the next page leads to the same operation of the same provider",
    documented: "RFC 8288 section 3.1, link target <https://www.rfc-editor.org/rfc/rfc8288#section-3.1>; Azure REST API Guidelines, nextLink <https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#collections>",
    applies: linked,
    judge: |check, session| {
        check.each(session, |seen| {
            let Some((pagination, url)) = link(seen) else { return Vec::new() };
            let expected = match next_page(seen.observation) {
                None => "a link to the provider itself".to_owned(),
                Some(target) if leads_here(seen, &target) && carries_place(pagination, &target) => {
                    return vec![Ruling::Pass];
                }
                Some(target) if leads_here(seen, &target) => {
                    format!("a link with {}", pagination.input_token)
                }
                Some(_) => format!("a link to {}", seen.operation.name),
            };
            vec![Ruling::Fail(seen.problem(check.level, place(pagination), expected, url))]
        })
    },
};

pub(in crate::check) const LINK_KEEPS: Check = Check {
    id: "PG-T34",
    name: "pagination.link-keeps",
    level: Level::Should,
    says: "a link to the next page keeps what was asked for, and has no parameter twice",
    documented: "Azure REST API Guidelines, nextLink: all original query parameters <https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#collections>",
    applies: linked,
    judge: |check, session| {
        check.each(session, |seen| {
            let Some((pagination, url)) = link(seen) else { return Vec::new() };
            // What leads elsewhere is the matter of PG-T33.
            let target = next_page(seen.observation).filter(|target| leads_here(seen, target));
            let Some(target) = target else { return Vec::new() };
            let odd = forgotten(seen, pagination, &target).or_else(|| doubled(seen, &target));
            vec![match odd {
                None => Ruling::Pass,
                Some(expected) => Ruling::Fail(seen.problem(check.level, place(pagination), expected, url)),
            }]
        })
    },
};

fn linked(_: &Contract, operation: &Operation) -> bool {
    operation.pagination.as_ref().is_some_and(|pagination| pagination.next_link.is_some())
}

fn link<'s>(seen: &Seen<'s, '_>) -> Option<(&'s Pagination, &'s str)> {
    let pagination = seen.observation.operation?.pagination.as_ref()?;
    Some((pagination, pagination.link(seen.observation.output()?)?))
}

fn place(pagination: &Pagination) -> String {
    format!("response {}", pagination.next_link.as_deref().unwrap_or_default())
}

/// Path and query of the next page that an answer links to, where that is the provider's: nobody
/// goes where else an answer may send them.
pub fn next_page(seen: &Observation<'_>) -> Option<Target> {
    let pagination = seen.operation?.pagination.as_ref()?;
    let request = &seen.exchange.request;
    let link = Link::read(pagination.link(seen.output()?)?, &request.target)?;
    let plain = |authority: &str| {
        let bare = authority.strip_suffix(":80").or_else(|| authority.strip_suffix(":443"));
        bare.unwrap_or(authority).to_ascii_lowercase()
    };
    let own = request.headers.get("host");
    let is_own = |authority: &String| {
        authority == PROVIDER || own.as_deref().is_some_and(|own| plain(own) == plain(authority))
    };
    link.authority.as_ref().is_none_or(is_own).then_some(link.target)
}

fn leads_here(seen: &Seen<'_, '_>, target: &Target) -> bool {
    let request = Request::new(seen.operation.method.clone(), target.clone());
    seen.contract.route(&request).is_some_and(|operation| operation.name == seen.operation.name)
}

/// Whether the link says where its page begins.
fn carries_place(pagination: &Pagination, target: &Target) -> bool {
    target.pairs().any(|(name, _)| name == pagination.input_token)
}

/// What was asked for and is not in the link. A size that is not possible may become another one.
fn forgotten(seen: &Seen<'_, '_>, pagination: &Pagination, target: &Target) -> Option<String> {
    let kept: Vec<_> = target.pairs().map(|(name, value)| (name, spaced(&value))).collect();
    let input = seen.observation.input.as_ref();
    let most = pagination.sizes.as_ref().and_then(|sizes| sizes.maximum);
    let size = input.and_then(|input| asked_size(pagination, input));
    let is_possible = size.is_none_or(|size| most.is_none_or(|most| size <= most as i64));
    let mut asked = seen.observation.exchange.request.target.pairs();
    let forgotten = asked.find(|(name, value)| {
        // Many read an empty value as none.
        if value.is_empty() {
            return false;
        }
        let is_size = pagination.page_size.as_ref() == Some(name);
        let is_kept = |(own, kept): &(String, String)| {
            own == name && (*kept == spaced(value) || is_size && !is_possible)
        };
        *name != pagination.input_token && !is_credential(seen.contract, name) && !kept.iter().any(is_kept)
    });
    forgotten.map(|(name, value)| format!("a link with {name}={value}, as it was asked for"))
}

/// What is in the link more often than it was asked for.
fn doubled(seen: &Seen<'_, '_>, target: &Target) -> Option<String> {
    let mut asked: HashMap<String, usize> = HashMap::new();
    for (name, _) in seen.observation.exchange.request.target.pairs() {
        *asked.entry(name).or_default() += 1;
    }
    let mut linked: HashMap<String, usize> = HashMap::new();
    let name = target.pairs().map(|(name, _)| name).find(|name| {
        let times = linked.entry(name.clone()).or_default();
        *times += 1;
        *times > asked.get(name).copied().unwrap_or_default().max(1)
    });
    name.map(|name| format!("a link with {name} once"))
}

/// Many write a space as a plus sign.
fn spaced(value: &str) -> String {
    value.replace('+', " ")
}

fn is_credential(contract: &Contract, name: &str) -> bool {
    contract.credentials.iter().any(|place| matches!(place, Place::Query(own) if own == name))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::script::Script;
    use crate::contract::Contract;

    /// Whose lists lead on by links.
    fn script() -> Script {
        Script::with(Contract::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/linked.yaml"), &[]).unwrap())
    }

    /// What the two laws say of a link in a header field.
    fn said(input: &Value, host: Option<&str>, link: &str) -> (Vec<&'static str>, Vec<&'static str>) {
        let mut script = script();
        let exchange = script.call("ListCrates", input, 200, &json!({"boxes": []}));
        exchange.response.headers.push("next-page", link);
        if let Some(host) = host {
            exchange.request.headers.push("host", host);
        }
        (script.said("PG-T33"), script.said("PG-T34"))
    }

    #[test]
    fn a_link_leads_to_the_list_itself() {
        let leads = |host: Option<&str>, link: &str| said(&json!({}), host, link).0;
        for good in
            ["/v1/boxes?token=a", "?token=a", "boxes?token=a", "http://provider.example/v1/boxes?token=a"]
        {
            assert_eq!(leads(None, good), ["pass"], "{good}");
        }
        assert_eq!(leads(Some("A.example"), "https://a.example:443/v1/boxes?token=a"), ["pass"]);
        assert_eq!(leads(Some("a.example:81"), "http://a.example:81/v1/boxes?token=a#x"), ["pass"]);
        for bad in
            ["https://b.example/v1/boxes?token=a", "/v1/books?token=a", "/v1/boxes", "mailto:a@a.example"]
        {
            assert_eq!(leads(Some("a.example"), bad), ["fail"], "{bad}");
        }
        assert_eq!(leads(None, ""), Vec::<&str>::new());
    }

    #[test]
    fn a_link_keeps_what_was_asked_for() {
        let asked = json!({"limit": 2, "colour": "light blue", "token": "a"});
        let keeps = |link: &str| said(&asked, None, link).1;
        assert_eq!(keeps("/v1/boxes?token=b&colour=light%20blue&limit=2&more=1"), ["pass"]);
        assert_eq!(keeps("/v1/boxes?token=b&colour=light+blue&limit=2"), ["pass"]);
        for bad in [
            "token=b&colour=light%20blue",
            "token=b&limit=2",
            "token=b&limit=3&colour=light%20blue",
            "token=b&limit=2&colour=blue",
            "token=a&limit=2&colour=light%20blue&token=b",
            "token=b&limit=2&colour=light%20blue&colour=light%20blue",
        ] {
            assert_eq!(keeps(&format!("/v1/boxes?{bad}")), ["fail"], "{bad}");
        }
        assert_eq!(keeps("https://b.example/v1/boxes?token=b"), Vec::<&str>::new());
        // A size that is too large may become the largest.
        assert_eq!(said(&json!({"limit": 1000}), None, "?token=b&limit=50").1, ["pass"]);
        assert_eq!(said(&json!({"limit": 50}), None, "?token=b&limit=4").1, ["fail"]);
    }

    #[test]
    fn a_walk_goes_from_link_to_link() {
        let mut script = script();
        for (input, boxes, link) in [
            (json!({"limit": 1}), ["a"], Some("/v1/boxes?limit=1&token=x%3D")),
            (json!({"limit": 1, "token": "x="}), ["b"], None),
        ] {
            let body = json!({"boxes": boxes.map(|id| json!({"boxId": id, "colour": "red"}))});
            let exchange = script.call("ListCrates", &input, 200, &body);
            link.into_iter().for_each(|link| exchange.response.headers.push("next-page", link));
        }
        assert_eq!((script.said("PG-T01"), script.said("PG-T05")), (vec!["pass"], vec!["pass"]));
        assert_eq!((script.said("PG-T21"), script.said("PG-T03")), (vec![], vec!["pass"]));
    }

    #[test]
    fn a_counted_list_links_on_where_more_is_behind() {
        let said = |links: [Value; 2]| {
            let mut script = script();
            for (offset, link) in links.into_iter().enumerate() {
                let book = json!({"bookId": offset.to_string(), "title": "t"});
                let body = json!({"books": [book], "total": 2, "links": {"next": link}});
                script.call("ListBooks", &json!({"limit": 1, "offset": offset}), 200, &body);
            }
            script.said("PG-O15")
        };
        let next = |offset: u64| json!(format!("/v1/books?limit=1&offset={offset}"));
        assert_eq!(said([next(1), Value::Null]), ["pass"]);
        assert_eq!(said([Value::Null, Value::Null]), ["fail"]);
        assert_eq!(said([next(1), next(2)]), ["fail"]);
    }
}

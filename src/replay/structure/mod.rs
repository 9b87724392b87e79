//! What a body says, where its media type tells how to read it and no contract does: what its writer
//! was free in is not compared. In any doubt there is no structure, and the bytes are compared.

mod multipart;
mod xml;

use serde_json::{Value, json};

use super::part::Part;
use crate::encoding::{canonical_cbor, percent_decode_exact};
use crate::exchange::{Body, Request, Target};

/// A body that was read.
#[derive(Debug, PartialEq)]
pub(super) struct Structure {
    /// Never [`Part::Body`]: a form is not the JSON that shows it.
    pub(super) part: Part,
    pub(super) value: Value,
    /// The media type without what is made up for each request, if something is.
    pub(super) media: Option<String>,
}

/// The structure of a request's unpacked body.
pub(super) fn of(request: &Request, content: &Body) -> Option<Structure> {
    let media = request.headers.get("content-type")?;
    let bare = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let read = |part, value: Option<Value>| value.map(|value| Structure { part, value, media: None });
    match bare.as_str() {
        "application/x-www-form-urlencoded" => read(Part::Form, form(content.text()?)),
        "application/cbor" => read(Part::Cbor, canonical_cbor(content.as_bytes())),
        "application/xml" | "text/xml" => read(Part::Xml, xml::canonical(content.text()?)),
        _ if bare.ends_with("+xml") => read(Part::Xml, xml::canonical(content.text()?)),
        _ if bare.ends_with("+cbor") => read(Part::Cbor, canonical_cbor(content.as_bytes())),
        _ if bare.starts_with("multipart/") => multipart::read(&media, content.as_bytes()),
        _ => None,
    }
}

/// Pairs sorted by name, as those of a query: those of one name keep their order.
fn form(text: &str) -> Option<Value> {
    percent_decode_exact(text)?;
    // Unlike in a query, a plus sign is a space.
    let mut pairs: Vec<_> = Target::new(format!("?{}", text.replace('+', "%20"))).pairs().collect();
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    (!pairs.is_empty()).then(|| pairs.into_iter().map(|(name, value)| json!([name, value])).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Replayer;
    use super::super::fixtures::{answer, cassette, exchange, request, response};
    use super::*;

    fn sent(media: &str, body: impl Into<Body>) -> Request {
        let mut sent = request("POST /any", "");
        sent.headers.push("content-type", media);
        sent.body = body.into();
        sent
    }

    /// Whether one is answered by what was recorded for the other, both ways.
    fn same(one: &Request, other: &Request) -> bool {
        let answers = |recorded: &Request, live: &Request| {
            let recorded = exchange(recorded.clone(), response("it"));
            answer(&Replayer::new(Vec::new(), vec![cassette([recorded])]), live) == "it"
        };
        let (there, back) = (answers(one, other), answers(other, one));
        assert_eq!(there, back);
        there
    }

    #[test]
    fn pairs_of_a_form_have_no_order_but_those_of_one_name() {
        let form = |body: &'static str| sent("application/x-www-form-urlencoded; charset=utf-8", body);
        let recorded = form("Action=List&Tag=a&Tag=b&Name=a+b%26");
        assert!(same(&recorded, &form("Name=a%20b%26&Tag=a&Tag=b&Action=List")));
        for other in [
            "Action=List&Tag=b&Tag=a&Name=a+b%26",
            "Action=List&Tag=a&Name=a+b%26",
            "Action=List&Tag=a&Tag=b&Name=a+b&",
            "Action=Lost&Tag=a&Tag=b&Name=a+b%26",
            "Action=List&Tag=a&Tag=b&Name=a+b%26&Name=",
        ] {
            assert!(!same(&recorded, &form(other)), "{other}");
        }
        assert!(!same(&form("a=%FF"), &form("a=%FE")), "what is not UTF-8 is compared as it is");
        let json = sent("application/x-www-form-urlencoded", r#"{"form":[["a","1"]]}"#);
        assert!(!same(&json, &sent("application/x-www-form-urlencoded", "a=1")));
    }

    #[test]
    fn members_of_cbor_have_no_order() {
        let cbor = |bytes: &[u8]| sent("application/cbor", bytes.to_vec());
        let recorded = cbor(b"\xa2\x61a\x01\x61b\x82\x02\x03");
        assert!(same(&recorded, &cbor(b"\xa2\x61b\x82\x02\x03\x61a\x01")));
        assert!(same(&recorded, &cbor(b"\xbf\x61b\x9f\x02\x03\xff\x61a\x01\xff")));
        for other in [
            &b"\xa2\x61a\x01\x61b\x82\x03\x02"[..],
            b"\xa2\x61a\xf9\x3c\x00\x61b\x82\x02\x03",
            b"\xa1\x61a\x01",
            b"\xa2\x61a\x01\x61b\x82\x02\x03\x00",
        ] {
            assert!(!same(&recorded, &cbor(other)), "{other:?}");
        }
    }

    #[test]
    fn xml_is_compared_by_what_it_says() {
        let xml = |body: &'static str| sent("application/xml", body);
        let recorded =
            xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b='1' c=\"2\"><d>x &amp; y</d><e/></a>");
        assert!(same(
            &recorded,
            &xml("<a c='2' b='1'>\n  <d><![CDATA[x & y]]></d>\n  <!-- none --><e></e>\n</a>\n")
        ));
        for other in [
            "<a b='1' c='2'><e/><d>x &amp; y</d></a>",
            "<a b='1' c='2'><d>x &amp; y </d><e/></a>",
            "<a b='1' c='3'><d>x &amp; y</d><e/></a>",
            "<a b='1' c='2'><d>x &amp; y</d><e/>z</a>",
            "<a b='1' c='2'><d>x &amp; y</d><e> </e></a>",
            "<a b='1' c='2'><d>x &amp; y</d><e/></a><a/>",
            "<a b='1' c='2'><d>x &amp; y</d><e/>",
        ] {
            assert!(!same(&recorded, &xml(other)), "{other}");
        }
    }

    #[test]
    fn the_boundary_between_parts_is_not_compared() {
        let multipart = |boundary: &str, field: &str, value: &str| {
            let body = format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"{field}\"\r\nx: 1\r\n\r\n{value}\r\n\
                 --{boundary}\r\nX: 1\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n--{boundary}--\r\n"
            );
            sent(&format!("multipart/form-data; boundary={boundary}"), body)
        };
        let recorded = multipart("one", "a", "v");
        assert!(same(&recorded, &multipart("another-0", "a", "v")));
        for other in [multipart("two", "a", "w"), multipart("two", "c", "v"), multipart("two", "a", "v\r\n")]
        {
            assert!(!same(&recorded, &other));
        }
        let mut mixed = multipart("two", "a", "v");
        mixed.headers.set("content-type", "multipart/mixed; boundary=two");
        assert!(!same(&recorded, &mixed));
        let cut = |boundary: &str| {
            sent(&format!("multipart/form-data; boundary={boundary}"), format!("--{boundary}\r\n\r\nx"))
        };
        assert!(same(&cut("one"), &cut("one")) && !same(&cut("one"), &cut("two")), "no end, no parts");
    }
}

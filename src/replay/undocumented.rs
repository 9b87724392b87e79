//! A client error for a request that no contract knows, in the protocol that the request seems to speak.

use quick_xml::escape::escape;
use serde_json::json;

use super::realm;
use crate::contract::{Contract, Protocol};
use crate::exchange::{Body, Request, Response};

/// In which words a service refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// JSON that names its error itself.
    AwsJson,
    /// JSON whose error is named in a header field.
    RestJson,
    /// XML, the error being all of it.
    S3,
    /// XML, the error being in an answer.
    Query,
    /// Plain text.
    Plain,
}

/// An error in the words of some dialect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal<'a> {
    pub(super) status: u16,
    /// Its name.
    pub(super) code: &'a str,
    pub(super) text: &'a str,
}

impl Dialect {
    /// That of the service that is asked so.
    pub(super) fn of(request: &Request) -> Self {
        let media = request.headers.get("content-type").unwrap_or_default();
        match realm::service(request).as_deref() {
            _ if request.headers.contains("x-amz-target") => Self::AwsJson,
            Some("s3") => Self::S3,
            Some(_) if is_query(request, &media) => Self::Query,
            Some(_) => Self::RestJson,
            None => Self::Plain,
        }
    }

    /// That of the service which a contract is of.
    pub(super) fn of_contract(contract: &Contract) -> Self {
        match contract.protocol() {
            Protocol::AwsJson1_0 | Protocol::AwsJson1_1 => Self::AwsJson,
            Protocol::RestJson1 | Protocol::RpcV2Cbor | Protocol::Http => Self::RestJson,
            Protocol::RestXml if contract.signing_name.as_deref() == Some("s3") => Self::S3,
            Protocol::RestXml | Protocol::AwsQuery | Protocol::Ec2Query => Self::Query,
        }
    }

    /// The answer to a request.
    pub(super) fn refused(self, request: &Request, refusal: Refusal<'_>) -> Response {
        let Refusal { status, code, text } = refusal;
        match self {
            Self::AwsJson => {
                let media = request.headers.get("content-type").unwrap_or_default();
                let media = if media.is_empty() { "application/x-amz-json-1.0" } else { &*media };
                answer(status, media, json!({ "__type": code, "message": text }).to_string())
            }
            Self::RestJson => {
                let mut response = answer(status, "application/json", json!({ "message": text }).to_string());
                response.headers.push("x-amzn-errortype", code);
                response
            }
            Self::S3 => answer(status, "application/xml", xml("", code, text)),
            Self::Query => answer(status, "text/xml", xml("ErrorResponse", code, text)),
            Self::Plain => answer(status, "text/plain; charset=utf-8", format!("{text}\n")),
        }
    }
}

/// Refused as the service would that is asked so: JSON as of awsJson or restJson, XML as of S3 or of the
/// query protocol, else plain text. `code` is the name of the error.
pub(super) fn refused(request: &Request, code: &str, text: &str) -> Response {
    Dialect::of(request).refused(request, Refusal { status: 400, code, text })
}

/// Whether it speaks AWS' query protocol: a form, or a query, that names an action.
fn is_query(request: &Request, media: &str) -> bool {
    media.starts_with("application/x-www-form-urlencoded")
        || request.target.pairs().any(|(name, _)| name == "Action")
}

fn xml(around: &str, code: &str, text: &str) -> String {
    let error = format!(
        "<Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>",
        escape(code),
        escape(text)
    );
    match around {
        "" => format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{error}"),
        root => format!("<{root}>{error}</{root}>"),
    }
}

fn answer(status: u16, media: &str, body: String) -> Response {
    let mut response = Response::new(status);
    response.headers.push("content-type", media);
    response.body = Body::from(body);
    response
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{request, signed};
    use super::*;

    #[test]
    fn each_protocol_is_refused_in_its_own_words() {
        let of = |request: &Request| {
            let response = refused(request, "OnrecordMiss", "a <b>");
            assert_eq!(response.status, 400);
            let media = response.headers.get("content-type").unwrap().into_owned();
            format!("{media} {}", response.body.text().unwrap())
        };
        let mut json = request("POST /", "{}");
        json.headers.push("x-amz-target", "DynamoDB_20120810.GetItem");
        assert_eq!(of(&json), r#"application/x-amz-json-1.0 {"__type":"OnrecordMiss","message":"a <b>"}"#);
        let s3 = signed(request("GET /bucket/key", ""), "us-east-1", "s3");
        assert!(of(&s3).starts_with("application/xml <?xml version=\"1.0\""), "{}", of(&s3));
        assert!(of(&s3).contains("<Code>OnrecordMiss</Code><Message>a &lt;b&gt;</Message>"), "{}", of(&s3));
        let query = signed(request("GET /?Action=ListUsers", ""), "us-east-1", "iam");
        assert!(of(&query).starts_with("text/xml <ErrorResponse><Error>"), "{}", of(&query));
        let rest = signed(request("GET /functions", ""), "us-east-1", "lambda");
        assert_eq!(of(&rest), r#"application/json {"message":"a <b>"}"#);
        assert_eq!(of(&request("GET /any", "")), "text/plain; charset=utf-8 a <b>\n");
    }
}

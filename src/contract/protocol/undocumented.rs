//! Refusals in the words of the services of AWS, for whom no error is declared: in a dialect that follows
//! from the contract, or from the request where no contract knows it.

use serde_json::json;

use super::{ERROR_HEADER, Protocol, bodies};
use crate::contract::Contract;
use crate::encoding::escape_markup as escape;
use crate::exchange::{Body, Request, Response};

/// In which words a service refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
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
pub struct Refusal<'a> {
    /// Its status code.
    pub status: u16,
    /// Its name.
    pub code: &'a str,
    /// What it says.
    pub text: &'a str,
}

impl Dialect {
    /// That of whoever is asked so. `service` is the one that the request is signed for.
    pub fn of(request: &Request, service: Option<&str>) -> Self {
        let media = request.headers.get("content-type").unwrap_or_default();
        match service {
            _ if request.headers.contains("x-amz-target") => Self::AwsJson,
            Some("s3") => Self::S3,
            Some(_) if is_query(request, &media) => Self::Query,
            Some(_) => Self::RestJson,
            None => Self::Plain,
        }
    }

    /// That of the service which a contract is of.
    pub fn of_contract(contract: &Contract) -> Self {
        match contract.protocol() {
            Protocol::AwsJson1_0 | Protocol::AwsJson1_1 => Self::AwsJson,
            Protocol::RestJson1 | Protocol::RpcV2Cbor | Protocol::Http => Self::RestJson,
            Protocol::RestXml if contract.signing_name.as_deref() == Some("s3") => Self::S3,
            Protocol::RestXml | Protocol::AwsQuery | Protocol::Ec2Query => Self::Query,
        }
    }

    /// The answer to a request.
    pub fn refused(self, request: &Request, refusal: Refusal<'_>) -> Response {
        let Refusal { status, code, text } = refusal;
        match self {
            Self::AwsJson => {
                let media = request.headers.get("content-type").unwrap_or_default();
                let media = if media.is_empty() { Protocol::AwsJson1_0.media_type() } else { &*media };
                answer(status, media, json!({ "__type": code, "message": text }).to_string())
            }
            Self::RestJson => {
                let mut response = answer(status, bodies::JSON, json!({ "message": text }).to_string());
                response.headers.push(ERROR_HEADER, code);
                response
            }
            Self::S3 => answer(status, Protocol::RestXml.media_type(), xml("", code, text)),
            Self::Query => answer(status, Protocol::AwsQuery.media_type(), xml("ErrorResponse", code, text)),
            Self::Plain => answer(status, "text/plain; charset=utf-8", format!("{text}\n")),
        }
    }
}

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
    use super::*;
    use crate::exchange::{Method, Target};

    #[test]
    fn each_protocol_is_refused_in_its_own_words() {
        let asked = |target: &str| Request::new(Method::Post, Target::new(target));
        let of = |request: &Request, service: Option<&str>| {
            let refusal = Refusal { status: 403, code: "OnrecordMiss", text: "a <b>" };
            let response = Dialect::of(request, service).refused(request, refusal);
            assert_eq!(response.status, 403);
            let media = response.headers.get("content-type").unwrap().into_owned();
            format!("{media} {}", response.body.text().unwrap())
        };
        let mut json = asked("/");
        json.headers.push("x-amz-target", "DynamoDB_20120810.GetItem");
        let own = r#"application/x-amz-json-1.0 {"__type":"OnrecordMiss","message":"a <b>"}"#;
        assert_eq!(of(&json, None), own);
        let s3 = of(&asked("/bucket/key"), Some("s3"));
        assert!(s3.starts_with("application/xml <?xml version=\"1.0\""), "{s3}");
        assert!(s3.contains("<Code>OnrecordMiss</Code><Message>a &lt;b&gt;</Message>"), "{s3}");
        let query = of(&asked("/?Action=ListUsers"), Some("iam"));
        assert!(query.starts_with("text/xml <ErrorResponse><Error>"), "{query}");
        let rest = of(&asked("/functions"), Some("lambda"));
        assert_eq!(rest, r#"application/json {"message":"a <b>"}"#);
        assert_eq!(of(&asked("/any"), None), "text/plain; charset=utf-8 a <b>\n");
    }
}

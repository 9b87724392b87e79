//! Refusals in the words of the services of AWS, for whom no error is declared: in a dialect that follows
//! from the contract, or from the request where no contract knows it.

use serde_json::json;

use super::{ERROR_HEADER, Protocol, bodies};
use crate::contract::Contract;
use crate::encoding::{cbor_map, escape_markup as escape};
use crate::exchange::{Body, Request, Response, is_s3};

/// What services of XML beside S3 sign as.
const XML: [&str; 2] = ["route53", "cloudfront"];

/// What the paths of S3's control plane begin with, which signs as S3 does.
const CONTROL: &str = "/v20180820/";

/// In which words a service refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// JSON that names its error itself.
    AwsJson1_0,
    /// The same, of another media type.
    AwsJson1_1,
    /// JSON whose error is named in a header field.
    RestJson,
    /// JSON that names no error.
    Json,
    /// XML, the error being all of it.
    S3,
    /// XML, the error being in an answer.
    RestXml,
    /// The same, of another media type.
    Query,
    /// XML, the error being one of many.
    Ec2,
    /// CBOR that names its error itself.
    Cbor,
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
            _ if request.headers.contains("x-amz-target") => Self::of_json(&media),
            _ if request.headers.get("smithy-protocol").as_deref() == Some("rpc-v2-cbor") => Self::Cbor,
            Some(service) if is_s3(service) => Self::of_s3(request),
            Some(service) if XML.contains(&service) => Self::RestXml,
            Some("ec2") if is_query(request, &media) => Self::Ec2,
            Some(_) if is_query(request, &media) => Self::Query,
            Some(_) => Self::RestJson,
            None => Self::Plain,
        }
    }

    /// That of the call of a contract's operation.
    pub fn of_call(contract: &Contract, request: &Request) -> Self {
        match contract.protocol_of(request) {
            Protocol::RestXml if contract.signing_name.as_deref().is_some_and(is_s3) => Self::of_s3(request),
            protocol => Self::of_protocol(protocol),
        }
    }

    fn of_protocol(protocol: Protocol) -> Self {
        match protocol {
            Protocol::AwsJson1_0 => Self::AwsJson1_0,
            Protocol::AwsJson1_1 => Self::AwsJson1_1,
            Protocol::RestJson1 => Self::RestJson,
            Protocol::Http => Self::Json,
            Protocol::RestXml => Self::RestXml,
            Protocol::AwsQuery => Self::Query,
            Protocol::Ec2Query => Self::Ec2,
            Protocol::RpcV2Cbor => Self::Cbor,
        }
    }

    fn of_json(media: &str) -> Self {
        let is_later = media.starts_with(Protocol::AwsJson1_1.media_type());
        if is_later { Self::AwsJson1_1 } else { Self::AwsJson1_0 }
    }

    fn of_s3(request: &Request) -> Self {
        if request.target.path().starts_with(CONTROL) { Self::RestXml } else { Self::S3 }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::AwsJson1_0 => Protocol::AwsJson1_0.media_type(),
            Self::AwsJson1_1 => Protocol::AwsJson1_1.media_type(),
            Self::RestJson | Self::Json => bodies::JSON,
            Self::S3 | Self::RestXml => Protocol::RestXml.media_type(),
            Self::Query | Self::Ec2 => Protocol::AwsQuery.media_type(),
            Self::Cbor => Protocol::RpcV2Cbor.media_type(),
            Self::Plain => "text/plain; charset=utf-8",
        }
    }

    /// The answer to a request.
    pub fn refused(self, refusal: Refusal<'_>) -> Response {
        let Refusal { status, code, text } = refusal;
        let mut response = Response::new(status);
        response.headers.push("content-type", self.media_type());
        match self {
            Self::RestJson => response.headers.push(ERROR_HEADER, code),
            Self::Cbor => response.headers.push("smithy-protocol", "rpc-v2-cbor"),
            _ => {}
        }
        response.body = match self {
            Self::AwsJson1_0 | Self::AwsJson1_1 => {
                Body::from(json!({ "__type": code, "message": text }).to_string())
            }
            Self::RestJson | Self::Json => Body::from(json!({ "message": text }).to_string()),
            Self::S3 => {
                Body::from(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}", error(code, text)))
            }
            Self::RestXml | Self::Query => {
                Body::from(format!("<ErrorResponse>{}</ErrorResponse>", error(code, text)))
            }
            Self::Ec2 => Body::from(format!("<Response><Errors>{}</Errors></Response>", error(code, text))),
            Self::Cbor => Body::from(cbor_map(&[("__type", code), ("message", text)])),
            Self::Plain => Body::from(format!("{text}\n")),
        };
        response
    }
}

impl Contract {
    /// The response for a request that no operation answers: a client error that SDKs do not retry.
    pub fn refuse_unknown(&self, request: &Request, code: &str, text: &str) -> Response {
        Dialect::of_call(self, request).refused(Refusal { status: 400, code, text })
    }

    /// The response that carries an error which the contract does not document.
    pub fn refuse_undocumented(&self, code: &str, status: u16, text: &str) -> Response {
        Dialect::of_protocol(self.protocol()).refused(Refusal { status, code, text })
    }
}

fn is_query(request: &Request, media: &str) -> bool {
    media.starts_with("application/x-www-form-urlencoded")
        || request.target.pairs().any(|(name, _)| name == "Action")
}

fn error(code: &str, text: &str) -> String {
    let [code, text] = [escape(code), escape(text)];
    format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>")
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
            let response = Dialect::of(request, service).refused(refusal);
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
        let zone = of(&asked("/2013-04-01/hostedzone"), Some("route53"));
        assert!(zone.starts_with("application/xml <ErrorResponse><Error>"), "{zone}");
        let control = of(&asked("/v20180820/jobs"), Some("s3"));
        assert!(control.starts_with("application/xml <ErrorResponse><Error>"), "{control}");
        let ec2 = of(&asked("/?Action=DescribeInstances"), Some("ec2"));
        assert!(ec2.starts_with("text/xml <Response><Errors><Error>"), "{ec2}");
        json.headers.push("content-type", "application/x-amz-json-1.1; charset=\u{fc}");
        assert!(of(&json, None).starts_with("application/x-amz-json-1.1 {"), "nothing of its own is echoed");
        assert_eq!(of(&asked("/any"), None), "text/plain; charset=utf-8 a <b>\n");
        let mut cbor = asked("/service/s/operation/o");
        cbor.headers.push("smithy-protocol", "rpc-v2-cbor");
        let refusal = Refusal { status: 403, code: "OnrecordMiss", text: "a" };
        let response = Dialect::of(&cbor, Some("monitoring")).refused(refusal);
        let said = crate::encoding::canonical_cbor(response.body.as_bytes());
        assert_eq!(said, Some(json!({ "__type": "OnrecordMiss", "message": "a" })));
    }
}

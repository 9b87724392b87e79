//! A client error for a request that no contract knows, in the protocol that the request seems to speak.

use quick_xml::escape::escape;
use serde_json::json;

use super::realm;
use crate::exchange::{Body, Request, Response};

/// Refused as the service would that is asked so: JSON as of awsJson or restJson, XML as of S3 or of the
/// query protocol, else plain text. `code` is the name of the error.
pub(super) fn refused(request: &Request, code: &str, text: &str) -> Response {
    let media = request.headers.get("content-type").unwrap_or_default();
    let service = realm::service(request);
    match service.as_deref() {
        _ if request.headers.contains("x-amz-target") => {
            let body = json!({ "__type": code, "message": text }).to_string();
            let media = if media.is_empty() { "application/x-amz-json-1.0" } else { &*media };
            answer(media, body)
        }
        Some("s3") => answer("application/xml", xml("", code, text)),
        Some(_) if is_query(request, &media) => answer("text/xml", xml("ErrorResponse", code, text)),
        Some(_) => {
            let mut response = answer("application/json", json!({ "message": text }).to_string());
            response.headers.push("x-amzn-errortype", code);
            response
        }
        None => answer("text/plain; charset=utf-8", format!("{text}\n")),
    }
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

fn answer(media: &str, body: String) -> Response {
    let mut response = Response::new(400);
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

//! A client error for a request that no contract knows, in the protocol that the request seems to speak.

use serde_json::json;

use super::{ERROR_HEADER, Protocol, bodies};
use crate::encoding::escape_markup as escape;
use crate::exchange::{Body, Request, Response};

/// Refused as the service would that is asked so: JSON as of awsJson or restJson, XML as of S3 or of the
/// query protocol, else plain text. `service` is the one that the request is signed for, and `code` the name
/// of the error.
pub fn refuse_uncontracted(request: &Request, service: Option<&str>, code: &str, text: &str) -> Response {
    let media = request.headers.get("content-type").unwrap_or_default();
    match service {
        _ if request.headers.contains("x-amz-target") => {
            let body = json!({ "__type": code, "message": text }).to_string();
            let media = if media.is_empty() { Protocol::AwsJson1_0.media_type() } else { &*media };
            answer(media, body)
        }
        Some("s3") => answer(Protocol::RestXml.media_type(), xml("", code, text)),
        Some(_) if is_query(request, &media) => {
            answer(Protocol::AwsQuery.media_type(), xml("ErrorResponse", code, text))
        }
        Some(_) => {
            let mut response = answer(bodies::JSON, json!({ "message": text }).to_string());
            response.headers.push(ERROR_HEADER, code);
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
    use super::*;
    use crate::exchange::{Method, Target};

    #[test]
    fn each_protocol_is_refused_in_its_own_words() {
        let asked = |target: &str| Request::new(Method::Post, Target::new(target));
        let of = |request: &Request, service: Option<&str>| {
            let response = refuse_uncontracted(request, service, "OnrecordMiss", "a <b>");
            assert_eq!(response.status, 400);
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

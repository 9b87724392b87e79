//! The checksums with which SDKs verify an answer: what redaction or a replay has changed in a body
//! must not look broken, for clients ask again then.

use crate::encoding::{base64, crc32, sha256};
use crate::exchange::{HeaderValue, Response};

/// Makes the checksums of a whole body true.
pub(super) fn mend(response: &mut Response) {
    if response.status != 200 || response.body.is_empty() {
        return;
    }
    let bytes = response.body.as_bytes();
    let mended: Vec<_> = response
        .headers
        .iter()
        .filter(|(name, _)| is_mended(name))
        .filter_map(|(name, value)| Some((name.to_owned(), of(name, value, bytes)?)))
        .collect();
    for (name, value) in mended {
        response.headers.set(&name, value);
    }
}

/// Whether a header field tells a digest of the bytes of a body, whoever made them.
pub(super) fn is_digest(name: &str) -> bool {
    matches!(name, "content-digest" | "content-md5" | "digest" | "repr-digest")
        || name.starts_with("x-amz-checksum-")
}

/// Whether a header field is a checksum that can be made true.
pub(super) fn is_mended(name: &str) -> bool {
    matches!(name, "x-amz-crc32" | "x-amz-checksum-crc32" | "x-amz-checksum-sha256")
}

/// The true value of a header field that holds another one. Those of parts of an object (`AbCd==-2`) stay.
fn of(name: &str, value: &HeaderValue, bytes: &[u8]) -> Option<HeaderValue> {
    let checksum = match name {
        "x-amz-crc32" => crc32(bytes).to_string(),
        "x-amz-checksum-crc32" => base64(&crc32(bytes).to_be_bytes()),
        "x-amz-checksum-sha256" => base64(&sha256(bytes)),
        _ => return None,
    };
    let is_of_parts = value.as_bytes().contains(&b'-');
    (!is_of_parts && value.as_bytes() != checksum.as_bytes()).then(|| HeaderValue::from(checksum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Headers;

    #[test]
    fn a_changed_body_has_its_own_checksum_and_parts_keep_theirs() {
        let fields = [("x-amz-crc32", "1"), ("x-amz-checksum-crc32", "AbCd==-2"), ("etag", "old")];
        let headers = fields.map(|(name, value)| (name, HeaderValue::from(value.to_owned())));
        let headers = Headers::from_iter(headers);
        let mut response = Response { headers, body: "123456789".into(), ..Response::new(200) };
        mend(&mut response);
        let shown = |name| response.headers.get(name).map(|value| value.into_owned());
        assert_eq!(shown("x-amz-crc32").as_deref(), Some("3421780262"), "the check value of CRC-32");
        assert_eq!(shown("x-amz-checksum-crc32").as_deref(), Some("AbCd==-2"));
        assert_eq!(shown("etag").as_deref(), Some("old"));
    }
}

//! Bodies in signed chunks (`aws-chunked`), as S3 takes them.

use crate::exchange::{Body, Headers, Request};
use crate::net::NetError;

/// Makes one body of signed chunks; what the chunks trail becomes header fields, which S3 reads
/// the same.
pub(super) fn unwrap(request: &mut Request) -> Result<(), NetError> {
    let broken =
        |why: &str| NetError::Sign { why: format!("its body is not the chunks it says it is: {why}") };
    let (body, trailers) = read(request.body.as_bytes()).ok_or_else(|| broken("a chunk is incomplete"))?;
    let told = request.headers.get("x-amz-decoded-content-length").and_then(|told| told.parse().ok());
    if told.is_some_and(|told: usize| told != body.len()) {
        return Err(broken("they are not as long as x-amz-decoded-content-length says"));
    }
    for name in ["x-amz-decoded-content-length", "x-amz-trailer"] {
        request.headers.remove(name);
    }
    let codings = request.headers.get("content-encoding").unwrap_or_default();
    let left: Vec<_> = codings
        .split(',')
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    let left = left.join(",");
    request.headers.remove("content-encoding");
    if !left.is_empty() {
        request.headers.push("content-encoding", left);
    }
    for (name, value) in trailers.iter().filter(|(name, _)| *name != "x-amz-trailer-signature") {
        request.headers.push(name, value.clone());
    }
    request.headers.set("content-length", body.len().to_string());
    request.body = Body::from(body);
    Ok(())
}

/// The bytes of the chunks, and what comes after the last, `None` if they are broken.
fn read(mut rest: &[u8]) -> Option<(Vec<u8>, Headers)> {
    let mut body = Vec::with_capacity(rest.len());
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some((body, fields(rest)?));
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

fn fields(rest: &[u8]) -> Option<Headers> {
    let lines = std::str::from_utf8(rest).ok()?.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.split_once(':').map(|(name, value)| (name.trim(), value.trim()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Method, Target};

    fn upload(body: &str, length: usize) -> Request {
        let mut request = Request::new(Method::Put, Target::new("/b/k"));
        request.headers = Headers::from_iter([
            ("content-encoding", "gzip, aws-chunked".to_owned()),
            ("content-length", body.len().to_string()),
            ("x-amz-trailer", "x-amz-checksum-crc32".to_owned()),
            ("x-amz-decoded-content-length", length.to_string()),
        ]);
        request.body = Body::from(body.to_owned());
        request
    }

    #[test]
    fn chunks_become_one_body_and_what_they_trail_becomes_fields() {
        let mut request = upload(
            "5;chunk-signature=00\r\nhello\r\na;chunk-signature=01\r\n \r\n wide w\r\n0;chunk-signature=02\r\n\
             x-amz-checksum-crc32:AAAA==\r\nx-amz-trailer-signature:03\r\n\r\n",
            15,
        );
        unwrap(&mut request).unwrap();
        assert_eq!(request.body.text(), Some("hello \r\n wide w"));
        let left =
            [("content-encoding", "gzip"), ("x-amz-checksum-crc32", "AAAA=="), ("content-length", "15")];
        assert_eq!(request.headers, Headers::from_iter(left));
    }

    #[test]
    fn broken_chunks_are_refused() {
        for body in ["", "5\r\nhell", "5\r\nhello0\r\n", "x\r\n", "5\r\nhello\r\n", "4\r\nhell\r\n0\r\n\r\n"]
        {
            assert!(unwrap(&mut upload(body, 5)).is_err(), "{body:?}");
        }
    }
}

//! Whether a secret is in an exchange, looked for in another way than the product does: everything
//! is decoded in every way, and searched for the secret alone.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use onrecord::encoding;
use onrecord::exchange::{Body, Exchange, Headers};
use regex::bytes::Regex;

/// Whether the secret is anywhere in the exchange, in whatever encoding.
pub(crate) fn holds(exchange: &Exchange, secret: &str) -> bool {
    texts(exchange).iter().any(|text| is_in(text, secret.as_bytes(), 4))
}

/// Every text of an exchange, bodies packed and unpacked.
pub(crate) fn texts(exchange: &Exchange) -> Vec<Vec<u8>> {
    let (request, response) = (&exchange.request, &exchange.response);
    let mut texts = vec![request.target.as_str().as_bytes().to_vec()];
    for headers in [&request.headers, &request.trailers, &response.headers, &response.trailers] {
        texts.extend(headers.iter().map(|(_, value)| value.as_bytes().to_vec()));
    }
    texts.extend(bodies(&request.headers, &request.body));
    texts.extend(bodies(&response.headers, &response.body));
    texts
}

fn bodies(headers: &Headers, body: &Body) -> Vec<Vec<u8>> {
    let coding = headers.get("content-encoding").unwrap_or_default();
    let unpacked = encoding::unpack(&coding, body.as_bytes(), usize::MAX >> 1);
    [body.as_bytes().to_vec()].into_iter().chain(unpacked).collect()
}

fn is_in(text: &[u8], secret: &[u8], depth: usize) -> bool {
    if text.windows(secret.len()).any(|window| window == secret) {
        return true;
    }
    depth > 0 && decoded(text).iter().any(|text| is_in(text, secret, depth - 1))
}

/// How each encoding looks.
static ESCAPES: LazyLock<[Regex; 6]> = LazyLock::new(|| {
    [
        "%[0-9A-Fa-f]{2}",
        r"(?:\\u[0-9A-Fa-f]{4})+",
        r#"\\["\\/]"#,
        "&(?:amp|lt|gt|quot|#39);",
        "[0-9A-Fa-f]{12,}",
        "[A-Za-z0-9+/_-]{8,}",
    ]
    .map(|pattern| Regex::new(pattern).expect("a valid pattern"))
});

/// What a text is when it is decoded in each way that changes it.
pub(crate) fn decoded(text: &[u8]) -> Vec<Vec<u8>> {
    let [percent, unicode, backslash, entity, hex_digits, base64_digits] = &*ESCAPES;
    let mut all = Vec::new();
    all.extend(replaced(text, percent, |escape| hex(&escape[1..])));
    all.extend(replaced(text, unicode, |escapes| {
        let unit = |unit: &[u8]| u16::from_str_radix(std::str::from_utf8(&unit[2..]).ok()?, 16).ok();
        let units: Vec<_> = escapes.chunks(6).filter_map(unit).collect();
        String::from_utf16_lossy(&units).into_bytes()
    }));
    all.extend(replaced(text, backslash, |escape| escape[1..].to_vec()));
    all.extend(replaced(text, entity, |entity| {
        let names = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
        let place = names.iter().position(|name| name.as_bytes() == entity).unwrap_or_default();
        vec![b"&<>\"'"[place]]
    }));
    for digits in hex_digits.find_iter(text) {
        all.extend([hex(digits.as_bytes()), hex(&digits.as_bytes()[1..])]);
    }
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    for found in base64_digits.find_iter(text) {
        for engine in [STANDARD, URL_SAFE].map(|alphabet| GeneralPurpose::new(&alphabet, config)) {
            for start in 0..4 {
                let text = &found.as_bytes()[start..];
                let whole = &text[..text.len() / 4 * 4];
                all.extend(engine.decode(text).or_else(|_| engine.decode(whole)));
            }
        }
    }
    all
}

fn replaced(text: &[u8], pattern: &Regex, with: impl Fn(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
    let rewritten = pattern.replace_all(text, |found: &regex::bytes::Captures<'_>| with(&found[0]));
    (rewritten != text).then(|| rewritten.into_owned())
}

fn hex(digits: &[u8]) -> Vec<u8> {
    let digits: Vec<_> = digits.iter().filter_map(|digit| char::from(*digit).to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap_or_default()).collect()
}

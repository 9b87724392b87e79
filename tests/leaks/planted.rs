//! Exchanges with a secret planted in them: in every place that an exchange has, in every encoding,
//! compressed and not.

use std::fmt::Write as _;
use std::time::Duration;

use onrecord::contract::Declared;
use onrecord::encoding;
use onrecord::exchange::{
    Body, Ending, Exchange, Headers, Method, Piece, Request, Response, Target, Timestamp, Timing,
};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use serde_json::{Value, json};

/// Where in an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Trailer,
    Json,
    NestedJson,
    Form,
    Xml,
    Text,
    EventStream,
    Multipart,
    CborText,
    CborBytes,
    Binary,
}

pub(crate) const PLACES: [Place; 14] = [
    Place::Path,
    Place::Query,
    Place::Header,
    Place::Trailer,
    Place::Json,
    Place::NestedJson,
    Place::Form,
    Place::Xml,
    Place::Text,
    Place::EventStream,
    Place::Multipart,
    Place::CborText,
    Place::CborBytes,
    Place::Binary,
];

/// In which encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Raw,
    Percent,
    PercentTwice,
    Json,
    JsonUnicode,
    Xml,
    Base64,
    Base64Url,
    Hex,
    HexUpper,
}

pub(crate) const FORMS: [Form; 10] = [
    Form::Raw,
    Form::Percent,
    Form::PercentTwice,
    Form::Json,
    Form::JsonUnicode,
    Form::Xml,
    Form::Base64,
    Form::Base64Url,
    Form::Hex,
    Form::HexUpper,
];

impl Form {
    /// Whether it hides a secret from everybody who does not decode it.
    pub(crate) fn is_encoded(self) -> bool {
        matches!(self, Self::Base64 | Self::Base64Url | Self::Hex | Self::HexUpper)
    }

    pub(crate) fn write(self, secret: &str, before: &str) -> String {
        match self {
            Self::Raw => secret.to_owned(),
            Self::Percent => encoding::percent_encode(secret),
            Self::PercentTwice => encoding::percent_encode(&encoding::percent_encode(secret)),
            Self::Json => Value::from(secret).to_string().trim_matches('"').to_owned(),
            Self::JsonUnicode => secret.encode_utf16().fold(String::new(), |mut text, unit| {
                _ = write!(text, "\\u{unit:04x}");
                text
            }),
            Self::Xml => {
                let escaped = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                escaped.replace('"', "&quot;").replace('\'', "&#39;")
            }
            Self::Base64 => encoding::base64(format!("{before}{secret}!").as_bytes()),
            Self::Base64Url => encoding::base64_url(format!("{before}{secret}!").as_bytes()),
            Self::Hex => encoding::hex(secret.as_bytes()),
            Self::HexUpper => encoding::hex(secret.as_bytes()).to_uppercase(),
        }
    }
}

/// How the door comes to know that it is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// The contract declares it.
    Declared,
    /// The caller says so.
    Told,
    /// A credential of this request shows it.
    Shown(Credential),
    /// Another exchange shows it, later.
    Late(Credential),
}

/// Where a credential is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential {
    Bearer,
    Basic,
    SecurityToken,
    Cookie,
    SetCookie,
    Member,
    Element,
    Parameter,
    Field,
    Part,
    CborMember,
    Url,
}

pub(crate) const CREDENTIALS: [Credential; 12] = [
    Credential::Bearer,
    Credential::Basic,
    Credential::SecurityToken,
    Credential::Cookie,
    Credential::SetCookie,
    Credential::Member,
    Credential::Element,
    Credential::Parameter,
    Credential::Field,
    Credential::Part,
    Credential::CborMember,
    Credential::Url,
];

/// One secret in one exchange.
#[derive(Debug, Clone)]
pub(crate) struct Plant {
    pub(crate) secret: String,
    pub(crate) known: Known,
    pub(crate) place: Place,
    pub(crate) form: Form,
    pub(crate) coding: &'static str,
    pub(crate) before: String,
    pub(crate) in_request: bool,
}

pub(crate) fn plant() -> impl Strategy<Value = Plant> {
    let secret = prop_oneof![
        "[A-Za-z0-9/+]{38}",
        "[a-z0-9]{10,14}",
        "[!-~]{2}[ -~]{10,18}[!-~]",
        "[a-z]{8}".prop_map(|text| format!("gr\u{fc}\u{df}e{text}\u{1f600}")),
    ];
    let credential = || select(&CREDENTIALS[..]);
    let known = prop_oneof![
        Just(Known::Declared),
        Just(Known::Told),
        credential().prop_map(Known::Shown),
        credential().prop_map(Known::Late),
    ];
    let codings = select(&["", "", "gzip", "deflate", "br", "zstd"][..]);
    let rest = (select(&PLACES[..]), select(&FORMS[..]), codings, "[a-z ]{0,4}", any::<bool>());
    (secret, known, rest).prop_map(|(secret, known, (place, form, coding, before, in_request))| {
        // So that none is another one's part, a word of everyday life, or the name of a secret.
        let secret = format!("x{}z{}q", secret.trim(), secret.len());
        let credential = match known {
            Known::Shown(credential) | Known::Late(credential) => Some(credential),
            _ => None,
        };
        let secret = credential.map_or(secret.clone(), |credential| credential.fit(&secret));
        Plant { secret, known, place, form, coding, before, in_request }
    })
}

impl Plant {
    /// The exchange that holds it, in an ordinary story.
    pub(crate) fn exchange(&self) -> Exchange {
        let text = self.form.write(&self.secret, &self.before);
        let mut made = empty();
        let one_line: String = text.chars().filter(|char| !char.is_control()).collect();
        match self.place {
            Place::Path => {
                let text = self.in_target(&text).replace('?', "%3F");
                made.request.target = Target::new(format!("/v1/{text}/x"));
            }
            Place::Query => {
                let text = self.in_target(&text).replace('&', "%26");
                made.request.target = Target::new(format!("/v1?name=a&filter={text}&n=1"));
            }
            Place::Header => self.headers(&mut made).push("x-note", format!("note {one_line} end")),
            Place::Trailer if self.in_request => made.request.trailers.push("x-note", one_line),
            Place::Trailer => made.response.trailers.push("x-note", one_line),
            _ => self.put_body(&mut made, &text),
        }
        if let Known::Shown(credential) = self.known {
            credential.put(&mut made, &self.secret);
        }
        made
    }

    /// What the contract declares of it.
    pub(crate) fn declared(&self) -> Declared {
        let secrets = if self.known == Known::Declared { vec![self.secret.clone()] } else { Vec::new() };
        Declared { secrets, ..Declared::default() }
    }

    /// A later exchange that shows it to be a secret.
    pub(crate) fn late(&self) -> Option<Exchange> {
        let Known::Late(credential) = self.known else { return None };
        let mut made = empty();
        credential.put(&mut made, &self.secret);
        Some(made)
    }

    fn in_target(&self, text: &str) -> String {
        self.with_percent(text).replace('#', "%23").replace(' ', "%20")
    }

    /// A `%` of the secret's own is no escape of whoever wrote it into a URL or form.
    fn with_percent(&self, text: &str) -> String {
        match self.form {
            Form::Percent | Form::PercentTwice => text.to_owned(),
            _ => text.replace('%', "%25"),
        }
    }

    fn headers<'e>(&self, made: &'e mut Exchange) -> &'e mut Headers {
        if self.in_request { &mut made.request.headers } else { &mut made.response.headers }
    }

    fn put_body(&self, made: &mut Exchange, text: &str) {
        let (kind, bytes) = self.body(text);
        let packed = if self.coding.is_empty() {
            bytes
        } else {
            encoding::pack(self.coding, &bytes).unwrap_or_default()
        };
        let length = packed.len();
        if self.place == Place::EventStream && !self.in_request {
            let piece = |length, after| Piece { length, after: Duration::from_millis(after) };
            made.response.pieces = vec![piece(length / 3, 5), piece(length - length / 3, 9)];
        }
        let headers = self.headers(made);
        headers.set("content-type", kind);
        headers.set("content-length", length.to_string());
        if !self.coding.is_empty() {
            headers.set("content-encoding", self.coding);
        }
        let body = if self.in_request { &mut made.request.body } else { &mut made.response.body };
        *body = Body::from(packed);
    }

    fn body(&self, text: &str) -> (&'static str, Vec<u8>) {
        // What is escaped for JSON or XML already is not escaped again.
        let in_json = match self.form {
            Form::Json | Form::JsonUnicode => format!("\"{text}\""),
            _ => Value::from(text).to_string(),
        };
        let in_xml = if self.form == Form::Xml { text.to_owned() } else { Form::Xml.write(text, "") };
        match self.place {
            Place::Json => {
                ("application/json", format!(r#"{{"a":[{{"b":{{"note":{in_json}}}}},1]}}"#).into())
            }
            Place::NestedJson => {
                let inner = format!(r#"{{"note": {in_json}}}"#);
                ("application/json", json!({ "policy": inner }).to_string().into())
            }
            Place::Form => {
                let text = match self.form {
                    Form::Raw => encoding::percent_encode(text),
                    _ => self.with_percent(text).replace('&', "%26"),
                };
                ("application/x-www-form-urlencoded", format!("Action=x&note={text}&n=1").into())
            }
            Place::Xml => ("text/xml", format!("<a><note>{in_xml}</note></a>").into()),
            Place::EventStream => {
                ("text/event-stream", format!("data: a\n\ndata: {text}\n\ndata: b\n\n").into())
            }
            Place::Multipart => {
                let part = "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n";
                ("multipart/form-data; boundary=b", format!("{part}1\r\n{part}{text}\r\n--b--\r\n").into())
            }
            Place::CborText => ("application/cbor", cbor(3, "note", text)),
            Place::CborBytes => ("application/cbor", cbor(2, "note", text)),
            Place::Binary => {
                ("application/octet-stream", [b"\x00\x01\xff", text.as_bytes(), b"\x00"].concat())
            }
            _ => ("text/plain", format!("a line\n{text}\n").into()),
        }
    }
}

impl Credential {
    /// The secret as it can stand there.
    fn fit(self, secret: &str) -> String {
        let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect();
        match self {
            Self::Element => secret.replace(['<', '>', '&', '"', '\''], "-"),
            Self::Member | Self::CborMember | Self::Part | Self::Basic => secret.to_owned(),
            _ => plain(secret),
        }
    }

    fn put(self, made: &mut Exchange, secret: &str) {
        let headers = &mut made.request.headers;
        match self {
            Self::Bearer => headers.push("authorization", format!("Bearer {secret}")),
            Self::Basic => {
                let pair = encoding::base64(format!("user:{secret}").as_bytes());
                headers.push("authorization", format!("Basic {pair}"));
            }
            Self::SecurityToken => headers.push("x-amz-security-token", secret),
            Self::Cookie => headers.push("cookie", format!("theme=dark; sid={secret}")),
            Self::SetCookie => made.response.headers.push("set-cookie", format!("sid={secret}; Path=/")),
            Self::Url => headers.push("referer", format!("https://user:{secret}@host.example/")),
            Self::Parameter => {
                let target = made.request.target.with_pair("X-Amz-Security-Token", secret);
                made.request.target = target;
            }
            _ => self.put_body(made, secret),
        }
    }

    /// In the body that nothing was planted in, if there is one.
    fn put_body(self, made: &mut Exchange, secret: &str) {
        let (kind, bytes) = match self {
            Self::Element => {
                ("text/xml", format!("<C><SecretAccessKey>{secret}</SecretAccessKey></C>").into())
            }
            Self::Field => {
                ("application/x-www-form-urlencoded", format!("a=b&client_secret={secret}").into())
            }
            Self::CborMember => ("application/cbor", cbor(3, "password", secret)),
            Self::Part => {
                let part = "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n";
                ("multipart/form-data; boundary=b", format!("{part}{secret}\r\n--b--\r\n").into())
            }
            _ => ("application/json", json!({ "user": { "masterUserPassword": secret } }).to_string().into()),
        };
        let (headers, body) = if made.request.body.is_empty() {
            (&mut made.request.headers, &mut made.request.body)
        } else {
            (&mut made.response.headers, &mut made.response.body)
        };
        headers.set("content-type", kind);
        *body = Body::from(bytes);
    }
}

/// A map of one member, with a text (3) or bytes (2).
fn cbor(major: u8, name: &str, text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes();
    let name_head = [0xa1, 0x60 | u8::try_from(name.len()).unwrap_or(0)];
    [&name_head[..], name.as_bytes(), &[(major << 5) | 25], &length, text.as_bytes()].concat()
}

fn empty() -> Exchange {
    let started = Timestamp::parse("2026-11-21T07:32:37.250Z").unwrap_or_else(Timestamp::now);
    let mut request = Request::new(Method::Post, Target::new("/v1/clusters"));
    request.headers =
        Headers::from_iter([("host", "kafka.us-east-1.amazonaws.com"), ("user-agent", "sdk/1")]);
    let mut response = Response::new(200);
    response.headers = Headers::from_iter([("date", "Sat, 21 Nov 2026 07:32:37 GMT")]);
    Exchange {
        operation: None,
        request,
        response,
        ending: Ending::Complete,
        timing: Timing { started, first_byte: Duration::ZERO, duration: Duration::ZERO },
    }
}

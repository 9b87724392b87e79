//! Names that say that their value is a secret. The one table for JSON members, XML elements,
//! header fields, query and form parameters.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::leaves;
use super::settings;
use super::signs::Signs;

/// A name that ends like this. The words may be run together or joined by `-`, `_` or `.`, in
/// any case. `token` alone is not here: `nextToken` and `clientToken` are no credentials.
const ENDINGS: &[&str] = &[
    "password",
    "passphrase",
    "secret",
    "secret key",
    "secret access key",
    "access key",
    "access key id",
    "access token",
    "refresh token",
    "session token",
    "security token",
    "auth token",
    "bearer token",
    "api token",
    "vault token",
    "private token",
    "gitlab token",
    "api key",
    "private key",
    "signing key",
    "connection string",
    "account key",
    "shared access key",
    "shared access signature",
    "authorization token",
    "metadata token",
    "web identity token",
    "subject token",
    "client assertion",
    "saml assertion",
    "saml response",
    "code verifier",
    "device code",
    "secret string",
    "secret binary",
    "passwords",
    "api keys",
    "access tokens",
    "refresh tokens",
    "secret value",
    "token value",
    "password value",
    "x amz signature",
    "x amz credential",
    "x goog signature",
];

/// A name that is this as a whole; as an ending it would catch others (`invalidToken`).
const WHOLE: &[&str] =
    &["id token", "passwd", "pwd", "pass", "otp", "authorization", "assertion", "plaintext"];

/// Parameters that sign a URL, each as a whole. As a JSON member it may be anybody's signature.
const SIGNING: &[&str] = &["signature", "sig"];

/// What ends the names of signatures, which are worth nothing a few minutes later.
const SIGNATURE: &str = "signature";

/// The tables above as [`bare`] has names, for they are looked up in for every name.
static BARE_ENDINGS: LazyLock<Vec<String>> = LazyLock::new(|| run_together(ENDINGS));
static BARE_WHOLE: LazyLock<Vec<String>> = LazyLock::new(|| run_together(WHOLE));

/// A name and its value: a JSON member, an XML element, or a parameter of a URL, which may stand
/// inside of another text. A nested document seen through its escapes has unbalanced quotes, so
/// this looks for the name, and not for the structure around it. A text may be cut short within
/// the value, and may hold bytes that are no UTF-8.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let (endings, whole, signing) = (alternatives(ENDINGS), alternatives(WHOLE), alternatives(SIGNING));
    pattern(&format!(r#"(?i-u)((?:{endings})|["<?&](?:{whole})){VALUE}|([?&](?:{signing})){PARAMETER}"#))
});

/// What stands under a name: the text of a member, a number, the begin of a container; the text of
/// an element; the value of a parameter.
const VALUE: &str = concat!(
    r#"(?:"\s*:\s*(?:"((?:[^"\\]|\\(?s:.))+)(?:"|\\?\z)|(-?[0-9][0-9.eE+-]*)|([\[{]))"#,
    r#"|(?:>([^<>]+)(?:</|<?\z))|(?:=([^&;,\s"'<>\\]+)))"#
);
const PARAMETER: &str = r#"(?:=([^&;,\s"'<>\\]+))"#;

/// What shows by itself that it is a secret. Prefixes as their makers document them: JSON Web
/// Tokens, private keys, access keys and session tokens of AWS, EKS, GitHub, GitLab, Slack, Stripe,
/// Google, npm, PyPI, HashiCorp Vault, and the `sk-` of makers of models.
static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?-u:\b)(?:eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*",
        r"|A(?:KIA|SIA)[A-Z2-7]{16}(?-u:\b)",
        r"|(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz|AQoDYXdz)[A-Za-z0-9/+=_%-]{16,}",
        r"|k8s-aws-v1\.[A-Za-z0-9_=-]+",
        r"|(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}|glpat-[A-Za-z0-9_-]{20})[A-Za-z0-9_-]*",
        r"|xox[abeoprs]-[A-Za-z0-9-]{10,}",
        r"|(?:(?:sk|rk)_(?:live|test)|whsec)_[A-Za-z0-9]{16,}",
        r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}",
        r"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|hv[sbr]\.[A-Za-z0-9_-]{24,}|sk-[A-Za-z0-9_-]{32,})",
        r"|hooks\.slack\.com/services/[A-Za-z0-9/_-]+",
        r"|(?s-u:-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\z))",
    ))
});

/// The password of `https://user:password@host`.
static IN_URL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?-u)://[^/?#\s:@"'<>\\]*:([^/?#\s@"'<>\\]+)@"#));

/// What a found secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// A number of JSON, which stays one.
    Number,
    /// Worth nothing a few minutes later.
    Signature,
}

/// A range of bytes that is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) shape: Shape,
}

/// A name without case and joints: `X-Api-Key` and `xApiKey` are one.
pub(super) fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|char| char.to_ascii_lowercase()).collect()
}

/// Which names say that their value is a secret: ours, with what a user adds and takes away.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    added: BTreeSet<String>,
    pattern: Option<Regex>,
    kept: BTreeSet<String>,
}

impl Names {
    /// The value under this name is a secret too.
    pub(super) fn add(&mut self, name: &str) {
        self.added.insert(bare(name));
        let letters = |bare: &String| bare.chars().map(String::from).collect::<Vec<_>>().join("[-_.]?");
        let names = self.added.iter().map(letters).collect::<Vec<_>>().join("|");
        self.pattern = Some(pattern(&format!(r#"(?i-u)(["<?&](?:{names})){VALUE}"#)));
    }

    /// The value under this name is none.
    pub(super) fn keep(&mut self, name: &str) {
        self.kept.insert(bare(name));
    }

    /// Whether the value under this name is a secret.
    pub(super) fn say_secret(&self, name: &str) -> bool {
        let bare = bare(name);
        let says = self.added.contains(&bare)
            || BARE_ENDINGS.iter().any(|ending| ends(&bare, ending))
            || BARE_WHOLE.contains(&bare);
        says && !self.kept.contains(&bare)
    }

    /// Every secret in a text that its name or its shape shows.
    pub(super) fn secrets(&self, text: &[u8]) -> Vec<Secret> {
        self.secrets_by(Signs::of(text), text)
    }

    /// The same, where it is known what the words of the text say.
    pub(super) fn secrets_by(&self, signs: Signs, text: &[u8]) -> Vec<Secret> {
        let (mut found, mut containers) = (Vec::new(), Vec::new());
        let ours = signs.names.then_some(&*NAMED);
        for names in [ours, self.pattern.as_ref()].into_iter().flatten() {
            for named in names.captures_iter(text) {
                let name = named.get(1).or(named.get(7)).map_or(0..0, |name| name.range());
                if self.keeps(text, &name) {
                    continue;
                }
                containers.extend(named.get(4).map(|value| value.start()));
                let shape = shape_under(&text[name]);
                let texts = [2, 5, 6, 8].into_iter().find_map(|group| named.get(group));
                found.extend(texts.map(|m| Secret { start: m.start(), end: m.end(), shape }));
                let number =
                    named.get(3).map(|m| Secret { start: m.start(), end: m.end(), shape: Shape::Number });
                found.extend(number);
            }
        }
        containers.sort_unstable();
        add_leaves(text, &containers, &mut found);
        if signs.values {
            found.extend(settings::pairs(text, |name| self.say_secret(name)));
        }
        if signs.names {
            let lines = settings::lines(text).filter(|(name, _)| !self.keeps(text, name));
            found.extend(lines.map(|(name, secret)| Secret { shape: shape_under(&text[name]), ..secret }));
        }
        found.extend(shaped(text));
        found
            .iter_mut()
            .for_each(|secret| secret.end = secret.start + key_of_scope(&text[secret.start..secret.end]));
        found
    }

    /// The values of secret parameters in a raw query or form.
    pub(super) fn parameters(&self, query: &[u8]) -> Vec<Secret> {
        let mut found = Vec::new();
        let mut start = 0;
        for pair in query.split(|byte| *byte == b'&') {
            if let Some(split) = pair.iter().position(|byte| *byte == b'=') {
                let name = crate::encoding::percent_decode(&String::from_utf8_lossy(&pair[..split]));
                let value = &pair[split + 1..];
                let signs = SIGNING.iter().any(|signing| name.eq_ignore_ascii_case(signing));
                if ((signs && !self.kept.contains(&bare(&name))) || self.say_secret(&name))
                    && !value.is_empty()
                {
                    let start = start + split + 1;
                    let end = start + key_of_scope(value);
                    found.push(Secret { start, end, shape: shape_under(name.as_bytes()) });
                }
            }
            start += pair.len() + 1;
        }
        found
    }

    /// Whether the name that ends here, of which only the end was looked at, is kept.
    fn keeps(&self, text: &[u8], end: &Range<usize>) -> bool {
        if self.kept.is_empty() {
            return false;
        }
        let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let before = text[..end.start].iter().rev().take_while(of_name).count();
        self.kept.contains(&bare(&String::from_utf8_lossy(&text[end.start - before..end.end])))
    }
}

/// Whether a text by which a name may end says secret.
pub(super) fn may_say_secret(bare: &str) -> bool {
    let endings = BARE_ENDINGS.iter().chain(&*BARE_WHOLE).map(String::as_str);
    endings.chain(SIGNING.iter().copied()).any(|ending| ends(bare, ending))
}

/// Whether a name ends like this: told by one letter, for most.
fn ends(bare: &str, ending: &str) -> bool {
    let start = bare.len().checked_sub(ending.len());
    start.is_some_and(|start| bare.as_bytes()[start] == ending.as_bytes()[0] && bare.ends_with(ending))
}

/// Every name of the tables above.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    ENDINGS.iter().chain(WHOLE).chain(SIGNING).copied()
}

/// Whether a value is no more than such a name, as in `password=password`.
pub(super) fn is_name(value: &str) -> bool {
    let bare = bare(value);
    let is_one = |bare: &str| BARE_ENDINGS.iter().chain(&*BARE_WHOLE).any(|name| name == bare);
    is_one(&bare) || bare.strip_prefix('x').is_some_and(is_one)
}

/// Every secret in a text that shows by its shape.
pub(super) fn shaped(text: &[u8]) -> Vec<Secret> {
    let secret = |m: regex::bytes::Match<'_>| Secret { start: m.start(), end: m.end(), shape: Shape::Text };
    let in_urls = IN_URL.captures_iter(text).filter_map(|url| url.get(1));
    SHAPES.find_iter(text).chain(in_urls).map(secret).collect()
}

fn shape_under(name: &[u8]) -> Shape {
    let name = bare(&String::from_utf8_lossy(name));
    if name.ends_with(SIGNATURE) || name == "sig" { Shape::Signature } else { Shape::Text }
}

/// Adds the texts of each array and object under a secret's name.
fn add_leaves(text: &[u8], containers: &[usize], found: &mut Vec<Secret>) {
    let mut looked_at = 0;
    for &start in containers {
        // One inside of another was looked at with it.
        if start >= looked_at {
            let add = |start, end| found.push(Secret { start, end, shape: Shape::Text });
            looked_at = leaves::each(text, start, add);
        }
    }
}

/// The length of what is secret in a value. In the credential of a SigV4 signature that is the
/// key id; its scope (`/20261121/us-east-1/kafka/aws4_request`) stays.
fn key_of_scope(value: &[u8]) -> usize {
    static SCOPED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i-u)^([^/%]+)(?:/|%2F)[0-9]{8}(?:/|%2F).*(?:/|%2F)aws4_request"));
    SCOPED.captures(value).and_then(|scoped| scoped.get(1)).map_or(value.len(), |key| key.len())
}

/// The names that say secret, as alternatives of a regular expression.
pub(super) fn endings() -> String {
    alternatives(ENDINGS)
}

fn run_together(names: &[&str]) -> Vec<String> {
    names.iter().map(|words| words.replace(' ', "")).collect()
}

fn alternatives(names: &[&str]) -> String {
    names.iter().map(|words| words.replace(' ', "[-_.]?")).collect::<Vec<_>>().join("|")
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        Names::default()
            .secrets(text.as_bytes())
            .iter()
            .map(|secret| &text[secret.start..secret.end])
            .collect()
    }

    #[test]
    fn the_words_of_a_text_foretell_its_secrets() {
        let (names, every) = (Names::default(), Signs { names: true, values: true });
        for name in all().chain(["bearer", "Basic", "value", "Value", "cluster"]) {
            for joint in ["", "-", "_", "."] {
                let name = name.replace(' ', joint);
                for key in ["{\"key\":\"PASSWORD\", \"", "\"", "&", "x"] {
                    for after in ["\":\"", "\" : \"", "=", " =\t", ":", ">", " "] {
                        let text = format!("{key}{name}{after}abcde-12345\"}}");
                        for text in [text.as_bytes(), text.to_uppercase().as_bytes()] {
                            assert_eq!(
                                names.secrets(text),
                                names.secrets_by(every, text),
                                "{key}{name}{after}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn only_names_that_say_secret_do() {
        for name in [
            "password",
            "MasterUserPassword",
            "client_secret",
            "secretAccessKey",
            "x-api-key",
            "access-token",
            "sessionToken",
            "idToken",
            "private_key",
            "X-Amz-Security-Token",
            "PreCoPassword",
            "accessKey",
            "secretString",
            "authorization",
            "x-vault-token",
            "private-token",
            "x-auth-token",
            "x-gitlab-token",
            "api-key",
        ] {
            assert!(Names::default().say_secret(name), "{name}");
            assert_eq!(found(&format!(r#"{{"{name}" : "v\"alue"}}"#)), [r#"v\"alue"#], "{name}");
        }
        for name in [
            "nextToken",
            "clientToken",
            "clientRequestToken",
            "token",
            "secretArn",
            "secretArnList",
            "passwordPolicy",
            "invalidToken",
            "keyId",
            "publicKey",
            "continuationToken",
            "author",
            "signature",
            "authorizationType",
        ] {
            assert!(!Names::default().say_secret(name), "{name}");
            assert!(found(&format!(r#"{{"{name}":"value"}}"#)).is_empty(), "{name}");
        }
    }

    #[test]
    fn values_beside_their_names_and_lines_are_seen() {
        assert_eq!(found(r#"{"key":"DB_PASSWORD","value":"x1"}"#), ["x1"]);
        assert_eq!(found("user: a\npassword: hunter-22"), ["hunter-22"]);
        let hook = "hooks.slack.com/services/T0/B0/xyz";
        assert_eq!(found(&format!("see https://{hook}")), [hook]);
        let pgp = "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK-----";
        assert_eq!(found(pgp), [pgp]);
    }

    #[test]
    fn shapes_show_by_themselves() {
        assert_eq!(found("id AKIAIOSFODNN7EXAMPLE."), ["AKIAIOSFODNN7EXAMPLE"]);
        assert!(found("xAKIAIOSFODNN7EXAMPLE AKIAIOSFODNN7EXAMPLES").is_empty());
        let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.";
        assert_eq!(found(&format!("a {jwt} b")), [jwt]);
        assert!(found("eyJuZXh0VG9rZW4iOiBudWxsfQ==").is_empty());
        let pem = "-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----";
        assert_eq!(found(&format!("\"{pem}\"")), [pem]);
        assert!(found("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----").is_empty());
    }

    #[test]
    fn the_scope_of_a_credential_stays() {
        let url = "https://h/?X-Amz-Credential=AKIDEXAMPLE%2F20261121%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0a1b";
        assert_eq!(found(url), ["AKIDEXAMPLE", "0a1b"]);
        let query = url.split_once('?').unwrap().1;
        let values: Vec<_> =
            Names::default().parameters(query.as_bytes()).iter().map(|s| &query[s.start..s.end]).collect();
        assert_eq!(values, ["AKIDEXAMPLE", "0a1b"]);
    }

    #[test]
    fn signed_urls_and_urls_with_passwords_are_seen() {
        for name in ["Signature", "X-Goog-Signature", "sig"] {
            assert_eq!(found(&format!("https://h/?{name}=0a1b&a=2")), ["0a1b"]);
            assert_eq!(Names::default().parameters(format!("a=2&{name}=0a1b").as_bytes()).len(), 1);
        }
        assert!(found("https://h/?design=0a1b&e=2").is_empty());
        assert!(Names::default().parameters(b"design=0a1b").is_empty());
        assert_eq!(found(r#"{"a":"https://user:p%40ss@h:80/"}"#), ["p%40ss"]);
        assert!(found("https://h:80/a@b http://h:80?a=b@c s3://a ssh://git@h").is_empty());
    }

    #[test]
    fn what_a_secrets_array_or_object_holds_is_seen() {
        assert_eq!(found(r#"{"password":["x","y"],"a":"b"}"#), ["x", "y"]);
        assert_eq!(found(r#"{"password": {"value":"x","type":"string"},"a":"b"}"#), ["x"]);
        assert_eq!(found(r#"{"password":[{"secret":["x"]}]}"#), ["x"]);
        assert!(found(r#"{"password":{},"secret":[1,null],"a":"b"}"#).is_empty());
    }

    #[test]
    fn numbers_and_elements_are_seen() {
        assert_eq!(found(r#"{"password": 12345678}"#), ["12345678"]);
        assert_eq!(found("<SessionToken>abc</SessionToken><NextToken>x</NextToken>"), ["abc"]);
    }
}

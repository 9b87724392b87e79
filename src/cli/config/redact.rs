//! `[redact]`: the user's own rules.

use onrecord::redact::{RuleError, Rules};
use serde::Deserialize;
use toml::Spanned;

/// What the user wants to be redacted, besides what always is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table of rules, as in [redact]")]
pub(super) struct RedactKeys {
    /// Header fields whose values are secrets.
    headers: Vec<Spanned<String>>,
    /// Places in JSON bodies whose values are secrets.
    pointers: Vec<Spanned<String>>,
    /// Regular expressions: their first group, or all they match, is a secret.
    patterns: Vec<Spanned<String>>,
    /// Members of contracts whose values are secrets.
    members: Vec<Spanned<String>>,
    /// Names and ids that get a pseudonym.
    ids: Vec<Spanned<String>>,
    /// Regular expressions for such names and ids.
    id_patterns: Vec<Spanned<String>>,
    /// Names whose values are no secrets, whatever they say.
    keep: Vec<Spanned<String>>,
    /// Accounts that stay as they are, for they are nobody's.
    keep_accounts: Vec<Spanned<String>>,
}

impl RedactKeys {
    /// The rules about members of one operation, and where they stand.
    pub(super) fn of_operations(&self) -> impl Iterator<Item = (&str, usize)> {
        let members = self.members.iter().map(|text| (text.get_ref().as_str(), text.span().start));
        members.filter(|(rule, _)| rule.contains('.'))
    }

    /// The rules, or where the first one stands that cannot be followed.
    pub(super) fn rules(&self) -> Result<Rules, (usize, RuleError)> {
        type Add = fn(Rules, &str) -> Result<Rules, RuleError>;
        let all: [(&[Spanned<String>], Add); 8] = [
            (&self.headers, Rules::header),
            (&self.pointers, Rules::pointer),
            (&self.patterns, Rules::pattern),
            (&self.members, Rules::member),
            (&self.ids, Rules::id),
            (&self.id_patterns, Rules::id_pattern),
            (&self.keep, Rules::keep),
            (&self.keep_accounts, Rules::keep_account),
        ];
        let mut each = all.iter().flat_map(|(texts, add)| texts.iter().map(move |text| (text, add)));
        each.try_fold(Rules::default(), |rules, (text, add)| {
            add(rules, text.get_ref()).map_err(|error| (text.span().start, error))
        })
    }
}

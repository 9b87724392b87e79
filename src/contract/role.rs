//! Roles: what a place in an exchange is for.

/// The values of one exchange that the contract gives a role other than key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// Values of members that the contract marks sensitive.
    pub secrets: Vec<String>,
    /// Page tokens, sent or handed out.
    pub cursors: Vec<String>,
}

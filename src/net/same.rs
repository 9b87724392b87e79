use subtle::ConstantTimeEq as _;

/// Whether two secrets are the same; how long it takes tells nothing but their length.
pub fn is_same_secret(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

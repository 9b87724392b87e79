//! UUIDs (RFC 9562 section 4), in either case.

/// `8-4-4-4-12` hex digits.
pub const UUID_LENGTH: usize = 36;

/// Whether the text is a UUID and nothing else.
pub fn is_uuid(text: &str) -> bool {
    text.len() == UUID_LENGTH && begins_with_uuid(text.as_bytes())
}

/// Whether a text begins with a UUID, whatever follows.
pub fn begins_with_uuid(text: &[u8]) -> bool {
    let fits = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.get(..UUID_LENGTH).is_some_and(|uuid| uuid.iter().enumerate().all(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_known_by_their_form() {
        let one = "550e8400-E29B-41d4-a716-446655440000";
        assert!(is_uuid(one) && begins_with_uuid(format!("{one}0").as_bytes()));
        for none in [format!("{one}0"), one.replace('-', "0"), one.replace('e', "g"), one[1..].to_owned()] {
            assert!(!is_uuid(&none), "{none}");
        }
    }
}

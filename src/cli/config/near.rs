//! What somebody may have meant.

/// The name that differs in the fewest letters, if these are few.
pub(in crate::cli) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let near = names.into_iter().map(|other| (distance(name, other), other)).min()?;
    (near.0 <= 1 + name.chars().count() / 3).then_some(near.1)
}

/// How many letters have to be put in, taken out or changed; letter case does not count.
fn distance(one: &str, other: &str) -> usize {
    strsim::levenshtein(&one.to_lowercase(), &other.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        assert_eq!(nearest("mks", ["eks", "msk", "dsql"]), Some("eks"));
        assert_eq!(nearest("CreateClutser", ["DeleteCluster", "CreateCluster"]), Some("CreateCluster"));
        assert_eq!(nearest("nothing", ["CreateCluster"]), None);
        assert_eq!((distance("", "ab"), distance("kitten", "Sitting")), (2, 3));
    }
}

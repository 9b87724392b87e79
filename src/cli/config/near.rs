//! What somebody may have meant.

/// The name that differs in the fewest letters, if these are few.
pub(super) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let near = names.into_iter().map(|other| (distance(name, other), other)).min()?;
    (near.0 <= 1 + name.chars().count() / 3).then_some(near.1)
}

/// How many letters have to be put in, taken out or changed; letter case does not count.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<_> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, own) in one.to_lowercase().chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, theirs) in other.iter().enumerate() {
            let changed = diagonal + usize::from(own != *theirs);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        assert_eq!(nearest("mks", ["eks", "msk", "dsql"]), Some("eks"));
        assert_eq!(nearest("CreateClutser", ["DeleteCluster", "CreateCluster"]), Some("CreateCluster"));
        assert_eq!(nearest("nothing", ["CreateCluster"]), None);
        assert_eq!((distance("", "ab"), distance("kitten", "sitting")), (2, 3));
    }
}

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process have that many files and connections open at once, as far as the system
/// allows; gives back how many it may have now. It never takes any away. Commands that are started
/// later inherit it.
///
/// Systems start processes with few (often 1,024) for the sake of old programs, and let them ask
/// for more.
pub fn raise_descriptor_limit(wanted: u64) -> u64 {
    let now = getrlimit(Resource::Nofile);
    let allowed = now.maximum.unwrap_or(u64::MAX);
    let Some(current) = now.current else { return u64::MAX };
    let raised = wanted.min(allowed);
    if raised <= current {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: now.maximum }) {
        Ok(()) => raised,
        Err(_) => current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_raised_as_far_as_the_system_allows_and_never_lowered() {
        let before = raise_descriptor_limit(0);
        assert_eq!(before, getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX));
        let allowed = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
        let more = before.saturating_add(1).min(allowed);
        assert_eq!(raise_descriptor_limit(more), more);
        assert_eq!(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX), more);
        assert_eq!(raise_descriptor_limit(1), more);
    }
}

//! A cassette is replaced only by a recording that ended well.

use super::*;
use crate::exchange::Timestamp;

/// A cassette with one exchange and one big body.
fn held(path: &Path) -> Cassette {
    let journal = Journal::replacing(path, &header(), Durability::Grouped).unwrap();
    journal.append(Redacted::read_back(exchange("/held", &vec![b'h'; 300_000]))).unwrap();
    journal.finish(&unchanged).unwrap();
    Cassette::load(path).unwrap()
}

fn bodies_of(path: &Path) -> usize {
    fs::read_dir(beside(path, ".bodies")).map_or(0, |entries| entries.count())
}

/// A recording afresh, with the body of before and another one.
fn afresh(path: &Path) -> Journal {
    let journal = Journal::replacing(path, &header(), Durability::Grouped).unwrap();
    for (number, byte) in [(0, b'h'), (1, b'n')] {
        let exchange = exchange(&format!("/{number}"), &vec![byte; 300_000]);
        journal.append(Redacted::read_back(exchange)).unwrap();
    }
    journal
}

#[test]
fn what_did_not_end_well_lies_beside() {
    let (_folder, path) = folder();
    let before = held(&path);
    let partial = afresh(&path).set_aside(&unchanged).unwrap();
    assert_eq!(partial, Some(partial_of(&path)));
    assert!(Cassette::load(&path).unwrap() == before);
    assert_eq!(targets(&partial_of(&path)), ["/0", "/1"]);
    assert_eq!((bodies_of(&path), bodies_of(&partial_of(&path))), (1, 2));
    assert!(!journal_of(&path).exists());

    // The next one takes its place, but not for good where it holds something else.
    let journal = Journal::replacing(&path, &header(), Durability::Grouped).unwrap();
    journal.append(numbered(7)).unwrap();
    journal.set_aside(&unchanged).unwrap();
    assert_eq!(targets(&partial_of(&path)), ["/7"]);
    assert_eq!(bodies_of(&partial_of(&path)), 0);
    let earlier = beside(&partial_of(&path), ".1");
    assert_eq!((targets(&earlier).len(), bodies_of(&earlier)), (2, 2));
    Cassette::load(&earlier).unwrap();
    afresh(&path).finish(&unchanged).unwrap();
    assert_eq!(targets(&path), ["/0", "/1"]);
}

/// Sets these aside; how many files there are then that hold what was set aside.
fn aside(path: &Path, exchanges: impl IntoIterator<Item = Redacted<Exchange>>) -> usize {
    let journal = Journal::replacing(path, &header(), Durability::Grouped).unwrap();
    exchanges.into_iter().for_each(|exchange| journal.append(exchange).unwrap());
    journal.set_aside(&unchanged).unwrap();
    (1..).take_while(|number| beside(&partial_of(path), &format!(".{number}")).exists()).count() + 1
}

#[test]
fn what_lies_beside_gives_way_only_to_what_holds_all_of_it() {
    let (_folder, path) = folder();
    let later = || {
        let mut exchange = numbered(7).into_inner();
        exchange.timing.started = Timestamp::parse("2026-11-21T18:43:01Z").unwrap();
        exchange.response.headers.push("date", "Sat, 21 Nov 2026 18:43:01 GMT");
        Redacted::read_back(exchange)
    };
    assert_eq!(aside(&path, [numbered(7)]), 1);
    assert_eq!(aside(&path, [later()]), 1, "it is the same again");
    assert_eq!(aside(&path, [numbered(8), later()]), 1, "it holds more");
    assert_eq!(aside(&path, [numbered(9), numbered(10)]), 2, "as many, but others");
    assert_eq!(targets(&beside(&partial_of(&path), ".1")), ["/8", "/7"]);
    assert_eq!(aside(&path, [numbered(9), numbered(9), numbered(9)]), 3, "more, but not all");
    assert_eq!(aside(&path, [numbered(9)]), 4, "not as often");
    // What was recovered is no exception.
    drop(
        Journal::replacing(&path, &header(), Durability::Grouped).map(|it| it.append(numbered(11)).unwrap()),
    );
    recover_beside(&path).unwrap();
    assert_eq!(targets(&partial_of(&path)), ["/11"]);
    assert_eq!(aside(&path, [numbered(12)]), 6);
    assert_eq!(targets(&beside(&partial_of(&path), ".5")), ["/11"]);
}

#[test]
fn nothing_is_nothing_to_set_aside() {
    let (folder, path) = folder();
    let journal = Journal::replacing(&path, &header(), Durability::Grouped).unwrap();
    assert_eq!(journal.set_aside(&unchanged).unwrap(), None);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_a_kill_left_replaces_nothing() {
    let (_folder, path) = folder();
    let before = held(&path);
    drop(afresh(&path));
    let recovered = recover(&path).unwrap().unwrap();
    assert_eq!(recovered, Recovered { exchanges: 2, torn: false, into: Some(partial_of(&path)) });
    assert!(Cassette::load(&path).unwrap() == before);
    assert_eq!(targets(&partial_of(&path)), ["/0", "/1"]);
    assert_eq!(recover(&path).unwrap(), None);
}

#[test]
fn what_a_kill_left_of_a_first_recording_is_no_cassette_for_those_who_replay_one() {
    let (_folder, path) = folder();
    killed(&path, 2);
    let beside = recover_beside(&path).unwrap().unwrap();
    assert_eq!(beside, Recovered { exchanges: 2, torn: false, into: Some(partial_of(&path)) });
    assert!(!path.exists() && targets(&partial_of(&path)).len() == 2);
    // What adds to a cassette is added to it.
    held(&path);
    killed(&path, 2);
    assert_eq!(recover_beside(&path).unwrap().unwrap().into.as_deref(), Some(&*path));
    assert_eq!(targets(&path).len(), 3);
}

#[test]
fn a_kill_in_the_last_moment_does_replace() {
    let (_folder, path) = folder();
    held(&path);
    let old = fs::read(&path).unwrap();
    let journal = afresh(&path);
    let copy = path.with_extension("copy");
    // A second name keeps the journal as it is at the instant before it is taken away.
    fs::hard_link(journal_of(&path), &copy).unwrap();
    journal.finish(&unchanged).unwrap();
    let new = fs::read(&path).unwrap();
    let whole = fs::read(&copy).unwrap();
    let closing = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    // Killed before the closing line, within it, after it, and after the cassette got its name.
    for (end, there) in [(closing, &old), (closing + 9, &old), (whole.len(), &old), (whole.len(), &new)] {
        fs::write(journal_of(&path), &whole[..end]).unwrap();
        fs::write(&path, there).unwrap();
        assert_eq!(recover(&path).unwrap(), recovered(&path, 2, end == closing + 9));
        assert!(fs::read(&path).unwrap() == new, "killed at {end}");
    }
}

#[test]
fn what_a_killed_fold_left_is_taken_away() {
    let (folder, path) = folder();
    killed(&path, 1);
    let (ours, other) =
        (folder.path().join(".msk.json.Ab12cd.tmp"), folder.path().join(".eks.json.Ab12cd.tmp"));
    for file in [&ours, &other] {
        fs::write(file, "cut short").unwrap();
    }
    recover(&path).unwrap();
    assert!(!ours.exists() && other.exists());
}

/// The mode is the user's word on who may read it, and a link the user's word on where it is.
#[cfg(unix)]
#[test]
fn mode_and_link_of_what_is_replaced_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (folder, path) = folder();
    let real = folder.path().join("real.json");
    symlink("real.json", &path).unwrap();
    held(&path);
    assert!(path.is_symlink() && real.is_file(), "a link need not lead to anything yet");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).unwrap();
    let journal = afresh(&path);
    assert_eq!(mode(&journal_of(&real)), 0o640);
    journal.finish(&unchanged).unwrap();
    assert_eq!(
        (targets(&path), targets(&real).len(), mode(&real)),
        (vec!["/0".into(), "/1".into()], 2, 0o440)
    );
    // One body was there before.
    let bodies = fs::read_dir(beside(&real, ".bodies")).unwrap();
    assert_eq!(bodies.filter(|body| mode(&body.as_ref().unwrap().path()) == 0o440).count(), 1);
    Cassette::load(&path).unwrap().save(&path).unwrap();
    assert!(path.is_symlink() && mode(&real) == 0o440);
    assert_eq!(afresh(&path).set_aside(&unchanged).unwrap(), Some(partial_of(&real.canonicalize().unwrap())));
    assert_eq!(mode(&partial_of(&real)), 0o440);
}

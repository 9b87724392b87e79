mod crowd;
mod disk;
mod gate;
mod replacing;

use super::*;
use crate::cassette::tests::{exchange, folder, header};
use crate::cassette::{Cassette, Origin};
use crate::redact::Leak;

fn numbered(number: usize) -> Redacted<Exchange> {
    Redacted::read_back(exchange(&format!("/{number}"), br#"{"a":"b"}"#))
}

/// A gate that finds nothing.
#[expect(clippy::unnecessary_wraps, reason = "gates may refuse")]
fn unchanged(exchange: &Redacted<Exchange>) -> Result<Redacted<Exchange>, Leak> {
    Ok(exchange.clone())
}

fn recovered(path: &Path, exchanges: usize, torn: bool) -> Option<Recovered> {
    Some(Recovered { exchanges, torn, into: (exchanges > 0).then(|| path.to_owned()) })
}

/// The targets of the exchanges in a cassette.
fn targets(path: &Path) -> Vec<String> {
    let cassette = Cassette::load(path).unwrap();
    cassette.exchanges.iter().map(|exchange| exchange.request.target.to_string()).collect()
}

/// A journal with that many exchanges, of a recorder that was killed.
fn killed(path: &Path, exchanges: usize) -> Vec<u8> {
    let journal = Journal::open(path, &header(), Durability::Grouped).unwrap();
    (0..exchanges).for_each(|number| journal.append(numbered(number)).unwrap());
    drop(journal);
    fs::read(journal_of(path)).unwrap()
}

#[test]
fn a_journal_cut_anywhere_gives_all_its_whole_lines() {
    let (_folder, path) = folder();
    let bytes = killed(&path, 3);
    for end in 0..=bytes.len() {
        let _ = fs::remove_file(&path);
        fs::write(journal_of(&path), &bytes[..end]).unwrap();
        let whole = bytes[..end].iter().filter(|byte| **byte == b'\n').count();
        let torn = end > 0 && bytes[end - 1] != b'\n';
        let exchanges = whole.saturating_sub(1);
        assert_eq!(recover(&path).unwrap(), recovered(&path, exchanges, torn), "cut at {end}");
        if exchanges == 0 {
            assert!(!path.exists());
        } else {
            assert_eq!(targets(&path), ["/0", "/1", "/2"][..exchanges]);
        }
        assert!(!journal_of(&path).exists());
        assert_eq!(recover(&path).unwrap(), None);
    }
}

#[test]
fn a_line_that_was_changed_is_an_error_and_changes_nothing() {
    let (_folder, path) = folder();
    let bytes = killed(&path, 3);
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 40;
    let mut damaged = bytes.clone();
    damaged[second] ^= 1;
    fs::write(journal_of(&path), &damaged).unwrap();
    let message = recover(&path).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "msk.json.journal:2: the journal is damaged (its checksum does not fit): delete this line to recover the rest"
        ),
        "{message}"
    );
    assert!(!path.exists());
    assert_eq!(fs::read(journal_of(&path)).unwrap(), damaged);
}

#[test]
fn a_kill_between_cassette_and_journal_does_not_record_twice() {
    let (_folder, path) = folder();
    killed(&path, 2);
    recover(&path).unwrap();
    let journal = Journal::open(&path, &header(), Durability::Grouped).unwrap();
    journal.append(numbered(2)).unwrap();
    let copy = path.with_extension("copy");
    // A second name keeps the journal as it is at the instant before it is taken away.
    fs::hard_link(journal_of(&path), &copy).unwrap();
    assert_eq!(journal.finish(&unchanged).unwrap(), Folded { exchanges: 1 });
    fs::rename(&copy, journal_of(&path)).unwrap();
    assert_eq!(recover(&path).unwrap(), recovered(&path, 1, false));
    assert_eq!(targets(&path), ["/0", "/1", "/2"]);
}

#[test]
fn a_kill_before_the_cassette_has_its_name_loses_nothing() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path, &header(), Durability::Grouped).unwrap();
    journal.append(numbered(0)).unwrap();
    let copy = path.with_extension("copy");
    fs::hard_link(journal_of(&path), &copy).unwrap();
    journal.finish(&unchanged).unwrap();
    fs::rename(&copy, journal_of(&path)).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(recover(&path).unwrap(), recovered(&path, 1, false));
    assert_eq!(targets(&path), ["/0"]);
}

#[test]
fn a_recording_is_added_or_replaces() {
    let (_folder, path) = folder();
    killed(&path, 1);
    recover(&path).unwrap();
    let before = fs::read(&path).unwrap();
    Journal::open(&path, &header(), Durability::Grouped).unwrap().finish(&unchanged).unwrap();
    assert_eq!(fs::read(&path).unwrap(), before, "a recording of nothing changes nothing");

    let journal = Journal::open(&path, &header(), Durability::Grouped).unwrap();
    journal.append(numbered(7)).unwrap();
    journal.finish(&unchanged).unwrap();
    assert_eq!(targets(&path), ["/0", "/7"]);

    let journal = Journal::replacing(&path, &header(), Durability::Grouped).unwrap();
    journal.append(numbered(8)).unwrap();
    journal.finish(&unchanged).unwrap();
    assert_eq!(targets(&path), ["/8"]);
}

#[test]
fn two_recorders_do_not_mix() {
    let (_folder, path) = folder();
    let first = Journal::open(&path, &header(), Durability::Grouped).unwrap();
    let busy = "another onrecord is recording into this cassette";
    assert!(Journal::open(&path, &header(), Durability::Grouped).err().unwrap().to_string().contains(busy));
    assert!(recover(&path).unwrap_err().to_string().contains(busy));
    first.append(numbered(0)).unwrap();
    drop(first);
    let left = Journal::open(&path, &header(), Durability::Grouped).err().unwrap().to_string();
    assert!(left.contains("a recording was killed and its exchanges are still here"), "{left}");
}

#[test]
fn what_is_there_is_checked_before_the_recording() {
    let (_folder, path) = folder();
    killed(&path, 1);
    recover(&path).unwrap();
    let account = Header { origin: Origin::Account, ..header() };
    let message = Journal::open(&path, &account, Durability::Grouped).err().unwrap().to_string();
    let expected =
        "was recorded from the emulator moto 5.1, not from a real account: record into another file";
    assert!(message.ends_with(expected), "{message}");
    fs::write(&path, "{\"format\": 1").unwrap();
    assert!(
        Journal::open(&path, &header(), Durability::Grouped).err().unwrap().to_string().contains("cut short")
    );
    assert!(!journal_of(&path).exists());
}

#[test]
fn a_journal_of_a_newer_format_is_left_alone() {
    let (_folder, path) = folder();
    let bytes = lines::line(&serde_json::json!({ "format": 2 })).unwrap();
    fs::write(journal_of(&path), &bytes).unwrap();
    let message = recover(&path).unwrap_err().to_string();
    assert!(
        message.ends_with("format 2 is newer than this onrecord reads (1): upgrade onrecord"),
        "{message}"
    );
    assert_eq!(fs::read(journal_of(&path)).unwrap(), bytes);
}

#[test]
fn what_is_no_journal_is_left_alone() {
    let (_folder, path) = folder();
    for text in
        ["my notes", "my notes\n", "cafe and\nmore", "0123abcd {\"name\": 1}", "0123abcd {\"name\": 1}\n"]
    {
        fs::write(journal_of(&path), text).unwrap();
        for message in
            [recover(&path).unwrap_err().to_string(), recover_beside(&path).unwrap_err().to_string()]
        {
            assert!(message.contains("msk.json.journal: not a journal of ours, so it is left"), "{message}");
        }
        assert_eq!(fs::read_to_string(journal_of(&path)).unwrap(), text);
    }
}

#[test]
fn a_failed_write_says_what_is_safe() {
    let (_folder, path) = folder();
    let mut journal = Journal::open(&path, &header(), Durability::Grouped).unwrap();
    journal.append(numbered(0)).unwrap();
    let length = fs::metadata(journal_of(&path)).unwrap().len();
    let unwritable = File::open(journal_of(&path)).unwrap();
    journal.writer = Writer::new(journal_of(&path), unwritable, length, Durability::Grouped).unwrap();
    for _ in 0..2 {
        let message = journal.append(numbered(1)).unwrap_err().to_string();
        assert!(message.contains("exchanges before are safe in it: make room, then run"), "{message}");
    }
    drop(journal);
    assert_eq!(recover(&path).unwrap(), recovered(&path, 1, false));
}

#[test]
fn a_failed_fold_says_what_is_safe() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path, &header(), Durability::Grouped).unwrap();
    journal.append(numbered(0)).unwrap();
    fs::write(&path, "{\"format\": 1").unwrap();
    let message = journal.finish(&unchanged).unwrap_err().to_string();
    assert!(message.contains("cut short"), "{message}");
    assert!(message.contains("all that was recorded is safe in"), "{message}");
    fs::remove_file(&path).unwrap();
    assert_eq!(recover(&path).unwrap(), recovered(&path, 1, false));
}

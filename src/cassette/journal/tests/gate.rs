//! What the gate before the cassette changes or refuses is in no file any more.

use super::*;
use crate::exchange::Body;

const SECRET: &str = "hunter2-hunter2";

fn leak() -> Leak {
    Leak { place: "response body".into(), kind: "a password".into(), cure: "declare it" }
}

/// An exchange with that much of a body after what it says.
fn saying(number: usize, words: &str, padding: usize) -> Redacted<Exchange> {
    let answer = format!("{words}{}", "x".repeat(padding));
    Redacted::read_back(exchange(&format!("/{number}"), answer.as_bytes()))
}

fn says_secret(exchange: &Exchange) -> bool {
    exchange.response.body.text().is_some_and(|text| text.contains(SECRET))
}

/// A gate that puts these words in the place of the secret.
fn replacing(words: &str) -> impl Fn(&Redacted<Exchange>) -> Result<Redacted<Exchange>, Leak> {
    move |exchange| {
        let mut exchange = exchange.clone().into_inner();
        if says_secret(&exchange) {
            let text = exchange.response.body.text().unwrap().replace(SECRET, words);
            exchange.response.body = Body::from(text);
        }
        Ok(Redacted::read_back(exchange))
    }
}

fn refusing(exchange: &Redacted<Exchange>) -> Result<Redacted<Exchange>, Leak> {
    if says_secret(exchange) { Err(leak()) } else { Ok(exchange.clone()) }
}

/// Every file in the folder that holds the secret.
fn holding(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path));
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(SECRET) {
            found.push(path);
        }
    }
    found
}

/// A recording of which the second and the fourth exchange hold the secret, the fourth in a file
/// of its own.
fn recording(path: &Path, onto: Onto) -> Journal {
    let journal = match onto {
        Onto::Held => Journal::open(path, &header(), Durability::Grouped),
        Onto::Nothing => Journal::replacing(path, &header(), Durability::Grouped),
    };
    let journal = journal.unwrap();
    for number in 0..5 {
        let padding = if number == 3 { 300_000 } else { 10 };
        let words = if number % 2 == 1 { SECRET } else { "harmless" };
        journal.append(saying(number, words, padding)).unwrap();
    }
    journal
}

#[test]
fn what_was_learned_late_is_taken_out_of_what_was_written_early() {
    for words in ["x", "a pseudonym that is longer than what it stands for"] {
        let (folder, path) = folder();
        assert_eq!(holding(folder.path()), [] as [PathBuf; 0]);
        let journal = recording(&path, Onto::Held);
        assert_eq!(holding(folder.path()).len(), 2, "the journal and a body");
        let folded = journal.finish(&replacing(words)).unwrap();
        assert_eq!(folded, Folded { exchanges: 5 });
        assert_eq!(holding(folder.path()), [] as [PathBuf; 0]);
        assert_eq!(targets(&path), ["/0", "/1", "/2", "/3", "/4"]);
        let cassette = Cassette::load(&path).unwrap();
        assert!(cassette.exchanges[1].response.body.text().unwrap().starts_with(words));
        assert!(cassette.exchanges[3].response.body.text().unwrap().starts_with(words));
    }
}

#[test]
fn an_exchange_that_leaks_is_left_out_and_told() {
    let (folder, path) = folder();
    let message = recording(&path, Onto::Held).finish(&refusing).unwrap_err().to_string();
    assert_eq!(
        message.replace(&format!("{}/", folder.path().display()), ""),
        "ListClusters of 2026-11-21T07:32:37.250Z: a password would be left in the response body: the exchange is \
         not written; declare it; so it is with one more; the 3 other exchanges are in msk.json"
    );
    assert_eq!(holding(folder.path()), [] as [PathBuf; 0]);
    assert_eq!(targets(&path), ["/0", "/2", "/4"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn nothing_that_fails_after_the_gate_leaves_a_secret() {
    for gate in [&replacing("a pseudonym that is longer") as Gate<'_>, &refusing] {
        let (folder, path) = folder();
        let journal = recording(&path, Onto::Nothing);
        // Where a folder has the name of the cassette, that cannot be written.
        fs::create_dir(&path).unwrap();
        let message = journal.finish(gate).unwrap_err().to_string();
        assert!(message.contains("all that was recorded is safe in"), "{message}");
        assert_eq!(holding(folder.path()), [] as [PathBuf; 0]);
        fs::remove_dir(&path).unwrap();
        let recovered = recover(&path).unwrap().unwrap();
        assert_eq!(targets(&path).len(), recovered.exchanges);
        assert!(recovered.exchanges >= 3 && !recovered.torn);
        assert_eq!(holding(folder.path()), [] as [PathBuf; 0]);
    }
}

#[test]
fn a_recording_with_a_leak_replaces_nothing() {
    let (folder, path) = folder();
    killed(&path, 1);
    recover(&path).unwrap();
    let before = fs::read(&path).unwrap();
    let message = recording(&path, Onto::Nothing).finish(&refusing).unwrap_err().to_string();
    assert!(message.ends_with("msk.json.partial"), "{message}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(targets(&partial_of(&path)), ["/0", "/2", "/4"]);
    assert_eq!(holding(folder.path()), [] as [PathBuf; 0]);
}

#[test]
fn bodies_of_the_cassette_that_is_added_to_stay() {
    let (_folder, path) = folder();
    let held = saying(9, SECRET, 300_000);
    let journal = Journal::open(&path, &header(), Durability::Grouped).unwrap();
    journal.append(held.clone()).unwrap();
    journal.finish(&unchanged).unwrap();
    let message = recording(&path, Onto::Held).finish(&refusing).unwrap_err().to_string();
    assert!(message.contains("; the 3 other exchanges are in "), "{message}");
    assert!(Cassette::load(&path).unwrap().exchanges[0] == held, "it was not recorded in this session");
}

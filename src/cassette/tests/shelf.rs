//! A cassette on disk is what it is in memory, and broken where it is broken there.

use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::Index;

use super::*;

/// All exchanges with what was noted of them, or the error.
fn on_disk(path: &Path) -> Result<Vec<(Request, Redacted<Exchange>)>, String> {
    let told = |error: CassetteError| error.to_string();
    let mut shelf = Shelf::open(path).map_err(told)?;
    let noted = shelf.survey(Request::clone).map_err(told)?;
    let read =
        |(number, request)| (request, Arc::unwrap_or_clone(shelf.exchange(number).expect("it was surveyed")));
    Ok(noted.into_iter().enumerate().map(read).collect())
}

fn in_memory(path: &Path) -> Result<Vec<(Request, Redacted<Exchange>)>, String> {
    let cassette = Cassette::load(path).map_err(|error| error.to_string())?;
    Ok(cassette.exchanges.into_iter().map(|exchange| (exchange.request.clone(), exchange)).collect())
}

/// What somebody, or a disk, does to a file.
#[derive(Debug, Clone)]
enum Damage {
    Cut(Index),
    Overwritten(Index, u8),
    Inserted(Index, &'static str),
    Taken(Index, usize),
}

const PIECES: &[&str] = &["\n", "\n    {", "},", "\n  ]\n}\n", "}", "\"", ",", "é", "{\"json\": 1}", " "];

fn any_damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Overwritten(at, byte)),
        (any::<Index>(), proptest::sample::select(PIECES)).prop_map(|(at, text)| Damage::Inserted(at, text)),
        (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Damage::Taken(at, length)),
    ]
}

fn damage(mut text: Vec<u8>, damage: &Damage) -> Vec<u8> {
    match damage {
        Damage::Cut(at) => text.truncate(at.index(text.len())),
        Damage::Overwritten(at, byte) => {
            let at = at.index(text.len());
            text[at] = *byte;
        }
        Damage::Inserted(at, piece) => {
            let at = at.index(text.len());
            text.splice(at..at, piece.bytes());
        }
        Damage::Taken(at, length) => {
            let at = at.index(text.len());
            text.drain(at..(at + length).min(text.len()));
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_shelf_holds_what_its_cassette_holds(exchanges in any_exchanges()) {
        let (_folder, path) = folder();
        cassette(exchanges).save(&path).unwrap();
        prop_assert_eq!(on_disk(&path).unwrap(), in_memory(&path).unwrap());
    }

    #[test]
    fn a_shelf_is_broken_where_its_cassette_is(
        exchanges in any_exchanges(),
        damages in proptest::collection::vec(any_damage(), 8),
    ) {
        let (_folder, path) = folder();
        cassette(exchanges).save(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for one in &damages {
            fs::write(&path, damage(whole.clone(), one)).unwrap();
            prop_assert_eq!(on_disk(&path), in_memory(&path), "{:?}", one);
        }
    }
}

/// A formatter may have gone over it.
#[test]
fn another_layout_is_read_too() {
    let (_folder, path) = folder();
    cassette([exchange("/a", b"{\"a\":1}"), exchange("/b", b"b")]).save(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    for other in [
        serde_json::to_string(&read).unwrap(),
        serde_json::to_string_pretty(&read).unwrap(),
        text.replace('\n', "\r\n"),
    ] {
        fs::write(&path, other).unwrap();
        let read = on_disk(&path).unwrap();
        assert_eq!(read, in_memory(&path).unwrap());
        assert_eq!(read.len(), 2);
    }
}

/// Several segments, and exchanges that are longer than one.
#[test]
fn exchanges_across_segments_are_found() {
    let (_folder, path) = folder();
    let exchanges = (0..40).map(|number| {
        let size = if number % 7 == 3 { 250_000 } else { 60_000 };
        exchange(&format!("/{number}"), format!("{number}: {}", "line\n".repeat(size / 5)).as_bytes())
    });
    cassette(exchanges).save(&path).unwrap();
    assert!(fs::metadata(&path).unwrap().len() > 3 << 20);
    assert!(matches!(Shelf::open(&path).unwrap().kept, super::super::shelf::Kept::Filed(_)));
    assert_eq!(on_disk(&path).unwrap(), in_memory(&path).unwrap());
}

/// What was surveyed and is not there any more is not served as something else.
#[test]
fn a_file_that_changes_gives_nothing() {
    let (_folder, path) = folder();
    cassette([exchange("/a", b"a"), exchange("/b", b"b")]).save(&path).unwrap();
    let mut shelf = Shelf::open(&path).unwrap();
    shelf.survey(|_| ()).unwrap();
    // In its place, as editors do that do not replace.
    let text = fs::read_to_string(&path).unwrap();
    let swapped = text.replace("/a", "/c").replace("/b", "/a").replace("/c", "/b");
    for other in [swapped.as_str(), "{}"] {
        fs::write(&path, other).unwrap();
        assert!((0..2).all(|number| shelf.exchange(number).is_none()));
    }
    assert!((0..3).all(|number| shelf.exchange(number).is_none()));
}

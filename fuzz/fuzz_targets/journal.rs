//! Any bytes beside a cassette are a journal that is recovered, or an error that leaves it there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::cassette::{Cassette, recover};

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fuzz.json");
    let journal = folder.path().join("fuzz.json.journal");
    std::fs::write(&journal, bytes).expect("written");
    match recover(&path) {
        Ok(Some(recovered)) if recovered.exchanges > 0 => drop(Cassette::load(&path).expect("a whole cassette")),
        Ok(_) => {}
        Err(_) => assert!(journal.exists(), "nothing is thrown away"),
    }
});

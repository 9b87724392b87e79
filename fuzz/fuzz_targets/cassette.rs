//! Any bytes are a cassette or an error; a cassette that was read is written back and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::cassette::Cassette;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fuzz.json");
    std::fs::write(&path, bytes).expect("written");
    if let Ok(cassette) = Cassette::load(&path) {
        cassette.save(&path).expect("what was read can be written");
        assert!(Cassette::load(&path).expect("and read again") == cassette);
    }
});

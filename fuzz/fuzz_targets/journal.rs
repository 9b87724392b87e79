//! Any bytes beside a cassette are a journal that is recovered, or an error that leaves it there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onrecord::cassette::{Cassette, CassetteError, recover};
use onrecord::encoding;

/// Lines with the checksums that they should have: what is behind those is to be read too.
fn sealed(lines: &[u8]) -> Vec<u8> {
    let mut journal = Vec::new();
    for json in lines.split(|byte| *byte == b'\n').filter(|json| !json.is_empty()) {
        journal.extend_from_slice(format!("{:08x} ", encoding::crc32(json)).as_bytes());
        journal.extend_from_slice(json);
        journal.push(b'\n');
    }
    journal
}

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fuzz.json");
    let journal = folder.path().join("fuzz.json.journal");
    let bytes = match bytes {
        [b'#', lines @ ..] => sealed(lines),
        bytes => bytes.to_vec(),
    };
    std::fs::write(&journal, bytes).expect("written");
    match recover(&path) {
        Ok(Some(recovered)) if recovered.exchanges > 0 => match Cassette::load(&path) {
            Ok(cassette) => {
                assert_eq!(cassette.exchanges.len(), recovered.exchanges);
                cassette.save(&path).expect("what was read can be written");
                assert!(Cassette::load(&path).expect("and read again") == cassette);
            }
            // What no recorder writes: a view of something else, a body that is in no file.
            Err(CassetteError::Misfit { .. } | CassetteError::Body { .. }) => {}
            Err(error) => panic!("{error}"),
        },
        Ok(_) => assert!(!journal.exists()),
        Err(_) => assert!(journal.exists(), "nothing is thrown away"),
    }
});

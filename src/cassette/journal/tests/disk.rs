//! A disk without room. A limit on the size of files fails as a full disk does; it holds for a
//! whole process, so the test runs itself once more under one.

use std::env;
use std::process::Command;

use super::*;

const CRAMPED: &str = "ONRECORD_TEST_CRAMPED";

#[cfg(unix)]
#[test]
fn a_full_disk_keeps_what_was_written() {
    if let Some(folder) = env::var_os(CRAMPED) {
        return fill(&Path::new(&folder).join("msk.json"));
    }
    let (folder, path) = folder();
    let test = "cassette::journal::tests::disk::a_full_disk_keeps_what_was_written";
    let ran = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 32; exec \"$@\"", "sh"])
        .arg(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(CRAMPED, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{told}");
    let written: usize = fs::read_to_string(folder.path().join("written")).unwrap().parse().unwrap();
    assert!(written > 10);
    // Outside of the limit there is room again.
    assert_eq!(recover(&path).unwrap(), recovered(&path, written, false));
    assert_eq!(targets(&path).len(), written);
}

/// Appends until the disk is full.
fn fill(path: &Path) {
    let journal = Journal::open(path, &header(), Durability::Grouped).unwrap();
    let (mut written, mut refused) = (0_usize, 0);
    // What is shorter may still find room; it must not stand behind a part of a line.
    while refused < 20 {
        let answer = vec![b'a'; 1000 - 40 * refused];
        match journal.append(Redacted::read_back(exchange(&format!("/{written}"), &answer))) {
            Ok(()) => written += 1,
            Err(error) => {
                let message = error.to_string();
                let safe = format!("the {written} exchanges before are safe in it: make room, then run");
                assert!(message.contains(&safe), "{message}");
                refused += 1;
            }
        }
    }
    let lines = fs::read(journal_of(path)).unwrap();
    assert_eq!(lines.last(), Some(&b'\n'), "no part of a line is left");
    // The cassette is longer than its journal: it cannot be written either, and all is kept.
    let message = journal.finish(&unchanged).unwrap_err().to_string();
    assert!(message.contains("all that was recorded is safe in"), "{message}");
    assert!(!path.exists());
    let left = fs::read(journal_of(path)).unwrap();
    assert!(left == lines, "the journal is as it was");
    fs::write(path.with_file_name("written"), written.to_string()).unwrap();
}

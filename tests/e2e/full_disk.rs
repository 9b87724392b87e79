//! A disk that fills up while a recording is made: a small tmpfs, which only root may mount.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::diary::{Recorder, Traffic, recovered};
use crate::parts::{Moto, ready, skipped};

/// A file system of its own, of so many KiB.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn of(kib: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        mount(&format!("size={kib}k"), folder.path()).then_some(Self { folder })
    }

    fn grow_to(&self, kib: u32) {
        assert!(mount(&format!("remount,size={kib}k"), self.folder.path()), "it grows");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.folder.path()).status();
    }
}

fn mount(options: &str, at: &Path) -> bool {
    let mut command = Command::new("mount");
    command.args(["-t", "tmpfs", "-o", options, "onrecord-test"]).arg(at);
    command.output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_full_disk_loses_nothing_that_a_client_has_seen() {
    if !ready() {
        return;
    }
    let Some(disk) = Disk::of(512) else {
        return skipped("no tmpfs can be mounted (needs root)");
    };
    let moto = Moto::start();
    let cassette = disk.file("a.json");
    let recorder = Recorder::start(&moto.url, &cassette);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let diary = Traffic::start(&recorder.url, elsewhere.path().join("seen"), 32).ended();
    let (status, told) = recorder.ended();

    assert_eq!(status.code(), Some(3), "{told}");
    assert!(told.contains("No space left on device"), "what happened: {told}");
    assert!(told.contains("onrecord cassette recover"), "what to do: {told}");
    assert!(diary.len() > 20, "something was recorded before: {}", diary.len());
    assert!(!cassette.exists(), "no half of a cassette");
    disk.grow_to(64 << 10);
    recovered(&cassette, &diary);
}

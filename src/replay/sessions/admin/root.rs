use std::io;
use std::path::{Path, PathBuf};

use super::refusal::Refusal;

/// The folder below which cassettes may be opened.
#[derive(Debug, Clone)]
pub struct Root(PathBuf);

impl Root {
    /// # Errors
    /// Where there is no such folder.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let folder = folder.canonicalize()?;
        match folder.is_dir() {
            true => Ok(Self(folder)),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// The file that a path means: below the folder, wherever links lead.
    pub(super) fn cassette(&self, path: &str) -> Result<PathBuf, Refusal> {
        let shown: String = path.chars().take(256).collect();
        let found = self.0.join(path).canonicalize().ok().filter(|found| found.starts_with(&self.0));
        // What lies outside is not told from what is not there.
        let missing = || {
            let root = self.0.display();
            Refusal::new(
                422,
                "cassette",
                format!(
                    "{shown}: no file below {root}, where cassettes may be; name one, or start with --cassette-root"
                ),
            )
        };
        found.filter(|found| found.is_file()).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_files_below_the_folder_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
        fs::create_dir_all(inside.join("deep")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("secret.json"), "").unwrap();
        fs::write(inside.join("deep/a.json"), "").unwrap();
        symlink(outside.join("secret.json"), inside.join("link.json")).unwrap();
        symlink(&outside, inside.join("way")).unwrap();
        symlink(inside.join("deep/a.json"), inside.join("fine.json")).unwrap();
        let root = Root::new(&inside).unwrap();
        let absolute = inside.canonicalize().unwrap().join("deep/a.json");
        for path in ["deep/a.json", "deep/../deep/a.json", "fine.json", absolute.to_str().unwrap()] {
            assert_eq!(root.cassette(path).unwrap(), absolute, "{path}");
        }
        let secret = outside.join("secret.json");
        for path in [
            "../out/secret.json",
            "link.json",
            "way/secret.json",
            secret.to_str().unwrap(),
            "deep",
            "",
            "no",
            "a\0b",
        ] {
            assert!(root.cassette(path).is_err(), "{path}");
        }
        assert!(Root::new(&absolute).is_err() && Root::new(&folder.path().join("no")).is_err());
    }
}

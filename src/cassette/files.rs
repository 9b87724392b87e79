//! Files that are replaced whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

use super::CassetteError;

/// Replaces a file by what `write` writes. A reader sees the old file or the new one, also
/// after a crash at any instant.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), CassetteError> {
    let mut replacement = Replacement::begin(path)?;
    write(&mut replacement.out).map_err(CassetteError::io("write", path))?;
    replacement.finish()
}

/// A file that will take the place of another.
pub(super) struct Replacement<'a> {
    path: &'a Path,
    temporary: TempPath,
    pub(super) out: BufWriter<File>,
}

impl<'a> Replacement<'a> {
    /// In the same folder, because a rename is atomic only inside one file system.
    pub(super) fn begin(path: &'a Path) -> Result<Self, CassetteError> {
        create_folder(path)?;
        let temporary = temporary(path).map_err(CassetteError::io("create a file beside", path))?;
        let (file, temporary) = temporary.into_parts();
        Ok(Self { path, temporary, out: BufWriter::with_capacity(1 << 16, file) })
    }

    pub(super) fn file(&self) -> &File {
        self.out.get_ref()
    }

    /// The new file is on disk before it gets the name, and the name before this returns.
    pub(super) fn finish(self) -> Result<(), CassetteError> {
        let Self { path, temporary, out } = self;
        let file = out.into_inner().map_err(|error| CassetteError::io("write", path)(error.into_error()))?;
        file.sync_all().map_err(CassetteError::io("write", path))?;
        temporary.persist(path).map_err(|error| CassetteError::io("replace", path)(error.error))?;
        sync_folder(path)
    }
}

/// Makes the folder that a file is to lie in.
pub(super) fn create_folder(path: &Path) -> Result<(), CassetteError> {
    let folder = folder(path);
    fs::create_dir_all(folder).map_err(CassetteError::io("create", folder))
}

/// Makes a created, renamed or removed name durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), CassetteError> {
    // Windows cannot open a folder as a file, and orders its metadata itself.
    if cfg!(unix) {
        let folder = folder(path);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(CassetteError::io("sync", folder))?;
    }
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Takes away what a killed process has left of a file that was to replace this one. Nobody else
/// may be replacing it.
pub(super) fn remove_temporary(path: &Path) -> Result<(), CassetteError> {
    let (folder, prefix) = (folder(path), prefix(path));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(CassetteError::io("list", folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(CassetteError::io("list", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let random = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(TEMPORARY));
        if random.is_some_and(|random| random.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            fs::remove_file(entry.path()).map_err(CassetteError::io("remove", &entry.path()))?;
        }
    }
    Ok(())
}

/// How the name of a file ends that has not got its own yet.
pub(super) const TEMPORARY: &str = ".tmp";

/// How such a name begins: it says which file it is for.
fn prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.")
}

fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let prefix = prefix(path);
    builder.prefix(&prefix).suffix(TEMPORARY);
    // A cassette is read by others: the restrictive mode of temporary files is not for it. The
    // process's umask still applies.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(path))
}

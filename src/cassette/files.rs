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

fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".onrecord-").suffix(".tmp");
    // A cassette is read by others: the restrictive mode of temporary files is not for it. The
    // process's umask still applies.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(path))
}

//! Files that are replaced whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::CassetteError;

/// Replaces a file by what `write` writes. A reader sees the old file or the new one, also
/// after a crash at any instant. Who may read `like` may read it.
pub(super) fn replace(
    path: &Path,
    like: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), CassetteError> {
    let mut replacement = Replacement::begin(path, like)?;
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
    /// In the same folder, because a rename is atomic only inside one file system. It has the mode of
    /// `like`, if that is there.
    pub(super) fn begin(path: &'a Path, like: &Path) -> Result<Self, CassetteError> {
        create_folder(path)?;
        let temporary = temporary(path).map_err(CassetteError::io("create a file beside", path))?;
        let (file, temporary) = temporary.into_parts();
        take_mode(&file, like, 0).map_err(CassetteError::io("create a file beside", path))?;
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

/// The file that a name leads to: it is replaced, and links to it stay.
pub(super) fn behind_links(path: &Path) -> PathBuf {
    if !path.is_symlink() {
        return path.to_owned();
    }
    // What a link leads to need not be there yet.
    let named = || fs::read_link(path).map(|to| folder(path).join(to));
    fs::canonicalize(path).or_else(|_| named()).unwrap_or_else(|_| path.to_owned())
}

/// Who may read or write the one may do so with the other, and whoever these bits say.
#[cfg(unix)]
pub(super) fn take_mode(file: &File, of: &Path, also: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match fs::metadata(of) {
        Ok(held) => {
            let mode = held.permissions().mode() & 0o777 | also;
            file.set_permissions(fs::Permissions::from_mode(mode))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Elsewhere a new file has the rights of its folder.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where there are modes")]
pub(super) fn take_mode(_file: &File, _of: &Path, _also: u32) -> io::Result<()> {
    Ok(())
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

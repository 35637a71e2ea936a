//! Reading the agreements' files from disk. What they mean is [`crate::agreement`]'s.

use std::path::Path;

use crate::agreement::SourceFile;

/// Why the files could not be read.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` cannot be read")]
pub struct Unreadable {
    path: String,
    #[source]
    source: std::io::Error,
}

/// All `*.toml` files of all agreements: `<folder>/<agreement>/<file>.toml`, in the order of their
/// names.
pub fn files(folder: &Path) -> Result<Vec<SourceFile>, Unreadable> {
    let mut files = Vec::new();
    for agreement in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        let name = agreement.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for path in entries(&agreement)?.into_iter().filter(|path| path.extension().is_some_and(|it| it == "toml")) {
            let text = std::fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
            files.push(SourceFile { agreement: name.clone(), name: path.display().to_string(), text });
        }
    }
    Ok(files)
}

/// The same, where the folder may also be that of one agreement, with its files right in it.
pub fn files_of(folder: &Path) -> Result<Vec<SourceFile>, Unreadable> {
    let is_file = |path: &std::path::PathBuf| path.is_file() && path.extension().is_some_and(|it| it == "toml");
    if !entries(folder)?.iter().any(is_file) {
        return files(folder);
    }
    let whole = folder.canonicalize().map_err(|source| unreadable(folder, source))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = Vec::new();
    for path in entries(folder)?.into_iter().filter(is_file) {
        let text = std::fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
        files.push(SourceFile { agreement: name.clone(), name: path.display().to_string(), text });
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, Unreadable> {
    let read = std::fs::read_dir(folder).map_err(|source| unreadable(folder, source))?;
    let mut paths = Vec::new();
    for entry in read {
        paths.push(entry.map_err(|source| unreadable(folder, source))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, source: std::io::Error) -> Unreadable {
    Unreadable { path: path.display().to_string(), source }
}

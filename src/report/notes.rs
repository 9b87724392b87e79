//! Notes that are read again when runs are merged.

const UNCALLED: &str = " was not called: ";

/// That nothing called an operation, and why.
pub fn not_called(operation: &str, why: &str) -> String {
    format!("{operation}{UNCALLED}{why}")
}

/// The operation that a note says was not called.
pub(super) fn uncalled(note: &str) -> Option<&str> {
    note.split_once(UNCALLED).map(|(operation, _)| operation)
}

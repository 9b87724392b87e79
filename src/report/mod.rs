//! Words: a run, and its renderings.

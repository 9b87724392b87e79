//! Checks as libtest-mimic trials.

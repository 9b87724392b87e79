//! Runs cases against a target: fixtures, walks, shrinking, clean-up.

//! The embedded provider that serves any contract from memory, and its faults.

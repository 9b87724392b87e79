//! The door: nothing is stored, logged or shown before it has passed here.

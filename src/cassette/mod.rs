//! Memory: recorded exchanges in a file, and the journal that a recording appends to.

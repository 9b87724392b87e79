//! Serves a cassette back: index, matching, the explanation of a miss.

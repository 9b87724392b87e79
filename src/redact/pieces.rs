//! The pieces of a streamed body, made to fit the body that was rewritten.

use super::body;
use crate::exchange::{Body, Headers, Piece};

/// The pieces of the new body. One that ended with a line or a message does so again.
pub(super) fn fitted(pieces: &[Piece], headers: &Headers, old: &Body, new: &Body) -> Vec<Piece> {
    if pieces.is_empty() || old == new {
        return pieces.to_vec();
    }
    let mut old_frames = body::frames(headers, old.as_bytes());
    let mut new_frames = body::frames(headers, new.as_bytes());
    if old_frames.len() != new_frames.len() {
        (old_frames, new_frames) = (vec![old.len()], vec![new.len()]);
    }
    let (mut end, mut new_start) = (0, 0);
    let mut fitted: Vec<_> = pieces
        .iter()
        .map(|piece| {
            end += piece.length;
            let new_end = moved(end, &old_frames, &new_frames).max(new_start);
            let length = new_end - new_start;
            new_start = new_end;
            Piece { length, ..*piece }
        })
        .collect();
    if let Some(last) = fitted.last_mut() {
        last.length += new.len().saturating_sub(new_start);
    }
    fitted
}

/// Where a place of the old body lies in the new one.
fn moved(place: usize, old: &[usize], new: &[usize]) -> usize {
    let (mut old_start, mut new_start) = (0, 0);
    for (old_length, new_length) in old.iter().zip(new) {
        if place < old_start + old_length {
            return new_start + (place - old_start).min(*new_length);
        }
        old_start += old_length;
        new_start += new_length;
    }
    new_start
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn lengths_add_up_and_lines_stay_whole() {
        let fit = |lengths: &[usize], old: &str, new: &str| {
            let after = Duration::ZERO;
            let pieces: Vec<_> = lengths.iter().map(|length| Piece { length: *length, after }).collect();
            let fitted = fitted(
                &pieces,
                &Headers::default(),
                &Body::from(old.to_owned()),
                &Body::from(new.to_owned()),
            );
            fitted.iter().map(|piece| piece.length).collect::<Vec<_>>()
        };
        assert_eq!(fit(&[9, 10], "data: abc\ndata: de", "data: RRRRRR\ndata: de"), [9, 12]);
        assert_eq!(fit(&[10, 8], "data: abc\ndata: de", "data: RRRRRR\ndata: de"), [13, 8]);
        assert_eq!(fit(&[4, 4, 2], "abcdefghij", "xyz"), [3, 0, 0]);
        assert_eq!(fit(&[2, 2], "a\nb\n", "x"), [1, 0]);
    }
}

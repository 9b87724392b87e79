use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use hyper::body::Frame;

use super::{Lost, Part};
use crate::exchange::{Body, Headers, Piece};
use crate::net::convert::headers;

/// How many bytes may be kept: of one body, and of all together.
pub(super) struct Budget {
    each: usize,
    all: usize,
    used: AtomicUsize,
}

impl Budget {
    pub(super) fn new(each: usize, all: usize) -> Arc<Self> {
        Arc::new(Self { each, all, used: AtomicUsize::new(0) })
    }

    /// A share of nothing yet.
    pub(super) fn share(self: &Arc<Self>) -> Share {
        Share { budget: self.clone(), bytes: 0 }
    }
}

/// What somebody has taken of a budget. It is given back when this is dropped.
pub(super) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Share {
    /// Takes so many bytes more.
    pub(super) fn add(&mut self, bytes: usize) -> Result<(), Lost> {
        let limit = self.budget.all;
        let fits = |used: usize| used.checked_add(bytes).filter(|used| *used <= limit);
        let taken = self.budget.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        taken.map_err(|_| Lost::Crowded { limit })?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Pieces smaller than this are copied together: each may be a small part of a big buffer.
const SMALL: usize = 4 << 10;
/// Pieces copied together are put aside at this size.
const HEAP: usize = 64 << 10;
/// So many pieces of one body are told apart; the rest counts as one.
const MOST_PIECES: usize = 1 << 16;

/// The copy of a body that is kept while the body passes by, with what comes after it.
pub(super) struct Capture {
    part: Part,
    bytes: Vec<Bytes>,
    /// Small pieces, which come after `bytes`.
    small: BytesMut,
    share: Share,
    over: Option<Lost>,
    /// Where pieces mean something: since when they are timed, and the pieces.
    timed: Option<(Instant, Vec<Piece>)>,
    trailers: Headers,
}

/// What was kept of a body.
pub(super) struct Kept {
    pub(super) body: Body,
    pub(super) trailers: Headers,
    pub(super) pieces: Vec<Piece>,
}

impl Capture {
    pub(super) fn new(part: Part, budget: &Arc<Budget>) -> Self {
        Self {
            part,
            bytes: Vec::new(),
            small: BytesMut::new(),
            share: budget.share(),
            over: None,
            timed: None,
            trailers: Headers::default(),
        }
    }

    /// Keeps length and time of each piece as well.
    pub(super) fn time_since(&mut self, clock: Instant) {
        self.timed = Some((clock, Vec::new()));
    }

    /// Keeps one more piece; the first that is too much frees them all.
    pub(super) fn add(&mut self, piece: &Bytes) {
        if self.over.is_some() || piece.is_empty() {
            return;
        }
        let limit = self.share.budget.each;
        let taken = match piece.len() > limit - self.share.bytes {
            true => Err(Lost::TooBig { part: self.part, limit }),
            false => self.share.add(piece.len()),
        };
        match taken {
            Ok(()) => self.keep(piece),
            Err(why) => self.give_up(why),
        }
    }

    fn keep(&mut self, piece: &Bytes) {
        if let Some((clock, pieces)) = &mut self.timed {
            let is_full = pieces.len() == MOST_PIECES;
            match pieces.last_mut().filter(|_| is_full) {
                Some(last) => last.length += piece.len(),
                None => pieces.push(Piece { length: piece.len(), after: clock.elapsed() }),
            }
        }
        // The first is mostly the only one, and then it need not be copied.
        if piece.len() < SMALL && self.share.bytes > piece.len() {
            self.small.extend_from_slice(piece);
            if self.small.len() >= HEAP {
                self.put_aside();
            }
        } else {
            self.put_aside();
            self.bytes.push(piece.clone());
        }
    }

    fn put_aside(&mut self) {
        if !self.small.is_empty() {
            self.bytes.push(self.small.split().freeze());
        }
    }

    /// Keeps a piece, or what came after the body.
    pub(super) fn add_frame(&mut self, frame: &Frame<Bytes>) {
        if let Some(piece) = frame.data_ref() {
            self.add(piece);
        } else if let Some(trailers) = frame.trailers_ref() {
            self.trailers = headers(trailers);
        }
    }

    /// Whether pieces are no longer kept.
    pub(super) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// What was kept, or why nothing was. It counts until this is dropped.
    pub(super) fn kept(&mut self) -> Result<Kept, Lost> {
        if let Some(why) = &self.over {
            return Err(why.clone());
        }
        self.put_aside();
        if self.bytes.len() > 1 {
            let mut whole = BytesMut::with_capacity(self.share.bytes);
            for piece in self.bytes.drain(..) {
                whole.extend_from_slice(&piece);
            }
            self.bytes.push(whole.freeze());
        }
        let body = self.bytes.first().cloned().unwrap_or_default().into();
        let pieces = self.timed.as_ref().map(|(_, pieces)| pieces.clone()).unwrap_or_default();
        Ok(Kept { body, trailers: self.trailers.clone(), pieces })
    }

    fn give_up(&mut self, why: Lost) {
        (self.bytes, self.small) = (Vec::new(), BytesMut::new());
        self.share = self.share.budget.share();
        self.over = Some(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    fn body(capture: &mut Capture) -> Result<Body, Lost> {
        capture.kept().map(|kept| kept.body)
    }

    #[test]
    fn pieces_of_all_sizes_are_kept_in_order_and_told_apart() {
        let mut capture = Capture::new(Part::Response, &Budget::new(1 << 20, 1 << 20));
        capture.time_since(Instant::now());
        let sizes = [1, 5000, 10, 20, 4096, 70_000, 3, HEAP - 1, 4095, 4095];
        let mut expected = Vec::new();
        for (index, size) in sizes.into_iter().enumerate() {
            let piece = vec![index as u8; size];
            expected.extend_from_slice(&piece);
            capture.add(&piece.into());
        }
        let kept = capture.kept().unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(kept.body, Body::from(expected));
        assert_eq!(kept.pieces.iter().map(|piece| piece.length).collect::<Vec<_>>(), sizes);
        assert!(kept.pieces.is_sorted_by_key(|piece| piece.after));
    }

    #[test]
    fn the_number_of_pieces_is_bounded_and_their_bytes_are_not() {
        let budget = Budget::new(1 << 20, 1 << 20);
        let mut capture = Capture::new(Part::Response, &budget);
        capture.time_since(Instant::now());
        for _ in 0..MOST_PIECES + 7 {
            capture.add(&piece("x"));
        }
        let kept = capture.kept().unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(kept.pieces.len(), MOST_PIECES);
        assert_eq!(kept.pieces.iter().map(|piece| piece.length).sum::<usize>(), kept.body.len());
        assert_eq!(kept.body.len(), MOST_PIECES + 7);
    }

    #[test]
    fn a_body_up_to_the_limit_is_kept_and_one_byte_more_is_not() {
        let budget = Budget::new(6, 100);
        let mut capture = Capture::new(Part::Response, &budget);
        capture.add(&piece("abc"));
        capture.add(&piece("def"));
        assert_eq!(body(&mut capture), Ok(Body::from("abcdef")));
        assert_eq!(body(&mut capture), Ok(Body::from("abcdef")), "as often as wanted");
        let mut capture = Capture::new(Part::Response, &budget);
        capture.add(&piece("abc"));
        capture.add(&piece("defg"));
        capture.add(&piece("h"));
        assert_eq!(body(&mut capture), Err(Lost::TooBig { part: Part::Response, limit: 6 }));
    }

    #[test]
    fn bodies_share_a_limit_and_give_back_what_they_took() {
        let budget = Budget::new(6, 8);
        let mut first = Capture::new(Part::Request, &budget);
        first.add(&piece("abcdef"));
        let mut second = Capture::new(Part::Request, &budget);
        second.add(&piece("abc"));
        assert_eq!(body(&mut second), Err(Lost::Crowded { limit: 8 }));
        drop(first);
        drop(second);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }
}

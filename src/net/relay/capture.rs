use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};

use super::{Lost, Part};
use crate::exchange::Body;

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

    fn take(&self, bytes: usize) -> bool {
        let fits = |used: usize| used.checked_add(bytes).filter(|used| *used <= self.all);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    fn give(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The copy of a body that is kept while the body passes by.
pub(super) struct Capture {
    part: Part,
    pieces: Vec<Bytes>,
    kept: usize,
    over: Option<Lost>,
    budget: Arc<Budget>,
}

impl Capture {
    pub(super) fn new(part: Part, budget: Arc<Budget>) -> Self {
        Self { part, pieces: Vec::new(), kept: 0, over: None, budget }
    }

    /// Keeps one more piece; the first that is too much frees them all.
    pub(super) fn add(&mut self, piece: &Bytes) {
        if self.over.is_some() || piece.is_empty() {
            return;
        }
        let limit = self.budget.each;
        if piece.len() > limit - self.kept {
            self.give_up(Lost::TooBig { part: self.part, limit });
        } else if self.budget.take(piece.len()) {
            self.kept += piece.len();
            self.pieces.push(piece.clone());
        } else {
            self.give_up(Lost::Crowded { limit: self.budget.all });
        }
    }

    /// Whether pieces are still kept.
    pub(super) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// The body, or why there is none.
    pub(super) fn body(&mut self) -> Result<Body, Lost> {
        if let Some(why) = self.over.take() {
            return Err(why);
        }
        if self.pieces.len() <= 1 {
            return Ok(self.pieces.pop().unwrap_or_default().into());
        }
        let mut whole = BytesMut::with_capacity(self.kept);
        for piece in self.pieces.drain(..) {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze().into())
    }

    fn give_up(&mut self, why: Lost) {
        self.pieces = Vec::new();
        self.budget.give(self.kept);
        self.kept = 0;
        self.over = Some(why);
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.budget.give(self.kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn a_body_up_to_the_limit_is_kept_and_one_byte_more_is_not() {
        let budget = Budget::new(6, 100);
        let mut capture = Capture::new(Part::Response, budget.clone());
        capture.add(&piece("abc"));
        capture.add(&piece("def"));
        assert_eq!(capture.body(), Ok(Body::from("abcdef")));
        let mut capture = Capture::new(Part::Response, budget.clone());
        capture.add(&piece("abc"));
        capture.add(&piece("defg"));
        capture.add(&piece("h"));
        assert_eq!(capture.body(), Err(Lost::TooBig { part: Part::Response, limit: 6 }));
    }

    #[test]
    fn bodies_share_a_limit_and_give_back_what_they_took() {
        let budget = Budget::new(6, 8);
        let mut first = Capture::new(Part::Request, budget.clone());
        first.add(&piece("abcdef"));
        let mut second = Capture::new(Part::Request, budget.clone());
        second.add(&piece("abc"));
        assert_eq!(second.body(), Err(Lost::Crowded { limit: 8 }));
        drop(first);
        drop(second);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }
}

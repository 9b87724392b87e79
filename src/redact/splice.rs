/// Bytes of which some ranges are replaced, in their order.
pub(super) struct Splice<'a> {
    source: &'a [u8],
    out: Vec<u8>,
    done: usize,
    changed: bool,
}

impl<'a> Splice<'a> {
    pub(super) fn new(source: &'a [u8]) -> Self {
        Self { source, out: Vec::new(), done: 0, changed: false }
    }

    /// Has this written in the place of a range that does not begin before the last one's end.
    pub(super) fn put(&mut self, start: usize, end: usize, with: &[u8]) {
        self.out.extend_from_slice(self.source.get(self.done..start).unwrap_or_default());
        self.out.extend_from_slice(with);
        self.done = end.max(self.done);
        self.changed = true;
    }

    /// The whole; `None` if nothing was replaced.
    pub(super) fn finish(mut self) -> Option<Vec<u8>> {
        self.out.extend_from_slice(self.source.get(self.done..).unwrap_or_default());
        self.changed.then_some(self.out)
    }
}

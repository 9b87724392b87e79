//! What was counted.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use serde_json::{Value, json};

/// How many latencies are kept for the percentiles: beyond that every second one goes, and so on.
const KEPT: usize = 1 << 20;

#[derive(Default)]
pub struct Tally {
    /// How many requests may still be sent.
    left: Cell<Option<u64>>,
    stopped: Cell<bool>,
    turns: Cell<u64>,
    done: Cell<u64>,
    bytes: Cell<u64>,
    errors: Cell<u64>,
    /// The first thing that went wrong.
    error: RefCell<Option<String>>,
    latencies: RefCell<Vec<u32>>,
    /// One latency in so many is kept.
    stride: Cell<u64>,
    last: Cell<(u64, f64)>,
}

impl Tally {
    pub fn new(requests: Option<u64>) -> Self {
        Self { left: Cell::new(requests), stride: Cell::new(1), ..Self::default() }
    }

    /// Whether one more request is to be sent.
    pub fn next(&self) -> bool {
        match self.left.get() {
            _ if self.stopped.get() => false,
            Some(0) => false,
            Some(left) => {
                self.left.set(Some(left - 1));
                true
            }
            None => true,
        }
    }

    /// A number for each request, from 0.
    pub fn turn(&self) -> u64 {
        self.turns.replace(self.turns.get() + 1)
    }

    pub fn stop(&self) {
        if self.left.get().is_none() {
            self.stopped.set(true);
        }
    }

    pub fn answered(&self, bytes: u64, took: Duration) {
        if self.stopped.get() {
            return;
        }
        let done = self.done.get() + 1;
        self.done.set(done);
        self.bytes.set(self.bytes.get() + bytes);
        if done.is_multiple_of(self.stride.get()) {
            let mut latencies = self.latencies.borrow_mut();
            if latencies.len() == KEPT {
                let mut keep = false;
                latencies.retain(|_| {
                    keep = !keep;
                    keep
                });
                self.stride.set(self.stride.get() * 2);
            }
            latencies.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        }
    }

    pub fn failed(&self, error: &str) {
        self.errors.set(self.errors.get() + 1);
        self.error.borrow_mut().get_or_insert_with(|| error.to_owned());
    }

    pub fn failures(&self) -> u64 {
        self.errors.get()
    }

    pub fn interval(&self, since: Duration) -> Value {
        let (done, then) = self.last.replace((self.done.get(), since.as_secs_f64()));
        let rate = (self.done.get() - done) as f64 / (since.as_secs_f64() - then);
        json!({"at": since.as_secs_f64(), "done": self.done.get(), "rate": rate, "errors": self.errors.get()})
    }

    pub fn result(&self, seconds: Duration) -> Value {
        let mut latencies = self.latencies.borrow_mut();
        latencies.sort_unstable();
        let at = |part: f64| {
            let place = ((latencies.len() as f64 * part) as usize).min(latencies.len().saturating_sub(1));
            latencies.get(place).copied().unwrap_or_default()
        };
        let seconds = seconds.as_secs_f64();
        json!({
            "requests": self.done.get(), "seconds": seconds, "rate": self.done.get() as f64 / seconds,
            "bytes": self.bytes.get(), "p50_us": at(0.5), "p99_us": at(0.99),
            "errors": self.errors.get(), "error": *self.error.borrow(),
        })
    }
}

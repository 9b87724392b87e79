//! Words for standard error from threads that must not wait: whoever reads it may have stopped to.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// So many texts wait to be read, at most. What comes then is dropped, and counted.
const MOST: usize = 512;

/// A thread of its own that says what it is given, in its order.
#[derive(Debug)]
pub(super) struct Voice(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<String>,
    dropped: usize,
    speaks: bool,
    /// Somebody has waited for the reader once, in vain. Nobody does so again.
    is_unheard: bool,
}

impl Voice {
    /// # Errors
    /// Where there is no thread to be had.
    pub(super) fn new(mut ear: impl Write + Send + 'static) -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let speaking = queue.clone();
        let speak = move || {
            loop {
                let text = speaking.next();
                // A reader that has gone away wants no more of it.
                let _ = ear.write_all(text.as_bytes());
            }
        };
        thread::Builder::new().name("onrecord voice".to_owned()).spawn(speak)?;
        Ok(Self(queue))
    }

    /// Says a line, or several, once those before it are said.
    pub(super) fn say(&self, text: &str) {
        self.0.put(self.0.state(), text);
    }

    /// The same, for whoever may wait so long until there is room for it.
    pub(super) fn say_all(&self, text: &str, patience: Duration) {
        let state = self.0.wait(patience, |state| state.waiting.len() >= MOST);
        self.0.put(state, text);
    }

    /// Waits until all is said, but no longer than that.
    pub(super) fn finish(&self, patience: Duration) {
        drop(self.0.wait(patience, |state| state.speaks || !state.waiting.is_empty() || state.dropped > 0));
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while something holds, but no longer than that.
    fn wait(&self, patience: Duration, holds: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.state();
        if state.is_unheard {
            return state;
        }
        let waited = self.changed.wait_timeout_while(state, patience, |state| holds(state));
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_unheard = holds(&state);
        state
    }

    fn put(&self, mut state: MutexGuard<'_, State>, text: &str) {
        if state.waiting.len() < MOST {
            state.waiting.push_back(format!("{text}\n"));
        } else {
            state.dropped += 1;
        }
        self.changed.notify_all();
    }

    /// The next text to say; what was dropped is told behind what was kept.
    fn next(&self) -> String {
        let mut state = self.state();
        state.speaks = false;
        self.changed.notify_all();
        let is_idle = |state: &mut State| state.waiting.is_empty() && state.dropped == 0;
        let mut state = self.changed.wait_while(state, is_idle).unwrap_or_else(PoisonError::into_inner);
        state.speaks = true;
        state.waiting.pop_front().unwrap_or_else(|| {
            let dropped = std::mem::take(&mut state.dropped);
            format!("onrecord: {dropped} more were not told, for nobody read standard error\n")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Instant;

    use super::*;

    /// Hears nothing before it is let.
    struct Ear {
        may_hear: Receiver<()>,
        heard: Sender<String>,
    }

    impl Write for Ear {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.may_hear.recv();
            let _ = self.heard.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn whoever_may_wait_loses_nothing_and_waits_in_vain_once() {
        let ((open, may_hear), (heard, all)) = (channel(), channel());
        let voice = Voice::new(Ear { may_hear, heard }).unwrap();
        let said = 2 * MOST;
        (0..said).for_each(|_| open.send(()).unwrap());
        (0..said).for_each(|at| voice.say_all(&at.to_string(), Duration::from_secs(60)));
        voice.finish(Duration::from_secs(60));
        assert_eq!(all.try_iter().count(), said);
        let patience = Duration::from_millis(200);
        let start = Instant::now();
        (0..said).for_each(|at| voice.say_all(&at.to_string(), patience));
        voice.finish(patience);
        let waited = start.elapsed();
        assert!(patience <= waited && waited < 20 * patience, "{waited:?}");
    }

    #[test]
    fn whoever_speaks_waits_for_nobody_and_what_is_dropped_is_counted() {
        let ((open, may_hear), (heard, all)) = (channel(), channel());
        let voice = Voice::new(Ear { may_hear, heard }).unwrap();
        let said = 2 * MOST;
        (0..said).for_each(|at| voice.say(&at.to_string()));
        assert!(all.try_recv().is_err(), "nobody has heard anything yet");
        drop(open);
        voice.finish(Duration::from_secs(60));
        let heard: Vec<_> = all.try_iter().collect();
        let kept = heard.len() - 1;
        assert!((MOST..=MOST + 1).contains(&kept), "one may be on its way: {kept}");
        assert!(heard[..kept].iter().enumerate().all(|(at, text)| *text == format!("{at}\n")));
        let told = format!("onrecord: {} more were not told, for nobody read standard error\n", said - kept);
        assert_eq!(heard[kept], told);
    }
}

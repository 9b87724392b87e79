//! Work on a long sequence by all cores.

use std::collections::VecDeque;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

/// Hands what `work` makes of each item to `take`, in the order in which `next` gives them. Only as
/// many items as there are cores are held at a time. The first error ends it.
pub(super) fn in_order<T: Send, R: Send, E: Send>(
    mut next: impl FnMut() -> Result<Option<T>, E>,
    work: impl Fn(T) -> Result<R, E> + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    if cores == 1 {
        while let Some(item) = next()? {
            take(work(item)?)?;
        }
        return Ok(());
    }
    let work = &work;
    thread::scope(|scope| {
        let mut under_way = VecDeque::new();
        loop {
            let item = next()?;
            let most = if item.is_some() { cores } else { 0 };
            under_way.extend(item.map(|item| scope.spawn(move || work(item))));
            while under_way.len() > most {
                let made = under_way.pop_front().map(thread::ScopedJoinHandle::join);
                made.map_or(Ok(()), |made| take(made.unwrap_or_else(|panic| resume_unwind(panic))?))?;
            }
            if most == 0 {
                return Ok(());
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn the_order_stays_and_little_is_held() {
        let cores = thread::available_parallelism().unwrap().get();
        let (given, mut taken) = (AtomicUsize::new(0), Vec::new());
        let next = || {
            let number = given.fetch_add(1, Ordering::Relaxed);
            Ok::<_, ()>((number < 100).then_some(number))
        };
        let work = |number: usize| {
            // The later ones are quicker.
            thread::sleep(std::time::Duration::from_micros(100 * (7 - number as u64 % 7)));
            Ok(number)
        };
        let take = |number| {
            assert!(given.load(Ordering::Relaxed) <= number + cores + 2);
            taken.push(number);
            Ok(())
        };
        in_order(next, work, take).unwrap();
        assert!(taken.into_iter().eq(0..100));
    }

    #[test]
    fn the_first_error_ends_it() {
        let mut numbers = 0..;
        let mut taken = 0;
        let ended = in_order(
            || Ok(numbers.next()),
            |number: usize| if number < 9 { Ok(number) } else { Err(number) },
            |_| {
                taken += 1;
                Ok(())
            },
        );
        assert_eq!((ended, taken), (Err(9), 9));
        assert_eq!(in_order(|| Err::<Option<()>, _>("gone"), Ok, |()| Ok(())), Err("gone"));
    }
}

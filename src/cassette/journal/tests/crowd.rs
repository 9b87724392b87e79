//! Many at once: threads, and requests that overtake one another.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::*;

#[test]
fn many_threads_append_at_once() {
    for durability in [Durability::Grouped, Durability::Synced] {
        let (_folder, path) = folder();
        let journal = Arc::new(Journal::open(&path, &header(), durability).unwrap());
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let journal = Arc::clone(&journal);
                thread::spawn(move || {
                    (0..20).for_each(|number| journal.append(numbered(thread * 20 + number)).unwrap());
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        Arc::into_inner(journal).unwrap().finish(&unchanged).unwrap();
        let mut all = targets(&path);
        all.sort_unstable_by_key(|target| target[1..].parse::<usize>().unwrap());
        assert_eq!(all, (0..160).map(|number| format!("/{number}")).collect::<Vec<_>>());
    }
}

#[test]
fn exchanges_lie_in_the_order_in_which_their_requests_began() {
    let (_folder, path) = folder();
    let at = |number: usize, millis| {
        let mut exchange = numbered(number).into_inner();
        exchange.timing.started = exchange.timing.started.plus(Duration::from_millis(millis));
        Redacted::read_back(exchange)
    };
    let journal = Journal::open(&path, &header(), Durability::Grouped).unwrap();
    [at(2, 30), at(0, 10), at(3, 30), at(1, 20), at(4, 31)]
        .iter()
        .for_each(|it| journal.append(it.clone()).unwrap());
    journal.finish(&unchanged).unwrap();
    assert_eq!(targets(&path), ["/0", "/1", "/2", "/3", "/4"]);

    // What is added comes after what was there, also where a clock went back.
    let journal = Journal::open(&path, &header(), Durability::Grouped).unwrap();
    [at(6, 7), at(5, 6)].iter().for_each(|it| journal.append(it.clone()).unwrap());
    drop(journal);
    recover(&path).unwrap();
    assert_eq!(targets(&path), ["/0", "/1", "/2", "/3", "/4", "/5", "/6"]);
}

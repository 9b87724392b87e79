//! A load generator: keep-alive connections over HTTP/1.1 that ask, read the whole answer, and ask again.
//!
//! It does what wrk does, and three things besides that the benchmarks need: `CONNECT` through a forward
//! proxy, paths by weight, and connections that are slow on purpose. One thread; the result is one line of
//! JSON on standard output (with `--every`, one more line for each interval).

mod answer;
mod connection;
mod options;
mod requests;
mod slow;
mod tally;

use std::rc::Rc;
use std::time::{Duration, Instant};

use options::Options;
use tally::Tally;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Rc::new(Options::parse(std::env::args().skip(1))?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async move {
        match options.slow {
            true => slow::run(&options).await,
            false => run(options).await,
        }
    })
}

async fn run(options: Rc<Options>) -> Result<(), Box<dyn std::error::Error>> {
    let tally = Rc::new(Tally::new(options.requests));
    let start = Instant::now();
    let workers: Vec<_> = (0..options.connections)
        .map(|worker| tokio::task::spawn_local(connection::drive(options.clone(), tally.clone(), worker)))
        .collect();
    while start.elapsed() < options.duration && workers.iter().any(|worker| !worker.is_finished()) {
        let tick = options.every.unwrap_or(Duration::from_millis(50));
        let rest = options.duration.saturating_sub(start.elapsed());
        tokio::time::sleep(tick.min(rest)).await;
        if options.every.is_some() {
            println!("{}", tally.interval(start.elapsed()));
        }
    }
    tally.stop();
    let seconds = start.elapsed();
    // Whoever waits for an answer now is cut off: what counts is what was complete in time.
    for worker in workers {
        match options.requests {
            Some(_) => worker.await?,
            None => worker.abort(),
        }
    }
    println!("{}", tally.result(seconds));
    Ok(())
}

//! Connections that never come to an end: each sends the head of a request byte by byte.

use std::cell::Cell;
use std::error::Error;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::options::Options;

/// How long each waits between two bytes.
const PAUSE: Duration = Duration::from_secs(3);

#[derive(Default)]
struct Count {
    opened: Cell<u64>,
    open: Cell<u64>,
    most: Cell<u64>,
    /// Sent away by the server: by an answer, or by closing.
    ended: Cell<u64>,
    failed: Cell<u64>,
}

pub async fn run(options: &Rc<Options>) -> Result<(), Box<dyn Error>> {
    let count = Rc::new(Count::default());
    let start = Instant::now();
    for worker in 0..options.connections {
        let (options, count) = (options.clone(), count.clone());
        tokio::task::spawn_local(async move {
            // Not all in one instant: the server's backlog is not what is measured.
            tokio::time::sleep(Duration::from_micros(200 * worker)).await;
            loop {
                match dribble(&options, &count).await {
                    Ok(()) => count.ended.set(count.ended.get() + 1),
                    Err(_) => {
                        count.failed.set(count.failed.get() + 1);
                        tokio::time::sleep(Duration::from_millis(500)).await;
                    }
                }
            }
        });
    }
    while start.elapsed() < options.duration {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let Count { opened, open, most, ended, failed } = &*count;
    println!(
        "{}",
        json!({"open": open.get(), "most": most.get(), "opened": opened.get(), "ended": ended.get(), "failed": failed.get()})
    );
    Ok(())
}

/// One connection, until the server has enough of it.
async fn dribble(options: &Options, count: &Count) -> io::Result<()> {
    let mut stream = TcpStream::connect(&options.to).await?;
    count.opened.set(count.opened.get() + 1);
    count.open.set(count.open.get() + 1);
    count.most.set(count.most.get().max(count.open.get()));
    let mut head = format!("GET / HTTP/1.1\r\nHost: {}\r\nX-Slow: ", options.host).into_bytes();
    let ended = loop {
        if stream.write_all(&std::mem::replace(&mut head, b"z".to_vec())).await.is_err() {
            break;
        }
        let mut answer = [0; 1024];
        if tokio::time::timeout(PAUSE, stream.read(&mut answer)).await.is_ok() {
            break;
        }
    };
    count.open.set(count.open.get() - 1);
    Ok(ended)
}

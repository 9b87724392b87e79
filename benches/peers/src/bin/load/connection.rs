//! One connection at a time, made anew when it breaks.

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::answer::Reader;
use crate::options::Options;
use crate::requests::Requests;
use crate::tally::Tally;

/// After so many failures nothing works, and we give up.
const TOO_MANY: u64 = 10_000;

pub async fn drive(options: Rc<Options>, tally: Rc<Tally>, worker: u64) {
    // A different walk through the mix for each worker, the same in every run.
    let mut walk = worker.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    while tally.next() {
        if let Err(error) = exchanges(&options, &tally, &mut walk).await {
            tally.failed(&error.to_string());
            if tally.failures() > TOO_MANY {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Exchanges over one connection, until it ends or there is no more to ask.
async fn exchanges(options: &Options, tally: &Tally, walk: &mut u64) -> io::Result<()> {
    let mut stream = TcpStream::connect(&options.to).await?;
    stream.set_nodelay(true)?;
    if options.proxy {
        connect(&mut stream, &options.host).await?;
    }
    match &options.tls {
        None => ask(stream, options, tally, walk).await,
        Some(tls) => {
            let name = options.host.split(':').next().unwrap_or_default().to_owned();
            let name = ServerName::try_from(name).map_err(io::Error::other)?;
            let stream = TlsConnector::from(tls.clone()).connect(name, stream).await?;
            ask(stream, options, tally, walk).await
        }
    }
}

async fn connect(stream: &mut TcpStream, host: &str) -> io::Result<()> {
    stream.write_all(format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
    let mut reader = Reader::default();
    match reader.head(stream).await? {
        200 => Ok(()),
        status => Err(io::Error::other(format!("CONNECT was answered with {status}"))),
    }
}

async fn ask<S>(mut stream: S, options: &Options, tally: &Tally, walk: &mut u64) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut requests = Requests::new(options);
    let mut reader = Reader::default();
    loop {
        let start = Instant::now();
        stream.write_all(requests.pick(walk, tally.turn())).await?;
        stream.flush().await?;
        let status = reader.head(&mut stream).await?;
        let length = reader.body(&mut stream).await?;
        if status != 200 {
            return Err(io::Error::other(format!("answered with {status}")));
        }
        tally.answered(length, start.elapsed());
        if reader.closes() || !tally.next() {
            return Ok(());
        }
    }
}

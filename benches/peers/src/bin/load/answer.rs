//! Reading answers: the head, and a body by its length or in chunks.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

#[derive(Default)]
pub struct Reader {
    /// What was read and not yet used starts at `from`.
    buffer: Vec<u8>,
    from: usize,
    length: Option<u64>,
    closes: bool,
}

impl Reader {
    /// Reads a head and returns its status.
    pub async fn head<S: AsyncRead + Unpin>(&mut self, stream: &mut S) -> io::Result<u16> {
        let end = loop {
            if let Some(end) = find(&self.buffer[self.from..], b"\r\n\r\n") {
                break self.from + end + 4;
            }
            self.more(stream).await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[self.from..end]).to_ascii_lowercase();
        self.from = end;
        self.closes = head.contains("\r\nconnection: close") || head.starts_with("http/1.0");
        let field = |name| head.lines().find_map(|line| Some(line.strip_prefix(name)?.trim()));
        self.length = match field("transfer-encoding:") {
            Some(_) => None,
            None => Some(field("content-length:").and_then(|text| text.parse().ok()).unwrap_or(0)),
        };
        head.get(9..12)
            .and_then(|status| status.parse().ok())
            .ok_or_else(|| io::Error::other("no status line"))
    }

    /// Reads the body of that head and returns how long it was.
    pub async fn body<S: AsyncRead + Unpin>(&mut self, stream: &mut S) -> io::Result<u64> {
        if let Some(length) = self.length {
            self.skip(stream, length).await?;
            return Ok(length);
        }
        let mut sum = 0;
        loop {
            let line = loop {
                if let Some(end) = find(&self.buffer[self.from..], b"\r\n") {
                    break self.from + end;
                }
                self.more(stream).await?;
            };
            let size = String::from_utf8_lossy(&self.buffer[self.from..line]).into_owned();
            let size = u64::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
            self.from = line + 2;
            self.skip(stream, size + 2).await?;
            sum += size;
            if size == 0 {
                return Ok(sum);
            }
        }
    }

    /// Whether the connection ends after that answer.
    pub fn closes(&self) -> bool {
        self.closes
    }

    async fn skip<S: AsyncRead + Unpin>(&mut self, stream: &mut S, mut length: u64) -> io::Result<()> {
        loop {
            let here = ((self.buffer.len() - self.from) as u64).min(length);
            self.from += here as usize;
            length -= here;
            if length == 0 {
                return Ok(());
            }
            self.more(stream).await?;
        }
    }

    async fn more<S: AsyncRead + Unpin>(&mut self, stream: &mut S) -> io::Result<()> {
        if self.from == self.buffer.len() {
            self.buffer.clear();
            self.from = 0;
        }
        let held = self.buffer.len();
        self.buffer.resize(held + (64 << 10), 0);
        let read = stream.read(&mut self.buffer[held..]).await;
        self.buffer.truncate(held + *read.as_ref().unwrap_or(&0));
        match read? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

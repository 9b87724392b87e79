//! httpmock with many mocks: `httpmock-replay PATH N FILE` answers PATH, its `########` numbered below N,
//! with the file. Prints `listening on PORT` and serves until the end of its input.

use std::io::{self, Read as _};

use httpmock::Method::GET;
use httpmock::MockServer;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let [path, count, file] = words.as_slice() else {
        return Err("usage: httpmock-replay PATH N FILE".into());
    };
    let body = std::fs::read_to_string(file)?;
    let server = MockServer::start();
    for number in 0..count.parse::<u64>()? {
        let path = path.replace("########", &format!("{number:08}"));
        server.mock(|when, then| {
            when.method(GET).path(path);
            then.status(200).header("content-type", "application/json").body(&body);
        });
    }
    println!("listening on {}", server.port());
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

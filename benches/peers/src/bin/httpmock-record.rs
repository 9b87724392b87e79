//! httpmock as a recording reverse proxy: `httpmock-record UPSTREAM FOLDER`.
//!
//! Prints `listening on PORT`; at the end of its input it saves the recording in FOLDER and prints `saved`.

use std::io::{self, Read as _};
use std::path::PathBuf;

use httpmock::MockServer;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(upstream), Some(folder)) = (words.next(), words.next()) else {
        return Err("usage: httpmock-record UPSTREAM FOLDER".into());
    };
    let server = MockServer::start();
    server.forward_to(upstream, |rule| {
        rule.filter(|when| {
            when.any_request();
        });
    });
    let recording = server.record(|rule| {
        rule.filter(|when| {
            when.any_request();
        });
    });
    println!("listening on {}", server.port());
    io::stdin().read_to_end(&mut Vec::new())?;
    recording.save_to(PathBuf::from(folder), "recording")?;
    println!("saved");
    Ok(())
}

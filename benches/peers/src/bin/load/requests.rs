//! What is sent.

use crate::options::Options;

const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEONRECORD1/20260314/us-east-1/kafka/aws4_request, \
    SignedHeaders=host;x-amz-date, Signature=";

/// The requests of a mix, ready to send.
pub struct Requests {
    /// Each with the sum of the weights up to it, and where its signature is.
    ready: Vec<(u64, Vec<u8>, Option<usize>)>,
}

impl Requests {
    pub fn new(options: &Options) -> Self {
        let mut sum = 0;
        let request = |(path, weight): &(String, u64)| {
            sum += weight;
            let mut text =
                format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n", options.host);
            let mut signature = None;
            if options.signed {
                text += "X-Amz-Date: 20260314T092653Z\r\n";
                text += SIGNED;
                signature = Some(text.len());
                text += &"0".repeat(64);
                text += "\r\n";
            }
            text += "\r\n";
            (sum, text.into_bytes(), signature)
        };
        Self { ready: options.mix.iter().map(request).collect() }
    }

    /// The next one, as `walk` has it.
    pub fn pick(&mut self, walk: &mut u64) -> &[u8] {
        let sum = self.ready.last().map_or(1, |(sum, ..)| *sum);
        let place = step(walk) % sum;
        let Some((_, request, signature)) = self.ready.iter_mut().find(|(sum, ..)| place < *sum) else {
            return &[];
        };
        if let Some(at) = *signature {
            for sixteen in request[at..at + 64].chunks_exact_mut(16) {
                sixteen.copy_from_slice(format!("{:016x}", step(walk)).as_bytes());
            }
        }
        request
    }
}

/// xorshift64
fn step(walk: &mut u64) -> u64 {
    *walk ^= *walk << 13;
    *walk ^= *walk >> 7;
    *walk ^= *walk << 17;
    *walk
}

//! What is sent.

use crate::options::Options;

const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEONRECORD1/20260314/us-east-1/kafka/aws4_request, \
    SignedHeaders=host;x-amz-date, Signature=";

/// Stands in a path for a number.
const NUMBER: &str = "########";

/// The requests of a mix, ready to send.
pub struct Requests {
    ready: Vec<Ready>,
    distinct: u64,
}

struct Ready {
    /// The weights up to it.
    sum: u64,
    text: Vec<u8>,
    signature: Option<usize>,
    number: Option<usize>,
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
            let number = text.find(NUMBER);
            Ready { sum, text: text.into_bytes(), signature, number }
        };
        Self { ready: options.mix.iter().map(request).collect(), distinct: options.distinct }
    }

    /// The next one, as `walk` has it; `turn` is its number among all.
    pub fn pick(&mut self, walk: &mut u64, turn: u64) -> &[u8] {
        let sum = self.ready.last().map_or(1, |ready| ready.sum);
        let place = step(walk) % sum;
        let Some(Ready { text: request, signature, number, .. }) =
            self.ready.iter_mut().find(|ready| place < ready.sum)
        else {
            return &[];
        };
        if let Some(at) = *number {
            let digits = format!("{:0width$}", turn % self.distinct, width = NUMBER.len());
            request[at..at + NUMBER.len()].copy_from_slice(&digits.as_bytes()[..NUMBER.len()]);
        }
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

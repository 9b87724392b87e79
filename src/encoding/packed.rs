//! Bodies under a `Content-Encoding` (RFC 9110 section 8.4), unpacked and packed again.

use std::borrow::Cow;
use std::io::{Cursor, Read, Write as _};

use brotli::enc::BrotliEncoderParams;
use flate2::read::MultiGzDecoder;
use flate2::write::{GzEncoder, ZlibEncoder};
use flate2::{Compression, Decompress, FlushDecompress, Status};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// Nobody packs a body more often; each coding costs a pass.
const MOST_CODINGS: usize = 4;

/// What RFC 9659 lets a sender of `zstd` ask of us.
const ZSTD_WINDOW: u64 = 8 << 20;

#[derive(Clone, Copy)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// What was packed. `None` if a coding is unknown, if the bytes are not whole and nothing but what
/// the codings say, or if there are more than `limit` of them on the way. No bytes at all are what
/// an answer without a body has, under any coding.
pub fn unpack(codings: &str, bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut unpacked = Cow::Borrowed(bytes);
    for coding in read(codings)?.into_iter().rev() {
        if unpacked.is_empty() {
            break;
        }
        unpacked = Cow::Owned(coding.unpack(&unpacked, limit)?);
    }
    (unpacked.len() <= limit).then(|| unpacked.into_owned())
}

/// The bytes under these codings, always packed the same way; `None` if a coding is unknown.
pub fn pack(codings: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packed = bytes.to_vec();
    for coding in read(codings)? {
        packed = coding.pack(&packed)?;
    }
    Some(packed)
}

/// In the order in which they were applied, without `identity`.
fn read(codings: &str) -> Option<Vec<Coding>> {
    let names = codings.split(',').map(|name| name.trim().to_ascii_lowercase());
    let named = names.filter(|name| !name.is_empty() && name != "identity");
    let list: Vec<_> = named.map(|name| Coding::named(&name)).collect::<Option<_>>()?;
    (list.len() <= MOST_CODINGS).then_some(list)
}

impl Coding {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" => Self::Deflate,
            "br" => Self::Brotli,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    fn unpack(self, bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
        match self {
            Self::Gzip => drain(&mut MultiGzDecoder::new(bytes), limit),
            // RFC 9110 means zlib by this name; some senders leave its frame off.
            Self::Deflate => inflate(bytes, true, limit).or_else(|| inflate(bytes, false, limit)),
            Self::Brotli => unbrotli(bytes, limit),
            Self::Zstd => unzstd(bytes, limit),
        }
    }

    fn pack(self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
                gzip.write_all(bytes).and_then(|()| gzip.finish()).ok()
            }
            Self::Deflate => {
                let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
                zlib.write_all(bytes).and_then(|()| zlib.finish()).ok()
            }
            Self::Brotli => {
                let mut packed = Vec::new();
                let params = BrotliEncoderParams { quality: 5, ..BrotliEncoderParams::default() };
                brotli::BrotliCompress(&mut Cursor::new(bytes), &mut packed, &params).ok()?;
                Some(packed)
            }
            Self::Zstd => Some(compress_to_vec(bytes, CompressionLevel::Fastest)),
        }
    }
}

/// All that a reader gives, which must be its end.
fn drain(reader: &mut impl Read, limit: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let past = u64::try_from(limit).ok()?.saturating_add(1);
    reader.by_ref().take(past).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= limit).then_some(bytes)
}

/// Step by step, for flate2's readers end well in the middle of a stream that was cut.
fn inflate(bytes: &[u8], framed: bool, limit: usize) -> Option<Vec<u8>> {
    let mut state = Decompress::new(framed);
    let mut out = Vec::new();
    loop {
        let (read, written) = (usize::try_from(state.total_in()).ok()?, out.len());
        out.reserve(written.clamp(1 << 12, 1 << 20));
        let status = state.decompress_vec(bytes.get(read..)?, &mut out, FlushDecompress::None).ok()?;
        let read_now = usize::try_from(state.total_in()).ok()?;
        if out.len() > limit {
            return None;
        }
        if status == Status::StreamEnd {
            return (read_now == bytes.len()).then_some(out);
        }
        if (read_now, out.len()) == (read, written) {
            return None;
        }
    }
}

fn unbrotli(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    // The extension with windows of up to 1 GiB is no content coding (RFC 7932 section 9.1).
    if bytes.first()? & 0x7f == 0x11 {
        return None;
    }
    let mut reader = brotli::Decompressor::new(bytes, bytes.len());
    let unpacked = drain(&mut reader, limit)?;
    // Asked once more, the reader tells of bytes behind the end.
    (reader.read(&mut [0]).ok()? == 0).then_some(unpacked)
}

fn unzstd(mut bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    while !bytes.is_empty() {
        let mut frame = StreamingDecoder::new_with_max_window_size(&mut bytes, ZSTD_WINDOW).ok()?;
        unpacked.append(&mut drain(&mut frame, limit - unpacked.len())?);
    }
    Some(unpacked)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{
        ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
    };

    use super::*;

    const CODINGS: [&str; 7] =
        ["identity", "gzip", "deflate", "br", "zstd", "gzip, br", "Deflate,x-gzip , zstd"];

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            any::<Vec<u8>>(),
            (any::<u8>(), 0_usize..20_000).prop_map(|(byte, length)| vec![byte; length]),
            "([a-z]{3}){0,200}".prop_map(String::into_bytes),
        ]
    }

    #[test]
    fn a_frame_of_deflate_may_be_missing() {
        let packed = pack("deflate", b"bare").unwrap();
        let bare = &packed[2..packed.len() - 4];
        assert_eq!(unpack("deflate", bare, 4).as_deref(), Some(&b"bare"[..]));
        assert_eq!(unpack("deflate", &bare[..bare.len() - 1], 4), None);
    }

    #[test]
    fn streams_follow_one_another() {
        for coding in ["gzip", "zstd"] {
            let two = [b"one", b"two"].map(|part| pack(coding, part).unwrap()).concat();
            assert_eq!(unpack(coding, &two, 6).as_deref(), Some(&b"onetwo"[..]));
            assert_eq!(unpack(coding, &two, 5), None);
        }
    }

    #[test]
    fn unknown_codings_are_not_guessed() {
        assert_eq!(unpack("aws-chunked", b"x", 9), None);
        assert_eq!(pack("gzip, compress", b"x"), None);
        assert_eq!(unpack(&["gzip"; 5].join(","), b"x", 9), None);
        assert_eq!(unpack("gzip", b"", 9).as_deref(), Some(&b""[..]));
        assert_eq!(unpack("", b"x", 1).as_deref(), Some(&b"x"[..]));
        assert_eq!(unpack("identity", b"xx", 1), None);
    }

    #[test]
    fn windows_are_bounded() {
        // Frame headers that ask for 2 GiB (zstd) and 1 GiB (brotli) before they say anything.
        assert_eq!(unpack("zstd", &[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00], 99), None);
        assert_eq!(unpack("br", &[0x11, 0x1e, 0x03], 99), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_was_packed_comes_out(bytes in bytes()) {
            for codings in CODINGS {
                let packed = pack(codings, &bytes).unwrap();
                let limit = bytes.len().max(packed.len()) + 100;
                prop_assert!(unpack(codings, &packed, limit).as_ref() == Some(&bytes), "{}", codings);
                prop_assert_eq!(pack(codings, &bytes).unwrap(), packed);
            }
        }

        #[test]
        fn bombs_stop_at_the_limit(byte in any::<u8>(), length in 1_000_usize..200_000) {
            let bytes = vec![byte; length];
            for codings in CODINGS {
                let packed = pack(codings, &bytes).unwrap();
                if packed.len() < length {
                    prop_assert_eq!(unpack(codings, &packed, length - 1), None, "{}", codings);
                    prop_assert!(unpack(codings, &packed, length).is_some());
                }
            }
        }

        #[test]
        fn what_is_cut_or_goes_on_is_none(bytes in bytes(), cut in any::<proptest::sample::Index>()) {
            for codings in &CODINGS[1..] {
                let mut packed = pack(codings, &bytes).unwrap();
                // Cut before its first byte, it is the empty body of an answer that has none.
                if let Some(places) = packed.len().checked_sub(1).filter(|places| *places > 0) {
                    let cut = 1 + cut.index(places);
                    prop_assert_eq!(unpack(codings, &packed[..cut], 1 << 20), None, "{} cut at {}", codings, cut);
                }
                packed.push(b'x');
                prop_assert_eq!(unpack(codings, &packed, 1 << 20), None, "{} goes on", codings);
            }
        }

        #[test]
        fn any_bytes_are_unpacked_within_the_limit_or_not_at_all(bytes in any::<Vec<u8>>(), limit in 0_usize..9000) {
            for codings in CODINGS {
                prop_assert!(unpack(codings, &bytes, limit).is_none_or(|unpacked| unpacked.len() <= limit));
            }
        }
    }
}

use flate2::Crc;

/// The CRC-32 of IEEE 802.3, as gzip and the event streams of AWS use it.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

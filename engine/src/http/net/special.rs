//! Addresses with a purpose of their own: which are reached from everywhere, and which never.
//!
//! An address is public because it is globally reachable, not because nobody listed it: a list of bad
//! ones missed the metadata of three clouds. Sources: IANA's special-purpose address registries for
//! IPv4 and IPv6 (RFC 6890 and what updates it), as of November 2026, column "Globally Reachable".

use std::net::{Ipv4Addr, Ipv6Addr};

/// IPv4 blocks that are not globally reachable, beside those that `std` knows.
const LOCAL_V4: [(Ipv4Addr, u32); 7] = [
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // The relays of 6to4, which are gone.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
];

/// Where clouds keep metadata and credentials beside link-local addresses: Alibaba, Azure, Oracle.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];

/// The same among IPv6 addresses: Amazon, Google, Oracle.
const METADATA_V6: [(Ipv6Addr, u32); 3] = [
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0), 64),
    (Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0, 0), 32),
];

/// IPv6 blocks inside `2000::/3`, the only one of unicast addresses, that are not globally reachable.
const LOCAL_V6: [(Ipv6Addr, u32); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Blocks of `2001::/23` that are globally reachable all the same.
const GLOBAL_V6: [(Ipv6Addr, u32); 7] = [
    (Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 1), 128),
    (Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 2), 128),
    (Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 3), 128),
    (Ipv6Addr::new(0x2001, 3, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2001, 4, 0x112, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x2001, 0x20, 0, 0, 0, 0, 0, 0), 28),
    (Ipv6Addr::new(0x2001, 0x30, 0, 0, 0, 0, 0, 0), 28),
];

/// Whether an address is reached from everywhere.
pub(super) fn is_global_v4(address: Ipv4Addr) -> bool {
    // Services of the protocol itself, in a block that is not global.
    const ANYCAST: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 0, 9), Ipv4Addr::new(192, 0, 0, 10)];
    let known = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation();
    let local = LOCAL_V4.iter().any(|(block, bits)| {
        (address.to_bits() ^ block.to_bits()).checked_shr(32 - bits) == Some(0)
    });
    ANYCAST.contains(&address) || !known && !local
}

/// Whether an address is reached from everywhere; what has an IPv4 address inside is not asked here.
pub(super) fn is_global_v6(address: Ipv6Addr) -> bool {
    let unicast = address.segments()[0] & 0xe000 == 0x2000;
    unicast && (is_in(address, &GLOBAL_V6) || !is_in(address, &LOCAL_V6))
}

/// Whether a cloud keeps metadata or credentials there.
pub(super) fn is_metadata_v4(address: Ipv4Addr) -> bool {
    METADATA_V4.contains(&address)
}

/// Whether a cloud keeps metadata or credentials there.
pub(super) fn is_metadata_v6(address: Ipv6Addr) -> bool {
    is_in(address, &METADATA_V6)
}

/// The IPv4 address that an IPv6 address leads to through a translator or a tunnel, and whether the
/// address is globally reachable where that one is.
pub(super) fn translated(address: Ipv6Addr) -> Option<(Ipv4Addr, bool)> {
    /// RFC 6052, for everybody.
    const TRANSLATOR: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);
    /// RFC 8215, for the translators of one network.
    const LOCAL_TRANSLATOR: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48);
    /// RFC 4291, the old form of a mapped address.
    const COMPATIBLE: (Ipv6Addr, u32) = (Ipv6Addr::UNSPECIFIED, 96);
    /// RFC 3056.
    const SIX_TO_FOUR: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16);
    /// RFC 4380; the client's address stands there with each bit turned.
    const TEREDO: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32);
    let bits = address.to_bits();
    // The last 32 bits, or those after the first 16.
    let last = Ipv4Addr::from_bits(low_32(bits));
    let after_prefix = Ipv4Addr::from_bits(low_32(bits >> 80));
    if is_in(address, &[TRANSLATOR]) {
        Some((last, true))
    } else if is_in(address, &[LOCAL_TRANSLATOR, COMPATIBLE]) {
        Some((last, false))
    } else if is_in(address, &[SIX_TO_FOUR]) {
        Some((after_prefix, false))
    } else if is_in(address, &[TEREDO]) {
        Some((!last, false))
    } else {
        None
    }
}

fn low_32(bits: u128) -> u32 {
    let [.., a, b, c, d] = bits.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

fn is_in(address: Ipv6Addr, blocks: &[(Ipv6Addr, u32)]) -> bool {
    blocks.iter().any(|(block, bits)| {
        (address.to_bits() ^ block.to_bits()).checked_shr(128 - bits).unwrap_or_default() == 0
    })
}

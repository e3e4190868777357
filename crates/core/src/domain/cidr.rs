//! Address ranges.

use std::net::IpAddr;

/// Whether a range holds all of another, both as `ADDRESS/BITS`. Text that is no range holds nothing.
pub fn range_contains(outer: &str, inner: &str) -> bool {
    let (Some(outer), Some(inner)) = (Range::parse(outer), Range::parse(inner)) else { return false };
    let shift = outer.width - outer.bits;
    // A shift by the whole width is none that a number has: everything is in such a range.
    let same = outer.address.checked_shr(shift).unwrap_or(0) == inner.address.checked_shr(shift).unwrap_or(0);
    outer.width == inner.width && outer.bits <= inner.bits && same
}

/// A range of addresses.
struct Range {
    /// The address as a number.
    address: u128,
    /// Bits of its prefix.
    bits: u32,
    /// Bits of an address: 32 or 128.
    width: u32,
}

impl Range {
    fn parse(range: &str) -> Option<Self> {
        let (address, bits) = range.split_once('/')?;
        let (address, width) = match address.parse().ok()? {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
            IpAddr::V6(v6) => (v6.to_bits(), 128),
        };
        let bits = bits.parse().ok().filter(|bits| *bits <= width)?;
        Some(Self { address, bits, width })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_what_is_within_it() {
        for (outer, inner, holds) in [
            ("10.0.0.0/16", "10.0.2.0/24", true),
            ("10.0.0.0/16", "10.1.2.0/24", false),
            ("10.0.2.0/24", "10.0.0.0/16", false),
            ("0.0.0.0/0", "10.0.2.0/24", true),
            ("::/0", "2001:db8::/56", true),
            ("::/0", "10.0.2.0/24", false),
            ("2001:db8::/56", "2001:db8:0:1::/64", true),
            ("pl-1", "10.0.2.0/24", false),
            ("10.0.0.0/99", "10.0.2.0/24", false),
        ] {
            assert_eq!(range_contains(outer, inner), holds, "{outer} {inner}");
        }
    }
}

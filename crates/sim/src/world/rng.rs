//! A small seeded random number generator: `SplitMix64` (Steele, Lea, Flood 2014).
//!
//! Not for secrets. Its whole state is one number, so that a simulation can be repeated.

/// A sequence of numbers determined by its seed.
#[derive(Debug, Clone)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// The sequence that belongs to `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number of the sequence.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// A whole number within `low..=high`.
    pub const fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low) + 1;
        low.wrapping_add_unsigned(self.next_u64() % span)
    }

    /// A lower-case hexadecimal string of `length` digits, as AWS uses in ids.
    pub fn hex(&mut self, length: usize) -> String {
        let mut digits = String::with_capacity(length + 16);
        while digits.len() < length {
            let sixteen = format!("{:016x}", self.next_u64());
            digits.push_str(&sixteen);
        }
        digits.truncate(length);
        digits
    }

    /// A random version 4 UUID in its usual form.
    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-4{}-a{}-{}", &hex[0..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// A decimal string of `length` digits that does not start with 0, as in `ecs-svc/…`.
    pub fn digits(&mut self, length: usize) -> String {
        (0..length)
            .map(|place| {
                let digit = self.between(i64::from(place == 0), 9);
                char::from(b'0' + u8::try_from(digit).unwrap_or(0))
            })
            .collect()
    }
}

const fn mix(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number within 0..1 that depends on nothing but its arguments: noise without state.
pub fn noise(seed: u64, stream: u64, step: i64) -> f64 {
    let mixed = mix(mix(mix(seed) ^ stream) ^ step.cast_unsigned());
    let high = u32::try_from(mixed >> 32).unwrap_or(0);
    f64::from(high) / f64::from(u32::MAX)
}

/// A stable number for a name, to give each named thing a noise of its own (FNV-1a).
pub fn stream_of(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sequence() {
        let draw = |seed| {
            let mut rng = Rng::new(seed);
            (rng.uuid(), rng.digits(19), rng.between(3, 9))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7).0, draw(8).0);
    }

    #[test]
    fn draws_stay_in_their_range_and_reach_both_ends() {
        let mut rng = Rng::new(1);
        let drawn: Vec<i64> = (0..500).map(|_| rng.between(-2, 2)).collect();
        assert_eq!(drawn.iter().min(), Some(&-2));
        assert_eq!(drawn.iter().max(), Some(&2));
    }

    #[test]
    fn noise_is_a_function_of_its_arguments() {
        let value = noise(1, 2, 3);
        assert!((0.0..=1.0).contains(&value));
        assert!((value - noise(1, 2, 3)).abs() < f64::EPSILON);
        assert!((value - noise(1, 2, 4)).abs() > f64::EPSILON);
    }
}

//! Chance with a seed that is printed.

use std::hash::{BuildHasher, Hasher, RandomState};

/// `SplitMix64`.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The seed that `BUDSTIKKE_TEST_SEED` names, or a new one. It is printed.
    pub(crate) fn new(what: &str) -> Self {
        let named = std::env::var("BUDSTIKKE_TEST_SEED").ok();
        let named = named.map(|seed| seed.parse().expect("`BUDSTIKKE_TEST_SEED` is a number"));
        let seed = named.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        println!("{what}: BUDSTIKKE_TEST_SEED={seed}");
        Self(seed)
    }

    /// Another one, that goes its own way.
    pub(crate) fn branch(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a small number");
        usize::try_from(self.next() % bound).expect("a small number")
    }

    /// Whether it happens, once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

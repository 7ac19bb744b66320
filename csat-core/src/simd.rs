//! Loops in the widest vectors of the processor at hand. They are loops over integers, so every width gives the same
//! bits.

use fearless_simd::{Level, Simd};

/// Runs a loop compiled once for every processor of the target and again for those with AVX2 and with AVX-512.
///
/// Only what is inlined into `work` gains: give it a closure marked `#[inline(always)]` that holds plain loops over
/// slices or arrays, and mark what it calls in the same way.
#[expect(clippy::inline_always, reason = "the loop must become part of a function with the wider instructions")]
#[inline(always)]
pub(crate) fn widest<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        let level = Level::new();
        if let Some(avx512) = level.as_avx512() {
            return avx512.vectorize(work);
        }
        if let Some(avx2) = level.as_avx2() {
            return avx2.vectorize(work);
        }
    }
    work()
}

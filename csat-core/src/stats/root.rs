//! A root by halving: slower than clever methods, and it cannot fail.

/// The point of [`low`, `high`] up to which `is_below_root` holds, to 2⁻¹⁰⁰ of the width.
pub(crate) fn bisect(mut low: f64, mut high: f64, is_below_root: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if is_below_root(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

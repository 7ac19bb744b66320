//! Several shares together: `multinomial.*`.

use crate::functions;
use crate::stats::multinomial;

functions! {
    /// Goodman's simultaneous intervals of the shares of all classes. Source: Goodman 1965.
    #[example = r#"{"counts": [5, 5]}"#]
    "multinomial.goodman" (counts: Vec<u64>, confidence: f64 = 0.95) => multinomial::goodman(&counts, confidence);
}

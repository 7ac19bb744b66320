//! An interval.

use crate::error::{Error, Result};

/// A lower and an upper limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

crate::answer_fields!(Interval { low, high });

impl Interval {
    /// The interval clamped to the possible range.
    pub fn clamp(self, min: f64, max: f64) -> Self {
        Self { low: self.low.clamp(min, max), high: self.high.clamp(min, max) }
    }
}

/// Refuses a confidence outside (0, 1).
pub fn check_confidence(confidence: f64) -> Result<()> {
    if confidence > 0.0 && confidence < 1.0 {
        Ok(())
    } else {
        Err(Error::argument(format!("confidence must lie between 0 and 1, not {confidence}; 0.95 is usual")))
    }
}

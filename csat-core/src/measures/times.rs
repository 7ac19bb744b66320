//! Durations kept as sum, sum of squares and histogram: what mean and quantiles are read from.

use crate::cells::{Cell, Cells, Moments, Shape};
use crate::estimate::{Confidence, Estimate, Estimates, Unit};
use crate::histogram::Buckets;
use crate::measure::Part;
use crate::measures::quantiles;

/// One kind of duration of a measure: where its sums begin, and which histogram keeps and counts it.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) name: &'static str,
    pub(crate) sum: usize,
    pub(crate) histogram: usize,
    pub(crate) buckets: Buckets,
}

impl Times {
    /// Adds what it keeps to a shape.
    pub(crate) fn shape(self, shape: Shape) -> Shape {
        let squares = format!("{}²", self.name);
        shape.sum(self.name).sum(squares).histogram(self.name, self.buckets)
    }

    /// Adds the durations of a block; missing ones are left out.
    pub(crate) fn fold(self, groups: &[u32], durations: impl Fn(usize) -> i64, cells: &mut Cells) {
        let to = Moments { bundle: None, first: self.sum, histogram: Some(self.histogram) };
        cells.moments(to, groups, (0..groups.len()).map(|i| (true, durations(i))));
    }

    /// Its parts: mean, quantiles and the longest, in seconds.
    pub(crate) fn parts(self, quantiles: &[f64], id: &str, parts: &mut Vec<Part>) {
        let mut push = |path: String, suffix: &str| {
            let path = format!("{}/{path}", self.name);
            parts.push(Part::new(path.clone(), Unit::Seconds, format!("{id}:{path}{suffix}")));
        };
        push("mean".into(), "");
        for q in quantiles {
            push(quantiles::name(*q), self.buckets.suffix());
        }
        push("longest".into(), self.buckets.suffix());
    }

    /// Reads them.
    pub(crate) fn read(self, cell: &Cell<'_>, quantiles: &[f64], confidence: &mut Confidence, out: &mut Estimates) {
        let n = cell.observed(self.histogram);
        let mean = Estimate::mean(n, cell.sum(self.sum), cell.sum(self.sum + 1), 1e-6, confidence);
        out.push(mean.clamped(0.0, f64::INFINITY));
        quantiles::read(cell, self.histogram, quantiles, confidence, out);
    }
}

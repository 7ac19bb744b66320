//! Integer buckets for durations: `sketch.*`.

use crate::error::{Error, Result};
use crate::functions;
use crate::stats::quantile::QuantileType;
use crate::stats::sketch;

functions! {
    /// The bucket of a whole number of milliseconds: 128 buckets to each power of two.
    #[example = r#"{"ms": 255}"#]
    "sketch.bucket_of" (ms: u64) => Ok::<_, Error>(u64::from(sketch::bucket_of(ms)));
    /// The smallest value of a bucket.
    #[example = r#"{"bucket": 1052}"#]
    "sketch.bucket_low" (bucket: u16) => check(bucket).map(sketch::bucket_low);
    /// How many whole values a bucket holds.
    #[example = r#"{"bucket": 1052}"#]
    "sketch.bucket_width" (bucket: u16) => check(bucket).map(sketch::bucket_width);
    /// Quantiles of whole numbers through the buckets: within 0.39 % and one half of the exact ones.
    #[example = r#"{"values": [10, 30, 20000], "probabilities": [0, 0.5, 1]}"#]
    "sketch.quantiles" (values: Vec<u64>, probabilities: Vec<f64>, kind: u8 = 7) =>
        sketch::quantiles(&values, &probabilities, QuantileType::from_number(kind)?);
}

fn check(bucket: u16) -> Result<u16> {
    if bucket < sketch::BUCKETS {
        return Ok(bucket);
    }
    Err(Error::argument(format!("bucket {bucket} does not exist; the last is {}", sketch::BUCKETS - 1)))
}

//! Durations as short text: `20s`, `2m`, `1h`, `500ms`. Units: microseconds.

use crate::error::{Error, ErrorKind, Result};

const UNITS: [(&str, i64); 5] = [("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)];

/// The shortest whole form in hours, minutes, seconds, milliseconds or microseconds.
///
/// ```
/// use csat_core::rule::duration;
/// assert_eq!(duration::text(20_000_000), "20s");
/// assert_eq!(duration::text(120_000_000), "2m");
/// assert_eq!(duration::text(1_500_000), "1500ms");
/// ```
pub fn text(micros: i64) -> String {
    if micros == 0 {
        return "0s".to_owned();
    }
    // The largest unit that divides also has the fewest digits; the last unit always divides.
    let (unit, size) = UNITS.into_iter().find(|(_, size)| micros % size == 0).unwrap_or(("us", 1));
    format!("{}{unit}", micros / size)
}

/// Microseconds of a text such as `20s`, `1h` or `1500ms`: a whole number and one unit (h, m, s, ms, us).
///
/// ```
/// assert_eq!(csat_core::rule::duration::parse("20s")?, 20_000_000);
/// assert!(csat_core::rule::duration::parse("20 seconds").is_err());
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn parse(text: &str) -> Result<i64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    UNITS
        .into_iter()
        .find(|(name, _)| *name == unit)
        .and_then(|(_, size)| number.parse::<i64>().ok()?.checked_mul(size))
        .ok_or_else(|| {
            let message =
                format!("`{text}` is not a duration; write a whole number and h, m, s, ms or us, such as `20s`");
            Error::new(ErrorKind::BadText, message)
        })
}

/// Microseconds of seconds given as a number, to the nearest microsecond.
pub fn from_seconds(seconds: f64) -> Result<i64> {
    // 2^53 µs are 285 years: below that the product is exact enough to name one microsecond.
    if (0.0..=9.0e9).contains(&seconds) {
        Ok((seconds * 1e6).round() as i64)
    } else {
        Err(Error::argument(format!("{seconds} s is not a duration between 0 and 9 000 000 000 s")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for (micros, expected) in
            [(0, "0s"), (1, "1us"), (60_000_000, "1m"), (90_000_000, "90s"), (3_600_000_000, "1h")]
        {
            assert_eq!(text(micros), expected);
            assert_eq!(parse(expected).unwrap(), micros);
        }
        for bad in ["", "20", "s", "1.5s", "-5s", "20S", "99999999999999h", "１s"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(from_seconds(0.5).unwrap(), 500_000);
        assert!(from_seconds(f64::NAN).is_err() && from_seconds(-1.0).is_err() && from_seconds(f64::INFINITY).is_err());
    }
}

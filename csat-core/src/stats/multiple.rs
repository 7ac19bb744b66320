//! Many tests at once: p-values adjusted so that a whole network of units can be judged together.
//!
//! With 100 innocent dealers and a limit of 0.05, five are accused by chance. Benjamini-Hochberg keeps the expected
//! share of false accusations among all accusations below the level; Holm keeps the chance of any false accusation
//! below it; Benjamini-Yekutieli does what Benjamini-Hochberg does under any dependence of the tests.

use crate::error::{Error, Result};

/// Adjusted p-values in the order of the input, and how many are at or below the level.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjusted {
    /// The adjusted p-values; compare each with the level.
    pub adjusted: Vec<f64>,
    /// How many tests are significant at the level.
    pub rejected: u64,
}

crate::answer_fields!(Adjusted { adjusted, rejected });

/// Benjamini-Hochberg: the expected share of false discoveries is at most `level`.
///
/// Formula: with p sorted upwards, adjusted(i) = min over j ≥ i of p(j)·m/j, at most 1. Holds for independent and for
/// positively dependent tests. Source: Benjamini and Hochberg 1995.
///
/// ```
/// let a = csat_core::stats::multiple::benjamini_hochberg(&[0.01, 0.04, 0.03], 0.05)?;
/// assert_eq!(a.adjusted, [0.03, 0.04, 0.04]);
/// assert_eq!(a.rejected, 3);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn benjamini_hochberg(p_values: &[f64], level: f64) -> Result<Adjusted> {
    step_up(p_values, level, 1.0)
}

/// Benjamini-Yekutieli: [`benjamini_hochberg`] times 1 + 1/2 + … + 1/m, valid under any dependence.
///
/// Source: Benjamini and Yekutieli 2001.
pub fn benjamini_yekutieli(p_values: &[f64], level: f64) -> Result<Adjusted> {
    step_up(p_values, level, (1..=p_values.len()).map(|i| 1.0 / i as f64).sum())
}

/// Holm: the chance of even one false discovery is at most `level`.
///
/// Formula: with p sorted upwards, adjusted(i) = max over j ≤ i of p(j)·(m − j + 1), at most 1. Source: Holm 1979.
pub fn holm(p_values: &[f64], level: f64) -> Result<Adjusted> {
    let order = ascending(p_values, level)?;
    let mut adjusted = vec![0.0; order.len()];
    let mut largest: f64 = 0.0;
    for (rank, &i) in order.iter().enumerate() {
        largest = largest.max(p_values[i] * (order.len() - rank) as f64).min(1.0);
        adjusted[i] = largest;
    }
    Ok(count(adjusted, level))
}

fn step_up(p_values: &[f64], level: f64, factor: f64) -> Result<Adjusted> {
    let order = ascending(p_values, level)?;
    let m = order.len() as f64;
    let mut adjusted = vec![0.0; order.len()];
    let mut smallest: f64 = 1.0;
    for (rank, &i) in order.iter().enumerate().rev() {
        smallest = smallest.min(p_values[i] * (m / (rank + 1) as f64 * factor));
        adjusted[i] = smallest;
    }
    Ok(count(adjusted, level))
}

fn count(adjusted: Vec<f64>, level: f64) -> Adjusted {
    let rejected = adjusted.iter().filter(|p| **p <= level).count() as u64;
    Adjusted { adjusted, rejected }
}

fn ascending(p_values: &[f64], level: f64) -> Result<Vec<usize>> {
    if !(level > 0.0 && level < 1.0) {
        return Err(Error::argument(format!("level must lie between 0 and 1, not {level}; 0.05 is usual")));
    }
    if let Some((i, p)) = p_values.iter().enumerate().find(|(_, p)| !(0.0..=1.0).contains(*p)) {
        return Err(Error::argument(format!("p-value {} is {p}; it must lie in 0..1", i + 1)));
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&i, &j| p_values[i].total_cmp(&p_values[j]));
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // m = 4, sorted 0.005 0.01 0.03 0.2.
        let p = [0.2, 0.01, 0.03, 0.005];
        // Benjamini-Hochberg: 0.005·4/1 = 0.02, 0.01·4/2 = 0.02, 0.03·4/3 = 0.04, 0.2.
        let bh = benjamini_hochberg(&p, 0.05).unwrap();
        assert!(
            bh.adjusted.iter().zip([0.2, 0.02, 0.04, 0.02]).all(|(a, b)| (a - b).abs() < 1e-15) && bh.rejected == 3
        );
        // Holm: 0.005·4 = 0.02, 0.01·3 = 0.03, 0.03·2 = 0.06, 0.2·1.
        assert_eq!(holm(&p, 0.05).unwrap(), Adjusted { adjusted: vec![0.2, 0.03, 0.06, 0.02], rejected: 2 });
        assert_eq!(benjamini_hochberg(&[], 0.05).unwrap().rejected, 0);
        assert!(benjamini_hochberg(&[0.5, f64::NAN], 0.05).unwrap_err().message().contains("p-value 2"));
        assert!(holm(&[0.5], 0.0).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn adjusting_never_helps_and_keeps_the_order(p in prop::collection::vec(0.0..=1.0f64, 1..30)) {
            let bh = benjamini_hochberg(&p, 0.05).unwrap().adjusted;
            let by = benjamini_yekutieli(&p, 0.05).unwrap().adjusted;
            let holm = holm(&p, 0.05).unwrap().adjusted;
            for i in 0..p.len() {
                prop_assert!(p[i] <= bh[i] && bh[i] <= by[i] && bh[i] <= holm[i] && by[i] <= 1.0 && holm[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || (bh[i] <= bh[j] && holm[i] <= holm[j]));
                }
            }
        }
    }
}

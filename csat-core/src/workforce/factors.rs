//! Volume by calendar factors: weekday × part of the month × campaign, each with a factor learnt from the past.
//!
//! A bank is called at the turn of the month, a shop during a campaign. Repeating last week misses both. Here each day
//! bears one label per dimension, and a day is expected to bring base × the factors of its labels.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// Factors learnt, and the days to come.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorForecast {
    /// Mean value of the days known.
    pub base: f64,
    /// For each dimension its labels in order with their factors; 1 on the average of the days known.
    pub factors: Vec<Vec<(String, f64)>>,
    /// Expected value of each day to come.
    pub forecast: Vec<f64>,
}

crate::answer_fields!(FactorForecast { base, factors, forecast });

/// Learns a factor per label from `values` and forecasts the days labelled `ahead`.
///
/// `labels[i]` are the labels of value i, one per dimension in the same order; missing values (`None`) teach nothing.
/// The factors are those for which the expected and the actual sums agree for every label (the maximum likelihood of
/// independent Poisson counts), found by scaling one dimension after the other. A label to come that was never seen is
/// an error: there is nothing to learn its factor from. Each label should have been seen on several days; judge a set
/// of dimensions on days that it has not seen.
///
/// ```
/// use csat_core::workforce::factors::by_labels;
/// let label = |week: &str, part: &str| vec![week.to_owned(), part.to_owned()];
/// let past = [label("mon", "usual"), label("tue", "usual"), label("mon", "campaign"), label("tue", "usual")];
/// let f = by_labels(&[Some(100.0), Some(50.0), Some(200.0), Some(50.0)], &past, &[label("tue", "campaign")])?;
/// assert!((f.forecast[0] - 100.0).abs() < 1e-6);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn by_labels(values: &[Option<f64>], labels: &[Vec<String>], ahead: &[Vec<String>]) -> Result<FactorForecast> {
    if values.len() != labels.len() {
        let (v, l) = (values.len(), labels.len());
        return Err(Error::argument(format!("{v} values but {l} lists of labels; give one list per value")));
    }
    if let Some(i) = values.iter().position(|v| v.is_some_and(|x| !(x >= 0.0 && x.is_finite()))) {
        return Err(Error::argument(format!("value {} is negative or not a finite number", i + 1)));
    }
    let dimensions = labels.first().map_or(0, Vec::len);
    if let Some(odd) = labels.iter().chain(ahead).find(|l| l.len() != dimensions) {
        return Err(Error::argument(format!("{} labels where the first day has {dimensions}", odd.len())));
    }
    let days: Vec<(f64, &Vec<String>)> = values.iter().zip(labels).filter_map(|(v, l)| v.map(|x| (x, l))).collect();
    if days.is_empty() {
        return Err(Error::undefined("no day has a value: there is nothing to learn from"));
    }
    let base = days.iter().map(|d| d.0).sum::<f64>() / days.len() as f64;
    let mut factors: Vec<BTreeMap<&str, f64>> =
        (0..dimensions).map(|d| days.iter().map(|day| (day.1[d].as_str(), 1.0)).collect()).collect();
    let expected = |factors: &[BTreeMap<&str, f64>], labels: &[String]| {
        labels.iter().zip(factors).fold(base, |value, (label, known)| value * known[label.as_str()])
    };
    for _ in 0..500 {
        let mut moved: f64 = 0.0;
        for d in 0..dimensions {
            let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
            for (value, labels) in &days {
                let sum = sums.entry(&labels[d]).or_default();
                sum.0 += value;
                sum.1 += expected(&factors, labels);
            }
            for (label, (actual, expected)) in sums {
                let scale = if expected > 0.0 { actual / expected } else { 1.0 };
                moved = moved.max((scale - 1.0).abs());
                *factors[d].entry(label).or_insert(1.0) *= scale;
            }
        }
        if moved < 1e-12 || dimensions < 2 {
            break;
        }
    }
    let forecast = ahead
        .iter()
        .map(|labels| {
            for (label, known) in labels.iter().zip(&factors) {
                if !known.contains_key(label.as_str()) {
                    return Err(Error::unknown("label", label, known.keys().copied()));
                }
            }
            let value = expected(&factors, labels);
            if value.is_finite() { Ok(value) } else { Err(Error::undefined("the values are too large to be added up")) }
        })
        .collect::<Result<_>>()?;
    let factors = factors.iter().map(|known| known.iter().map(|(l, f)| ((*l).to_owned(), *f)).collect()).collect();
    Ok(FactorForecast { base, factors, forecast })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn one_dimension_is_the_mean_by_label() {
        let past = [label(&["a"]), label(&["b"]), label(&["a"]), label(&["b"])];
        let f = by_labels(&[Some(10.0), Some(30.0), Some(14.0), None], &past, &[label(&["a"]), label(&["b"])]).unwrap();
        assert!((f.forecast[0] - 12.0).abs() < 1e-9 && (f.forecast[1] - 30.0).abs() < 1e-9);
        assert_eq!(f.base, 18.0);
    }

    #[test]
    fn two_dimensions_keep_the_sums_of_every_label() {
        let past = [label(&["a", "x"]), label(&["a", "y"]), label(&["b", "x"]), label(&["b", "x"])];
        let values = [20.0, 15.0, 50.0, 44.0];
        let f = by_labels(&values.map(Some), &past, &past).unwrap().forecast;
        assert!((f[0] + f[1] - 35.0).abs() < 1e-8 && (f[0] + f[2] + f[3] - 114.0).abs() < 1e-8);
    }

    #[test]
    fn what_cannot_be_learnt_is_refused() {
        let unseen = by_labels(&[Some(1.0)], &[label(&["mon"])], &[label(&["mom"])]).unwrap_err();
        assert_eq!(unseen.message(), "unknown label `mom`; did you mean `mon`?");
        assert!(by_labels(&[None], &[label(&["mon"])], &[]).is_err());
        assert!(by_labels(&[Some(f64::NAN)], &[label(&["mon"])], &[]).is_err());
        assert!(by_labels(&[Some(1.0)], &[label(&["mon"])], &[label(&["mon", "x"])]).is_err());
        assert_eq!(by_labels(&[Some(0.0)], &[label(&["mon"])], &[label(&["mon"])]).unwrap().forecast, [0.0]);
        assert_eq!(by_labels(&[Some(4.0)], &[vec![]], &[vec![]]).unwrap().forecast, [4.0]);
    }
}

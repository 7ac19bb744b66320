//! Satisfaction index of a whole questionnaire: a weighted mean of items, put on 0..100.

use serde::Deserialize;

use super::mean::{Sample, t_interval};
use super::sum::{self, exact_of};
use crate::error::{Error, Result};

/// What becomes of a respondent who left items out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Answered items only, their weights renormalised, if at least a given share of the items is answered.
    Available,
    /// Only respondents who answered every item.
    Listwise,
    /// An item left out counts as the lowest answer.
    AsMinimum,
}

/// The index of a group of respondents, on 0..100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SatisfactionIndex {
    /// Mean of the respondents' own indices.
    pub index: f64,
    /// Respondents in it.
    pub n_used: u64,
    /// Respondents left out because of missing items.
    pub n_left_out: u64,
    /// Their standard deviation / √n; none for a single respondent.
    pub standard_error: Option<f64>,
    /// Lower limit of the t interval, at least 0.
    pub low: Option<f64>,
    /// Upper limit of the t interval, at most 100.
    pub high: Option<f64>,
}

crate::answer_fields!(SatisfactionIndex { index, n_used, n_left_out, standard_error, low, high });

/// The index 100·(Σwx/Σw − min)/(max − min) of each respondent, averaged, with a t interval.
///
/// `responses` has one row for each respondent and one entry for each item, `None` where it was left out. Weights are at
/// least 0 and need not add up to 1. For complete rows the standard error is √(w'Sw/n)·100/(max−min), S the covariance
/// of the items. Pitfall: if the weights were derived from the same answers, the interval leaves their uncertainty out.
///
/// ```
/// use csat_core::stats::index::{Missing, satisfaction};
/// let rows = [vec![Some(5.0), Some(3.0)], vec![Some(4.0), None], vec![Some(1.0), Some(2.0)]];
/// let i = satisfaction(&rows, &[3.0, 1.0], 1.0, 5.0, Missing::Available, 0.5, 0.95)?;
/// assert!((i.index - (87.5 + 75.0 + 6.25) / 3.0).abs() < 1e-12 && i.n_used == 3);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn satisfaction(
    responses: &[Vec<Option<f64>>],
    weights: &[f64],
    scale_min: f64,
    scale_max: f64,
    missing: Missing,
    min_share: f64,
    confidence: f64,
) -> Result<SatisfactionIndex> {
    super::interval::check_confidence(confidence)?;
    let questionnaire = Questionnaire::new(weights, scale_min, scale_max, missing, min_share)?;
    let mut scores = Vec::with_capacity(responses.len());
    for (i, row) in responses.iter().enumerate() {
        scores.extend(
            questionnaire.score(row).map_err(|e| e.at(format_args!("respondent {}", i + 1)).with("row", i + 1))?,
        );
    }
    let n_used = scores.len() as u64;
    let n_left_out = responses.len() as u64 - n_used;
    if n_used == 0 {
        return Err(Error::undefined(format!("no respondent answered enough items ({n_left_out} were left out)")));
    }
    let index = sum::mean(&scores)?;
    let interval = if n_used > 1 { Some(t_interval(Sample::of(&scores)?, confidence)?) } else { None };
    Ok(SatisfactionIndex {
        index,
        n_used,
        n_left_out,
        standard_error: interval.map(|i| i.standard_error),
        low: interval.map(|i| i.low.max(0.0)),
        high: interval.map(|i| i.high.min(100.0)),
    })
}

struct Questionnaire<'a> {
    weights: &'a [f64],
    min: f64,
    width: f64,
    missing: Missing,
    min_share: f64,
}

impl<'a> Questionnaire<'a> {
    fn new(weights: &'a [f64], min: f64, max: f64, missing: Missing, min_share: f64) -> Result<Self> {
        if !(min.is_finite() && max.is_finite() && min < max && (max - min).is_finite()) {
            return Err(Error::argument(format!(
                "the scale must run from a lower to a higher value, not {min} to {max}"
            )));
        }
        if let Some(i) = weights.iter().position(|w| !(0.0..=1e100).contains(w)) {
            return Err(Error::argument(format!("weight {} of item {} is not between 0 and 1e100", weights[i], i + 1)));
        }
        if weights.iter().all(|w| *w == 0.0) {
            return Err(Error::argument("at least one item needs a weight above 0"));
        }
        if !(0.0..=1.0).contains(&min_share) {
            return Err(Error::argument(format!("`min_share` is a share of the items, 0 to 1, not {min_share}")));
        }
        Ok(Self { weights, min, width: max - min, missing, min_share })
    }

    /// The index of one respondent, or none if too little is answered.
    fn score(&self, row: &[Option<f64>]) -> Result<Option<f64>> {
        let items = self.weights.len();
        if row.len() != items {
            return Err(Error::argument(format!("{} answers for {items} items", row.len())));
        }
        for (item, x) in row.iter().enumerate().filter_map(|(item, x)| x.map(|x| (item, x))) {
            if !(0.0..=self.width).contains(&(x - self.min)) {
                let scale = format!("{} to {}", self.min, self.min + self.width);
                return Err(Error::argument(format!("answer {x} to item {} is outside the scale {scale}", item + 1)));
            }
        }
        let answered = row.iter().flatten().count();
        let enough = match self.missing {
            Missing::Available => answered > 0 && answered as f64 >= self.min_share * items as f64 - 1e-9,
            Missing::Listwise => answered == items,
            Missing::AsMinimum => true,
        };
        let counts = |x: &Option<f64>| x.is_some() || self.missing == Missing::AsMinimum;
        let pairs = || row.iter().zip(self.weights).filter(|(x, _)| counts(x));
        let total = exact_of(pairs().map(|(_, w)| *w))?;
        if !enough || total == 0.0 {
            return Ok(None);
        }
        let points = exact_of(pairs().map(|(x, w)| w * (x.unwrap_or(self.min) - self.min)))?;
        Ok(Some(100.0 * (points / total / self.width)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(rows: &[Vec<Option<f64>>], missing: Missing) -> Result<SatisfactionIndex> {
        satisfaction(rows, &[1.0, 1.0, 2.0], 1.0, 5.0, missing, 0.5, 0.95)
    }

    /// Rows: complete (4, 3, 5): (3 + 2 + 2·4)/4/4 = 81.25; two of three (2, –, 3): (1 + 2·2)/3/4 = 41.667; one of three.
    /// The mean of the first two is 61.458.
    #[test]
    fn missing_items_follow_the_rule() {
        let rows =
            [vec![Some(4.0), Some(3.0), Some(5.0)], vec![Some(2.0), None, Some(3.0)], vec![None, Some(5.0), None]];
        let available = index(&rows, Missing::Available).unwrap();
        assert!((available.index - 61.458_333_333_333_336).abs() < 1e-12);
        assert_eq!((available.n_used, available.n_left_out), (2, 1));
        let listwise = index(&rows, Missing::Listwise).unwrap();
        assert_eq!((listwise.index, listwise.n_left_out, listwise.low), (81.25, 2, None));
        // As minimum: 81.25, (1 + 0 + 4)/16 = 31.25, 4/16 = 25.
        let lowest = index(&rows, Missing::AsMinimum).unwrap();
        assert!((lowest.index - 137.5 / 3.0).abs() < 1e-12 && lowest.n_left_out == 0);
        assert!(lowest.low == Some(0.0) && lowest.high == Some(100.0), "three respondents say little: clamped");
    }

    #[test]
    fn errors_name_the_place() {
        let error = index(&[vec![Some(1.0); 3], vec![Some(1.0), Some(6.0), None]], Missing::Available).unwrap_err();
        assert!(error.message().contains("respondent 2") && error.message().contains("item 2"), "{error}");
        assert!(index(&[vec![None; 3]], Missing::Available).is_err() && index(&[], Missing::Listwise).is_err());
        assert!(index(&[vec![Some(f64::NAN); 3]], Missing::Available).is_err());
        assert!(satisfaction(&[vec![Some(1.0)]], &[0.0], 1.0, 5.0, Missing::Available, 0.5, 0.95).is_err());
        assert!(satisfaction(&[vec![Some(1.0)]], &[1.0], 5.0, 5.0, Missing::Available, 0.5, 0.95).is_err());
    }
}

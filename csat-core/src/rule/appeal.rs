//! Appeals against evaluations: how many were filed, how they ended, how often a score was overturned.
//!
//! An appeal never overwrites a score: the score gets a revision and both values are kept.

use super::closed::closed_list;
use crate::error::{Error, Result};

closed_list! {
    /// What an overturn rate is a share of.
    AppealDenominator, "denominator" {
        /// Decided appeals. The default.
        Closed = "closed",
        /// All appeals, open ones too.
        Filed = "filed",
    }
}

/// Appeals by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppealCounts {
    /// Decided for the appellant.
    pub accepted: u64,
    /// Decided for the appellant in part.
    pub partial: u64,
    /// Decided against the appellant.
    pub rejected: u64,
    /// Not decided yet.
    pub open: u64,
}

/// A share with its counts; there is no value where the denominator is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedShare {
    /// What is counted.
    pub numerator: u64,
    /// Of how many.
    pub denominator: u64,
}

crate::answer_fields!(AppealCounts { accepted, partial, rejected, open });
crate::answer_fields!(CountedShare { numerator, denominator });

impl CountedShare {
    /// The share 0..1; `None` of nothing.
    pub fn value(&self) -> Option<f64> {
        (self.denominator > 0).then(|| self.numerator as f64 / self.denominator as f64)
    }
}

impl AppealCounts {
    /// Decided appeals.
    pub fn closed(&self) -> u64 {
        self.accepted + self.partial + self.rejected
    }

    /// All appeals.
    pub fn filed(&self) -> u64 {
        self.closed() + self.open
    }

    /// Counts by outcome whose total was stated; refused if they do not add up.
    pub fn of_filed(filed: u64, accepted: u64, partial: u64, rejected: u64, open: u64) -> Result<Self> {
        let counts = Self { accepted, partial, rejected, open };
        let sum = [accepted, partial, rejected, open].iter().try_fold(0u64, |sum, v| sum.checked_add(*v));
        if sum == Some(filed) {
            return Ok(counts);
        }
        Err(Error::argument(format!("{filed} appeals were filed, but their outcomes do not add up to that")))
    }

    /// The overturn rate: accepted appeals, with or without those accepted in part.
    ///
    /// ```
    /// use csat_core::rule::appeal::{AppealCounts, AppealDenominator};
    /// let appeals = AppealCounts { accepted: 4, partial: 2, rejected: 3, open: 1 };
    /// assert_eq!(appeals.overturned(true, AppealDenominator::Closed).value(), Some(6.0 / 9.0));
    /// assert_eq!(appeals.overturned(false, AppealDenominator::Filed).value(), Some(0.4));
    /// ```
    pub fn overturned(&self, partial_counts: bool, of: AppealDenominator) -> CountedShare {
        let denominator = match of {
            AppealDenominator::Closed => self.closed(),
            AppealDenominator::Filed => self.filed(),
        };
        CountedShare { numerator: self.accepted + if partial_counts { self.partial } else { 0 }, denominator }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_must_add_up() {
        assert_eq!(AppealCounts::of_filed(10, 4, 2, 3, 1).unwrap().filed(), 10);
        assert!(AppealCounts::of_filed(11, 4, 2, 3, 1).is_err());
        assert!(AppealCounts::of_filed(1, u64::MAX, 2, 0, 0).is_err());
        assert_eq!(AppealCounts::default().overturned(true, AppealDenominator::Closed).value(), None);
    }
}

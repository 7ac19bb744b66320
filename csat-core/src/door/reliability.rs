//! Reliability: `reliability.*`.

use crate::error::Result;
use crate::functions;
use crate::stats::covariance::Covariance;
use crate::stats::reliability;

functions! {
    /// Cronbach's alpha, raw and standardised, with Feldt's interval. `items`: one row of answers per respondent, null
    /// for missing; incomplete rows are left out and counted. `names` of the items are used in messages.
    /// Source: Cronbach 1951; Feldt 1965.
    "reliability.cronbach_alpha" (items: Vec<Vec<Option<f64>>>, names: Vec<String> = Vec::new(), confidence: f64 = 0.95)
        => reliability::cronbach_alpha(&Covariance::from_rows(&names, &items)?, confidence);

    /// Item-total and item-rest correlation and alpha if dropped, for each item. `items` as for the alpha.
    /// Null where the rest is constant or one item is left. Source: Nunnally & Bernstein 1994.
    "reliability.item_statistics" (items: Vec<Vec<Option<f64>>>, names: Vec<String> = Vec::new())
        => reliability::item_statistics(&Covariance::from_rows(&names, &items)?);

    /// One-factor omega total by maximum likelihood on the correlations; three items or more. `items` as for the
    /// alpha. `improper` says that a uniqueness lies on its bound of 0.005. Source: McDonald 1999.
    "reliability.omega_total" (items: Vec<Vec<Option<f64>>>, names: Vec<String> = Vec::new())
        => reliability::omega_total(&Covariance::from_rows(&names, &items)?);

    /// Alpha, item statistics' input and omega start from covariances; this gives the alpha from integer cross sums as
    /// a tally keeps them: `n` complete rows, `sums` of the answers, `products` (sums of the products of two items:
    /// upper triangle row by row with the diagonal) and `ranges` (lowest and highest possible answer of each item).
    /// Items are rescaled to 0..1. Exact in 128-bit integers up to the last division.
    "reliability.cronbach_alpha_from_sums" (
        n: u64,
        sums: Vec<i64>,
        products: Vec<i64>,
        ranges: Vec<(i64, i64)>,
        names: Vec<String> = Vec::new(),
        confidence: f64 = 0.95,
    ) => reliability::cronbach_alpha(&from_sums(&names, n, &sums, &products, &ranges)?, confidence);
}

fn from_sums(names: &[String], n: u64, sums: &[i64], products: &[i64], ranges: &[(i64, i64)]) -> Result<Covariance> {
    let wide = |x: &[i64]| x.iter().copied().map(i128::from).collect::<Vec<i128>>();
    Covariance::from_sums(names, n, &wide(sums), &wide(products), ranges)
}

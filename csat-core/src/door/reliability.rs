//! Reliability: `reliability.*`.

use crate::error::Result;
use crate::functions;
use crate::stats::covariance::Covariance;
use crate::stats::reliability;

functions! {
    /// Cronbach's alpha, raw and standardised, with Feldt's interval. `items`: one row of answers per respondent, null
    /// for missing; incomplete rows are left out and counted. `names` of the items are used in messages.
    /// Source: Cronbach 1951; Feldt 1965.
    #[example = r#"{"items": [[1, 2, 1], [2, 2, 3], [3, 5, 2]]}"#]
    "reliability.cronbach_alpha" (items: Vec<Vec<Option<f64>>>, names: Vec<String> = Vec::new(), confidence: f64 = 0.95)
        => reliability::cronbach_alpha(&Covariance::from_rows(&names, &items)?, confidence);

    /// Item-total and item-rest correlation and alpha if dropped, for each item. `items` as for the alpha.
    /// Null where the rest is constant or one item is left. Source: Nunnally & Bernstein 1994.
    #[example = r#"{"items": [[1, 2, 1], [2, 2, 3], [3, 5, 2]]}"#]
    "reliability.item_statistics" (items: Vec<Vec<Option<f64>>>, names: Vec<String> = Vec::new())
        => reliability::item_statistics(&Covariance::from_rows(&names, &items)?);

    /// One-factor omega total by maximum likelihood on the correlations; three items or more. `items` as for the
    /// alpha. `improper` says that a uniqueness lies on its bound of 0.005. Source: McDonald 1999.
    #[example = r#"{"items": [[43, 51, 30, 39, 61, 92, 45], [63, 64, 51, 54, 63, 73, 47], [71, 70, 68, 69, 76,
        86, 48], [61, 63, 45, 47, 54, 84, 35], [81, 78, 56, 66, 71, 83, 47], [43, 55, 49, 44, 54, 49,
        34], [58, 67, 42, 56, 66, 68, 35], [71, 75, 50, 55, 70, 66, 41], [72, 82, 72, 67, 71, 83, 31],
        [67, 61, 45, 47, 62, 80, 41], [64, 53, 53, 58, 58, 67, 34], [67, 60, 47, 39, 59, 74, 41], [69,
        62, 57, 42, 55, 63, 25], [68, 83, 83, 45, 59, 77, 35], [77, 77, 54, 72, 79, 77, 46], [81, 90,
        50, 72, 60, 54, 36], [74, 85, 64, 69, 79, 79, 63], [65, 60, 65, 75, 55, 80, 60], [65, 70, 46,
        57, 75, 85, 46], [50, 58, 68, 54, 64, 78, 52], [50, 40, 33, 34, 43, 64, 33], [64, 61, 52, 62,
        66, 80, 41], [53, 66, 52, 50, 63, 80, 37], [40, 37, 42, 58, 50, 57, 49], [63, 54, 42, 48, 66,
        75, 33], [66, 77, 66, 63, 88, 76, 72], [78, 75, 58, 74, 80, 78, 49], [48, 57, 44, 45, 51, 83,
        38], [85, 85, 71, 71, 77, 74, 55], [82, 82, 39, 59, 64, 78, 39]]}"#]
    "reliability.omega_total" (items: Vec<Vec<Option<f64>>>, names: Vec<String> = Vec::new())
        => reliability::omega_total(&Covariance::from_rows(&names, &items)?);

    /// Alpha, item statistics' input and omega start from covariances; this gives the alpha from integer cross sums as
    /// a tally keeps them: `n` complete rows, `sums` of the answers, `products` (sums of the products of two items:
    /// upper triangle row by row with the diagonal) and `ranges` (lowest and highest possible answer of each item).
    /// Items are rescaled to 0..1. Exact in 128-bit integers up to the last division.
    #[example = r#"{"n": 3, "sums": [6, 9, 6], "products": [14, 21, 13, 33, 18, 14], "ranges": [[1, 5], [1, 5],
        [1, 5]]}"#]
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

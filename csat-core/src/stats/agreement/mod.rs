//! Agreement of raters: do evaluators give the same marks to the same calls?
//!
//! Marks come in as [`Marks`] (raters on units, counts per category, or a table of two raters). Coefficients:
//! [`percent_agreement`], [`cohen_kappa`], [`scott_pi`], [`fleiss_kappa`], [`conger_kappa`], [`brennan_prediger`]
//! (Randolph), [`gwet_ac`], [`krippendorff_alpha`] by level, [`krippendorff_weighted`] by weights; [`icc`] for scores;
//! [`deviations`] from a baseline.
//!
//! Two things are called ordinal: Krippendorff's ordinal *level* ([`Level::Ordinal`]) measures distance by the number
//! of marks between two categories, Gwet's ordinal *weights* ([`Weights::Ordinal`]) by the number of categories. They
//! give different alphas, so they are options of different functions.

mod coefficient;
mod cohen;
mod deviation;
mod icc;
mod krippendorff;
mod marks;
mod weights;

pub use coefficient::{
    Coefficient, Unanimity, brennan_prediger, conger_kappa, fleiss_kappa, gwet_ac, percent_agreement, scott_pi,
    unanimity,
};
pub use cohen::{Cohen, cohen_kappa};
pub use deviation::{Deviations, deviations};
pub use icc::{Icc, Intraclass, icc};
pub use krippendorff::{krippendorff_alpha, krippendorff_weighted};
pub use marks::{Categories, Marks};
pub use weights::{Level, Weights};

//! Intervals hold the truth as often as they should: small, by exact enumeration. `make coverage` is the large form,
//! and `docs/COVERAGE.md` what it printed.

#[path = "enumeration/exact.rs"]
mod exact;

use csat_core::stats::net::{PSEUDO_ANSWERS, adjusted_wald};
use csat_core::stats::{Interval, net, quantile, share};
use exact::{OfShare, SHARES, of_net};

const SIZES: [u64; 7] = [10, 11, 13, 17, 25, 50, 100];

#[test]
fn all_samples_together_are_certain() {
    let everything = Interval { low: -1.0, high: 1.0 };
    let of_share = OfShare::new(100, |_, _| everything);
    assert!((of_share.mean() - 1.0).abs() < 1e-10);
    assert!((of_net(100, [0.5, 0.3, 0.2], |_| everything) - 1.0).abs() < 1e-10);
    // Only no success of two holds the truth: (1 − 0.3)².
    let none = OfShare::new(2, |k, _| Interval { low: 0.0, high: if k == 0 { 1.0 } else { 0.0 } });
    assert!((none.at(0.3) - 0.49).abs() < 1e-14);
}

#[test]
fn the_default_interval_of_the_net_score() {
    let default = |counts| {
        let i = adjusted_wald(counts, PSEUDO_ANSWERS, true, 0.95).unwrap();
        Interval { low: i.low, high: i.high }
    };
    for shares in [[0.85, 0.10, 0.05], [0.5, 0.3, 0.2], [0.95, 0.03, 0.02]] {
        for n in SIZES {
            let coverage = of_net(n, shares, default);
            assert!(coverage >= 0.93, "n = {n}, {shares:?}: {coverage}");
        }
    }
}

#[test]
fn the_textbook_interval_of_the_net_score_fails() {
    // Ten promoters of ten give an interval of no width at 1, where the truth is 0.93: 1 − 0.95¹⁰ = 0.4013 is left,
    // and nearly all of that holds.
    let coverage = of_net(10, [0.95, 0.03, 0.02], |counts| net::wald(counts, true, 0.95).unwrap());
    assert!((0.39..0.4013).contains(&coverage), "{coverage}");
}

#[test]
fn wilson_on_average_and_at_worst() {
    for n in SIZES {
        let wilson = OfShare::new(n, |k, n| share::wilson(k, n, 0.95).unwrap());
        assert!(wilson.mean() >= 0.945, "n = {n}: mean {}", wilson.mean());
        assert!(wilson.worst(SHARES).0 >= 0.88, "n = {n}: worst {:?}", wilson.worst(SHARES));
    }
}

#[test]
fn clopper_pearson_never_covers_less_than_promised() {
    for n in SIZES {
        let (worst, p) = OfShare::new(n, |k, n| share::clopper_pearson(k, n, 0.95).unwrap()).worst(SHARES);
        assert!(worst >= 0.95 - 1e-6, "n = {n}, p = {p}: {worst}");
    }
}

#[test]
fn ranks_cover_what_they_say() {
    // k values lie below the quantile; the interval from rank low to rank high holds it if low ≤ k < high.
    for (n, p) in SIZES.into_iter().flat_map(|n| [0.5, 0.8, 0.95].map(|p| (n, p))) {
        let ranks = quantile::ranks(n, p, 0.95).unwrap();
        let held = |k| ranks.low.is_none_or(|low| low <= k) && ranks.high.is_none_or(|high| k < high);
        let coverage = OfShare::new(n, |k, _| Interval { low: 0.0, high: if held(k) { 1.0 } else { 0.0 } }).at(p);
        assert!(coverage >= 0.95 && (coverage - ranks.coverage).abs() < 1e-10, "n = {n}, p = {p}: {coverage}");
    }
}

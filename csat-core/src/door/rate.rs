//! Rates per exposure and how busy people were: `rate.*`, `load.*`.

use crate::functions;
use crate::rule::occupancy::{Concurrency, occupancy, occupancy_of_times, utilisation};
use crate::stats::rate;

functions! {
    /// A count over an exposure (contacts over active customers) with the exact Poisson interval. Source: Garwood 1936.
    #[example = r#"{"count": 12, "exposure": 400.0}"#]
    "rate.poisson" (count: u64, exposure: f64, confidence: f64 = 0.95) => rate::poisson(count, exposure, confidence);
    /// The ratio of two rates, first over second, with the exact conditional interval; without events in the second it is
    /// infinite. Source: Przyborowski and Wilenski 1940.
    #[example = r#"{"first": 12, "first_exposure": 400.0, "second": 30, "second_exposure": 600.0}"#]
    "rate.ratio" (
        first: u64, first_exposure: f64, second: u64, second_exposure: f64, confidence: f64 = 0.95,
    ) => rate::ratio(first, first_exposure, second, second_exposure, confidence);
    /// Occupancy from contact intervals `[from, to]` that may overlap: busy / (busy + idle). `concurrency`: union (wall
    /// clock) or sum. Times in any one unit.
    #[example = r#"{"on_queue": 60.0, "contacts": [[0, 20], [10, 30], [40, 50]]}"#]
    "load.occupancy" (on_queue: f64, contacts: Vec<(f64, f64)>, concurrency: Concurrency = Concurrency::Union) =>
        occupancy(on_queue, &contacts, concurrency);
    /// Occupancy from summed times: (contacts + after-contact work) / (both + available); with `after_work_busy` false
    /// after-contact work is not busy.
    #[example = r#"{"contacts": 30.0, "after_work": 6.0, "available": 9.0}"#]
    "load.occupancy_of_times" (contacts: f64, after_work: f64, available: f64, after_work_busy: bool = true) =>
        occupancy_of_times(contacts, after_work, available, after_work_busy);
    /// Utilisation: (occupied + available) / paid time.
    #[example = r#"{"occupied": 300.0, "available": 60.0, "paid": 480.0}"#]
    "load.utilisation" (occupied: f64, available: f64, paid: f64) => utilisation(occupied, available, paid);
}

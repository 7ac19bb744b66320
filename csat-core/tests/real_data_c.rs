//! Forecast and network on data of others, which is not part of the project: `CSAT_DATA` names its folder.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use csat_core::judge::network::{self, Options};
use csat_core::judge::unit::UnitNet;
use csat_core::workforce::factors::by_labels;
use csat_core::workforce::forecast::{Accuracy, accuracy, choose, predict};
use csat_core::workforce::profile::{Day, allocate, load_profile};

fn folder() -> Option<String> {
    let folder = std::env::var("CSAT_DATA").ok();
    if folder.is_none() {
        println!("CSAT_DATA is not set: nothing was run on real data");
    }
    folder
}

/// Five-minute counts of a bank on working days. The last 14 days only measure; everything is chosen before them by
/// backtest: a method on the series of daily totals (a missing day is a gap), or factors by weekday and part of the
/// month. The total of a day is spread by the profile of its weekday.
#[test]
fn a_bank_forecast_beats_the_weekday_mean() {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(format!("{folder}/bank_calls_5min/bank_calls_first.csv")).unwrap();
    let mut counts: BTreeMap<NaiveDate, Vec<u64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let (time, calls) = line.split_once(',').unwrap();
        counts.entry(time[..10].parse().unwrap()).or_default().push(calls.parse().unwrap());
    }
    let days: Vec<(NaiveDate, Vec<u64>)> = counts.into_iter().collect();
    let (train, test) = days.split_at(days.len() - 14);
    let weekday = |date: NaiveDate| date.weekday().number_from_monday() as u8;
    // Working days since the first Monday, so that a missing day leaves a gap.
    let first = train[0].0;
    let index = |date: NaiveDate| ((date - first).num_days() / 7 * 5 + (date - first).num_days() % 7) as usize;
    let date = |index: usize| first + chrono::Days::new((index / 5 * 7 + index % 5) as u64);
    let mut totals = vec![None; index(train.last().unwrap().0) + 1];
    for (date, counts) in train {
        totals[index(*date)] = Some(counts.iter().sum::<u64>() as f64);
    }
    let usual: Vec<Day> =
        train.iter().map(|(d, c)| Day { weekday: weekday(*d), counts: c.clone(), event: false }).collect();
    let profile = load_profile(&usual).unwrap();

    // Parts of the month end after these days: usual ways to split a month, none tuned to this series.
    let splits: [&[u32]; 5] = [&[], &[5, 25], &[10, 20], &[7, 14, 21], &[15]];
    let factors = |split: &[u32], known: &[Option<f64>], horizon: usize| {
        let label = |i: usize| {
            let part = split.iter().filter(|last| date(i).day() > **last).count();
            vec![weekday(date(i)).to_string(), part.to_string()]
        };
        let (past, ahead) = ((0..known.len()).map(label), (known.len()..known.len() + horizon).map(label));
        by_labels(known, &past.collect::<Vec<_>>(), &ahead.collect::<Vec<_>>()).unwrap().forecast
    };
    let (horizon, windows) = (14, 3);
    let choice = choose(&totals, 5, horizon, windows).unwrap();
    for (method, a) in &choice.candidates {
        println!("backtest {:<28} wape {:.4} mase {:.3}", method.name(), a.wape.unwrap(), a.mase.unwrap());
    }
    let mut best = (choice.candidates.iter().map(|c| c.1.mae).fold(f64::INFINITY, f64::min), None);
    for split in splits {
        let start = totals.len() - horizon * windows;
        let forecast: Vec<f64> =
            (0..windows).flat_map(|w| factors(split, &totals[..start + w * horizon], horizon)).collect();
        let a = accuracy(&totals[..start], &totals[start..], &forecast, 5).unwrap();
        println!("backtest weekday × month {split:<11?} wape {:.4} mase {:.3}", a.wape.unwrap(), a.mase.unwrap());
        if a.mae < best.0 {
            best = (a.mae, Some(split));
        }
    }
    println!("chosen: {best:?}");
    let horizon = index(test[13].0) + 1 - totals.len();
    let ahead = match best.1 {
        Some(split) => factors(split, &totals, horizon),
        None => predict(choice.method, &totals, 5, horizon).unwrap(),
    };
    let (mut actual, mut ours, mut means, mut naive) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (date, counts) in test {
        let usual = profile.weekdays.iter().find(|w| w.weekday == weekday(*date)).unwrap();
        actual.extend(counts.iter().map(|c| Some(*c as f64)));
        let total = ahead[index(*date) - totals.len()];
        ours.extend(allocate(total, usual.share.as_ref().unwrap()).unwrap());
        means.extend(&usual.slot_mean);
        let last = train.iter().rev().find(|(d, _)| weekday(*d) == weekday(*date)).unwrap();
        naive.extend(last.1.iter().map(|c| *c as f64));
    }
    let past: Vec<Option<f64>> = train.iter().flat_map(|(_, c)| c.iter().map(|c| Some(*c as f64))).collect();
    let measure = |name: &str, forecast: &[f64]| -> Accuracy {
        let a = accuracy(&past, &actual, forecast, 169 * 5).unwrap();
        println!("{name:<30} wape {:.4} mase {:.3} bias {:+.4}", a.wape.unwrap(), a.mase.unwrap(), a.bias.unwrap());
        a
    };
    measure("seasonal naive", &naive);
    let baseline = measure("weekday and interval mean", &means);
    let forecast = measure("ours", &ours);
    assert!(forecast.wape < baseline.wape && forecast.mase < Some(1.0));
}

#[test]
fn airlines_as_a_network() {
    let Some(folder) = folder() else { return };
    let mut units: BTreeMap<String, UnitNet> = BTreeMap::new();
    for file in ["other_airlines.csv", "prep_air.csv"] {
        let text = std::fs::read_to_string(format!("{folder}/nps_airlines/{file}")).unwrap();
        for line in text.lines().skip(1) {
            let (rest, score) = line.rsplit_once(',').unwrap();
            let name = rest.rsplit_once(',').unwrap().0.trim_matches('"').to_owned();
            let unit = units.entry(name.clone()).or_insert(UnitNet { unit: name, ..UnitNet::default() });
            match score.trim().parse::<u8>().unwrap() {
                0..=6 => unit.detractors += 1,
                7..=8 => unit.passives += 1,
                9..=10 => unit.promoters += 1,
                other => panic!("{other}"),
            }
        }
    }
    let units: Vec<UnitNet> = units.into_values().collect();
    let network = network::nets(&units, &Options::default()).unwrap();
    assert_eq!((units.len(), network.n), (99, 5907));
    assert!((network.target.unwrap() - 9.310_987).abs() < 5e-7);
    println!("judged {} flagged {} phi {:?} tau2 {:?}", network.judged, network.flagged, network.phi, network.tau2);
    for u in network.units.iter().filter(|u| u.flag.is_some() || u.unit == "Prep Air") {
        println!(
            "{} n {} nps {:.1} drawn {:.1?} p {:.3?} rank {:?}-{:?} {:?}",
            u.unit, u.n, u.value, u.shrunken, u.p_adjusted, u.rank, u.rank_worst, u.flag
        );
    }
    let raw = |f: fn(f64, f64) -> f64, start| network.units.iter().map(|u| u.value).fold(start, f);
    let drawn = |f: fn(f64, f64) -> f64, start| network.units.iter().filter_map(|u| u.shrunken).fold(start, f);
    println!("raw {:.1}..{:.1}", raw(f64::min, 1e9), raw(f64::max, -1e9));
    println!("drawn {:.1}..{:.1}", drawn(f64::min, 1e9), drawn(f64::max, -1e9));
    // The spread of the drawn estimates is never wider than that of the raw ones.
    assert!(drawn(f64::min, 1e9) >= raw(f64::min, 1e9) && drawn(f64::max, -1e9) <= raw(f64::max, -1e9));
    let prep = network.units.iter().find(|u| u.unit == "Prep Air").unwrap();
    assert!((prep.value - 21.195_652).abs() < 5e-7 && prep.n == 184);
}

//! A simulation from seed to texts.

use super::centre::Centre;
use super::options::{DemoOptions, check};
use super::random::Random;
use super::truth::Truth;
use crate::error::Result;

/// The texts and the truth about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Demo {
    /// Lines of an Asterisk `queue_log`.
    pub queue_log: String,
    /// One row per visit to a queue; `talk` is without `hold`; durations are seconds.
    pub contacts_csv: String,
    /// Survey answers; `recommend` 0-10, `satisfaction` 1-5, `q1` to `q10` 1-10 or empty.
    pub answers_csv: String,
    /// Evaluations of calls against 18 criteria: `yes`, `no` or `n-a`.
    pub evaluations_csv: String,
    /// What a reader of the texts must find.
    pub truth: Truth,
}

/// Simulates a contact centre.
///
/// ```
/// use csat_core::demo::{DemoOptions, simulate};
/// use csat_core::record::queue_log::{QueueLogOptions, read};
/// let demo = simulate(1, &DemoOptions { days: 1, ..DemoOptions::default() })?;
/// let log = read(&demo.queue_log, QueueLogOptions::default());
/// let answered = log.contacts.iter().filter(|contact| contact.outcome == "answered").count();
/// assert_eq!(answered as u64, demo.truth.total().answered);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn simulate(seed: u64, options: &DemoOptions) -> Result<Demo> {
    let mut centre = Centre::new(seed, options, check(options)?);
    centre.run();
    let mut random = Random(seed ^ 0x5EED_0F0A_5E11_5A75);
    let (answers_csv, dealers) = centre.survey(&mut random);
    let (evaluations_csv, mut truth) = centre.evaluate(&mut random);
    truth.dealers = dealers;
    truth.queues = centre.count();
    Ok(Demo { contacts_csv: centre.contacts(), queue_log: centre.log, answers_csv, evaluations_csv, truth })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::demo::QueueTruth;
    use crate::record::queue_log::{QueueLogOptions, QueueLogRead, read};

    fn read_back(log: &QueueLogRead, truth: &QueueTruth) -> QueueTruth {
        let mut found = QueueTruth { name: truth.name.clone(), ..QueueTruth::default() };
        for contact in log.contacts.iter().filter(|contact| contact.queue == truth.name) {
            let wait = contact.wait.unwrap();
            let is = |outcome: &str| u64::from(contact.outcome == outcome);
            found.add(&QueueTruth {
                name: String::new(),
                offered: 1,
                in_hours: 0,
                answered: is("answered"),
                answered_within_20s: is("answered") * u64::from(wait <= 20_000_000),
                abandoned: is("abandoned"),
                abandoned_within_5s: is("abandoned") * u64::from(wait <= 5_000_000),
                flow_out: is("flow_out"),
                key_exit: is("key_exit"),
                wait_of_answered: is("answered") as i64 * wait,
                wait,
                talk_and_hold: contact.talk.unwrap_or(0),
                transferred: u64::from(contact.transferred),
                ring_no_answers: u64::from(contact.ring_no_answers),
                hold: 0,
                wrap: 0,
            });
        }
        found
    }

    #[test]
    fn queue_log_reads_back_as_the_truth() {
        for whole_seconds in [true, false] {
            let demo = simulate(7, &DemoOptions { whole_seconds, ..DemoOptions::default() }).unwrap();
            let log = read(&demo.queue_log, QueueLogOptions::default());
            assert_eq!((&log.remarks[..], &log.waiting[..], &log.talking[..]), (&[][..], &[][..], &[][..]));
            for truth in &demo.truth.queues {
                let known = QueueTruth { in_hours: 0, hold: 0, wrap: 0, ..truth.clone() };
                assert_eq!(read_back(&log, truth), known);
            }
            let total = demo.truth.total();
            assert!((2000..6000).contains(&total.offered), "{total:?}");
            let level = total.answered_within_20s as f64 / total.offered as f64;
            assert!((0.5..0.95).contains(&level), "{level}: {total:?}");
            let rare =
                [total.abandoned_within_5s, total.flow_out, total.key_exit, total.transferred, total.ring_no_answers];
            assert!(rare.iter().all(|count| *count > 0) && total.in_hours < total.offered, "{total:?}");
            let calls = read(&demo.queue_log, QueueLogOptions { stitch_gap: Some(60_000_000), zone: None }).contacts;
            let legs: u32 = calls.iter().map(|call| call.legs).sum();
            assert!(u64::from(legs) == total.offered && calls.iter().any(|call| call.legs == 2));
        }
    }

    fn rows(csv: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
        let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let rows: Vec<Vec<&str>> = lines.collect();
        assert!(rows.iter().all(|row| row.len() == header.len()));
        (header, rows)
    }

    fn column<'a>(csv: &'a str, name: &str) -> Vec<&'a str> {
        let (header, rows) = rows(csv);
        let index = header.iter().position(|column| *column == name).unwrap();
        rows.into_iter().map(|row| row[index]).collect()
    }

    fn instants(csv: &str, name: &str) -> Vec<Option<i64>> {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_micros());
        column(csv, name).into_iter().map(at).collect()
    }

    #[test]
    fn the_tables_say_the_same_as_the_log_and_the_truth() {
        let demo = simulate(3, &DemoOptions { whole_seconds: false, ..DemoOptions::default() }).unwrap();
        let (csv, total) = (&demo.contacts_csv, demo.truth.total());
        let mut log = read(&demo.queue_log, QueueLogOptions::default()).contacts;
        log.sort_by_key(|contact| (contact.offered, contact.call_id.clone()));
        let field =
            |get: fn(&crate::record::queue_log::QueueContact) -> Option<i64>| log.iter().map(get).collect::<Vec<_>>();
        assert_eq!(instants(csv, "offered"), field(|contact| Some(contact.offered)));
        assert_eq!(instants(csv, "answered"), field(|contact| contact.answered));
        assert_eq!(instants(csv, "ended"), field(|contact| contact.ended));
        assert_eq!(column(csv, "outcome"), log.iter().map(|contact| contact.outcome).collect::<Vec<_>>());
        let agents: Vec<&str> = log.iter().map(|contact| contact.agent.as_deref().unwrap_or("")).collect();
        assert_eq!(column(csv, "agent"), agents);
        let sum = |name: &str| -> i64 {
            let micros = |text: &str| text.replace('.', "").parse().unwrap_or(0);
            column(csv, name).into_iter().map(micros).sum()
        };
        assert_eq!(sum("talk") + sum("hold"), total.talk_and_hold);
        assert_eq!((sum("hold"), sum("wrap")), (total.hold, total.wrap));
        assert_eq!(column(csv, "in_hours").iter().filter(|text| **text == "true").count() as u64, total.in_hours);
        let mut ids = column(csv, "id");
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "ids are unique");
        for name in ["started", "rang"] {
            let pairs = instants(csv, name).into_iter().zip(instants(csv, "offered"));
            let early = |(at, offered): &(Option<i64>, Option<i64>)| at.is_some() && at < offered;
            assert_eq!(pairs.filter(early).count() == 0, name == "rang");
        }
    }

    #[test]
    fn answers_and_evaluations_say_the_same_as_the_truth() {
        let demo = simulate(11, &DemoOptions::default()).unwrap();
        let csv = &demo.answers_csv;
        let (dealers, recommend, satisfaction) =
            (column(csv, "dealer"), column(csv, "recommend"), column(csv, "satisfaction"));
        for truth in &demo.truth.dealers {
            let marks = |column: &[&str]| -> Vec<u64> {
                let own = dealers.iter().zip(column).filter(|(dealer, _)| **dealer == truth.name);
                own.map(|(_, mark)| mark.parse().unwrap()).collect()
            };
            let (recommend, satisfaction) = (marks(&recommend), marks(&satisfaction));
            let between = |low, high| recommend.iter().filter(|mark| (low..=high).contains(*mark)).count() as u64;
            assert_eq!(
                (between(9, 10), between(7, 8), between(0, 6)),
                (truth.promoters, truth.passives, truth.detractors)
            );
            assert_eq!((recommend.len() as u64, satisfaction.iter().sum()), (truth.answers, truth.satisfaction));
            assert_eq!(satisfaction.iter().filter(|mark| (4..=5).contains(*mark)).count() as u64, truth.satisfied);
            assert!(truth.promoters > 0 && truth.detractors > 0 && truth.questions.1 < 10 * truth.answers);
        }
        let (header, evaluations) = rows(&demo.evaluations_csv);
        let (first, kind) = (header.len() - 18, header.len() - 19);
        let regular: Vec<_> = evaluations.iter().filter(|row| row[kind] == "regular").collect();
        let count =
            |answer: &str| regular.iter().flat_map(|row| &row[first..]).filter(|text| **text == answer).count() as u64;
        assert_eq!([count("yes"), count("no"), count("n-a")], demo.truth.criteria);
        assert_eq!(regular.len() as u64, demo.truth.evaluations);
        assert_eq!((evaluations.len() - regular.len()) as u64, demo.truth.calibrations);
        assert!(demo.truth.calibrations > 0 && demo.truth.calibrations.is_multiple_of(3));
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let hash = |demo: &Demo| {
            let text = [&demo.queue_log, &demo.contacts_csv, &demo.answers_csv, &demo.evaluations_csv];
            let digest = text.iter().fold(Sha256::new(), Sha256::chain_update).finalize();
            let first: [u8; 8] = digest[..8].try_into().unwrap();
            format!("{:016x}", u64::from_be_bytes(first))
        };
        let options = DemoOptions::default();
        let demo = simulate(1, &options).unwrap();
        assert_eq!(demo, simulate(1, &options).unwrap());
        assert_ne!(hash(&demo), hash(&simulate(2, &options).unwrap()));
        assert_eq!(hash(&demo), "18262bb61762ab93");
        let micros = simulate(
            1,
            &DemoOptions { whole_seconds: false, offset_minutes: 60, start: 1_772_406_000_000_000, ..options },
        );
        assert_eq!(hash(&micros.unwrap()), "72f2a2a830892b5c");
    }

    #[test]
    fn the_sample_data_agree_with_each_other() {
        let log = read(include_str!("../../../examples/data/queue_log"), QueueLogOptions::default());
        let csv = include_str!("../../../examples/data/contacts.csv");
        assert_eq!((&log.remarks[..], &log.waiting[..], &log.talking[..]), (&[][..], &[][..], &[][..]));
        let mut contacts = log.contacts;
        contacts.sort_by_key(|contact| contact.offered);
        assert_eq!(instants(csv, "offered"), contacts.iter().map(|c| Some(c.offered)).collect::<Vec<_>>());
        assert_eq!(instants(csv, "rang"), contacts.iter().map(|c| c.rang).collect::<Vec<_>>());
        assert_eq!(instants(csv, "answered"), contacts.iter().map(|c| c.answered).collect::<Vec<_>>());
        assert_eq!(instants(csv, "ended"), contacts.iter().map(|c| c.ended).collect::<Vec<_>>());
        assert_eq!(column(csv, "outcome"), contacts.iter().map(|c| c.outcome).collect::<Vec<_>>());
        let level = contacts.iter().filter(|c| c.outcome == "answered" && c.wait <= Some(20_000_000)).count();
        assert_eq!((contacts.len(), level), (23, 15));
        let ids = column(csv, "id");
        let answers = include_str!("../../../examples/data/answers.csv");
        let evaluations = include_str!("../../../examples/data/evaluations.csv");
        assert!(column(answers, "contact").iter().all(|id| id.is_empty() || ids.contains(id)));
        assert!(column(evaluations, "contact").iter().all(|id| ids.contains(id)));
        assert_eq!((rows(answers).1.len(), rows(evaluations).1.len()), (40, 12));
        assert_eq!(rows(answers).0, rows(&simulate(1, &DemoOptions::default()).unwrap().answers_csv).0);
    }

    #[test]
    fn impossible_options_are_refused() {
        let good = DemoOptions::default;
        for options in [
            DemoOptions { start: 1, ..good() },
            DemoOptions { start: i64::MAX, ..good() },
            DemoOptions { offset_minutes: i32::MIN, ..good() },
            DemoOptions { days: 0, ..good() },
            DemoOptions { volume: 1001, ..good() },
            DemoOptions { open: (12, 12), ..good() },
            DemoOptions { open: (12, 25), ..good() },
        ] {
            assert!(simulate(1, &options).is_err(), "{options:?}");
        }
        for open in [(0, 24), (23, 24), (0, 1)] {
            let demo = simulate(1, &DemoOptions { open, days: 14, ..good() }).unwrap();
            assert_eq!(read(&demo.queue_log, QueueLogOptions::default()).remarks, []);
        }
    }
}

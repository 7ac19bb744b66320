//! Contacts with unusual times give the same counts, or the same error, whatever the size of the block they come in.

use csat_core::record::{Batch, Column};
use csat_core::tally::PushOptions;
use csat_core::{ErrorKind, Plan, Recipe, Tally};

fn tally(measures: &str) -> Tally<Recipe> {
    Tally::new(Plan::from_text(&format!(r#"{{"measures": [{measures}]}}"#)).unwrap()).unwrap()
}

#[test]
fn a_look_before_the_contact_was_offered_is_refused_in_any_block() {
    // Offered at 100 s and looked at after 50 s: there is no wait to speak of.
    for rows in [1, 15, 16, 40] {
        let (offered, ended, outcome) = (vec![100_000_000; rows], vec![150_000_000; rows], vec!["pending"; rows]);
        let batch = Batch::new()
            .column("offered", Column::instants(&offered))
            .column("ended", Column::instants(&ended))
            .column("outcome", Column::texts(&outcome));
        let mut tally = tally(r#"{"measure": "service_level"}, {"measure": "wait", "of": "all"}"#);
        let options = PushOptions { as_of: Some(50_000_000), ..PushOptions::default() };
        let error = tally.push_with(&batch, options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadValue);
        assert!(error.message().contains("`as_of` lies 50 s before `offered`"), "{error}");
        assert_eq!(tally.groups(), 0);
    }
}

#[test]
fn waits_of_centuries_add_up_in_any_block() {
    // 2024-01-01 to 2199-12-31: more than 2^52 microseconds.
    let (start, end) = (1_704_067_200_000_000, 7_258_032_000_000_000);
    let (offered, answered) = (vec![start; 40], vec![end; 40]);
    let push = |tally: &mut Tally<Recipe>, rows: usize| {
        let batch = Batch::new()
            .column("offered", Column::instants(&offered[..rows]))
            .column("answered", Column::instants(&answered[..rows]))
            .column("ended", Column::instants(&answered[..rows]));
        tally.push(&batch).unwrap();
    };
    let measures = r#"{"measure": "speed_of_answer"}, {"measure": "wait"}, {"measure": "service_level"}"#;
    let (mut whole, mut parts) = (tally(measures), tally(measures));
    push(&mut whole, 40);
    for rows in [1, 15, 16, 8] {
        push(&mut parts, rows);
    }
    assert!(whole.save().unwrap() == parts.save().unwrap());
    let report = whole.report(Some(0.95)).unwrap();
    let asa = report.get(0, "speed_of_answer", "mean").unwrap();
    assert_eq!(asa.value, Some((end - start) as f64 * 40.0 * 1e-6 / 40.0));
}

//! Random forms and answers: rows against the definitions in floats, blocks against rows.

use csat_core::rule::exact::{MISSING_ANSWER, MISSING_SCORE, points};
use csat_core::rule::explain::explain;
use csat_core::rule::form::{
    Aggregate, Bonus, Combine, Criterion, Effect, Form, ItemRule, NotApplicable, Trigger, Unanswered,
};
use csat_core::rule::score::{Scored, score_block, score_block_all, score_into};
use csat_core::rule::scorecard::NOT_APPLICABLE;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Criterion `k` of a random form; every fourth one always counts.
fn criterion(dice: &[u8], k: usize) -> Value {
    let d = |j: usize| dice[16 + k * 6 + j];
    let sure = k.is_multiple_of(4);
    let mut c = json!({ "id": format!("c{k}"), "weight": f64::from(d(0) % 9) / 4.0 + if sure { 0.25 } else { 0.0 } });
    match d(1) % 3 {
        0 => c["options"] = json!({ "yes": 1, "no": 0 }),
        1 => (c["min"], c["max"]) = (json!(1), json!(5)),
        _ => {
            c["options"] =
                json!([{ "id": "x", "points": 0.5 }, { "id": "y", "points": 7 }, { "id": "z", "points": -1 }]);
        }
    }
    match d(2) % 8 {
        0 => c["critical"] = json!(["form_zero", "section_zero", "outcome_only"][usize::from(d(4)) % 3]),
        1 => c["critical"] = json!({ "effect": "section_zero", "below": 0.5 }),
        2 => c["bonus"] = json!(!sure),
        3 => c["scored"] = json!(sure),
        4 | 5 if k > 0 && dice[1].is_multiple_of(2) => {
            let on = usize::from(d(3)) % k;
            let is = ["yes", "5", "y"][usize::from(dice[16 + on * 6 + 1]) % 3];
            c["applies_if"] = json!({ "criterion": format!("c{on}"), "is": is });
        }
        _ => {}
    }
    c
}

/// A form of four sections of four criteria, half the time in two blocks; `dice` throws every choice.
fn random_form(dice: &[u8]) -> Form {
    let pick = |i: usize, names: &[&'static str]| names[usize::from(dice[i]) % names.len()];
    let in_blocks = dice[2].is_multiple_of(2);
    let section = |s: usize| {
        let mut section = json!({ "id": format!("s{s}"), "weight": f64::from(dice[8 + s] % 5) + if s == 0 { 0.5 } else { 0.0 },
            "bonus": s > 1 && usize::from(dice[12] % 6) == s,
            "criteria": (s * 4..s * 4 + 4).map(|k| criterion(dice, k)).collect::<Vec<_>>() });
        if in_blocks {
            section["block"] = json!(if s < 2 { "a" } else { "b" });
        }
        section
    };
    let item = pick(3, &["earned_over_max", "min_max", "fixed"]);
    let mut form = json!({ "id": "f", "version": 1, "sections": (0..4).map(section).collect::<Vec<_>>(), "rule": {
        "item": item, "criteria": pick(4, &["points", "percent"]), "sections": pick(5, &["points", "percent"]),
        "aggregate": pick(6, &["pooled", "blocks", "weighted"]), "na": pick(7, &["remove", "equal", "full", "zero"]),
        "bonus": pick(13, &["add", "add", "ignore"]), "unanswered": pick(15, &["remove", "remove", "no_score"]),
        "floor": if dice[14].is_multiple_of(2) { json!("none") } else { json!(0) },
        "cap": if dice[14].is_multiple_of(3) { json!(100) } else { json!("none") },
    } });
    if item == "fixed" {
        form["rule"]["divisor"] = json!(8);
    }
    if in_blocks {
        form["blocks"] = json!([{ "id": "a", "weight": 2 }, { "id": "b", "weight": 0.5 }]);
    }
    Form::parse(&form.to_string()).unwrap()
}

/// A criterion that takes part in the score.
#[derive(Clone)]
struct Part {
    section: usize,
    weight: f64,
    share: Option<f64>,
    bonus: bool,
    code: i16,
}

/// The definitions, in floats and straight from the form.
struct Definition<'a> {
    form: &'a Form,
    parts: Vec<Part>,
    section_weights: Vec<f64>,
    zero: bool,
    section_zero: [bool; 4],
    missing: bool,
}

/// Share of full marks, full marks, and whether it is the worst answer.
fn share(form: &Form, c: &Criterion, code: i16) -> (f64, f64, bool) {
    let p: Vec<f64> = c.options.iter().map(|o| o.points).collect();
    let (low, high) = (p.iter().copied().fold(f64::INFINITY, f64::min), p.iter().copied().fold(-9.0, f64::max));
    let (base, full) = match form.rule.item {
        ItemRule::EarnedOverMax => (0.0, high),
        ItemRule::MinMax => (low, high - low),
        ItemRule::Fixed => (0.0, 8.0),
    };
    ((p[code as usize] - base) / full, full, p[code as usize] == low)
}

impl<'a> Definition<'a> {
    fn new(form: &'a Form, answers: &[i16]) -> Self {
        let section_weights = form.sections.iter().map(|s| s.weight).collect();
        let mut all =
            Self { form, parts: vec![], section_weights, zero: false, section_zero: [false; 4], missing: false };
        let list: Vec<&Criterion> = form.criteria().collect();
        let mut counted = answers.to_vec();
        for (i, c) in list.iter().enumerate() {
            let holds = c.applies_if.iter().all(|condition| {
                let on = list.iter().position(|o| o.id == condition.criterion).unwrap();
                counted[on] >= 0 && condition.is.contains(&list[on].options[counted[on] as usize].id)
            });
            counted[i] = if holds { counted[i] } else { NOT_APPLICABLE };
            all.add(i / 4, c, counted[i]);
        }
        if form.rule.na == NotApplicable::Equal {
            all.share_equally();
        }
        all
    }

    fn add(&mut self, section: usize, c: &Criterion, code: i16) {
        let (rule, own) = (&self.form.rule, &self.form.sections[section]);
        if let (Some(critical), 0..) = (&c.critical, code) {
            let (part, _, worst) = share(self.form, c, code);
            let fails = if let Trigger::Below(limit) = critical.trigger { part < limit } else { worst };
            self.zero |= fails && critical.effect == Effect::FormZero;
            self.section_zero[section] |= fails && critical.effect == Effect::SectionZero;
        }
        let bonus = c.bonus || own.bonus;
        if !c.scored || (bonus && rule.bonus == Bonus::Ignore) {
            return;
        }
        self.missing |= code == MISSING_ANSWER;
        let points = if rule.criteria == Combine::Points { share(self.form, c, 0).1 } else { 1.0 };
        let weight = c.weight * points * if rule.sections == Combine::Points { own.weight } else { 1.0 };
        let part = match (code, rule.na) {
            (0.., _) => Some(share(self.form, c, code).0),
            (NOT_APPLICABLE, NotApplicable::Full) if !bonus => Some(1.0),
            (NOT_APPLICABLE, NotApplicable::Zero) if !bonus => Some(0.0),
            _ => None,
        };
        self.parts.push(Part { section, weight, share: part, bonus, code });
    }

    fn share_equally(&mut self) {
        let by_section = self.form.rule.sections == Combine::Percent;
        let before = self.parts.clone();
        for p in self.parts.iter_mut().filter(|p| p.share.is_some() && !p.bonus && p.weight > 0.0) {
            let scope =
                || before.iter().filter(|o| (!by_section || o.section == p.section) && !o.bonus && o.weight > 0.0);
            let spare: f64 = scope().filter(|o| o.code == NOT_APPLICABLE).map(|o| o.weight).sum();
            p.weight += spare / scope().filter(|o| o.share.is_some()).count() as f64;
        }
        let there =
            |s: usize| self.parts.iter().any(|p| p.section == s && p.share.is_some() && !p.bonus && p.weight > 0.0);
        let plain = |s: &usize| !self.form.sections[*s].bonus && self.form.sections[*s].weight > 0.0;
        let (kept, empty): (Vec<usize>, Vec<usize>) = (0..4).filter(plain).partition(|s| there(*s));
        let spare: f64 = empty.iter().map(|s| self.form.sections[*s].weight).sum();
        for s in &kept {
            self.section_weights[*s] += spare / kept.len() as f64;
        }
    }

    fn section(&self, s: usize) -> (f64, f64) {
        let own = || self.parts.iter().filter(|p| p.section == s && p.share.is_some());
        let num: f64 = own().map(|p| p.weight * p.share.unwrap()).sum();
        let den: f64 = own().filter(|p| !p.bonus || self.form.sections[s].bonus).map(|p| p.weight).sum();
        (if self.section_zero[s] { 0.0 } else { num }, den)
    }

    /// The score of some sections, and whether they are nothing but bonuses.
    fn over(&self, sections: &[usize]) -> Option<(f64, bool)> {
        let only_bonus = sections.iter().all(|s| self.form.sections[*s].bonus);
        let (mut num, mut den) = (0.0, 0.0);
        for &s in sections {
            let (n, d) = self.section(s);
            let counts = if self.form.sections[s].bonus == only_bonus { 1.0 } else { 0.0 };
            if self.form.rule.sections == Combine::Points {
                num += n;
                den += counts * d;
            } else if d > 0.0 && self.section_weights[s] > 0.0 {
                num += self.section_weights[s] * n / d;
                den += counts * self.section_weights[s];
            }
        }
        (den > 0.0).then(|| (num / den, only_bonus))
    }

    fn score(&self, which: Aggregate) -> Option<f64> {
        let (form, rule) = (self.form, &self.form.rule);
        let of_block = |b: usize| if form.blocks.is_empty() { vec![b] } else { vec![2 * b, 2 * b + 1] };
        let weight = |b: usize| match which {
            Aggregate::Blocks => 1.0,
            _ if form.blocks.is_empty() => form.sections[b].weight,
            _ => form.blocks[b].weight,
        };
        let value = if which == Aggregate::Pooled {
            self.over(&[0, 1, 2, 3]).map(|v| v.0)
        } else {
            let (mut num, mut den) = (0.0, 0.0);
            for b in 0..if form.blocks.is_empty() { 4 } else { 2 } {
                if let Some((v, only_bonus)) = self.over(&of_block(b)) {
                    num += weight(b) * v;
                    den += if only_bonus { 0.0 } else { weight(b) };
                }
            }
            (den > 0.0).then(|| num / den)
        };
        let none = self.missing && rule.unanswered == Unanswered::NoScore;
        let value = if self.zero { Some(0.0) } else { value.filter(|_| !none) };
        value.map(|v| (100.0 * v).clamp(rule.floor.unwrap_or(-1e9), rule.cap.unwrap_or(1e9)))
    }
}

const ROWS: usize = 70;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]
    #[test]
    fn rows_follow_the_definitions_and_blocks_follow_rows(
        dice in proptest::collection::vec(any::<u8>(), 112), throws in proptest::collection::vec(any::<u8>(), 16 * ROWS),
    ) {
        let source = random_form(&dice);
        let form = source.compile(None).unwrap();
        let code = |c: usize, v: u8| match v % 8 {
            0 => NOT_APPLICABLE,
            1 if v > 128 => MISSING_ANSWER,
            _ => i16::from(v / 8) % form.criteria()[c].options.len() as i16,
        };
        let columns: Vec<Vec<i16>> = (0..16).map(|c| (0..ROWS).map(|r| code(c, throws[c * ROWS + r])).collect()).collect();
        let slices: Vec<&[i16]> = columns.iter().map(Vec::as_slice).collect();
        let mut outs = [[0i64; ROWS]; 4];
        let mut failed = [false; ROWS];
        let [pooled, blocks, weighted, main] = &mut outs;
        score_block_all(&form, &slices, pooled, blocks, weighted, &mut failed).unwrap();
        score_block(&form, &slices, main, &mut failed).unwrap();
        let mut scored = Scored::default();
        for row in 0..ROWS {
            let answers: Vec<i16> = columns.iter().map(|c| c[row]).collect();
            score_into(&form, &answers, &mut scored).unwrap();
            let definition = Definition::new(&source, &answers);
            let all = [(scored.pooled, Aggregate::Pooled), (scored.blocks, Aggregate::Blocks), (scored.weighted, Aggregate::Weighted)];
            for ((value, which), out) in all.into_iter().zip(&outs) {
                prop_assert_eq!(value.unwrap_or(MISSING_SCORE), out[row], "{:?} row {}", which, row);
                let expected = definition.score(which);
                let near = value.zip(expected).is_none_or(|(v, e)| (points(v) - e).abs() < 1e-6);
                prop_assert!(value.is_some() == expected.is_some() && near, "{:?} {:?} {:?} {:?}", which, value, expected, answers);
            }
            prop_assert_eq!((scored.score.unwrap_or(MISSING_SCORE), scored.failed), (outs[3][row], failed[row]));
        }
    }

    /// Without critical effects and limits a score is the sum of its effective weights times shares.
    #[test]
    fn effective_weights_add_up_to_the_score(
        dice in proptest::collection::vec(any::<u8>(), 112), throws in proptest::collection::vec(any::<u8>(), 16),
    ) {
        let mut source = random_form(&dice);
        (source.rule.floor, source.rule.cap) = (None, None);
        for c in source.sections.iter_mut().flat_map(|s| &mut s.criteria) {
            c.critical = None;
        }
        let form = source.compile(None).unwrap();
        let code = |(c, v): (usize, &u8)| if v % 4 == 0 { NOT_APPLICABLE } else { i16::from(v / 4) % form.criteria()[c].options.len() as i16 };
        let answers: Vec<i16> = throws.iter().enumerate().map(code).collect();
        let explanation = explain(&form, &answers).unwrap();
        let part = |line: &csat_core::rule::explain::CriterionLine| line.weight * line.earned.unwrap_or(0.0) / line.possible.unwrap_or(1.0);
        let sum: f64 = explanation.criteria.iter().map(part).sum();
        prop_assert!((100.0 * sum - explanation.score.unwrap_or(0.0)).abs() < 1e-6, "{} {}", sum, explanation);
        let sections: f64 = explanation.sections.iter().map(|s| s.weight).sum();
        prop_assert!(explanation.score.is_none() || sections > 1.0 - 1e-9);
    }
}

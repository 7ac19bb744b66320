//! Scoring filled forms: one evaluation, or blocks of columns; the same integers either way.

use super::exact::{HUNDRED, MISSING_ANSWER, MISSING_SCORE, score_of, score_of_mean};
use super::form::{Aggregate, Combine, Effect, NotApplicable, Unanswered};
use super::lanes::{Addend, ROWS, Sums, add_all, scores};
use super::scorecard::{
    CompiledCriterion, CompiledForm, Conditional, FAILED, FORM_ZERO, Group, Lanes, NOT_APPLICABLE, SECTION_ZERO,
};
use crate::error::{Error, Result};
use crate::simd::widest;

/// Points of one criterion, times [`CompiledForm::points_scale`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earned {
    /// Points earned, above the base of its rule.
    pub earned: i64,
    /// Points possible; for a bonus criterion what it could add.
    pub possible: i64,
}

/// The score of one evaluation. Scores are in units of 1e-9 point ([`crate::rule::exact::points`]); `None` where nothing
/// is applicable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    /// The score: the aggregate that the form's rule names.
    pub score: Option<i64>,
    /// All sections as one block.
    pub pooled: Option<i64>,
    /// The plain mean of block scores.
    pub blocks: Option<i64>,
    /// The mean of block scores by block weight.
    pub weighted: Option<i64>,
    /// Whether a critical criterion failed, whatever its effect.
    pub failed: bool,
    /// Criteria that apply, count in the score and have no answer.
    pub unanswered: u32,
    /// The score of each section: a zeroed section is 0; `None` where nothing in it is applicable.
    pub sections: Vec<Option<i64>>,
    /// Earned and possible points of each criterion before critical effects; `None` where it is not applicable,
    /// unanswered or not scored.
    pub criteria: Vec<Option<Earned>>,
    /// The answers as they count: the code, −1 where N/A or a condition does not hold, `i16::MIN` where missing.
    pub counted: Vec<i16>,
    pub(crate) sums: Vec<(i64, i64)>,
    pub(crate) groups: Vec<Group>,
    pub(crate) zeroed: Vec<bool>,
    pub(crate) form_zero: bool,
    scopes: Vec<(i64, i64)>,
}

/// Scores one evaluation.
///
/// `answers` are option codes in the order of [`CompiledForm::criteria`]; −1 is N/A, `i16::MIN` missing. A criterion whose
/// condition does not hold is N/A whatever was answered. For formulas see [`crate::rule::form::ScoreRule`].
///
/// ```
/// use csat_core::rule::{form::Form, score::score};
/// let form = Form::parse(r#"
///     id = "f"
///     version = 1
///     options = { yes = 1, no = 0 }
///     sections = [{ id = "s", criteria = [{ id = "a", critical = "outcome_only" }, { id = "b", weight = 3 }] }]
/// "#)?.compile(None)?;
/// let scored = score(&form, &[1, 0])?;
/// assert_eq!((scored.score, scored.failed), (Some(75_000_000_000), true));
/// assert_eq!(score(&form, &[-1, -1])?.score, None);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn score(form: &CompiledForm, answers: &[i16]) -> Result<Scored> {
    let mut scored = Scored::default();
    score_into(form, answers, &mut scored)?;
    Ok(scored)
}

/// [`score`] into a result that is used again: no allocation after the first call. On an error `out` is of no use.
pub fn score_into(form: &CompiledForm, answers: &[i16], out: &mut Scored) -> Result<()> {
    if answers.len() != form.criteria.len() {
        return Err(lengths("answers", answers.len(), form.criteria.len()));
    }
    for (i, &code) in answers.iter().enumerate() {
        form.check_code(i, code)?;
    }
    out.sections.clear();
    out.criteria.clear();
    out.counted.clear();
    out.counted.extend_from_slice(answers);
    for &i in &form.order {
        let holds = |(on, codes): &(usize, Vec<bool>)| usize::try_from(out.counted[*on]).is_ok_and(|code| codes[code]);
        if !form.criteria[i].conditions.iter().all(holds) {
            out.counted[i] = NOT_APPLICABLE;
        }
    }
    out.unanswered = 0;
    out.failed = false;
    out.form_zero = false;
    out.zeroed.clear();
    out.zeroed.resize(form.sections.len(), false);
    for (c, &code) in form.criteria.iter().zip(&out.counted) {
        let mark = usize::try_from(code).map_or(0, |code| c.marks[code]);
        out.failed |= mark & FAILED != 0;
        out.form_zero |= mark & FORM_ZERO != 0;
        out.zeroed[c.section] |= mark & SECTION_ZERO != 0;
        out.unanswered += u32::from(c.scored && code == MISSING_ANSWER);
        out.criteria.push(earned(form, c, code));
    }
    sum(form, out);
    for (sum, zeroed) in out.sums.iter_mut().zip(&out.zeroed) {
        if *zeroed {
            sum.0 = 0;
        }
        out.sections.push(score_of(sum.0, sum.1));
    }
    let no_score = form.rule.unanswered == Unanswered::NoScore && out.unanswered > 0;
    let few = out.groups.len() <= 8; // a shorter list of terms to clear
    let one = |which| {
        let aggregate = if few { aggregate::<8> } else { aggregate::<64> };
        finish(form, aggregate(form, &out.groups, &out.sums, which), out.form_zero, no_score)
    };
    (out.pooled, out.blocks, out.weighted) = (one(Aggregate::Pooled), one(Aggregate::Blocks), one(Aggregate::Weighted));
    out.score = match form.rule.aggregate {
        Aggregate::Pooled => out.pooled,
        Aggregate::Blocks => out.blocks,
        Aggregate::Weighted => out.weighted,
    };
    Ok(())
}

fn lengths(what: &str, got: usize, expected: usize) -> Error {
    Error::argument(format!("{got} {what} given, {expected} expected: one for each criterion, in its order"))
}

fn earned(form: &CompiledForm, c: &CompiledCriterion, code: i16) -> Option<Earned> {
    let possible = c.possible;
    match (code, form.rule.na) {
        _ if !c.scored || code == MISSING_ANSWER => None,
        (0.., _) => Some(Earned { earned: c.points[code as usize] - c.base, possible }),
        (_, NotApplicable::Full) if !c.bonus => Some(Earned { earned: possible, possible }),
        (_, NotApplicable::Zero) if !c.bonus => Some(Earned { earned: 0, possible }),
        _ => None,
    }
}

/// Numerators and denominators of the sections, and the weights of the sections.
fn sum(form: &CompiledForm, out: &mut Scored) {
    out.sums.clear();
    out.sums.resize(form.sections.len(), (0, 0));
    out.groups.clear();
    out.groups.extend_from_slice(&form.groups);
    if form.rule.na == NotApplicable::Equal {
        return sum_equal(form, out);
    }
    for (c, &code) in form.criteria.iter().zip(&out.counted) {
        if code != MISSING_ANSWER {
            let (num, den) = form.part(c, code);
            out.sums[c.section].0 += num;
            out.sums[c.section].1 += den;
        }
    }
}

/// With k applicable weights and u not applicable ones in a scope, a weight w becomes w + u/k; all are multiplied by k.
fn sum_equal(form: &CompiledForm, out: &mut Scored) {
    let percent = form.rule.sections == Combine::Percent;
    let scope = |section: usize| if percent { section } else { 0 };
    out.scopes.clear();
    out.scopes.resize(form.sections.len(), (0, 0));
    for (c, &code) in form.criteria.iter().zip(&out.counted).filter(|(c, _)| c.scored && !c.bonus && c.unit > 0) {
        let (k, spare) = &mut out.scopes[scope(c.section)];
        match code {
            0.. => *k += 1,
            NOT_APPLICABLE => *spare += c.unit,
            _ => {}
        }
    }
    for (c, &code) in form.criteria.iter().zip(&out.counted).filter(|(c, code)| c.scored && c.unit > 0 && **code >= 0) {
        let unit = equal_unit(form, &out.scopes, c);
        let sum = &mut out.sums[c.section];
        sum.0 += unit * c.shares[code as usize];
        sum.1 += if c.bonus && !form.sections[c.section].bonus { 0 } else { unit * form.full };
    }
    if percent {
        let (mut k, mut spare) = (0, 0);
        for (group, sum) in out.groups.iter().zip(&out.sums).filter(|(g, _)| !g.bonus && g.weight > 0) {
            if sum.1 > 0 { k += 1 } else { spare += group.weight }
        }
        for group in &mut out.groups {
            group.weight = k.max(1) * group.weight + if group.bonus || group.weight == 0 { 0 } else { spare };
        }
    }
}

/// The weight of an applicable criterion after equal redistribution, times the applicable weights of its scope.
fn equal_unit(form: &CompiledForm, scopes: &[(i64, i64)], c: &CompiledCriterion) -> i64 {
    let (k, spare) = scopes[if form.rule.sections == Combine::Percent { c.section } else { 0 }];
    if c.bonus { c.unit * k.max(1) } else { k * c.unit + spare }
}

/// The share of the score that full marks on each criterion give, 0..1, with what is applicable held fixed: the score of
/// an evaluation that has full marks there and zero elsewhere.
pub(crate) fn effective_weights(form: &CompiledForm, scored: &Scored) -> Vec<f64> {
    let one = |(c, earned): (&CompiledCriterion, &Option<Earned>)| {
        let full = match form.rule.na {
            _ if earned.is_none() || c.unit == 0 => return 0.0,
            NotApplicable::Equal => equal_unit(form, &scored.scopes, c) * form.full,
            _ => c.denominator,
        };
        let mut sums: Vec<(i64, i64)> = scored.sums.iter().map(|s| (0, s.1)).collect();
        sums[c.section].0 = full;
        aggregate::<64>(form, &scored.groups, &sums, form.rule.aggregate).map_or(0.0, |s| s as f64 / HUNDRED as f64)
    };
    form.criteria.iter().zip(&scored.criteria).map(one).collect()
}

/// One aggregate of the sums of groups.
fn aggregate<const TERMS: usize>(
    form: &CompiledForm,
    groups: &[Group],
    sums: &[(i64, i64)],
    which: Aggregate,
) -> Option<i64> {
    let all = || groups.iter().zip(sums.iter().copied());
    let mut terms = Terms { list: [(0, 1); TERMS], count: 0, total: 0 };
    match (form.rule.sections, which) {
        (Combine::Points, Aggregate::Pooled) => {
            let num = all().map(|(_, s)| s.0).sum();
            return score_of(num, all().map(|(g, s)| if g.bonus { 0 } else { s.1 }).sum());
        }
        (Combine::Percent, Aggregate::Pooled) => {
            for (group, (num, den)) in all() {
                terms.push(group.weight, num, den, if group.bonus { 0 } else { group.weight });
            }
        }
        (combine, which) => {
            for (b, block) in form.blocks.iter().enumerate() {
                let weight = if which == Aggregate::Blocks { 1 } else { block.weight };
                let own = || all().filter(|(g, _)| g.block == b);
                // A block of nothing but bonus sections adds its share on top.
                let bonus = own().all(|(g, _)| g.bonus);
                let counts = |g: &Group| g.bonus == bonus;
                let total = if bonus { 0 } else { weight };
                if combine == Combine::Points {
                    let den = own().map(|(g, s)| if counts(g) { s.1 } else { 0 }).sum();
                    terms.push(weight, own().map(|(_, s)| s.0).sum(), den, total);
                } else {
                    let inner: i64 = own().map(|(g, s)| if counts(g) && s.1 > 0 { g.weight } else { 0 }).sum();
                    for (group, (num, den)) in own() {
                        terms.push(weight * group.weight, num, den * inner, 0);
                    }
                    terms.total += if inner > 0 { total } else { 0 };
                }
            }
        }
    }
    score_of_mean(&terms.list[..terms.count], terms.total)
}

/// Fractions whose sum, over a total of weights, is the score.
struct Terms<const N: usize> {
    list: [(i64, i64); N],
    count: usize,
    total: i64,
}

impl<const N: usize> Terms<N> {
    fn push(&mut self, weight: i64, num: i64, den: i64, total: i64) {
        if den > 0 && weight > 0 {
            self.list[self.count] = (weight * num, den);
            self.count += 1;
            self.total += total;
        }
    }
}

fn finish(form: &CompiledForm, value: Option<i64>, form_zero: bool, no_score: bool) -> Option<i64> {
    let value = if form_zero { Some(0) } else { value.filter(|_| !no_score) };
    value.map(|v| v.clamp(form.floor, form.cap))
}

/// Scores columns: `columns[c][row]` is the code of criterion `c`; the score goes to `out`, `i64::MIN` where there is none,
/// and whether a critical criterion failed to `failed`.
///
/// Gives the same integers as [`score`]. Forms without bonus sections and equal redistribution take a fast road;
/// others go row by row. On an error nothing is written.
///
/// ```
/// use csat_core::rule::{form::Form, score::score_block};
/// let form = Form::shipped("chat_8")?.compile(None)?;
/// let (met, two) = ([0i16, 0, 0], [0i16, 1, -1]);
/// let (mut out, mut failed) = ([0i64; 3], [false; 3]);
/// score_block(&form, &[&met, &met, &met, &met, &met, &met, &met, &two], &mut out, &mut failed)?;
/// assert_eq!(out, [100_000_000_000, 87_500_000_000, 100_000_000_000]);
/// # Ok::<(), csat_core::Error>(())
/// ```
pub fn score_block(form: &CompiledForm, columns: &[&[i16]], out: &mut [i64], failed: &mut [bool]) -> Result<()> {
    block(form, columns, &mut [(form.rule.aggregate, out)], failed)
}

/// [`score_block`] for all three aggregates at once.
pub fn score_block_all(
    form: &CompiledForm,
    columns: &[&[i16]],
    pooled: &mut [i64],
    blocks: &mut [i64],
    weighted: &mut [i64],
    failed: &mut [bool],
) -> Result<()> {
    if form.blocks.iter().all(|b| b.weight == form.blocks[0].weight) && weighted.len() == blocks.len() {
        block(form, columns, &mut [(Aggregate::Pooled, pooled), (Aggregate::Blocks, &mut *blocks)], failed)?;
        weighted.copy_from_slice(blocks);
        return Ok(());
    }
    let mut outs = [(Aggregate::Pooled, pooled), (Aggregate::Blocks, blocks), (Aggregate::Weighted, weighted)];
    block(form, columns, &mut outs, failed)
}

fn block(
    form: &CompiledForm,
    columns: &[&[i16]],
    outs: &mut [(Aggregate, &mut [i64])],
    failed: &mut [bool],
) -> Result<()> {
    if columns.len() != form.criteria.len() {
        return Err(lengths("columns", columns.len(), form.criteria.len()));
    }
    let rows = failed.len();
    if columns.iter().any(|c| c.len() != rows) || outs.iter().any(|o| o.1.len() != rows) {
        return Err(Error::argument("columns and outputs must have the same number of rows"));
    }
    for (i, (column, criterion)) in columns.iter().zip(&form.criteria).enumerate() {
        let end = criterion.options.len() as i16;
        let bad = move |code: i16| (code >= end) | ((code < NOT_APPLICABLE) & (code != MISSING_ANSWER));
        if widest(
            #[inline(always)]
            || column.iter().fold(false, |any, &code| any | bad(code)),
        ) {
            let row = column.iter().position(|&code| bad(code)).unwrap_or(0);
            return form.check_code(i, column[row]).map_err(|e| e.at(format!("row {row}")).with("row", row));
        }
    }
    match &form.lanes {
        Some(lanes) => by_lanes(form, lanes, columns, outs, failed),
        None => return by_row(form, columns, outs, failed),
    }
    Ok(())
}

fn by_row(
    form: &CompiledForm,
    columns: &[&[i16]],
    outs: &mut [(Aggregate, &mut [i64])],
    failed: &mut [bool],
) -> Result<()> {
    let (mut scored, mut answers) = (Scored::default(), vec![0; columns.len()]);
    for (row, failed) in failed.iter_mut().enumerate() {
        answers.iter_mut().zip(columns).for_each(|(a, c)| *a = c[row]);
        score_into(form, &answers, &mut scored)?;
        *failed = scored.failed;
        for (which, out) in outs.iter_mut() {
            let value = match which {
                Aggregate::Pooled => scored.pooled,
                Aggregate::Blocks => scored.blocks,
                Aggregate::Weighted => scored.weighted,
            };
            out[row] = value.unwrap_or(MISSING_SCORE);
        }
    }
    Ok(())
}

fn by_lanes(
    form: &CompiledForm,
    lanes: &Lanes,
    columns: &[&[i16]],
    outs: &mut [(Aggregate, &mut [i64])],
    failed: &mut [bool],
) {
    // If only the pool is asked for and no section can be zeroed, all groups are one from the start.
    let pool = form.rule.sections == Combine::Points && outs.iter().all(|(which, _)| *which == Aggregate::Pooled);
    let one = pool && form.criteria.iter().all(|c| c.critical != Some(Effect::SectionZero));
    let count = if one { 1 } else { lanes.groups.len() };
    let at = |group: usize| if one { 0 } else { group };
    let straight = lanes.sums.iter().all(|(_, _, addend)| addend.is_line());
    let slot = |column: usize| lanes.conditional.iter().position(|c| c.column == column);
    let sources: Vec<Vec<(&Addend, usize, Option<usize>)>> = (0..count)
        .map(|group| {
            let own = lanes.sums.iter().filter(|(_, g, _)| at(*g) == group);
            own.map(|(column, _, addend)| (addend, *column, slot(*column))).collect()
        })
        .collect();
    widest(
        #[inline(always)]
        || {
            let mut sums = [Sums::ZERO; 8];
            let (mut effective, mut marks) = ([[0; ROWS]; 8], [[0u8; ROWS]; 8]);
            for (round, failed) in failed.chunks_mut(ROWS).enumerate() {
                let (start, rows) = (round * ROWS, failed.len());
                make_effective(lanes, columns, start, rows, &mut effective);
                let part = |column: usize, slot: Option<usize>| match slot {
                    Some(slot) => &effective[slot][..rows],
                    None => &columns[column][start..start + rows],
                };
                sums[..count].fill(Sums::ZERO);
                for (sources, sums) in sources.iter().zip(&mut sums) {
                    add_all(sources.iter().map(|(addend, column, slot)| (*addend, part(*column, *slot))), rows, sums);
                }
                if !lanes.marks.is_empty() {
                    marks[..count].fill([0; ROWS]);
                }
                for (column, group, lane) in &lanes.marks {
                    lane.each(part(*column, slot(*column)), marks[at(*group)].iter_mut(), |cell, mark: u8| {
                        *cell |= mark;
                    });
                }
                let zeroed =
                    if lanes.marks.is_empty() { [0; ROWS] } else { critical(&mut sums[..count], &marks[..count]) };
                for (which, out) in outs.iter_mut() {
                    let out = &mut out[start..start + rows];
                    if *which == Aggregate::Pooled && form.rule.sections == Combine::Points {
                        pooled(form, straight, &sums[..count], out);
                    } else {
                        out.iter_mut().enumerate().for_each(|(row, o)| *o = several(form, lanes, *which, row, &sums));
                    }
                    if !lanes.marks.is_empty() {
                        let zero = 0.clamp(form.floor, form.cap);
                        out.iter_mut().zip(&zeroed).for_each(|(o, m)| *o = if m & FORM_ZERO != 0 { zero } else { *o });
                    }
                }
                failed.iter_mut().zip(&zeroed).for_each(|(failed, mark)| *failed = mark & FAILED != 0);
            }
        },
    );
}

/// Empties the numerators of zeroed sections; what each row's critical criteria mark.
#[expect(clippy::inline_always, reason = "part of a loop in the widest vectors")]
#[inline(always)]
fn critical(sums: &mut [Sums], marks: &[[u8; ROWS]]) -> [u8; ROWS] {
    let mut all = [0; ROWS];
    for (sums, marks) in sums.iter_mut().zip(marks) {
        for ((numerator, mark), all) in sums.numerators.iter_mut().zip(marks).zip(&mut all) {
            *numerator = if mark & SECTION_ZERO != 0 { 0 } else { *numerator };
            *all |= mark;
        }
    }
    all
}

/// The answers of the columns with conditions as they count: N/A where a condition does not hold.
fn make_effective(lanes: &Lanes, columns: &[&[i16]], start: usize, rows: usize, out: &mut [[i16; ROWS]; 8]) {
    for (slot, Conditional { column, on }) in lanes.conditional.iter().enumerate() {
        let mut hold = [true; ROWS];
        for (on, lane) in on {
            let earlier = lanes.conditional.iter().position(|c| c.column == *on);
            let answers = earlier.map_or(&columns[*on][start..start + rows], |slot| &out[slot][..rows]);
            lane.each(answers, hold.iter_mut(), |hold, holds| *hold &= holds);
        }
        for ((out, code), hold) in out[slot].iter_mut().zip(&columns[*column][start..start + rows]).zip(hold) {
            *out = if hold { *code } else { NOT_APPLICABLE };
        }
    }
}

/// All groups as one: numerators over denominators.
#[expect(clippy::inline_always, reason = "part of a loop in the widest vectors")]
#[inline(always)]
fn pooled(form: &CompiledForm, straight: bool, sums: &[Sums], out: &mut [i64]) {
    let mut all = sums[0];
    sums[1..].iter().for_each(|more| all.add(more));
    scores(&all, straight, |refused| refused == 0, out);
    for out in out {
        *out = if *out == MISSING_SCORE { MISSING_SCORE } else { (*out).clamp(form.floor, form.cap) };
    }
}

fn several(form: &CompiledForm, lanes: &Lanes, which: Aggregate, row: usize, sums: &[Sums; 8]) -> i64 {
    let mut own = [(0, 0); 8];
    let mut unanswered = 0;
    for (own, sums) in own.iter_mut().zip(sums).take(lanes.groups.len()) {
        *own = (sums.numerators[row], sums.denominator(row));
        unanswered += sums.counter(row);
    }
    let value = aggregate::<8>(form, &lanes.groups, &own[..lanes.groups.len()], which);
    finish(form, value, false, unanswered > 0).unwrap_or(MISSING_SCORE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::form::Form;

    fn form(head: &str, criteria: &str) -> CompiledForm {
        let text = format!(
            "id = \"f\"\nversion = 1\n{head}\noptions = {{ yes = 1, no = 0 }}\n[[sections]]\nid = \"s\"\ncriteria = [{criteria}]"
        );
        Form::parse(&text).unwrap().compile(None).unwrap()
    }

    #[test]
    fn a_condition_that_does_not_hold_makes_a_criterion_not_applicable() {
        let f = form(
            "",
            "{ id = \"offered\", scored = false }, { id = \"selling\", applies_if = { criterion = \"offered\", is = \"yes\" } }, { id = \"tone\" }",
        );
        assert_eq!(score(&f, &[1, 1, 0]).unwrap().score, Some(100_000_000_000));
        assert_eq!(score(&f, &[0, 1, 0]).unwrap().score, Some(50_000_000_000));
        assert_eq!(score(&f, &[MISSING_ANSWER, 1, 0]).unwrap().counted, [MISSING_ANSWER, -1, 0]);
        // A chain: what does not apply answers nothing.
        let f = form(
            "",
            "{ id = \"a\", applies_if = { criterion = \"b\", is = \"yes\" } }, { id = \"b\", applies_if = { criterion = \"c\", is = \"yes\" } }, { id = \"c\" }",
        );
        assert_eq!(score(&f, &[0, 0, 1]).unwrap().counted, [-1, -1, 1]);
    }

    #[test]
    fn an_unanswered_criterion_is_counted_and_never_zero() {
        let scored = score(&form("", "{ id = \"a\" }, { id = \"b\" }"), &[0, MISSING_ANSWER]).unwrap();
        assert_eq!((scored.score, scored.unanswered), (Some(100_000_000_000), 1));
        let strict = form("rule = { unanswered = \"no_score\" }", "{ id = \"a\" }, { id = \"b\", critical = true }");
        assert_eq!(score(&strict, &[MISSING_ANSWER, 0]).unwrap().score, None);
        assert_eq!(score(&strict, &[MISSING_ANSWER, 1]).unwrap().score, Some(0));
    }

    #[test]
    fn negative_points_stop_at_the_floor_unless_it_is_lifted() {
        let criteria = "{ id = \"a\", options = { good = 10, bad = -5 } }";
        assert_eq!(score(&form("", criteria), &[1]).unwrap().score, Some(0));
        assert_eq!(score(&form("rule = { floor = \"none\" }", criteria), &[1]).unwrap().score, Some(-50_000_000_000));
    }

    #[test]
    fn codes_and_lengths_are_checked() {
        let f = form("", "{ id = \"a\" }, { id = \"b\" }");
        assert!(score(&f, &[0]).is_err() && score(&f, &[0, 2]).is_err() && score(&f, &[0, -2]).is_err());
        let (mut out, mut failed) = ([7; 2], [true; 2]);
        let error = score_block(&f, &[&[0, 0], &[0, 5]], &mut out, &mut failed).unwrap_err();
        assert_eq!((error.context_value("row"), error.context_value("criterion"), out), (Some("1"), Some("b"), [7; 2]));
        assert!(score_block(&f, &[&[0, 0]], &mut out, &mut failed).is_err());
        assert!(score_block(&f, &[&[0, 0], &[0]], &mut out, &mut failed).is_err());
        assert!(score_block(&f, &[&[], &[]], &mut [], &mut []).is_ok());
    }
}

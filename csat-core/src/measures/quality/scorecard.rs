//! Scores of filled forms: the mean, critical failures, and every criterion.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cells::{Answers, Cell, Cells, Moments, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Estimates, Reason, Unit};
use crate::measure::{About, Effect, Measure, OptionInfo, Part, Rows};
use crate::record::{Batch, Block, Column, Faults, MISSING_MARK, Narrow, Schema, Table, Validity, Vocabulary};
use crate::rule::form::{Aggregate, Form};
use crate::rule::score::{Scored, score_block, score_block_all, score_into};
use crate::rule::scorecard::{CompiledForm, NOT_APPLICABLE};

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardPart {
    /// The score of each evaluation.
    Score,
    /// The answers to each criterion.
    Criteria,
}

/// Quality scores: the mean score of evaluations under one or several forms, and each criterion.
///
/// The score of an evaluation is an exact rational, rounded once to 1e-9 point. Calibration evaluations are counted and
/// never enter averages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scorecard {
    /// Names of shipped forms, or forms as objects or as TOML or JSON text. With several, a row chooses by the columns
    /// `form` and `form_version`.
    pub forms: Vec<Value>,
    /// Which aggregate is read: pooled, blocks or weighted; the form's own unless given.
    pub aggregate: Option<String>,
    /// The score from which an evaluation passes; none for no pass share.
    pub pass_mark: Option<f64>,
    /// What is kept.
    pub parts: Vec<CardPart>,
}

impl Default for Scorecard {
    fn default() -> Self {
        Self {
            forms: vec!["call_18".into()],
            aggregate: None,
            pass_mark: None,
            parts: vec![CardPart::Score, CardPart::Criteria],
        }
    }
}

static ABOUT: About = About {
    name: "scorecard",
    title: "Quality scorecard",
    title_ru: "Оценка качества по чек-листу",
    table: Table::Evaluations,
    doc: "The mean score 0-100 of evaluations (t interval), the share with a critical failure, the share that passed, and for \
          each criterion the points earned of those possible.\nFormula of one score: weighted points earned / possible over the \
          applicable criteria, N/A removed, critical rules applied, as the form says; averages are means of evaluations \
          (`pooled_points` pools points instead). `pooled`, `blocks` and `weighted` are all counted; `aggregate` chooses.\n\
          Columns: one a criterion, named by its id; `contact_type` where the form has blocks by contact type; `kind` \
          (standard, calibration). Every id carries form, version and content hash; more than one form ends in +mixed.\n\
          Pitfall: what N/A does and whether a section weight multiplies points or percentages change the score; \
          `explain` shows it for one evaluation.",
    options: &[
        OptionInfo {
            name: "forms",
            effect: Effect::Shapes,
            default: "[\"call_18\"]",
            other: "[\"chat_8\"]",
            doc: "shipped names, objects, or TOML or JSON text",
        },
        OptionInfo {
            name: "aggregate",
            effect: Effect::Reads,
            default: "null",
            other: "\"blocks\"",
            doc: "pooled, blocks or weighted (the form's own)",
        },
        OptionInfo {
            name: "pass_mark",
            effect: Effect::Shapes,
            default: "null",
            other: "85",
            doc: "the score from which an evaluation passes",
        },
        OptionInfo {
            name: "parts",
            effect: Effect::Shapes,
            default: "[\"score\", \"criteria\"]",
            other: "[\"score\"]",
            doc: "what is kept: score, criteria",
        },
    ],
    example: r#"{"measure": "scorecard", "forms": ["by_contact_type"], "pass_mark": 80}"#,
};

/// Positions in the bundle of a form.
const SCORED: usize = 0;
const UNSCORED: usize = 1;
const FAILED: usize = 2;
const PASSED: usize = 3;
const CALIBRATION: usize = 4;

/// A form made ready: what it keeps and how its rows are scored.
#[derive(Clone)]
struct Card {
    id: String,
    version: String,
    definition: String,
    contact_types: Vec<String>,
    /// One for each contact type, or one for all.
    variants: Vec<Variant>,
    /// Criteria over all variants: id, points of each option, points possible, weight parts.
    criteria: Vec<CardCriterion>,
    aggregate: Aggregate,
    /// The lowest and the highest score there can be.
    range: (f64, f64),
    /// Whether the three aggregates can differ.
    blocks: bool,
}

#[derive(Clone)]
struct CardCriterion {
    id: String,
    options: Vec<String>,
    /// Points above the base and points possible, in points.
    points: Vec<f64>,
    possible: f64,
    scored: bool,
    /// Weighted numerator and denominator of each option.
    weighted: Vec<(i64, i64)>,
}

impl CardCriterion {
    /// The answer of a code as a column holds it; empty where it is missing.
    fn text(&self, row: usize, code: i16) -> Result<&str> {
        match code {
            MISSING_MARK => Ok(""),
            NOT_APPLICABLE => Ok("n/a"),
            code => usize::try_from(code).ok().and_then(|at| self.options.get(at)).map(String::as_str).ok_or_else(|| {
                let message = format!(
                    "row {row}: {code} is no answer to `{}`; it has {} options, numbered from 0, and {NOT_APPLICABLE} for N/A",
                    self.id,
                    self.options.len()
                );
                Error::new(ErrorKind::BadValue, message).with("row", row).with("column", &self.id)
            }),
        }
    }
}

#[derive(Clone)]
struct Variant {
    form: CompiledForm,
    /// Each criterion's position in the card.
    criteria: Vec<usize>,
    conditions: bool,
}

/// Where the columns sit and the forms made ready.
#[derive(Clone)]
pub struct CardBound {
    cards: Vec<Card>,
    form: Option<Narrow>,
    version: Option<Narrow>,
    contact_type: Option<Narrow>,
    kind: Narrow,
    /// For each card and criterion its lane, and its own code for each code of the lane where they differ.
    lanes: Vec<Vec<(Narrow, Option<Vec<i16>>)>>,
    contact_types: Vec<String>,
    ids: Vec<String>,
    versions: Vec<String>,
}

/// A form from a recipe: a shipped name, an object, or text.
fn read_form(value: &Value) -> Result<Form> {
    match value {
        Value::String(text) if text.contains(['=', '{']) => Form::parse(text),
        Value::String(name) => Form::shipped(name),
        object => Form::parse(&object.to_string()),
    }
}

impl Card {
    fn new(form: &Form) -> Result<Self> {
        let contact_types: Vec<String> = form.contact_types().into_iter().map(str::to_owned).collect();
        let wanted: Vec<Option<&str>> = if contact_types.is_empty() {
            vec![None]
        } else {
            contact_types.iter().map(|t| Some(t.as_str())).collect()
        };
        let (mut variants, mut criteria) = (Vec::new(), Vec::<CardCriterion>::new());
        for contact_type in wanted {
            let compiled = form.compile(contact_type)?;
            let scale = compiled.points_scale as f64;
            let mut positions = Vec::new();
            for criterion in compiled.criteria() {
                let at = criteria.iter().position(|c| c.id == criterion.id).unwrap_or_else(|| {
                    criteria.push(CardCriterion {
                        id: criterion.id.clone(),
                        options: criterion.options.clone(),
                        points: criterion.points.iter().map(|p| (p - criterion.base) as f64 / scale).collect(),
                        possible: criterion.possible as f64 / scale,
                        scored: criterion.scored,
                        weighted: (0..criterion.options.len() as i16).map(|c| compiled.part(criterion, c)).collect(),
                    });
                    criteria.len() - 1
                });
                positions.push(at);
            }
            let conditions = compiled.criteria().iter().any(|c| !c.conditions.is_empty());
            variants.push(Variant { form: compiled, criteria: positions, conditions });
        }
        Ok(Self {
            id: form.id.clone(),
            version: form.version.clone(),
            definition: format!("qa:{}@{}:{}", form.id, form.version, &form.hash()[..8]),
            blocks: variants.iter().any(|v| v.form.blocks().len() > 1),
            aggregate: form.rule.aggregate,
            range: (
                form.rule.floor.unwrap_or(f64::NEG_INFINITY),
                form.rule.cap.unwrap_or(if form.sections.iter().any(|s| s.bonus) || form.criteria().any(|c| c.bonus) {
                    f64::INFINITY
                } else {
                    100.0
                }),
            ),
            contact_types,
            variants,
            criteria,
        })
    }
}

impl Scorecard {
    /// The parts of plain columns of codes (an option's number from 0, -1 for N/A, missing), one for each criterion of the
    /// one form and in its order, at 95 %.
    ///
    /// ```
    /// use csat_core::measures::quality::Scorecard;
    /// let card = Scorecard { forms: vec!["chat_8".into()], ..Scorecard::default() };
    /// let (yes, no): (&[i16], &[i16]) = (&[0, 0], &[0, 1]);
    /// let parts = card.of(&[yes, yes, yes, yes, yes, yes, yes, no])?;
    /// assert_eq!(parts[0].value, Some(93.75)); // 100 and 7/8
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    ///
    /// A form whose criteria depend on the contact type is counted by a [`Tally`](crate::Tally) with the column
    /// `contact_type`.
    pub fn of(&self, codes: &[&[i16]]) -> Result<Vec<Estimate>> {
        let cards = self.cards()?;
        let [card] = &cards[..] else {
            return Err(Error::argument(format!("plain codes are those of one form, not of {}", cards.len())));
        };
        if card.criteria.len() != codes.len() {
            let message = format!("{} columns of codes, the form has {} criteria", codes.len(), card.criteria.len());
            return Err(Error::argument(message));
        }
        let columns: Vec<(Vec<&str>, Vec<u8>)> = (card.criteria.iter().zip(codes))
            .map(|(criterion, codes)| {
                let texts = codes.iter().enumerate().map(|(row, code)| criterion.text(row, *code));
                let there = codes.iter().map(|code| u8::from(*code != MISSING_MARK)).collect();
                Ok((texts.collect::<Result<_>>()?, there))
            })
            .collect::<Result<_>>()?;
        let batch = Batch::with_rows(codes.first().map_or(0, |codes| codes.len()));
        let batch = (card.criteria.iter().zip(&columns)).fold(batch, |batch, (criterion, (texts, there))| {
            batch.column(&*criterion.id, Column::texts(texts).with_validity(Validity::Bytes(there)))
        });
        crate::measures::fold_alone(self, &batch)
    }

    fn cards(&self) -> Result<Vec<Card>> {
        let mut cards: Vec<Card> = Vec::new();
        for value in &self.forms {
            let card = Card::new(&read_form(value)?)?;
            if let Some(same) = cards.iter().find(|c| c.id == card.id && c.version == card.version) {
                let message = format!(
                    "form `{}` version {} is given twice; give each a version of its own",
                    same.id, same.version
                );
                return Err(Error::new(ErrorKind::InvalidOption, message));
            }
            cards.push(card);
        }
        if cards.is_empty() {
            return Err(Error::new(ErrorKind::InvalidOption, "`forms` is empty; name a form such as \"call_18\""));
        }
        Ok(cards)
    }

    fn keeps(&self, part: CardPart) -> bool {
        self.parts.contains(&part)
    }

    fn aggregate_of(&self, card: &Card) -> Result<Aggregate> {
        self.aggregate.as_deref().map_or(Ok(card.aggregate), Aggregate::from_name)
    }

    /// Sums a card keeps: the score and its square, for each aggregate that can differ.
    fn sums(&self, card: &Card) -> usize {
        if !self.keeps(CardPart::Score) {
            0
        } else if card.blocks {
            6
        } else {
            2
        }
    }

    /// Bundles a card keeps: one for its rows, one for each criterion.
    fn bundles(&self, card: &Card) -> usize {
        1 + if self.keeps(CardPart::Criteria) { card.criteria.len() } else { 0 }
    }

    /// The first bundle and the first sum of each card.
    fn places(&self, cards: &[Card]) -> Vec<(usize, usize)> {
        let mut at = (0, 0);
        cards
            .iter()
            .map(|card| {
                let place = at;
                at = (at.0 + self.bundles(card), at.1 + self.sums(card));
                place
            })
            .collect()
    }

    fn fold_variant(
        &self,
        bound: &CardBound,
        card: usize,
        variant: &Variant,
        rows: &Rows<'_>,
        pick: Option<&[usize]>,
        cells: &mut Cells,
    ) {
        let (first_bundle, first_sum) = self.places(&bound.cards)[card];
        let pick = pick.filter(|pick| pick.len() < rows.groups.len());
        let codes: Vec<Vec<i16>> = variant
            .criteria
            .iter()
            .map(|at| {
                let (lane, table) = &bound.lanes[card][*at];
                let lane = rows.block.narrow(*lane);
                let own = |code: i16| match table {
                    Some(table) if code >= 0 => table[code as usize],
                    _ => code,
                };
                match pick {
                    Some(pick) => pick.iter().map(|i| own(lane[*i])).collect(),
                    None if table.is_some() => lane.iter().map(|code| own(*code)).collect(),
                    None => Vec::new(),
                }
            })
            .collect();
        let column = |c: usize| {
            if codes[c].is_empty() {
                rows.block.narrow(bound.lanes[card][variant.criteria[c]].0)
            } else {
                &codes[c][..]
            }
        };
        let columns: Vec<&[i16]> = (0..codes.len()).map(column).collect();
        let picked: Vec<u32>;
        let groups = match pick {
            Some(pick) => {
                picked = pick.iter().map(|i| rows.groups[*i]).collect();
                &picked[..]
            }
            None => rows.groups,
        };
        if self.keeps(CardPart::Score) {
            self.fold_scores(
                &variant.form,
                bound.cards[card].blocks,
                &columns,
                groups,
                (first_bundle, first_sum),
                cells,
            );
        }
        if self.keeps(CardPart::Criteria) {
            let counted;
            let columns = if variant.conditions {
                counted = counted_answers(&variant.form, &columns, groups.len());
                counted.iter().map(Vec::as_slice).collect()
            } else {
                columns
            };
            let answers = columns.iter().zip(&variant.criteria).map(|(marks, at)| {
                let options = bound.cards[card].criteria[*at].options.len();
                Answers { bundle: first_bundle + 1 + at, marks, low: 0, not_applicable: options, missing: options + 1 }
            });
            cells.answers(groups, &answers.collect::<Vec<_>>());
        }
    }

    fn fold_scores(
        &self,
        form: &CompiledForm,
        blocks: bool,
        columns: &[&[i16]],
        groups: &[u32],
        (bundle, first): (usize, usize),
        cells: &mut Cells,
    ) {
        let rows = groups.len();
        let mut scores = [vec![i64::MIN; rows], Vec::new(), Vec::new()];
        let mut failed = vec![false; rows];
        // The codes were verified; an error here would be a slip of csat and leaves the rows unscored.
        if blocks {
            scores[1] = vec![i64::MIN; rows];
            scores[2] = vec![i64::MIN; rows];
            let [pooled, by_block, weighted] = &mut scores;
            let _ = score_block_all(form, columns, pooled, by_block, weighted, &mut failed);
        } else {
            let _ = score_block(form, columns, &mut scores[0], &mut failed);
        }
        let pass = self.pass_mark.map(|p| (p * 1e9).round() as i64);
        let own = match form.rule.aggregate {
            Aggregate::Pooled => 0,
            Aggregate::Blocks => 1,
            Aggregate::Weighted => 2,
        };
        let own = if blocks { own } else { 0 };
        // The missing score is the missing value: SCORED and UNSCORED are the two counts of moments.
        let to = Moments { bundle: Some(bundle), first, histogram: None };
        cells.moments(to, groups, scores[0].iter().map(|score| (true, *score)));
        let (scored, judged) = (&scores[0], &scores[own]);
        cells.counts(bundle).when(groups, FAILED, |i| failed[i] & (scored[i] != i64::MIN));
        if let Some(pass) = pass {
            cells.counts(bundle).when(groups, PASSED, |i| (judged[i] != i64::MIN) & (judged[i] >= pass));
        }
        for (at, scores) in scores.iter().enumerate().skip(1).filter(|(_, s)| !s.is_empty()) {
            // Scores lie within 2^45 units of 1e-9 point.
            cells.expect(rows, 1 << 90);
            for (score, group) in scores.iter().zip(groups) {
                if *score != i64::MIN {
                    let s = i128::from(*score);
                    cells.add(*group, first + 2 * at, [s, s * s]);
                }
            }
        }
    }
}

/// The answers as they count, criterion by criterion: those whose condition does not hold are N/A.
fn counted_answers(form: &CompiledForm, columns: &[&[i16]], rows: usize) -> Vec<Vec<i16>> {
    let mut counted = vec![Vec::with_capacity(rows); columns.len()];
    let mut scored = Scored::default();
    let mut answers = vec![0; columns.len()];
    for row in 0..rows {
        for (answer, column) in answers.iter_mut().zip(columns) {
            *answer = column[row];
        }
        let known = score_into(form, &answers, &mut scored).is_ok();
        for (c, out) in counted.iter_mut().enumerate() {
            out.push(if known { scored.counted[c] } else { answers[c] });
        }
    }
    counted
}

/// The values a criterion's column may hold, over all forms, and each form's own code for each of them.
fn vocabulary(cards: &[Card], id: &str) -> (Vocabulary, Vec<Option<Vec<i16>>>) {
    let of = |card: &Card| {
        card.variants
            .iter()
            .find_map(|v| v.form.criteria().iter().find(|c| c.id == id).map(|c| (c.clone(), v.form.points_scale)))
    };
    let mut options: Vec<String> = Vec::new();
    for (criterion, _) in cards.iter().filter_map(of) {
        for option in &criterion.options {
            if !options.contains(option) {
                options.push(option.clone());
            }
        }
    }
    let code = |option: &String| options.iter().position(|o| o == option).unwrap_or(0) as i16;
    let mut vocabulary = Vocabulary::of_texts(&format!("answer to `{id}`"), options.iter().map(String::as_str));
    for (criterion, scale) in cards.iter().filter_map(of) {
        for (option, title) in criterion.options.iter().zip(&criterion.option_titles) {
            if !title.is_empty() {
                vocabulary = vocabulary.text(title, code(option));
            }
        }
        if criterion.na_allowed {
            vocabulary =
                ["n/a", "n-a", "na", "not applicable"].iter().fold(vocabulary, |v, t| v.text(t, NOT_APPLICABLE));
        }
        for (option, points) in criterion.options.iter().zip(&criterion.points) {
            let alone = criterion.points.iter().filter(|p| *p == points).count() == 1;
            if alone && points % scale == 0 {
                vocabulary = vocabulary.number(points / scale, code(option));
            }
        }
        let better = |best: bool| {
            let names = if best { ["yes", "true", "met", "pass"] } else { ["no", "false", "not_met", "fail"] };
            let named = criterion.options.iter().find(|o| names.contains(&o.to_lowercase().as_str()));
            let two = (criterion.points.len() == 2 && criterion.points[0] != criterion.points[1])
                .then(|| &criterion.options[usize::from((criterion.points[0] > criterion.points[1]) != best)]);
            named.or(two)
        };
        if let (Some(yes), Some(no)) = (better(true), better(false)) {
            vocabulary = vocabulary.flags(code(no), code(yes));
        }
    }
    let tables = cards
        .iter()
        .map(|card| {
            let own: Vec<i16> = of(card).map_or_else(Vec::new, |(criterion, _)| {
                let find =
                    |o: &String| criterion.options.iter().position(|own| own == o).map_or(i16::MAX, |c| c as i16);
                options.iter().map(find).collect()
            });
            let same = own.iter().enumerate().all(|(i, c)| *c == i as i16);
            (!same).then_some(own)
        })
        .collect();
    (vocabulary, tables)
}

impl Measure for Scorecard {
    type Bound = CardBound;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self) -> Result<()> {
        if self.parts.is_empty() {
            return Err(Error::new(ErrorKind::InvalidOption, "`parts` is empty; name score or criteria"));
        }
        let cards = self.cards()?;
        cards.iter().try_for_each(|c| self.aggregate_of(c).map(|_| ()))
    }

    fn bind(&self, schema: &mut Schema) -> Result<CardBound> {
        let cards = self.cards()?;
        let mut lanes: Vec<Vec<(Narrow, Option<Vec<i16>>)>> = Vec::new();
        for (at, card) in cards.iter().enumerate() {
            let mut of_card = Vec::new();
            for criterion in &card.criteria {
                let (vocabulary, tables) = vocabulary(&cards, &criterion.id);
                // A criterion of one contact type only may be left out of a log that has no such contacts.
                let everywhere = card.variants.iter().all(|v| v.form.criteria().iter().any(|c| c.id == criterion.id));
                of_card.push((
                    schema.category(&criterion.id, vocabulary, everywhere && cards.len() == 1),
                    tables[at].clone(),
                ));
            }
            lanes.push(of_card);
        }
        let distinct = |of: &dyn Fn(&Card) -> Vec<String>| {
            let mut all: Vec<String> = Vec::new();
            cards.iter().flat_map(of).for_each(|t| {
                if !all.contains(&t) {
                    all.push(t);
                }
            });
            all
        };
        let ids = distinct(&|c| vec![c.id.clone()]);
        let versions = distinct(&|c| vec![c.version.clone()]);
        let contact_types = distinct(&|c| c.contact_types.clone());
        let texts = |what: &str, list: &[String]| {
            let numbers = list.iter().enumerate().filter_map(|(i, t)| Some((t.parse().ok()?, i as i16)));
            numbers.fold(Vocabulary::of_texts(what, list.iter().map(String::as_str)), |v, (n, code)| v.number(n, code))
        };
        let several = cards.len() > 1;
        Ok(CardBound {
            form: several.then(|| schema.category("form", texts("form", &ids), ids.len() > 1)),
            version: several
                .then(|| schema.category("form_version", texts("form version", &versions), versions.len() > 1)),
            contact_type: (!contact_types.is_empty())
                .then(|| schema.category("contact_type", texts("contact type", &contact_types), true)),
            kind: schema.category(
                "kind",
                Vocabulary::of_texts("kind of evaluation", ["standard", "calibration"]).text("regular", 0),
                false,
            ),
            lanes,
            cards,
            contact_types,
            ids,
            versions,
        })
    }

    fn shape(&self) -> Shape {
        let mut shape = Shape::default();
        for card in self.cards().unwrap_or_default() {
            shape = shape.bundle(card.definition.clone(), 5);
            if self.keeps(CardPart::Criteria) {
                shape = card.criteria.iter().fold(shape, |s, c| s.bundle(c.id.clone(), c.options.len() + 2));
            }
            shape = (0..self.sums(&card)).fold(shape, |s, i| s.sum(format!("{} {i}", card.definition)));
        }
        shape
    }

    fn verify(&self, bound: &CardBound, block: &Block, faults: &mut Faults) {
        let several = bound.cards.len() > 1;
        let needs_type = bound.cards.iter().any(|c| !c.contact_types.is_empty());
        let tables = bound.lanes.iter().flatten().any(|(_, table)| table.is_some());
        if !several && !needs_type && !tables {
            return;
        }
        for row in 0..block.len() {
            match bound.place(block, row) {
                Err(error) => faults.add(row, "form or contact type", || error),
                Ok((card, variant)) => {
                    for at in &bound.cards[card].variants[variant].criteria {
                        let (lane, table) = &bound.lanes[card][*at];
                        let code = block.narrow(*lane)[row];
                        if table.as_ref().is_some_and(|t| code >= 0 && t[code as usize] == i16::MAX) {
                            let id = &bound.cards[card].criteria[*at].id;
                            faults.add(row, &format!("{id}: answer of another form"), || {
                                let (form, version) = (&bound.cards[card].id, &bound.cards[card].version);
                                let message =
                                    format!("`{id}`: this answer does not exist in form `{form}` version {version}");
                                Error::new(ErrorKind::BadValue, message).with("column", id)
                            });
                        }
                    }
                }
            }
        }
    }

    fn fold(&self, bound: &CardBound, rows: &Rows<'_>, cells: &mut Cells) {
        let kind = rows.block.narrow(bound.kind);
        let single = bound.cards.len() == 1 && bound.cards[0].variants.len() == 1;
        if single && kind.iter().all(|k| *k != 1) {
            return self.fold_variant(bound, 0, &bound.cards[0].variants[0], rows, None, cells);
        }
        let mut picks: Vec<Vec<Vec<usize>>> = bound.cards.iter().map(|c| vec![Vec::new(); c.variants.len()]).collect();
        let places = self.places(&bound.cards);
        for (row, group) in rows.groups.iter().enumerate() {
            // Rows without a form were refused or set aside.
            let Ok((card, variant)) = bound.place(rows.block, row) else { continue };
            if kind[row] == 1 {
                cells.open(places[card].0);
                cells.bundles().add(*group, places[card].0, CALIBRATION);
            } else {
                picks[card][variant].push(row);
            }
        }
        for (card, of_card) in picks.iter().enumerate() {
            for (variant, pick) in of_card.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
                self.fold_variant(bound, card, &bound.cards[card].variants[variant], rows, Some(pick), cells);
            }
        }
    }

    fn parts(&self) -> Vec<Part> {
        let Ok(cards) = self.cards() else { return Vec::new() };
        let several = cards.len() > 1;
        let mut parts = Vec::new();
        let scores = |prefix: &str, id: &str, aggregate: &str, parts: &mut Vec<Part>| {
            parts.push(Part::new(format!("{prefix}score"), Unit::Score, format!("{id}:{aggregate}")));
            parts.push(Part::new(format!("{prefix}failed"), Unit::Share, format!("{id}:failed")));
            if let Some(mark) = self.pass_mark {
                parts.push(Part::new(format!("{prefix}passed"), Unit::Share, format!("{id}:passed{mark}")));
            }
            parts.push(Part::new(format!("{prefix}unscored"), Unit::Count, format!("{id}:unscored")));
            parts.push(Part::new(format!("{prefix}calibration"), Unit::Count, format!("{id}:calibration")));
        };
        let name = |card: &Card| self.aggregate_of(card).map_or("", Aggregate::name);
        if self.keeps(CardPart::Score) {
            if several {
                let ids: Vec<&str> = cards.iter().map(|c| &c.definition[3..]).collect();
                scores("", &format!("qa:{}+mixed", ids.join("+")), name(&cards[0]), &mut parts);
            }
            for card in &cards {
                let prefix = if several { format!("form/{}@{}/", card.id, card.version) } else { String::new() };
                scores(&prefix, &card.definition, name(card), &mut parts);
            }
        }
        if self.keeps(CardPart::Criteria) {
            for card in &cards {
                let prefix = if several { format!("form/{}@{}/", card.id, card.version) } else { String::new() };
                for criterion in &card.criteria {
                    let (id, definition) = (&criterion.id, &card.definition);
                    parts.push(Part::new(format!("{prefix}criterion/{id}"), Unit::Share, format!("{definition}:{id}")));
                    let path = format!("{prefix}criterion/{id}/not_applicable");
                    parts.push(Part::new(path, Unit::Count, format!("{definition}:{id}:not_applicable")));
                }
                let id = format!("{}:pooled_points", card.definition);
                parts.push(Part::new(format!("{prefix}pooled_points"), Unit::Score, id));
            }
        }
        parts
    }

    fn read(&self, bound: &CardBound, cells: &[Cell<'_>], confidence: &mut Confidence, out: &mut Estimates) {
        let cell = &cells[0];
        let places = self.places(&bound.cards);
        if self.keeps(CardPart::Score) {
            let read = |card: usize| {
                let (bundle, first) = places[card];
                let of = &bound.cards[card];
                let at = match self.aggregate_of(of) {
                    Ok(Aggregate::Blocks) if of.blocks => 1,
                    Ok(Aggregate::Weighted) if of.blocks => 2,
                    _ => 0,
                };
                let counts = [SCORED, UNSCORED, FAILED, PASSED, CALIBRATION].map(|i| cell.count(bundle, i));
                (counts, cell.sum(first + 2 * at), cell.sum(first + 2 * at + 1))
            };
            let low = bound.cards.iter().map(|c| c.range.0).fold(f64::INFINITY, f64::min);
            let high = bound.cards.iter().map(|c| c.range.1).fold(f64::NEG_INFINITY, f64::max);
            let mut push = |(counts, sum, squares): ([u64; 5], i128, i128)| {
                let n = counts[SCORED];
                out.push(Estimate::mean(n, sum, squares, 1e-9, confidence).clamped(low, high));
                out.push(Estimate::share(counts[FAILED], n, confidence));
                if self.pass_mark.is_some() {
                    out.push(Estimate::share(counts[PASSED], n, confidence));
                }
                out.push(Estimate::census(counts[UNSCORED] as f64, n + counts[UNSCORED]));
                out.push(Estimate::census(counts[CALIBRATION] as f64, counts[CALIBRATION]));
            };
            let each: Vec<_> = (0..bound.cards.len()).map(read).collect();
            if each.len() > 1 {
                push(each.iter().fold(([0; 5], 0, 0), |(mut counts, sum, squares), (c, s, q)| {
                    counts.iter_mut().zip(c).for_each(|(a, b)| *a += b);
                    (counts, sum + s, squares + q)
                }));
            }
            each.into_iter().for_each(push);
        }
        if self.keeps(CardPart::Criteria) {
            for (card, (bundle, _)) in bound.cards.iter().zip(&places) {
                read_criteria(card, cell, bundle + 1, confidence, out);
            }
        }
    }

    fn shaping(&self) -> Result<Value> {
        let mut forms = Vec::new();
        for value in &self.forms {
            let form = read_form(value)?;
            forms.push(serde_json::from_str::<Value>(&form.scoring_json()).unwrap_or(Value::Null));
        }
        Ok(json!({ "forms": forms, "pass_mark": self.pass_mark, "parts": self.parts }))
    }
}

/// Each criterion's points earned of those possible, how often it was not applicable, and all points pooled.
fn read_criteria(card: &Card, cell: &Cell<'_>, first: usize, confidence: &mut Confidence, out: &mut Estimates) {
    let (mut numerator, mut denominator) = (0i128, 0i128);
    let mut evaluations = 0;
    for (at, criterion) in card.criteria.iter().enumerate() {
        let count = |code| cell.count(first + at, code);
        let options = criterion.options.len();
        let n: u64 = (0..options).map(count).sum();
        evaluations = evaluations.max(n + count(options) + count(options + 1));
        // Shares of the points possible, in whole units of 1e-6 so that sums are exact.
        let unit = |code: usize| (criterion.points[code] / criterion.possible * 1e6).round() as i128;
        let (mut sum, mut squares, mut earned) = (0i128, 0i128, 0.0);
        for code in 0..options {
            let k = i128::from(count(code));
            sum += k * unit(code);
            squares += k * unit(code) * unit(code);
            earned += count(code) as f64 * criterion.points[code];
            numerator += k * i128::from(criterion.weighted[code].0);
            denominator += k * i128::from(criterion.weighted[code].1);
        }
        let whole = |code: usize| unit(code) == 0 || unit(code) == 1_000_000;
        let mut estimate = if (0..options).all(whole) {
            Estimate::share((sum / 1_000_000) as u64, n, confidence)
        } else {
            Estimate::mean(n, sum, squares, 1e-6, confidence).clamped(0.0, 1.0)
        };
        if n > 0 {
            let possible = n as f64 * criterion.possible;
            estimate.value = Some(earned / possible);
            (estimate.numerator, estimate.denominator) = (Some(earned), Some(possible));
        }
        out.push(if criterion.scored { estimate } else { Estimate::none(n, Reason::NotOffered) });
        out.push(Estimate::census(count(options) as f64, n + count(options)));
    }
    let mut pooled = Estimate::ratio(numerator as f64, denominator as f64, evaluations, Reason::NotOffered);
    pooled.value = pooled.value.map(|v| 100.0 * v);
    out.push(pooled);
}

impl CardBound {
    /// The card and the variant of a row.
    fn place(&self, block: &Block, row: usize) -> Result<(usize, usize)> {
        let code = |lane: Option<Narrow>| lane.map(|l| block.narrow(l)[row]);
        let card = match (code(self.form), code(self.version)) {
            (None, _) => 0,
            (form, version) => {
                let id = form.filter(|c| *c != MISSING_MARK).map(|c| &self.ids[c as usize]);
                let version = version.filter(|c| *c != MISSING_MARK).map(|c| &self.versions[c as usize]);
                let fits = |c: &&Card| id.is_none_or(|id| *id == c.id) && version.is_none_or(|v| *v == c.version);
                let mut fitting = self.cards.iter().enumerate().filter(|(_, c)| fits(c));
                match (fitting.next(), fitting.next()) {
                    (Some((at, _)), None) => at,
                    (Some(_), Some(_)) => {
                        let message = "`form` and `form_version` do not say which of several forms was filled";
                        return Err(Error::new(ErrorKind::BadValue, message).with("column", "form"));
                    }
                    (None, _) => {
                        let message = "no form of the recipe has this `form` and `form_version`";
                        return Err(Error::new(ErrorKind::BadValue, message).with("column", "form"));
                    }
                }
            }
        };
        let types = &self.cards[card].contact_types;
        if types.is_empty() {
            return Ok((card, 0));
        }
        let chosen = code(self.contact_type).filter(|c| *c != MISSING_MARK).map(|c| &self.contact_types[c as usize]);
        if let Some(variant) = chosen.and_then(|t| types.iter().position(|own| own == t)) {
            Ok((card, variant))
        } else {
            let message = format!(
                "form `{}` needs a contact type for each evaluation: {}",
                self.cards[card].id,
                types.join(", ")
            );
            Err(Error::new(ErrorKind::BadValue, message).with("column", "contact_type"))
        }
    }
}

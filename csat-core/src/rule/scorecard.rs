//! A form made ready for one contact type: answers as codes, weights as whole numbers.
//!
//! The score is a rational of whole numbers, rounded once ([`crate::rule::exact`]). [`crate::rule::score`] computes it;
//! [`crate::rule::explain`] says how it came about.
//!
//! ```
//! use csat_core::rule::{form::Form, score::score};
//! let form = Form::shipped("by_contact_type")?.compile(Some("sale"))?;
//! assert_eq!(form.criteria().len(), 14); // 9 general ones and 5 of a sale
//! let mut answers = vec![0i16; 14];      // the first option everywhere: met
//! answers[8] = form.code_of_text(8, "no")?;
//! for i in 11..14 {
//!     answers[i] = 1;
//! }
//! let scored = score(&form, &answers)?;
//! assert_eq!(scored.score, Some(71_428_571_429)); // pooled: 10 of 14
//! assert_eq!(scored.blocks, Some(64_444_444_444)); // the mean of 8/9 and 2/5
//! # Ok::<(), csat_core::Error>(())
//! ```

use super::exact::{HUNDRED, MISSING_ANSWER, MOST, POINT, gcd, lcm, scaled, whole_weights};
use super::form::{
    Aggregate, Bonus, Combine, Criterion, Effect, Form, GENERAL, ItemRule, NotApplicable, ScoreRule, Trigger,
    Unanswered,
};
use super::lanes::{Addend, Entry, Lane};
use crate::error::{Error, ErrorKind, Result};

/// The code of "not applicable".
pub const NOT_APPLICABLE: i16 = -1;

/// Marks of a failed critical criterion.
pub(crate) const FAILED: u8 = 1;
pub(crate) const SECTION_ZERO: u8 = 2;
pub(crate) const FORM_ZERO: u8 = 4;

/// A criterion made ready.
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledCriterion {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its section, as a position in [`CompiledForm::sections`].
    pub section: usize,
    /// The ids of its options; the position is the code.
    pub options: Vec<String>,
    /// The titles of its options.
    pub option_titles: Vec<String>,
    /// The points of its options, times [`CompiledForm::points_scale`].
    pub points: Vec<i64>,
    /// What is subtracted from points before dividing (the fewest points under `min_max`, else 0), scaled alike.
    pub base: i64,
    /// What full marks are, after subtracting the base, scaled alike.
    pub possible: i64,
    /// Whether it counts in the score.
    pub scored: bool,
    /// Whether it adds points and no maximum.
    pub bonus: bool,
    /// Whether N/A may be answered.
    pub na_allowed: bool,
    /// The effect of failing it, if it is critical.
    pub critical: Option<Effect>,
    pub(crate) marks: Vec<u8>,
    /// The weight as a whole number, the shares of the options over `CompiledForm::full`.
    pub(crate) unit: i64,
    pub(crate) shares: Vec<i64>,
    /// Weighted numerator of each option and denominator, reduced over the whole form.
    pub(crate) numerators: Vec<i64>,
    pub(crate) denominator: i64,
    /// Conditions: another criterion's position and which of its codes hold.
    pub(crate) conditions: Vec<(usize, Vec<bool>)>,
}

/// A section made ready.
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledSection {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its block, as a position in [`CompiledForm::blocks`].
    pub block: usize,
    /// Its weight as a whole number.
    pub weight: i64,
    /// Whether it adds points and no maximum.
    pub bonus: bool,
}

/// A block made ready.
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledBlock {
    /// Its id.
    pub id: String,
    /// Its weight as a whole number.
    pub weight: i64,
}

/// Sums that combine alike: a section, or a block where sections combine points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) weight: i64,
    pub(crate) block: usize,
    pub(crate) bonus: bool,
}

/// A column with conditions: other columns and which of their answers hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Conditional {
    pub(crate) column: usize,
    pub(crate) on: Vec<(usize, Lane<bool>)>,
}

/// The fast road, for forms without bonus sections and equal redistribution.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lanes {
    pub(crate) groups: Vec<Group>,
    /// In an order that looks back.
    pub(crate) conditional: Vec<Conditional>,
    /// Column, group, what its answers add.
    pub(crate) sums: Vec<(usize, usize, Addend)>,
    /// Column, group, what its answers mark.
    pub(crate) marks: Vec<(usize, usize, Lane<u8>)>,
}

/// A form ready to score evaluations of one contact type. Made by [`Form::compile`].
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledForm {
    /// The id of the form.
    pub id: String,
    /// The version of the form.
    pub version: String,
    /// The content hash of the form.
    pub hash: String,
    /// The contact type.
    pub contact_type: Option<String>,
    /// The arithmetic.
    pub rule: ScoreRule,
    /// What points are multiplied by to be whole numbers.
    pub points_scale: i64,
    pub(crate) criteria: Vec<CompiledCriterion>,
    pub(crate) sections: Vec<CompiledSection>,
    pub(crate) blocks: Vec<CompiledBlock>,
    pub(crate) groups: Vec<Group>,
    pub(crate) full: i64,
    pub(crate) order: Vec<usize>,
    pub(crate) floor: i64,
    pub(crate) cap: i64,
    pub(crate) lanes: Option<Lanes>,
}

impl Form {
    /// Makes the form ready for one contact type: the blocks for all types and those for this one.
    ///
    /// A form whose blocks depend on the contact type needs one; others ignore it. Refuses weights that sum to zero,
    /// criteria without points to earn, conditions on criteria that are not part of it, and weights with too many
    /// digits to be exact together.
    pub fn compile(&self, contact_type: Option<&str>) -> Result<CompiledForm> {
        shape(self)?;
        let place = format!("form `{}`", self.id);
        let types = self.contact_types();
        match contact_type {
            None if !types.is_empty() => {
                let message = format!("{place} chooses criteria by contact type; give one of: {}", types.join(", "));
                return Err(Error::argument(message));
            }
            Some(name) if !types.contains(&name) && !types.is_empty() => {
                return Err(Error::unknown("contact type", name, types).at(place));
            }
            _ => {}
        }
        compile(self, contact_type).map_err(|e| e.at(place))
    }
}

/// Everything that [`Form::parse`](Form::parse) promises about a form.
pub(crate) fn check(form: &Form) -> Result<()> {
    shape(form)?;
    match form.contact_types() {
        types if types.is_empty() => compile(form, None).map(|_| ()),
        types => types
            .into_iter()
            .try_for_each(|t| compile(form, Some(t)).map(|_| ()).map_err(|e| e.at(format!("contact type `{t}`")))),
    }
}

/// Ids are unique and refer to something; weights are weights; conditions do not run in a circle.
fn shape(form: &Form) -> Result<()> {
    unique("block", form.blocks.iter().map(|b| &b.id))?;
    unique("section", form.sections.iter().map(|s| &s.id))?;
    unique("criterion", form.criteria().map(|c| &c.id))?;
    if form.criteria().next().is_none() {
        return Err(Error::argument("there is no criterion"));
    }
    if form.sections.len() > 64 || form.blocks.len() > 64 || form.criteria().count() > 1000 {
        return Err(Error::argument("at most 64 sections and blocks and 1000 criteria are allowed"));
    }
    let weights = form.blocks.iter().map(|b| ("block", &b.id, b.weight));
    let weights = weights.chain(form.sections.iter().map(|s| ("section", &s.id, s.weight)));
    for (what, id, weight) in weights.chain(form.criteria().map(|c| ("criterion", &c.id, c.weight))) {
        if !weight.is_finite() || weight < 0.0 {
            return Err(Error::argument(format!(
                "{what} `{id}`: the weight must be a number of at least 0, not {weight}"
            )));
        }
    }
    for section in &form.sections {
        if let Some(block) = section.block.as_deref().filter(|b| *b != GENERAL)
            && !form.blocks.iter().any(|b| b.id == block)
        {
            let known = form.blocks.iter().map(|b| b.id.as_str());
            return Err(Error::unknown("block", block, known).at(format!("section `{}`", section.id)));
        }
    }
    form.criteria().try_for_each(|c| answers(form, c).map_err(|e| e.at(format!("criterion `{}`", c.id))))?;
    order(&form.criteria().collect::<Vec<_>>()).map(|_| ())
}

fn unique<'a>(what: &str, ids: impl Iterator<Item = &'a String>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    match ids.into_iter().find(|id| !seen.insert(id.as_str())) {
        Some(id) => Err(Error::argument(format!("two of its parts are called {what} `{id}`; ids must be unique"))),
        None => Ok(()),
    }
}

/// The options of a criterion and everything that names options.
fn answers(form: &Form, criterion: &Criterion) -> Result<()> {
    unique("option", criterion.options.iter().map(|o| &o.id))?;
    if criterion.options.is_empty() || criterion.options.len() > 1024 {
        return Err(Error::argument("it needs between 1 and 1024 options"));
    }
    let known = |c: &Criterion, names: &[String]| match names.iter().find(|n| c.options.iter().all(|o| o.id != **n)) {
        Some(name) => Err(Error::unknown("option", name, c.options.iter().map(|o| o.id.as_str()))),
        None if names.is_empty() => Err(Error::argument("a list of options must not be empty")),
        None => Ok(()),
    };
    match criterion.critical.as_ref().map(|c| &c.trigger) {
        Some(Trigger::Options(names)) => known(criterion, names).map_err(|e| e.at("critical"))?,
        Some(Trigger::Below(share)) if !(*share > 0.0 && *share <= 1.0) => {
            return Err(Error::argument(format!("critical: below must lie above 0 and at most at 1, not {share}")));
        }
        _ => {}
    }
    for condition in &criterion.applies_if {
        let other = form.criteria().find(|c| c.id == condition.criterion).ok_or_else(|| {
            Error::unknown("criterion", &condition.criterion, form.criteria().map(|c| c.id.as_str())).at("applies_if")
        })?;
        known(other, &condition.is).map_err(|e| e.at(format!("applies_if on `{}`", other.id)))?;
    }
    Ok(())
}

/// Positions such that every condition looks back.
fn order(criteria: &[&Criterion]) -> Result<Vec<usize>> {
    let mut done: Vec<usize> = Vec::with_capacity(criteria.len());
    let mut placed = vec![false; criteria.len()];
    while done.len() < criteria.len() {
        let before = done.len();
        for (i, criterion) in criteria.iter().enumerate() {
            let open = |id: &str| criteria.iter().zip(&placed).any(|(c, p)| c.id == id && !p);
            if !placed[i] && !criterion.applies_if.iter().any(|c| open(&c.criterion)) {
                placed[i] = true;
                done.push(i);
            }
        }
        if done.len() == before {
            let circle: Vec<&str> =
                criteria.iter().zip(&placed).filter(|(_, p)| !**p).map(|(c, _)| c.id.as_str()).collect();
            return Err(Error::argument(format!("applies_if runs in a circle: {}", circle.join(", "))));
        }
    }
    Ok(done)
}

fn compile(form: &Form, contact_type: Option<&str>) -> Result<CompiledForm> {
    let rule = &form.rule;
    let (blocks, taken) = blocks(form, contact_type)?;
    let section_weights: Vec<f64> = taken.iter().map(|(s, _)| form.sections[*s].weight).collect();
    let section_weights = whole_weights("section weights", &section_weights)?;
    let sections: Vec<CompiledSection> = taken
        .iter()
        .zip(section_weights)
        .map(|((s, block), weight)| {
            let s = &form.sections[*s];
            CompiledSection { id: s.id.clone(), title: s.title.clone(), block: *block, weight, bonus: s.bonus }
        })
        .collect();
    let sources: Vec<(usize, &Criterion)> = taken
        .iter()
        .enumerate()
        .flat_map(|(i, (s, _))| form.sections[*s].criteria.iter().map(move |c| (i, c)))
        .collect();
    let (points_scale, mut criteria) = items(rule, &sections, &sources)?;
    let full = weigh(rule, &sections, &sources, &mut criteria)?;
    let list: Vec<&Criterion> = sources.iter().map(|(_, c)| *c).collect();
    for (criterion, source) in criteria.iter_mut().zip(&list) {
        criterion.conditions = conditions(source, &list).map_err(|e| e.at(format!("criterion `{}`", source.id)))?;
        criterion.marks = marks(criterion, source, full)?;
    }
    let limit = |value: Option<f64>, none: i64| match value {
        None => Ok(none),
        Some(x) if x.is_finite() && x.abs() <= 1e6 => Ok((x * POINT as f64).round_ties_even() as i64),
        Some(x) => Err(Error::argument(format!("floor and cap are points between -1000000 and 1000000, not {x}"))),
    };
    let mut compiled = CompiledForm {
        id: form.id.clone(),
        version: form.version.clone(),
        hash: form.hash(),
        contact_type: contact_type.map(str::to_owned),
        points_scale,
        groups: sections.iter().map(|s| Group { weight: s.weight, block: s.block, bonus: s.bonus }).collect(),
        floor: limit(rule.floor, -10_000_000 * HUNDRED / 100)?,
        cap: limit(rule.cap, 10_000_000 * HUNDRED / 100)?,
        rule: rule.clone(),
        order: order(&list)?,
        full,
        criteria,
        sections,
        blocks,
        lanes: None,
    };
    if compiled.floor >= compiled.cap {
        return Err(Error::argument("the floor must lie below the cap"));
    }
    fits(&compiled)?;
    compiled.lanes = lanes(&compiled);
    Ok(compiled)
}

/// Sections by position in the form, each with its block.
type Taken = Vec<(usize, usize)>;

/// The blocks of a contact type, and its sections with their blocks.
fn blocks(form: &Form, contact_type: Option<&str>) -> Result<(Vec<CompiledBlock>, Taken)> {
    let own_blocks = form.blocks.is_empty() && form.sections.iter().all(|s| s.block.is_none());
    let mut names: Vec<(&str, f64)> = Vec::new();
    let mut taken = Vec::new();
    for (i, section) in form.sections.iter().enumerate() {
        let id = if own_blocks { section.id.as_str() } else { section.block.as_deref().unwrap_or(GENERAL) };
        let block = form.blocks.iter().find(|b| b.id == id);
        let applies = block.is_none_or(|b| {
            b.contact_types.is_empty() || contact_type.is_some_and(|t| b.contact_types.iter().any(|c| c == t))
        });
        if applies {
            let place = names.iter().position(|(n, _)| *n == id).unwrap_or_else(|| {
                names.push((id, block.map_or(if own_blocks { section.weight } else { 1.0 }, |b| b.weight)));
                names.len() - 1
            });
            taken.push((i, place));
        }
    }
    if taken.is_empty() {
        return Err(Error::argument("no section applies"));
    }
    let weights = whole_weights("block weights", &names.iter().map(|n| n.1).collect::<Vec<_>>())?;
    let blocks = names.iter().zip(weights).map(|((id, _), weight)| CompiledBlock { id: (*id).to_owned(), weight });
    Ok((blocks.collect(), taken))
}

/// Points as whole numbers, and what full marks are.
fn items(
    rule: &ScoreRule,
    sections: &[CompiledSection],
    sources: &[(usize, &Criterion)],
) -> Result<(i64, Vec<CompiledCriterion>)> {
    let mut values: Vec<f64> = sources.iter().flat_map(|(_, c)| c.options.iter().map(|o| o.points)).collect();
    if rule.item == ItemRule::Fixed {
        let missing = || Error::argument("rule: item = \"fixed\" needs a `divisor` above 0");
        values.push(rule.divisor.filter(|d| *d > 0.0).ok_or_else(missing)?);
    }
    let (scaled, points_scale) = scaled("points", &values)?;
    let mut rest = scaled.iter().copied();
    let mut criteria = Vec::with_capacity(sources.len());
    for &(section, source) in sources {
        let points: Vec<i64> = rest.by_ref().take(source.options.len()).collect();
        let (least, most) = points.iter().fold((i64::MAX, i64::MIN), |(a, b), p| (a.min(*p), b.max(*p)));
        let (base, possible) = match rule.item {
            ItemRule::EarnedOverMax => (0, most),
            ItemRule::MinMax => (least, most - least),
            ItemRule::Fixed => (0, *scaled.last().unwrap_or(&0)),
        };
        let bonus = source.bonus || sections[section].bonus;
        let scored = source.scored && !(bonus && rule.bonus == Bonus::Ignore);
        let place = |why: &str| Error::argument(format!("criterion `{}`: {why}", source.id));
        if scored && possible <= 0 {
            return Err(place(
                "no answer earns points (its most points must be above 0, and above its fewest for `min_max`)",
            ));
        }
        if scored && most - base > possible {
            return Err(place("an answer gives more points than the divisor of the rule"));
        }
        criteria.push(CompiledCriterion {
            id: source.id.clone(),
            title: source.title.clone(),
            section,
            options: source.options.iter().map(|o| o.id.clone()).collect(),
            option_titles: source.options.iter().map(|o| o.title.clone()).collect(),
            points,
            base,
            possible,
            scored,
            bonus,
            na_allowed: source.na_allowed,
            critical: source.critical.as_ref().map(|c| c.effect),
            marks: vec![],
            unit: 0,
            shares: vec![],
            numerators: vec![],
            denominator: 0,
            conditions: vec![],
        });
    }
    Ok((points_scale, criteria))
}

/// Whole-number weights: the unit of each criterion, its shares over a common denominator (returned), and both multiplied.
fn weigh(
    rule: &ScoreRule,
    sections: &[CompiledSection],
    sources: &[(usize, &Criterion)],
    criteria: &mut [CompiledCriterion],
) -> Result<i64> {
    let too_long = || Error::argument("the weights and points have too many digits to be exact together; round some");
    let weights: Vec<f64> =
        sources.iter().zip(&*criteria).map(|((_, s), c)| if c.scored { s.weight } else { 0.0 }).collect();
    let weights = whole_weights("weights of scored criteria", &weights)?;
    let own = |c: &CompiledCriterion| {
        let common = c.points.iter().fold(i128::from(c.possible), |g, p| gcd(g, i128::from(p - c.base)));
        if c.possible > 0 { i128::from(c.possible) / common } else { 1 }
    };
    let full = lcm(criteria.iter().map(own)).ok_or_else(too_long)?;
    let mut units = Vec::with_capacity(criteria.len());
    for (c, w) in criteria.iter().zip(weights) {
        let points = if rule.criteria == Combine::Points { i128::from(c.possible.max(0)) } else { 1 };
        let section = if rule.sections == Combine::Points { i128::from(sections[c.section].weight) } else { 1 };
        units.push((i128::from(w) * points).checked_mul(section).ok_or_else(too_long)?);
    }
    let common = units.iter().fold(0, |g, u| gcd(g, *u)).max(1);
    let mut all = Vec::new();
    for (c, unit) in criteria.iter_mut().zip(units) {
        c.unit = small(unit / common).ok_or_else(too_long)?;
        let share = |p: &i64| i128::from(p - c.base) * full / i128::from(c.possible.max(1));
        let shares: Vec<i128> = c.points.iter().map(share).collect();
        all.push((shares.iter().map(|s| s * i128::from(c.unit)).collect::<Vec<_>>(), full * i128::from(c.unit)));
        c.shares = shares.into_iter().map(small).collect::<Option<_>>().ok_or_else(too_long)?;
    }
    let common = all.iter().flat_map(|(n, d)| n.iter().chain([d])).fold(0, |g, v| gcd(g, *v)).max(1);
    for (c, (numerators, denominator)) in criteria.iter_mut().zip(all) {
        c.numerators = numerators.into_iter().map(|n| small(n / common)).collect::<Option<_>>().ok_or_else(too_long)?;
        c.denominator = small(denominator / common).ok_or_else(too_long)?;
    }
    let base = |c: &CompiledCriterion| {
        let tracked = rule.sections == Combine::Percent && sections[c.section].weight == 0;
        if c.bonus || tracked { 0 } else { c.denominator }
    };
    if criteria.iter().map(base).all(|d| d == 0) {
        return Err(Error::argument("the weights sum to zero: no criterion outside bonuses counts"));
    }
    i64::try_from(full).map_err(|_| too_long())
}

fn small(value: i128) -> Option<i64> {
    (value.abs() <= MOST).then_some(value as i64)
}

/// No sum of any answers can overflow later.
fn fits(form: &CompiledForm) -> Result<()> {
    let total = |of: &dyn Fn(&CompiledCriterion) -> i128| form.criteria.iter().map(of).sum::<i128>();
    let most = |c: &CompiledCriterion| c.numerators.iter().map(|n| i128::from(n.abs())).max().unwrap_or(0);
    let sum = if form.rule.na == NotApplicable::Equal {
        let share = |c: &CompiledCriterion| c.shares.iter().map(|s| i128::from(s.abs())).max().unwrap_or(0);
        let share = form.criteria.iter().map(share).max().unwrap_or(0).max(i128::from(form.full));
        total(&|c| i128::from(c.unit)) * form.criteria.len() as i128 * share
    } else {
        total(&|c| i128::from(c.denominator)).max(total(&most))
    };
    let weights: i128 = form.sections.iter().map(|s| i128::from(s.weight)).sum();
    let sections = match (form.rule.sections, form.rule.na) {
        (Combine::Points, _) => 1,
        (Combine::Percent, NotApplicable::Equal) => weights * form.sections.len() as i128,
        (Combine::Percent, _) => weights,
    };
    let blocks: i128 = form.blocks.iter().map(|b| i128::from(b.weight)).sum();
    if sum > MOST || sum.saturating_mul(sections).saturating_mul(blocks.max(1)) > 1 << 60 {
        return Err(Error::argument("the weights and points have too many digits to be exact together; round some"));
    }
    Ok(())
}

fn conditions(source: &Criterion, list: &[&Criterion]) -> Result<Vec<(usize, Vec<bool>)>> {
    let one = |condition: &super::form::Condition| match list.iter().position(|c| c.id == condition.criterion) {
        Some(i) => Ok((i, list[i].options.iter().map(|o| condition.is.contains(&o.id)).collect())),
        None => Err(Error::argument(format!(
            "it depends on `{}`, which is not asked for this contact type",
            condition.criterion
        ))),
    };
    source.applies_if.iter().map(one).collect()
}

fn marks(criterion: &CompiledCriterion, source: &Criterion, full: i64) -> Result<Vec<u8>> {
    let Some(critical) = &source.critical else {
        return Ok(vec![0; criterion.options.len()]);
    };
    let mark = match critical.effect {
        Effect::FormZero => FAILED | FORM_ZERO,
        Effect::SectionZero => FAILED | SECTION_ZERO,
        Effect::OutcomeOnly => FAILED,
    };
    let least = criterion.points.iter().min();
    let fails: Vec<bool> = match &critical.trigger {
        Trigger::Worst => criterion.points.iter().map(|p| Some(p) == least && criterion.points.len() > 1).collect(),
        Trigger::Options(names) => criterion.options.iter().map(|o| names.contains(o)).collect(),
        Trigger::Below(_) if criterion.possible <= 0 => {
            return Err(Error::argument(format!("criterion `{}`: critical below needs points to earn", source.id)));
        }
        Trigger::Below(limit) => {
            let (limit, scale) = scaled("critical below", &[*limit])?;
            let limit = i128::from(limit[0]) * i128::from(full);
            criterion.shares.iter().map(|s| i128::from(*s) * i128::from(scale) < limit).collect()
        }
    };
    Ok(fails.into_iter().map(|f| if f { mark } else { 0 }).collect())
}

/// Column tables, if the form has nothing but per-column sums.
fn lanes(form: &CompiledForm) -> Option<Lanes> {
    let rule = &form.rule;
    if rule.na == NotApplicable::Equal || form.sections.iter().any(|s| s.bonus) {
        return None;
    }
    let holds = |(on, codes): &(usize, Vec<bool>)| {
        Lane::new(codes.len() as i16 - 1, |code| usize::try_from(code).is_ok_and(|c| codes[c])).map(|lane| (*on, lane))
    };
    let conditional = form.order.iter().filter(|i| !form.criteria[**i].conditions.is_empty()).map(|&column| {
        let on = form.criteria[column].conditions.iter().map(holds).collect::<Option<_>>()?;
        Some(Conditional { column, on })
    });
    let conditional: Vec<Conditional> = conditional.collect::<Option<_>>()?;
    let section_zero = form.criteria.iter().any(|c| c.critical == Some(Effect::SectionZero));
    let by_section = rule.sections == Combine::Percent || section_zero;
    let block = |block| Group { weight: 1, block, bonus: false };
    let groups: Vec<Group> = if by_section { form.groups.clone() } else { (0..form.blocks.len()).map(block).collect() };
    let group = |c: &CompiledCriterion| if by_section { c.section } else { form.sections[c.section].block };
    let (mut sums, mut marks) = (Vec::new(), Vec::new());
    for (i, c) in form.criteria.iter().enumerate() {
        let last = c.options.len() as i16 - 1;
        if c.scored {
            let counter = i64::from(rule.unanswered == Unanswered::NoScore);
            let entry = |code| match code {
                MISSING_ANSWER => Entry { counter, ..Entry::default() },
                code => {
                    let (numerator, denominator) = form.part(c, code);
                    Entry { numerator, denominator, counter: 0 }
                }
            };
            sums.push((i, group(c), Addend::new(last, entry)?));
        }
        if c.critical.is_some() {
            marks.push((i, group(c), Lane::new(last, |code| if code < 0 { 0 } else { c.marks[code as usize] })?));
        }
    }
    (groups.len() <= 8 && conditional.len() <= 8).then_some(Lanes { groups, conditional, sums, marks })
}

impl CompiledForm {
    /// The criteria, in the order of the answers.
    pub fn criteria(&self) -> &[CompiledCriterion] {
        &self.criteria
    }

    /// The sections.
    pub fn sections(&self) -> &[CompiledSection] {
        &self.sections
    }

    /// The blocks; in a form without blocks, its sections.
    pub fn blocks(&self) -> &[CompiledBlock] {
        &self.blocks
    }

    /// Weighted numerator and denominator that an answer (N/A included, missing not) adds outside equal redistribution.
    pub(crate) fn part(&self, criterion: &CompiledCriterion, code: i16) -> (i64, i64) {
        let base = if criterion.bonus && !self.sections[criterion.section].bonus { 0 } else { criterion.denominator };
        match (code, self.rule.na) {
            _ if !criterion.scored => (0, 0),
            (0.., _) => (criterion.numerators[code as usize], base),
            (_, NotApplicable::Full) if !criterion.bonus => (base, base),
            (_, NotApplicable::Zero) if !criterion.bonus => (0, base),
            _ => (0, 0),
        }
    }

    /// Which of the three aggregates is the score.
    pub fn aggregate(&self) -> Aggregate {
        self.rule.aggregate
    }

    /// The position of a criterion.
    pub fn position(&self, id: &str) -> Result<usize> {
        self.criteria
            .iter()
            .position(|c| c.id == id)
            .ok_or_else(|| Error::unknown("criterion", id, self.criteria.iter().map(|c| c.id.as_str())))
    }

    /// Refuses a code that is neither an option, nor N/A, nor missing.
    pub fn check_code(&self, criterion: usize, code: i16) -> Result<()> {
        let c = self.at(criterion)?;
        if code == MISSING_ANSWER || (NOT_APPLICABLE..c.options.len() as i16).contains(&code) {
            return Ok(());
        }
        Err(c.refuse(&format!("the code {code}")))
    }

    /// The code of an answer given as text: an option's id or title (letter case and outer blanks do not matter),
    /// `n/a`, `na` or `not applicable`; empty text is missing.
    ///
    /// ```
    /// let form = csat_core::rule::form::Form::shipped("chat_8")?.compile(None)?;
    /// assert_eq!(form.code_of_text(0, " Yes ")?, 0);
    /// assert!(form.code_of_text(0, "maybe").unwrap_err().message().contains("yes, no"));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn code_of_text(&self, criterion: usize, text: &str) -> Result<i16> {
        let c = self.at(criterion)?;
        let text = text.trim();
        let same = |name: &String| !name.is_empty() && name.to_lowercase() == text.to_lowercase();
        if text.is_empty() {
            return Ok(MISSING_ANSWER);
        }
        if let Some(code) = c.options.iter().position(|o| o == text).or_else(|| c.options.iter().position(same)) {
            return Ok(code as i16);
        }
        if let Some(code) = c.option_titles.iter().position(same) {
            return Ok(code as i16);
        }
        match text.to_lowercase().as_str() {
            "n/a" | "na" | "not applicable" if c.na_allowed => Ok(NOT_APPLICABLE),
            _ => Err(c.refuse(&format!("the answer `{text}`"))),
        }
    }

    /// The code of an answer given as a number: the points of an option, or the value on the scale. NaN is missing.
    pub fn code_of_number(&self, criterion: usize, number: f64) -> Result<i16> {
        let c = self.at(criterion)?;
        if number.is_nan() {
            return Ok(MISSING_ANSWER);
        }
        let scale = self.points_scale as f64;
        let mut same = c.points.iter().enumerate().filter(|(_, p)| **p as f64 / scale == number);
        match (same.next(), same.next()) {
            (Some((code, _)), None) => Ok(code as i16),
            (Some(_), Some(_)) => Err(c.refuse(&format!("the number {number} (two options have these points)"))),
            _ => Err(c.refuse(&format!("the number {number}"))),
        }
    }

    /// The code of an answer given as true or false: an option called yes/no, true/false, met/`not_met` or pass/fail, or
    /// the better and the worse of two.
    pub fn code_of_bool(&self, criterion: usize, value: bool) -> Result<i16> {
        let c = self.at(criterion)?;
        let names = if value { ["yes", "true", "met", "pass"] } else { ["no", "false", "not_met", "fail"] };
        if let Some(code) = c.options.iter().position(|o| names.contains(&o.to_lowercase().as_str())) {
            return Ok(code as i16);
        }
        match c.points[..] {
            [a, b] if a != b => Ok(i16::from((a > b) != value)),
            _ => Err(c.refuse(&format!("the answer {value}"))),
        }
    }

    fn at(&self, criterion: usize) -> Result<&CompiledCriterion> {
        let few = || Error::argument(format!("criterion {criterion} of {}: there is none", self.criteria.len()));
        self.criteria.get(criterion).ok_or_else(few)
    }
}

impl CompiledCriterion {
    fn refuse(&self, what: &str) -> Error {
        let mut known = self.options.iter().take(24).cloned().collect::<Vec<_>>().join(", ");
        if self.options.len() > 24 {
            known.push_str(", …");
        }
        let na = if self.na_allowed { ", n/a" } else { " (n/a is not allowed here)" };
        let message = format!("criterion `{}`: {what} is none of its answers; use one of: {known}{na}", self.id);
        Error::new(ErrorKind::BadValue, message).with("criterion", &self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(criteria: &str) -> CompiledForm {
        let text = format!("id = \"f\"\nversion = 1\n[[sections]]\nid = \"s\"\ncriteria = [{criteria}]");
        Form::parse(&text).unwrap().compile(None).unwrap()
    }

    #[test]
    fn answers_become_codes() {
        let f = form(
            "{ id = \"a\", options = { Yes = 2, No = 0, partly = 1 } }, { id = \"b\", min = -1, max = 3 }, \
             { id = \"c\", options = [{ id = \"x\", title = \"Fine\", points = 0.5 }, { id = \"y\", points = 1 }], na_allowed = false }",
        );
        assert_eq!(f.criteria()[0].options, ["Yes", "partly", "No"]); // by points, not as written
        assert_eq!(f.code_of_text(0, "yes"), Ok(0));
        assert_eq!(f.code_of_text(0, " "), Ok(MISSING_ANSWER));
        assert_eq!(f.code_of_text(0, "N/A"), Ok(-1));
        assert_eq!(f.code_of_text(2, "fine"), Ok(0));
        assert_eq!(f.code_of_number(1, -1.0), Ok(0));
        assert_eq!(f.code_of_number(2, 0.5), Ok(0));
        assert_eq!(f.code_of_number(2, f64::NAN), Ok(MISSING_ANSWER));
        assert_eq!((f.code_of_bool(0, true), f.code_of_bool(0, false)), (Ok(0), Ok(2)));
        assert_eq!((f.code_of_bool(2, true), f.code_of_bool(2, false)), (Ok(1), Ok(0)));
        let error = f.code_of_text(2, "n/a").unwrap_err();
        assert_eq!(
            error.message(),
            "criterion `c`: the answer `n/a` is none of its answers; use one of: x, y (n/a is not allowed here)"
        );
        assert_eq!(error.context_value("criterion"), Some("c"));
        assert!(
            f.code_of_bool(1, true).is_err() && f.code_of_number(1, 0.5).is_err() && f.code_of_text(9, "x").is_err()
        );
        let twins = form("{ id = \"a\", options = { x = 1, y = 1, z = 0 } }");
        assert!(twins.code_of_number(0, 1.0).unwrap_err().message().contains("two options"));
    }

    #[test]
    fn the_contact_type_must_be_known() {
        let form = Form::shipped("by_contact_type").unwrap();
        assert!(form.compile(None).unwrap_err().message().contains("give one of: first_call, intermediate"));
        assert_eq!(
            form.compile(Some("sales")).unwrap_err().message(),
            "form `by_contact_type`: unknown contact type `sales`; did you mean `sale`?"
        );
        assert!(Form::shipped("chat_8").unwrap().compile(Some("anything")).is_ok());
    }

    #[test]
    fn weights_beyond_exactness_are_refused() {
        let text = |w: &str| {
            format!(
                "id = \"f\"\nversion = 1\nrule = {{ sections = \"percent\" }}\noptions = {{ a = 99991, b = 1 }}\n[[sections]]\nid = \"s\"\nweight = {w}\n\
             criteria = [{{ id = \"a\", weight = {w} }}, {{ id = \"b\" }}]\n[[sections]]\nid = \"t\"\ncriteria = [{{ id = \"c\", options = {{ x = 99989, y = 1 }} }}]"
            )
        };
        assert!(Form::parse(&text("1")).is_ok());
        assert!(Form::parse(&text("999.983")).unwrap_err().message().contains("too many digits"));
    }
}

//! Reading a tally: from counts to estimates.

use super::state::Tally;
use crate::cells::Cell;
use crate::error::{Error, ErrorKind, Result};
use crate::estimate::{Confidence, Estimate, Keeps, Reason};
use crate::measure::{Measure, Part};
use crate::record::Schema;
use crate::report::Report;

impl<M: Measure> Tally<M> {
    /// All estimates, with intervals at this confidence; `None` for values alone.
    pub fn report(&self, confidence: Option<f64>) -> Result<Report> {
        let recipes: Vec<&M> = self.fixed.plan.measures.iter().collect();
        self.read(&recipes, &self.fixed.bound.iter().collect::<Vec<_>>(), confidence, Keeps::Limits)
    }

    /// The values alone, and the n of each measure's first part: no intervals, numerators, denominators and reasons. For
    /// a wide table of very many groups, where these are most of the cost.
    pub fn report_values(&self) -> Result<Report> {
        let recipes: Vec<&M> = self.fixed.plan.measures.iter().collect();
        self.read(&recipes, &self.fixed.bound.iter().collect::<Vec<_>>(), None, Keeps::Values)
    }

    /// The same counts read by other recipes, one for each measure of the plan: another definition, other quantiles.
    ///
    /// Only reading options may differ; a recipe that would have counted otherwise is refused.
    pub fn report_as(&self, recipes: &[M], confidence: Option<f64>) -> Result<Report> {
        let planned = &self.fixed.plan.measures;
        if recipes.len() != planned.len() {
            return Err(Error::argument(format!("{} recipes for {} measures", recipes.len(), planned.len())));
        }
        let mut schema = Schema::new(self.fixed.schema.table());
        let mut bound = Vec::with_capacity(recipes.len());
        for (recipe, planned) in recipes.iter().zip(planned) {
            recipe.check()?;
            if recipe.about().name != planned.about().name || recipe.shaping()? != planned.shaping()? {
                return Err(Error::new(
                    ErrorKind::NotFolded,
                    format!(
                        "`{}`: the options {} were not counted; this tally counted {}",
                        recipe.about().name,
                        recipe.shaping()?,
                        planned.shaping()?
                    ),
                ));
            }
            bound.push(recipe.bind(&mut schema)?);
        }
        self.read(&recipes.iter().collect::<Vec<_>>(), &bound.iter().collect::<Vec<_>>(), confidence, Keeps::Limits)
    }

    fn read(&self, recipes: &[&M], bound: &[&M::Bound], confidence: Option<f64>, keeps: Keeps) -> Result<Report> {
        let keeps = if keeps == Keeps::Limits && confidence.is_none() { Keeps::Ratios } else { keeps };
        let mut confidence = Confidence::new(confidence)?;
        let parts: Vec<Vec<(String, Part)>> = recipes
            .iter()
            .enumerate()
            .map(|(at, recipe)| {
                let parts = self.fixed.plan.named_parts(at, recipe).into_iter();
                parts.map(|part| (recipe.about().name.to_owned(), part)).collect()
            })
            .collect();
        let (keys, slotted) = (self.fixed.plan.keys.clone(), self.fixed.plan.every.is_some());
        let groups = self.live_groups();
        if groups.is_empty() && keys.is_empty() && !slotted {
            // Nothing counted and nothing to group by: one empty line says so.
            let mut empty = self.empty_like();
            let group = empty.groups.intern([], crate::time::MISSING);
            empty.lanes.iter_mut().flatten().for_each(|c| c.room_for(1, 0));
            let mut report = Report::new(keys, slotted, parts, 1, keeps);
            empty.estimate_groups(&[group], recipes, bound, &mut confidence, &mut report);
            return Ok(report);
        }
        let mut report = Report::new(keys, slotted, parts, groups.len(), keeps);
        self.estimate_groups(&groups, recipes, bound, &mut confidence, &mut report);
        Ok(report)
    }

    fn estimate_groups(
        &self,
        groups: &[u32],
        recipes: &[&M],
        bound: &[&M::Bound],
        confidence: &mut Confidence,
        report: &mut Report,
    ) {
        let mut known = None;
        let mut rows = vec![usize::MAX; self.groups.len()];
        for (row, group) in groups.iter().enumerate() {
            rows[*group as usize] = row;
            // Groups come ordered by key values, so that each combination is described once.
            let (slot, combination) = self.groups.index.pairs[*group as usize];
            if known != Some(combination) {
                known = Some(combination);
                report.add_combination(self.groups.describe(*group).0.into_iter().cloned().collect());
            }
            report.add_group(self.groups.slots[slot as usize]);
        }
        // Cells are read in the order they lie in, which is not that of the report: what is spread out is written.
        let estimates = report.estimates_mut();
        let mut first = 0;
        for (at, lane) in self.lanes.iter().enumerate() {
            let parts = recipes[at].parts().len();
            let mut cells: Vec<Cell<'_>> = Vec::new();
            for (group, row) in rows.iter().enumerate().filter(|(_, row)| **row != usize::MAX) {
                cells.clear();
                cells.extend(self.fixed.cells_of[at].iter().map(|c| lane[*c].cell(group as u32)));
                estimates.go_to(*row, first);
                recipes[at].read(bound[at], &cells, confidence, estimates);
                // A host's measure that gives fewer parts than it says leaves the others without a value.
                (estimates.part()..first + parts).for_each(|_| estimates.push(Estimate::none(0, Reason::Undefined)));
            }
            first += parts;
        }
        // Reports of equal numbers are equal, in whatever order their cells lay.
        estimates.go_to(0, 0);
    }
}

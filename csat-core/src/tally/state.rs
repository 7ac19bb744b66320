//! A tally: groups and cells, and the verbs on them.

use std::sync::Arc;

use super::groups::{Groups, KeySource};
use super::plan::{Plan, footprint};
use crate::cells::{Cells, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyValue;
use crate::measure::{Measure, Placement, Rows};
use crate::record::{BLOCK, Batch, Block, Faults, Schema, Source, Wide};
use crate::time::{MISSING, SlotFinder, Zone};

/// What happens to rows that cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadRows {
    /// The push fails and names the first one; the tally stays as it was.
    #[default]
    Refuse,
    /// They are left out, counted by reason, and the first ten are named.
    SetAside,
}

/// How rows are taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct PushOptions {
    /// What happens to rows that cannot be used.
    pub bad_rows: BadRows,
    /// When contacts without an outcome are looked at, in microseconds UTC; without it they are counted as unplaced.
    pub as_of: Option<i64>,
    /// The number of the batch's first row where the batch is a piece of a longer table; messages count from it.
    pub first_row: usize,
}

/// Rows that were set aside: how many by reason, and the first ten by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SetAside {
    /// Reason and number of rows.
    pub counts: Vec<(String, u64)>,
    /// Row number in its batch and what is wrong with it.
    pub first: Vec<(usize, Error)>,
}

impl SetAside {
    /// How many rows were set aside.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, c)| c).sum()
    }

    pub(super) fn add(&mut self, other: &SetAside) {
        for (reason, count) in &other.counts {
            match self.counts.iter_mut().find(|(r, _)| r == reason) {
                Some((_, total)) => *total += count,
                None => self.counts.push((reason.clone(), *count)),
            }
        }
        let room = Faults::NAMED.saturating_sub(self.first.len());
        self.first.extend(other.first.iter().take(room).cloned());
    }
}

/// What never changes in a tally; shared by all tallies made from it.
pub(crate) struct Fixed<M: Measure> {
    pub(crate) plan: Plan<M>,
    pub(crate) schema: Schema,
    pub(crate) shaping: String,
    pub(crate) footprint: [u8; 8],
    /// What each recipe worked out when it was bound.
    pub(crate) bound: Vec<M::Bound>,
    /// For each measure and each of its views which cells it uses: views that differ only in a placement that no
    /// slot asks for share them.
    pub(crate) cells_of: Vec<Vec<usize>>,
    /// For each measure and each of its cells the view that folds it and the placement it uses.
    folds: Vec<Vec<(usize, usize)>>,
    /// What each measure keeps per group and view.
    shapes: Vec<Arc<Shape>>,
}

/// The cells of one measure, one table a view.
pub(crate) type Lane = Vec<Cells>;

/// Integer counts of some measures by group. Made by a [`Plan`].
///
/// The verbs: [`push`](Self::push) rows, [`merge`](Self::merge) and [`subtract`](Self::subtract) other tallies,
/// [`roll_up`](Self::roll_up) to fewer keys or longer slots, cut to a [`window`](Self::window),
/// [`forget`](Self::forget) the past, [`save`](Self::save) and [`load`](Self::load), [`report`](Self::report).
///
/// ```
/// use csat_core::{Plan, Recipe, Tally};
/// use csat_core::record::{Batch, Column};
///
/// let mut tally = Tally::new(Plan::<Recipe>::from_text(r#"{"measures": [{"measure": "nps"}], "keys": ["dealer"]}"#)?)?;
/// let (scores, dealers) = ([10i64, 9, 3, 8], ["north", "north", "north", "south"]);
/// tally.push(&Batch::new().column("score", Column::integers(&scores)).column("dealer", Column::texts(&dealers)))?;
/// let report = tally.report(Some(0.95))?;
/// assert_eq!(report.get(0, "nps", "nps").unwrap().value, Some(100.0 / 3.0));
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Tally<M: Measure> {
    pub(crate) fixed: Arc<Fixed<M>>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) groups: Groups,
    pub(crate) set_aside: SetAside,
    placements: Vec<Placing>,
    /// Buffers for folding, made at the first push.
    pub(super) scratch: Option<Box<Scratch>>,
}

/// Where the instants of one placement come from.
#[derive(Clone)]
struct Placing {
    placement: Placement,
    own: Option<Wide>,
    finder: Option<SlotFinder>,
}

/// Buffers used again for every block.
#[derive(Clone)]
pub(super) struct Scratch {
    /// How many rows they hold.
    rows: usize,
    pub(super) block: Block,
    pub(super) combinations: Vec<u32>,
    codes: Vec<u32>,
    groups: Vec<Vec<u32>>,
}

impl<M: Measure> Tally<M> {
    /// An empty tally of a plan.
    pub fn new(plan: Plan<M>) -> Result<Self> {
        let (mut schema, bound) = plan.bind()?;
        let mut placements: Vec<Placement> = Vec::new();
        let (mut cells_of, mut folds) = (Vec::new(), Vec::new());
        for recipe in &plan.measures {
            let (mut seen, mut used, mut folded) = (Vec::new(), Vec::new(), Vec::new());
            for (at, mut view) in recipe.views().into_iter().enumerate() {
                if plan.every.is_none() {
                    // Without slots it does not matter which instant places a row.
                    view.placement = Placement::Own;
                }
                let placement = placements.iter().position(|p| *p == view.placement).unwrap_or_else(|| {
                    placements.push(view.placement);
                    placements.len() - 1
                });
                used.push(seen.iter().position(|v| *v == view).unwrap_or_else(|| {
                    seen.push(view);
                    folded.push((at, placement));
                    seen.len() - 1
                }));
            }
            cells_of.push(used);
            folds.push(folded);
        }
        let zone = plan.zone.clone().unwrap_or_else(Zone::utc);
        let mut placings = Vec::with_capacity(placements.len());
        for placement in placements {
            let own = match (placement, plan.every) {
                (Placement::Own, Some(_)) => {
                    schema.asking("slots (`every`)");
                    Some(schema.slot_time(schema.table().slot_column()))
                }
                (_, Some(_)) => {
                    schema.contact();
                    None
                }
                (_, None) => None,
            };
            let finder = plan.every.map(|every| SlotFinder::new(every, zone.clone()));
            placings.push(Placing { placement, own, finder });
        }
        let shaping = plan.shaping()?;
        let shapes = plan.measures.iter().map(|recipe| Arc::new(recipe.shape())).collect();
        let fixed = Fixed { footprint: footprint(&shaping), shaping, bound, cells_of, folds, shapes, schema, plan };
        Ok(Self::empty_of(Arc::new(fixed), placings))
    }

    fn empty_of(fixed: Arc<Fixed<M>>, placements: Vec<Placing>) -> Self {
        let lane =
            |(shape, folds): (&Arc<Shape>, &Vec<_>)| folds.iter().map(|_| Cells::new(Arc::clone(shape))).collect();
        Self {
            lanes: fixed.shapes.iter().zip(&fixed.folds).map(lane).collect(),
            groups: Groups::new(&fixed.plan.keys),
            set_aside: SetAside::default(),
            scratch: None,
            placements,
            fixed,
        }
    }

    /// An empty tally of the same plan: for another thread, process or day.
    pub fn empty_like(&self) -> Self {
        Self::empty_of(Arc::clone(&self.fixed), self.placements.clone())
    }

    /// The plan.
    pub fn plan(&self) -> &Plan<M> {
        &self.fixed.plan
    }

    /// The columns the plan takes from a batch, and who needs them.
    pub fn schema(&self) -> &Schema {
        &self.fixed.schema
    }

    /// The footprint: equal footprints can merge.
    pub fn footprint(&self) -> [u8; 8] {
        self.fixed.footprint
    }

    /// How many groups there are, those in which everything was subtracted included.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Rows set aside so far. This is not part of the saved state.
    pub fn set_aside(&self) -> &SetAside {
        &self.set_aside
    }

    /// Bytes held by the cells, roughly.
    pub fn memory(&self) -> usize {
        let cells = self.lanes.iter().flatten().map(Cells::memory).sum::<usize>();
        cells + self.groups.len() * 12
    }

    /// Counts a batch. Bad rows are refused: nothing of a batch with one is counted.
    pub fn push(&mut self, batch: &Batch<'_>) -> Result<()> {
        self.push_with(batch, PushOptions::default())
    }

    /// Counts a batch without the guarantee of [`push_with`](Self::push_with): after an error some of its rows may have
    /// been counted, and the tally is to be thrown away. For the pieces of one table, folded into an empty tally that
    /// is merged when all of them went well.
    pub fn push_piece(&mut self, batch: &Batch<'_>, options: PushOptions) -> Result<()> {
        let feed = Feed::bind(self, batch)?;
        self.fold_batch(feed, options)
    }

    /// Counts a batch with options.
    pub fn push_with(&mut self, batch: &Batch<'_>, options: PushOptions) -> Result<()> {
        let feed = Feed::bind(self, batch)?;
        if batch.rows() <= BLOCK {
            // One block is checked whole before anything of it is counted.
            return self.fold_batch(feed, options);
        }
        if self.groups.len() == 0 {
            return self.fold_batch(feed, options).inspect_err(|_| {
                let set_aside = std::mem::take(&mut self.set_aside);
                *self = self.empty_like();
                self.set_aside = set_aside;
            });
        }
        let mut delta = self.empty_like();
        delta.fold_batch(feed, options)?;
        self.merge(&delta)
    }

    fn fold_batch(&mut self, mut feed: Feed<'_>, options: PushOptions) -> Result<()> {
        let fixed = Arc::clone(&self.fixed);
        let zone = fixed.plan.zone.as_ref();
        let mut scratch = self.take_scratch(feed.rows.min(BLOCK));
        let mut set_aside = SetAside::default();
        feed.keys.iter_mut().for_each(|key| key.first_row = options.first_row);
        for (need, source) in fixed.schema.needs().iter().zip(&feed.sources) {
            if need.kind.is_wide() {
                scratch.block.set_given(need.lane, source.column.is_some());
            }
            if source.column.is_none() {
                scratch.block.clear(need.kind.is_wide(), need.lane);
            }
        }
        let mut start = 0;
        while start < feed.rows {
            let len = (feed.rows - start).min(BLOCK);
            let mut faults = feed.kept.map_or_else(Faults::default, |kept| Faults::among(&kept[start..start + len]));
            scratch.block.len = len;
            scratch.block.first = options.first_row + start;
            for (need, source) in fixed.schema.needs().iter().zip(&feed.sources) {
                if need.kind.is_wide() {
                    source.fill_wide(need, start, scratch.block.wide_lane(need.lane), zone, &mut faults);
                } else {
                    source.fill_narrow(need, start, scratch.block.narrow_lane(need.lane), &mut faults);
                }
            }
            scratch.combinations.clear();
            scratch.combinations.resize(len, 0);
            for (at, source) in feed.keys.iter_mut().enumerate() {
                if at == 0 {
                    source.fill(start, &mut scratch.combinations, &mut self.groups.keys[0])?;
                } else {
                    scratch.codes.resize(len, 0);
                    source.fill(start, &mut scratch.codes[..len], &mut self.groups.keys[at])?;
                    self.groups.combine(at - 1, &mut scratch.combinations, &scratch.codes[..len]);
                }
            }
            self.take_block(&mut scratch, faults, feed.dates, options, &mut set_aside)?;
            start += len;
        }
        self.scratch = Some(scratch);
        self.set_aside.add(&set_aside);
        Ok(())
    }

    /// Buffers for blocks of so many rows: those of the last push if they are long enough. Not longer than asked for,
    /// because a host may keep many small tallies.
    pub(super) fn take_scratch(&mut self, rows: usize) -> Box<Scratch> {
        self.scratch.take().filter(|scratch| scratch.rows >= rows).unwrap_or_else(|| {
            Box::new(Scratch {
                rows,
                block: Block::new(&self.fixed.schema, rows),
                combinations: Vec::with_capacity(rows),
                codes: vec![0; rows],
                groups: vec![Vec::with_capacity(rows); self.placements.len()],
            })
        })
    }

    /// Checks, places and folds the block in the scratch.
    pub(super) fn take_block(
        &mut self,
        scratch: &mut Scratch,
        faults: Faults,
        dates: bool,
        options: PushOptions,
        set_aside: &mut SetAside,
    ) -> Result<()> {
        scratch.block.as_of = options.as_of.unwrap_or(MISSING);
        self.settle_block(scratch, options, faults, set_aside)?;
        self.place_block(scratch, dates)?;
        let groups = self.groups.len();
        let fixed = &self.fixed;
        for (at, lane) in self.lanes.iter_mut().enumerate() {
            for (cells, (view, placement)) in lane.iter_mut().zip(&fixed.folds[at]) {
                cells.room_for(groups, scratch.block.len as u64);
                let rows = Rows { block: &scratch.block, groups: &scratch.groups[*placement], view: *view };
                fixed.plan.measures[at].fold(&fixed.bound[at], &rows, cells);
                cells.check_overflow()?;
            }
        }
        Ok(())
    }

    /// Derives facts, checks rows, and refuses or sets aside the bad ones.
    fn settle_block(
        &self,
        scratch: &mut Scratch,
        options: PushOptions,
        mut faults: Faults,
        set_aside: &mut SetAside,
    ) -> Result<()> {
        if let Some(contact) = self.fixed.schema.contact {
            contact.derive(&mut scratch.block, options.as_of, &mut faults);
        }
        for (recipe, bound) in self.fixed.plan.measures.iter().zip(&self.fixed.bound) {
            recipe.verify(bound, &scratch.block, &mut faults);
        }
        if faults.spares_all() {
            return Ok(());
        }
        let first = scratch.block.first;
        let (bad, errors, counts) = faults.into_parts();
        let name = |(row, error): &(usize, Error)| {
            (first + row, error.clone().with("row", first + row).at(format!("row {}", first + row)))
        };
        if let (BadRows::Refuse, Some(error)) = (options.bad_rows, errors.first()) {
            return Err(name(error).1);
        }
        set_aside.add(&SetAside { counts, first: errors.iter().map(name).collect() });
        let keep: Vec<bool> = (0..scratch.block.len).map(|i| !bad.get(i).copied().unwrap_or(false)).collect();
        let mut kept = keep.iter();
        scratch.combinations.retain(|_| kept.next().copied().unwrap_or(false));
        scratch.block.retain(&keep);
        Ok(())
    }

    /// Finds the group of every row, for every placement.
    fn place_block(&mut self, scratch: &mut Scratch, dates: bool) -> Result<()> {
        let Scratch { block, combinations, groups: out, .. } = scratch;
        let len = block.len;
        let groups = &mut self.groups;
        for (placing, out) in self.placements.iter_mut().zip(out) {
            out.resize(len, 0);
            let Some(finder) = &mut placing.finder else {
                let slot = groups.slot(MISSING);
                if groups.keys.is_empty() {
                    out.fill(groups.group(slot, 0));
                } else {
                    groups.index.number_all(slot, combinations, out);
                }
                continue;
            };
            let mut last = (MISSING, groups.slot(MISSING));
            let mut assign = |start: i64, o: &mut u32, combination: u32| {
                if start != last.0 {
                    last = (start, groups.slot(start));
                }
                *o = groups.group(last.1, combination);
            };
            if let Some(own) = placing.own {
                let times = block.wide(own);
                // Rows in time order mostly share one slot: then one page of the index serves the block. A row outside
                // the slot of the first has a sign bit, and so has a missing one.
                if len > 0 && times[0] != MISSING {
                    let slot = if dates { finder.slot_of_date(times[0])? } else { finder.start_of(times[0]) };
                    let of = if dates { finder.dates_of(slot) } else { slot..finder.end_of(slot) };
                    let outside = |bits: i64, t: &i64| bits | t.wrapping_sub(of.start) | (of.end - 1).wrapping_sub(*t);
                    if slot != MISSING && times.iter().fold(0, outside) >= 0 {
                        let slot = groups.slot(slot);
                        groups.index.number_all(slot, combinations, out);
                        continue;
                    }
                }
                for ((o, t), c) in out.iter_mut().zip(block.wide(own)).zip(combinations.iter()) {
                    let start = match *t {
                        MISSING => MISSING,
                        days if dates => finder.slot_of_date(days)?,
                        instant => finder.start_of(instant),
                    };
                    assign(start, o, *c);
                }
                continue;
            }
            let Some(contact) = self.fixed.schema.contact else { continue };
            let (offered, answered, ended) =
                (block.wide(contact.offered), block.wide(contact.answered), block.wide(contact.ended));
            for i in 0..len {
                let outcome = if answered[i] == MISSING { ended[i] } else { answered[i] };
                let instant = match placing.placement {
                    Placement::Own => offered[i],
                    Placement::Outcome => outcome,
                    Placement::Disconnect => ended[i],
                    Placement::ServiceLevelEvent(_) if offered[i] == MISSING => MISSING,
                    Placement::ServiceLevelEvent(threshold) if outcome == MISSING => offered[i] + threshold,
                    Placement::ServiceLevelEvent(threshold) => outcome.min(offered[i] + threshold),
                };
                let start = if instant == MISSING { MISSING } else { finder.start_of(instant) };
                assign(start, &mut out[i], combinations[i]);
            }
        }
        Ok(())
    }

    /// Adds another tally of the same plan. Merging the same tally twice counts it twice.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.check_same_plan(other)?;
        self.set_aside.add(&other.set_aside);
        let map = self.take_groups(other, Some);
        self.add_groups(other, &map)
    }

    /// Numbers of `other`'s groups here; `slot_of` may move or drop a slot.
    pub(crate) fn take_groups(
        &mut self,
        other: &Self,
        mut slot_of: impl FnMut(i64) -> Option<i64>,
    ) -> Vec<Option<u32>> {
        let keep: Vec<Option<usize>> =
            self.fixed.plan.keys.iter().map(|k| other.fixed.plan.keys.iter().position(|o| o == k)).collect();
        let mut map = Vec::with_capacity(other.groups.len());
        for group in 0..other.groups.len() as u32 {
            let (values, slot) = other.groups.describe(group);
            map.push(slot_of(slot).map(|slot| {
                self.groups.intern(keep.iter().map(|at| at.map_or(&KeyValue::Missing, |at| values[at])), slot)
            }));
        }
        map
    }

    pub(crate) fn add_groups(&mut self, other: &Self, map: &[Option<u32>]) -> Result<()> {
        let groups = self.groups.len();
        for (at, lane) in self.lanes.iter_mut().enumerate() {
            for (cells, (view, _)) in lane.iter_mut().zip(&self.fixed.folds[at]) {
                // Where slots are pooled away, views that placed the same rows differently hold the same totals.
                let more = &other.lanes[at][other.fixed.cells_of[at][*view]];
                cells.room_for(groups, more.rows());
                for (from, to) in map.iter().enumerate() {
                    if let Some(to) = to {
                        cells.merge_group(*to, more, from as u32)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes another tally of the same plan out again. Refused, and nothing changed, if any count would fall below
    /// zero: what was never merged cannot be subtracted.
    pub fn subtract(&mut self, other: &Self) -> Result<()> {
        self.check_same_plan(other)?;
        let mut map = Vec::with_capacity(other.groups.len());
        for group in 0..other.groups.len() as u32 {
            let (values, slot) = other.groups.describe(group);
            let mine = self.groups.find(&values, slot);
            let empty = other.is_empty_group(group);
            let covered = mine.is_some_and(|mine| {
                let mut pairs = self.lanes.iter().flatten().zip(other.lanes.iter().flatten());
                pairs.all(|(a, b)| a.covers(mine, b, group))
            });
            if !empty && !covered {
                let keys: Vec<String> = values.iter().map(ToString::to_string).collect();
                let place = if keys.is_empty() { String::new() } else { format!(" in group {}", keys.join(", ")) };
                return Err(Error::new(
                    ErrorKind::BelowZero,
                    format!("a count{place} would fall below zero; subtract only what was merged before"),
                ));
            }
            map.push(mine.filter(|_| !empty));
        }
        let groups = self.groups.len();
        for (cells, less) in self.lanes.iter_mut().flatten().zip(other.lanes.iter().flatten()) {
            cells.room_for(groups, 0);
            for (from, at) in map.iter().enumerate() {
                if let Some(at) = at {
                    cells.subtract_group(*at, less, from as u32)?;
                }
            }
        }
        Ok(())
    }

    fn check_same_plan(&self, other: &Self) -> Result<()> {
        if Arc::ptr_eq(&self.fixed, &other.fixed) || self.fixed.shaping == other.fixed.shaping {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::PlanMismatch,
            format!("the two tallies count different things:\n  {}\n  {}", self.fixed.shaping, other.fixed.shaping),
        ))
    }

    /// Whether nothing was counted in a group.
    pub(crate) fn is_empty_group(&self, group: u32) -> bool {
        self.lanes.iter().flatten().all(|c| group as usize >= c.groups() || c.is_empty(group))
    }

    /// The groups in which something was counted, in order.
    pub(crate) fn live_groups(&self) -> Vec<u32> {
        // Looked at in the order they lie in; hardly any group is empty.
        let empty: Vec<bool> = (0..self.groups.len() as u32).map(|g| self.is_empty_group(g)).collect();
        let mut groups = self.groups.ordered();
        groups.retain(|g| !empty[*g as usize]);
        groups
    }

    /// The tally as it would be with further rows, which are not kept: contacts still waiting, for a live report.
    pub fn with_pending(&self, rows: &Batch<'_>, options: PushOptions) -> Result<Self> {
        let mut all = self.clone();
        all.push_with(rows, options)?;
        Ok(all)
    }

    /// Pools to fewer keys, longer slots, or no slots at all (`every = None`). Ratios come out as ratios of sums.
    pub fn roll_up<S: AsRef<str>>(&self, keys: &[S], every: Option<crate::time::Every>) -> Result<Self> {
        for key in keys {
            if !self.fixed.plan.keys.iter().any(|k| k == key.as_ref()) {
                return Err(Error::unknown("key", key.as_ref(), self.fixed.plan.keys.iter().map(String::as_str)));
            }
        }
        if let Some(wanted) = every {
            match self.fixed.plan.every {
                Some(mine) if mine.fits_in(wanted) => {}
                Some(mine) => {
                    return Err(Error::argument(format!("slots of {mine} cannot be pooled to slots of {wanted}")));
                }
                None => return Err(Error::argument("this tally has no slots to be pooled; give the plan `every`")),
            }
        }
        let mut plan = self.fixed.plan.clone();
        plan.keys = keys.iter().map(|k| k.as_ref().to_owned()).collect();
        plan.every = every;
        let mut pooled = Self::new(plan)?;
        pooled.set_aside = self.set_aside.clone();
        // Without slots every placement is one, but each view keeps its own cells: the layout stays.
        let zone = self.fixed.plan.zone.clone().unwrap_or_else(Zone::utc);
        let mut finder = every.map(|every| SlotFinder::new(every, zone));
        let map = pooled.take_groups(self, |slot| {
            Some(match &mut finder {
                Some(finder) if slot != MISSING => finder.start_of(slot),
                _ => MISSING,
            })
        });
        pooled.add_groups(self, &map)?;
        Ok(pooled)
    }

    /// The slots that start in `from..until` (microseconds UTC); none where the two are the same, refused where `until` lies
    /// before `from`. Rows without a slot are left out.
    pub fn window(&self, from: i64, until: i64) -> Result<Self> {
        if until < from {
            let [from, until] = [from, until].map(crate::time::instant::format_utc);
            let message = format!("the window would end ({until}) before it begins ({from}); exchange the two");
            return Err(Error::argument(message).with("from", from).with("until", until));
        }
        self.keep_slots(|slot| slot != MISSING && (from..until).contains(&slot))
    }

    /// Drops the slots that start before an instant. Rows without a slot stay.
    pub fn forget(&mut self, before: i64) -> Result<()> {
        *self = self.keep_slots(|slot| slot == MISSING || slot >= before)?;
        Ok(())
    }

    fn keep_slots(&self, keep: impl Fn(i64) -> bool) -> Result<Self> {
        if self.fixed.plan.every.is_none() {
            return Err(Error::argument("this tally has no slots; give the plan `every`"));
        }
        let mut kept = self.empty_like();
        kept.set_aside = self.set_aside.clone();
        let map = kept.take_groups(self, |slot| keep(slot).then_some(slot));
        kept.add_groups(self, &map)?;
        Ok(kept)
    }
}

/// The columns of one batch, bound to a tally.
struct Feed<'a> {
    sources: Vec<Source<'a>>,
    keys: Vec<KeySource<'a>>,
    rows: usize,
    /// Whether each row is kept; all of them without it.
    kept: Option<&'a [bool]>,
    dates: bool,
}

impl<'a> Feed<'a> {
    fn bind<M: Measure>(tally: &Tally<M>, batch: &'a Batch<'a>) -> Result<Self> {
        let rows = batch.rows();
        for name in batch.names() {
            let len = batch.get(name).map_or(rows, crate::record::Column::len);
            if len != rows {
                return Err(Error::argument(format!("column `{name}` has {len} rows, the batch has {rows}"))
                    .with("column", name));
            }
        }
        let kept = batch.kept();
        if let Some(kept) = kept.filter(|kept| kept.len() != rows) {
            return Err(Error::argument(format!("{} rows are said to be kept or not, of {rows}", kept.len())));
        }
        let plan = &tally.fixed.plan;
        let table = tally.fixed.schema.table();
        let mut sources = Vec::new();
        let mut dates = false;
        for need in tally.fixed.schema.needs() {
            // Names live in the batch, so that a source can outlive the borrow of the plan.
            let wanted = plan.host_name(&need.role);
            let found = batch.names().find(|n| *n == wanted);
            let mapped = plan.columns.contains_key(&need.role);
            let column = found.and_then(|n| batch.get(n));
            if column.is_none() && (need.required_by.is_some() || mapped) {
                return Err(missing_column(table.name(), need.required_by.as_deref(), &need.role, wanted, batch));
            }
            let source = Source::bind(need, found.unwrap_or(""), column, plan.zone.as_ref())?;
            dates |= need.kind == crate::record::Kind::SlotTime && source.is_date();
            sources.push(source);
        }
        if tally.fixed.schema.contact.is_some() {
            let has = |role: &str| batch.get(plan.host_name(role)).is_some();
            if !has("outcome") && !has("answered") && !has("ended") {
                return Err(missing_column(
                    table.name(),
                    Some(tally.fixed.plan.measures[0].about().name),
                    "outcome (or answered and ended)",
                    plan.host_name("outcome"),
                    batch,
                ));
            }
        }
        let mut keys = Vec::new();
        for key in &plan.keys {
            let wanted = plan.host_name(key);
            let found = batch.names().find(|n| *n == wanted);
            match found.and_then(|n| batch.get(n).map(|c| (n, c))) {
                Some((name, column)) => keys.push(KeySource::bind(name, column)?),
                None => return Err(missing_column(table.name(), Some("the key"), key, wanted, batch)),
            }
        }
        Ok(Self { sources, keys, rows, kept, dates })
    }
}

pub(super) fn missing_column(table: &str, by: Option<&str>, role: &str, wanted: &str, batch: &Batch<'_>) -> Error {
    let by =
        by.map_or_else(|| "the mapping".to_owned(), |b| if b.contains(' ') { b.to_owned() } else { format!("`{b}`") });
    let names: Vec<&str> = batch.names().collect();
    let mut message = format!("{by} needs the column `{role}` of {table}");
    if wanted != role && !role.contains(' ') {
        message += &format!(", mapped to `{wanted}`,");
    }
    message += " and it is not there";
    if let Some(near) = crate::error::nearest(wanted, names.iter().copied()) {
        message += &format!("; did you mean `{near}`? Map it with columns = {{\"{role}\": \"{near}\"}}");
    } else if names.len() <= 24 {
        message += &format!("; the columns are: {}", names.join(", "));
    }
    Error::new(ErrorKind::MissingColumn, message).with("column", wanted)
}

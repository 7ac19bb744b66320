//! What abandonment is: who is in the numerator and who in the denominator.
//!
//! An abandonment rate is a table like a service level's, with two bands: abandons within the short limit and all
//! other contacts. A policy therefore reads the same counts as a [`Definition`](super::Definition) and gives the same
//! [`LevelCounts`](super::level::LevelCounts), where "hits" are the contacts of the numerator.
//!
//! Contacts still waiting and contacts of class `skip` are in neither: a contact without outcome has not been lost.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::closed::closed_list;
use super::definition::{Band, Comparator, Documentation, OWN, Placed, Status, Treatment};
use super::duration;
use super::level::{Ratio, Reader, check_cuts};
use super::outcome::Outcome;
use super::policy::{micros, refuse_unknown, short_hash, text};
use crate::error::{Error, ErrorKind, Result};

/// A set of outcome classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutcomeSet(u16);

impl OutcomeSet {
    /// A set of these classes.
    pub const fn of(outcomes: &[Outcome]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < outcomes.len() {
            bits |= 1 << outcomes[at] as u16;
            at += 1;
        }
        Self(bits)
    }

    /// Whether the class is in the set.
    pub fn contains(self, outcome: Outcome) -> bool {
        self.0 & (1 << outcome as u16) != 0
    }

    /// The classes, in the order of their codes.
    pub fn iter(self) -> impl Iterator<Item = Outcome> {
        Outcome::ALL.iter().copied().filter(move |outcome| self.contains(*outcome))
    }

    fn names(self) -> Vec<&'static str> {
        self.iter().map(Outcome::name).collect()
    }
}

closed_list! {
    /// What happens to short abandons.
    ShortEffect, "short rule" {
        /// In neither numerator nor denominator: as if they had never called.
        ExcludeBoth = "exclude_both",
        /// Not in the numerator, still offered: the rate of long abandons.
        ExcludeNumerator = "exclude_numerator",
    }
}

/// Which abandons are short and what happens to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortAbandons {
    /// The limit in µs.
    pub limit: i64,
    /// Whether an abandon at exactly the limit is short.
    pub comparator: Comparator,
    /// What happens to them.
    pub effect: ShortEffect,
}

/// A definition of an abandonment rate. Immutable: the name always means the same classes.
#[derive(Clone, Debug, PartialEq)]
pub struct AbandonmentPolicy {
    name: String,
    numerator: OutcomeSet,
    denominator: OutcomeSet,
    short: Option<ShortAbandons>,
    documentation: Documentation,
}

const ABANDONED: OutcomeSet = OutcomeSet::of(&[Outcome::Abandoned]);
const ABANDONED_OR_OUT: OutcomeSet = OutcomeSet::of(&[Outcome::Abandoned, Outcome::FlowOut]);
const ANSWERED_OR_ABANDONED: OutcomeSet = OutcomeSet::of(&[Outcome::Answered, Outcome::Abandoned]);
/// Every class with an outcome.
const OFFERED: OutcomeSet = OutcomeSet((1 << Outcome::Pending as u16) - 1);
const LOST: OutcomeSet = OutcomeSet(OFFERED.0 & !(1 << Outcome::Answered as u16));

/// Every named policy. Short limits are at their defaults; `-short10s` and `-long10s` set others.
///
/// ```
/// let names: Vec<String> =
///     csat_core::rule::abandonment::all().iter().map(|policy| policy.id()).collect();
/// assert!(names.contains(&"ab:offered".to_owned()));
/// ```
pub fn all() -> Vec<AbandonmentPolicy> {
    let mut list = neutral();
    list.extend(vendors());
    list
}

impl AbandonmentPolicy {
    /// A named policy: `offered`, `answered_plus_abandoned`, `flow_out_as_abandoned`, `lost`, a vendor's, or one of
    /// them with `-short5s` (abandons below 5 s in neither part) or `-long5s` (not in the numerator). The vendors'
    /// policies with a short limit of their own take another limit the same way.
    ///
    /// ```
    /// use csat_core::rule::AbandonmentPolicy;
    /// assert_eq!(AbandonmentPolicy::by_name("offered-short5s")?.id(), "ab:offered-short5s");
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn by_name(name: &str) -> Result<Self> {
        let all = all();
        if let Some(found) = all.iter().find(|policy| policy.name == name) {
            return Ok(found.clone());
        }
        let suffixes = [("-short", ShortEffect::ExcludeBoth), ("-long", ShortEffect::ExcludeNumerator)];
        let split = suffixes.into_iter().find_map(|(suffix, effect)| {
            let (base, limit) = name.rsplit_once(suffix)?;
            Some((all.iter().find(|policy| policy.name == base)?, limit, effect))
        });
        let Some((base, limit, effect)) = split else {
            return Err(Error::unknown("abandonment policy", name, all.iter().map(|policy| policy.name.as_str())));
        };
        let limit = duration::parse(limit).map_err(|e| e.at(format!("`{name}`")))?;
        base.with_limit(limit, effect).map_err(|e| e.at(format!("`{name}`")))
    }

    /// A policy from a recipe: text names a policy, an object is one's own.
    ///
    /// Keys of the object, all optional: `base` (default `offered`); `numerator` and `denominator` (lists of classes,
    /// the first contained in the second); `short`: null or `{"limit": "5s", "comparator": "<",
    /// "effect": "exclude_both" | "exclude_numerator"}`. Unknown keys are refused and the nearest suggested. A policy
    /// that a name describes bears it; any other is `custom-` and 8 hexadecimal digits of the SHA-256 of its JSON.
    pub fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::String(name) => Self::by_name(name),
            Value::Object(map) => Self::custom(map).map_err(|e| e.at("abandonment policy")),
            _ => Err(Error::argument("an abandonment policy is a name or an object with its options")),
        }
    }

    fn custom(map: &Map<String, Value>) -> Result<Self> {
        refuse_unknown("option", map, &["base", "numerator", "denominator", "short"])?;
        let base = map.get("base").map_or(Ok("offered"), |name| text("base", name))?;
        let base = Self::by_name(base).map_err(|e| e.at("base"))?;
        let mut policy = base.clone();
        if let Some(value) = map.get("numerator") {
            policy.numerator = classes("numerator", value)?;
        }
        if let Some(value) = map.get("denominator") {
            policy.denominator = classes("denominator", value)?;
        }
        if let Some(value) = map.get("short") {
            policy.short = short(value).map_err(|e| e.at("short"))?;
        }
        if policy.numerator.0 & !policy.denominator.0 != 0 {
            return Err(Error::argument(
                "every class of the numerator must be in the denominator: a rate is at most 1",
            ));
        }
        Ok(policy.named_after(&base))
    }

    /// The name: of a named policy, or `custom-` and 8 hexadecimal digits.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id, as it stands in every row of every output: `ab:offered`.
    pub fn id(&self) -> String {
        format!("ab:{}", self.name)
    }

    /// The recipe that gives this policy.
    pub fn to_value(&self) -> Value {
        if self.name.starts_with("custom-") { self.canonical() } else { Value::from(self.name.as_str()) }
    }

    /// Classes of the numerator.
    pub fn numerator(&self) -> OutcomeSet {
        self.numerator
    }

    /// Classes of the denominator.
    pub fn denominator(&self) -> OutcomeSet {
        self.denominator
    }

    /// The rule for short abandons, if any.
    pub fn short(&self) -> Option<ShortAbandons> {
        self.short
    }

    /// Where the policy comes from.
    pub fn documentation(&self) -> &Documentation {
        &self.documentation
    }

    /// What a contact is: hit (in the numerator), miss (in the denominator only) or excluded. Whether it is short
    /// matters for abandons only.
    pub fn treat(&self, outcome: Outcome, is_short: bool) -> Treatment {
        let short = self.short.filter(|_| is_short && outcome == Outcome::Abandoned).map(|short| short.effect);
        let counted = self.denominator.contains(outcome) && short != Some(ShortEffect::ExcludeBoth);
        match counted {
            false => Treatment::Exclude,
            true if short.is_none() && self.numerator.contains(outcome) => Treatment::Hit,
            true => Treatment::Miss,
        }
    }

    /// The limits (µs) that must be among the cuts: the short limit, if there is one.
    pub fn cuts(&self) -> Vec<i64> {
        self.short.iter().map(|short| short.limit).collect()
    }

    /// A reader of counts by class and stored band; see [`Reader`].
    ///
    /// ```
    /// use csat_core::rule::{AbandonmentPolicy, Outcome};
    /// let reader = AbandonmentPolicy::by_name("offered")?.reader(&[])?;
    /// let counts = reader.read(|outcome, _| match outcome {
    ///     Outcome::Answered => 8,
    ///     Outcome::Abandoned => 2,
    ///     _ => 0,
    /// });
    /// assert_eq!(counts.value(), Some(0.2));
    /// # Ok::<(), csat_core::Error>(())
    /// ```
    pub fn reader(&self, cuts: &[i64]) -> Result<Reader> {
        check_cuts(cuts)?;
        let at = |short: ShortAbandons| {
            cuts.binary_search(&short.limit).map_err(|_| {
                let (name, limit) = (&self.name, duration::text(short.limit));
                let message =
                    format!("`{name}` needs the short limit {limit}, which was not among the limits when counting");
                Error::new(ErrorKind::NotFolded, message).with("definition", name).with("limit", limit)
            })
        };
        let limit = self.short.map(|short| at(short).map(|at| (short.comparator, at))).transpose()?;
        Ok(Reader::build(cuts, |outcome, band| {
            let is_short = limit.is_some_and(|(comparator, at)| comparator.within(band.cmp(&(2 * at + 1))));
            let treatment = self.treat(outcome, is_short);
            let band = if is_short { Band::Short } else { Band::In };
            Placed { band, treatment, assumed: false, worst: treatment, best: treatment }
        }))
    }

    /// The policy in words.
    pub fn explain(&self) -> String {
        let doc = &self.documentation;
        let mut out = format!("{} — {} ({})\n", self.name, doc.title, doc.title_ru);
        let _ = writeln!(out, "Formula: {}.", doc.formula);
        let _ = writeln!(out, "Numerator: {}.", self.numerator.names().join(", "));
        let _ = writeln!(out, "Denominator: {}.", self.denominator.names().join(", "));
        if let Some(ShortAbandons { limit, comparator, effect }) = self.short {
            let out_of = match effect {
                ShortEffect::ExcludeBoth => "in neither part",
                ShortEffect::ExcludeNumerator => "in the denominator only",
            };
            let _ = writeln!(out, "Abandons with wait {} {}: {out_of}.", comparator.name(), duration::text(limit));
        }
        let _ = writeln!(out, "Contacts still waiting are in neither part.");
        let _ = writeln!(out, "Source: {}; {} ({}).", doc.source, doc.date, doc.status.name());
        if !doc.quote.is_empty() {
            let _ = writeln!(out, "In its words: “{}”", doc.quote);
        }
        for caveat in doc.caveats {
            let _ = writeln!(out, "Note: {caveat}.");
        }
        out
    }

    /// The same policy with another short limit; its comparator stays, `<` where it had none.
    fn with_limit(&self, limit: i64, effect: ShortEffect) -> Result<Self> {
        let comparator = self.short.map_or(Comparator::Below, |own| own.comparator);
        let short = Some(ShortAbandons { limit, comparator, effect });
        if self.short.is_some_and(|own| own.effect != effect) {
            return Err(Error::argument(format!("the policy `{}` treats short abandons otherwise", self.name)));
        }
        let mut changed = self.clone();
        if self.short != short {
            changed.short = short;
            let kind = if effect == ShortEffect::ExcludeBoth { "short" } else { "long" };
            changed.name = format!("{}-{kind}{}", self.name, duration::text(limit));
        }
        Ok(changed)
    }

    /// The name that the content deserves: the base's, a neutral one, or one made from the content.
    fn named_after(mut self, base: &Self) -> Self {
        let content = |policy: &Self| (policy.numerator, policy.denominator, policy.short);
        let mut known: Vec<Self> = std::iter::once(base.clone()).chain(neutral()).collect();
        if let Some(short) = self.short {
            let limited: Vec<Self> =
                known.iter().filter_map(|policy| policy.with_limit(short.limit, short.effect).ok()).collect();
            known.extend(limited);
        }
        if let Some(known) = known.into_iter().find(|known| content(known) == content(&self)) {
            return known;
        }
        self.name = format!("custom-{}", short_hash(&self.canonical()));
        self.documentation = OWN;
        self
    }

    fn canonical(&self) -> Value {
        let short = self.short.map(|short| {
            json!({
                "limit": duration::text(short.limit),
                "comparator": short.comparator.name(),
                "effect": short.effect.name(),
            })
        });
        json!({"numerator": self.numerator.names(), "denominator": self.denominator.names(), "short": short})
    }
}

fn classes(key: &str, value: &Value) -> Result<OutcomeSet> {
    let list = value.as_array().ok_or_else(|| Error::argument(format!("`{key}` is a list of outcome classes")))?;
    let mut set = OutcomeSet::default();
    for value in list {
        let outcome = Outcome::from_name(text(key, value)?).map_err(|e| e.at(key))?;
        if !OFFERED.contains(outcome) {
            return Err(Error::argument(format!("`{}` has no outcome to count", outcome.name())).at(key));
        }
        set.0 |= 1 << outcome as u16;
    }
    Ok(set)
}

fn short(value: &Value) -> Result<Option<ShortAbandons>> {
    let map = match value {
        Value::Null => return Ok(None),
        Value::Object(map) => map,
        _ => return Err(Error::argument("null, or an object such as {\"limit\": \"5s\"}")),
    };
    refuse_unknown("option", map, &["limit", "comparator", "effect"])?;
    let limit = map.get("limit").ok_or_else(|| Error::argument("`limit` is missing, such as \"5s\""))?;
    let comparator = map.get("comparator").map_or(Ok("<"), |value| text("comparator", value))?;
    let effect = map.get("effect").map_or(Ok("exclude_both"), |value| text("effect", value))?;
    Ok(Some(ShortAbandons {
        limit: micros(limit)?,
        comparator: Comparator::from_name(comparator)?,
        effect: ShortEffect::from_name(effect)?,
    }))
}

fn named(
    name: &str,
    numerator: OutcomeSet,
    denominator: OutcomeSet,
    short: Option<ShortAbandons>,
    documentation: Documentation,
) -> AbandonmentPolicy {
    AbandonmentPolicy { name: name.to_owned(), numerator, denominator, short, documentation }
}

fn neutral() -> Vec<AbandonmentPolicy> {
    let plain = |title, title_ru, formula, caveats| Documentation {
        title,
        title_ru,
        formula,
        source: "neutral form in general use; no vendor",
        date: "2026-11-21",
        status: Status::Verified,
        quote: "",
        caveats,
    };
    vec![
        named(
            "offered",
            ABANDONED,
            OFFERED,
            None,
            plain(
                "Abandoned of all offered",
                "Потерянные от всех поступивших",
                "abandoned / offered",
                &["The house default; flow-outs, voicemail and callbacks are offered, not abandoned"],
            ),
        ),
        named(
            "answered_plus_abandoned",
            ABANDONED,
            ANSWERED_OR_ABANDONED,
            None,
            plain(
                "Abandoned of answered and abandoned",
                "Потерянные от принятых и потерянных",
                "abandoned / (answered + abandoned)",
                &["Contacts that left otherwise do not show"],
            ),
        ),
        named(
            "flow_out_as_abandoned",
            ABANDONED_OR_OUT,
            OFFERED,
            None,
            plain(
                "Abandoned and flow-outs of all offered",
                "Потерянные и вытесненные от всех поступивших",
                "(abandoned + flow-outs) / offered",
                &["Asterisk and FreeSWITCH record timeouts and exits without agents as abandons"],
            ),
        ),
        named(
            "lost",
            LOST,
            OFFERED,
            None,
            plain(
                "Lost call rate",
                "Доля потерянных звонков (LCR)",
                "1 − answered / offered",
                &["Every contact that nobody answered, whatever the reason"],
            ),
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table of data")]
fn vendors() -> Vec<AbandonmentPolicy> {
    let undated = "undated copy, read 2026-11-21";
    let short = |limit, comparator, effect| Some(ShortAbandons { limit, comparator, effect });
    let note = |title, title_ru, formula, source, date, status, quote, caveats| Documentation {
        title,
        title_ru,
        formula,
        source,
        date,
        status,
        quote,
        caveats,
    };
    vec![
        named(
            "genesys_cloud",
            ABANDONED,
            OFFERED,
            None,
            note(
                "Genesys Cloud abandon rate",
                "Genesys Cloud: доля потерянных",
                "abandoned / offered",
                "Genesys Cloud Resource Center, metric definitions",
                undated,
                Status::Verified,
                "(Abandoned Count / Offered Count) * 100",
                &[
                    "Short abandons are inside the count, and so are disconnects by the system before an answer",
                    "Offered and abandoned may lie in different intervals there, so one interval can exceed 100 %",
                ],
            ),
        ),
        named(
            "amazon_connect_like",
            ABANDONED,
            OFFERED,
            None,
            note(
                "Amazon Connect abandonment rate",
                "Amazon Connect: доля потерянных",
                "contacts abandoned / contacts queued",
                "Amazon Connect administrator guide, metrics definitions; data lake queries",
                "2026",
                Status::Partly,
                "(Contacts abandoned / Contacts queues ) * 100.0",
                &[
                    "A second definition on the same page calls a transfer to another queue abandoned; csat does not",
                    "A contact that asked for a call back is not abandoned; the callback is queued a second time",
                ],
            ),
        ),
        named(
            "8x8_abandoned",
            ABANDONED,
            OFFERED,
            short(5_000_000, Comparator::Below, ShortEffect::ExcludeNumerator),
            note(
                "8x8 abandoned percentage",
                "8x8: доля потерянных без коротких",
                "abandoned without short ones / entered",
                "8x8 public developer documentation, historical analytics summary report, commit 859e59a3",
                "2026-07-23",
                Status::Verified,
                "customer exit in queue before 5 seconds",
                &[
                    "Short abandons stay in the denominator",
                    "The vendor's denominator includes outbound calls led through the queue",
                ],
            ),
        ),
        named(
            "8x8_total_abandoned",
            ABANDONED,
            OFFERED,
            None,
            note(
                "8x8 total abandoned percentage",
                "8x8: доля всех потерянных",
                "abandoned with short ones / entered",
                "8x8 public developer documentation, historical analytics summary report, commit 859e59a3",
                "2026-07-23",
                Status::Verified,
                "",
                &["The vendor's denominator includes outbound calls led through the queue"],
            ),
        ),
        named(
            "cisco_ucce_like",
            ABANDONED,
            OFFERED,
            short(5_000_000, Comparator::Below, ShortEffect::ExcludeBoth),
            note(
                "Cisco Unified CCE abandon rate",
                "Cisco UCCE: доля потерянных",
                "abandoned / offered, abandons below the abandon wait time in neither",
                "Cisco Unified Intelligence Center 9.0(1) user guide p. 226",
                "9.0(1), read 2026-11-21",
                Status::Partly,
                "",
                &[
                    "The short timer is verified, the denominator inferred",
                    "The abandon wait time is a setting; 5 s unless the name says otherwise",
                ],
            ),
        ),
        named(
            "mitel_micc_like",
            ABANDONED,
            OutcomeSet::of(&[Outcome::Answered, Outcome::Abandoned, Outcome::FlowOut]),
            short(6_000_000, Comparator::AtMost, ShortEffect::ExcludeBoth),
            note(
                "Mitel MiContact Center long abandons",
                "Mitel MiCC: доля длинных потерянных",
                "long abandons / (handled + long abandons + interflowed)",
                "help.univoip.com, Mitel MiContact Center",
                undated,
                Status::Partly,
                "Offered contacts include ACD handled contacts, abandoned (long) contacts, and interflowed contacts",
                &["Short is up to and including 6 s", "Not for e-mail and text messages"],
            ),
        ),
        named(
            "nice_cxone_abandoned_like",
            ABANDONED,
            OFFERED,
            None,
            note(
                "NICE CXone % Abandoned",
                "NICE CXone: % потерянных",
                "abandoned / inbound placed in the queue",
                "NICE inContact help, suite metrics",
                undated,
                Status::Partly,
                "",
                &[
                    "The vendor has two more: long abandons and hang-ups in the menu, both over all inbound (see `MenuStage`)",
                ],
            ),
        ),
        named(
            "nice_cxone_long_like",
            ABANDONED,
            OFFERED,
            short(5_000_000, Comparator::Below, ShortEffect::ExcludeNumerator),
            note(
                "NICE CXone % Long Abandons",
                "NICE CXone: % длинных потерянных",
                "abandoned beyond the short limit / inbound",
                "NICE inContact help, suite metrics",
                undated,
                Status::Partly,
                "",
                &[
                    "The vendor divides by all inbound, hang-ups in the menu included; here only contacts offered to a queue",
                    "The short limit is a setting per skill; 5 s unless the name says otherwise",
                ],
            ),
        ),
        named(
            "wazo_answered_rate",
            OutcomeSet::of(&[Outcome::Answered]),
            OutcomeSet::of(&[Outcome::Answered, Outcome::Abandoned, Outcome::FlowOut, Outcome::Error]),
            None,
            note(
                "Wazo answered rate",
                "Wazo: доля принятых",
                "answered / (answered + abandoned + full + nobody logged in + timeout)",
                "Wazo call-logd ac299956, queue statistics",
                "2026-08-13",
                Status::Verified,
                "Closed calls are not counted",
                &[
                    "A rate of answers, not of abandons",
                    "Full and empty queues are classes flow_out or error here; closed calls are skip, diverted ones forwarded",
                ],
            ),
        ),
    ]
}

closed_list! {
    /// What counts as served by the menu.
    Containment, "containment rule" {
        /// Never reached a queue. Hang-ups count as contained.
        NotQueued = "not_queued",
        /// Finished its task in the menu.
        Completed = "completed",
        /// Finished its task and did not come back within the window.
        CompletedNoRepeat = "completed_no_repeat",
    }
}

/// Contacts that pass a menu (IVR) before the queue: the stage before an outcome class exists.
///
/// ```
/// use csat_core::rule::abandonment::{Containment, MenuStage};
/// let menu = MenuStage { entered: 100, hung_up: 20, self_served: 30, repeated: 5, queued: 50, abandoned: 6 };
/// assert_eq!(menu.abandoned_in_queue()?.value(), Some(0.12));
/// assert_eq!(menu.abandoned_anywhere()?.value(), Some(0.26));
/// assert_eq!(menu.contained(Containment::CompletedNoRepeat)?.value(), Some(0.25));
/// # Ok::<(), csat_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MenuStage {
    /// Contacts that entered the menu.
    pub entered: u64,
    /// Hung up in the menu.
    pub hung_up: u64,
    /// Finished their task in the menu.
    pub self_served: u64,
    /// Of the self-served, those who contacted again within the window.
    pub repeated: u64,
    /// Went on to a queue.
    pub queued: u64,
    /// Abandoned in the queue.
    pub abandoned: u64,
}

impl MenuStage {
    /// Abandoned in the queue / queued.
    pub fn abandoned_in_queue(&self) -> Result<Ratio> {
        self.check()?;
        Ok(Ratio::new(self.abandoned, self.queued))
    }

    /// Hung up in the menu or abandoned in the queue / entered.
    pub fn abandoned_anywhere(&self) -> Result<Ratio> {
        self.check()?;
        Ok(Ratio::new(self.hung_up + self.abandoned, self.entered))
    }

    /// Hung up in the menu / entered (pre-queue abandons).
    pub fn abandoned_before_queue(&self) -> Result<Ratio> {
        self.check()?;
        Ok(Ratio::new(self.hung_up, self.entered))
    }

    /// Contained in the menu / entered, by the rule.
    pub fn contained(&self, rule: Containment) -> Result<Ratio> {
        self.check()?;
        let contained = match rule {
            Containment::NotQueued => self.entered - self.queued,
            Containment::Completed => self.self_served,
            Containment::CompletedNoRepeat => self.self_served - self.repeated,
        };
        Ok(Ratio::new(contained, self.entered))
    }

    /// Parts may not exceed their whole, so that no difference falls below zero and no sum overflows.
    fn check(&self) -> Result<()> {
        let left = self.hung_up.checked_add(self.self_served).and_then(|sum| sum.checked_add(self.queued));
        if left.is_none_or(|left| left > self.entered) {
            let message = "hung up, self-served and queued contacts together exceed those who entered the menu";
            return Err(Error::argument(message));
        }
        if self.repeated > self.self_served {
            return Err(Error::argument("more self-served contacts came back than there were"));
        }
        if self.abandoned > self.queued {
            return Err(Error::argument("more contacts abandoned in the queue than were queued"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_named_once_and_documented() {
        let all = all();
        for (at, policy) in all.iter().enumerate() {
            assert!(all[..at].iter().all(|other| other.name != policy.name), "{}", policy.name);
            assert_eq!(AbandonmentPolicy::by_name(&policy.name).unwrap(), *policy);
            assert_eq!(AbandonmentPolicy::from_value(&policy.to_value()).unwrap(), *policy);
            assert_eq!(policy.numerator.0 & !policy.denominator.0, 0);
            let doc = policy.documentation();
            assert!(doc.quote.split_whitespace().count() <= 25);
            assert!(
                !doc.title.is_empty() && !doc.title_ru.is_empty() && !doc.source.is_empty() && !doc.date.is_empty()
            );
            assert!(policy.explain().contains(doc.formula));
            let bare = !policy.name.contains("_like");
            assert!(!bare || doc.status == Status::Verified, "{}", policy.name);
        }
    }

    #[test]
    fn names_follow_content() {
        let policy = |value: Value| AbandonmentPolicy::from_value(&value).unwrap();
        assert_eq!(policy(json!({})).id(), "ab:offered");
        assert_eq!(policy(json!({"short": {"limit": 5}})).id(), "ab:offered-short5s");
        let long =
            json!({"short": {"limit": "5s", "effect": "exclude_numerator"}, "denominator": ["answered", "abandoned"]});
        assert_eq!(policy(long).id(), "ab:answered_plus_abandoned-long5s");
        let own = policy(json!({"numerator": ["abandoned", "voicemail"]}));
        assert!(own.id().starts_with("ab:custom-"));
        assert_eq!(AbandonmentPolicy::from_value(&own.to_value()).unwrap(), own);
        let inclusive = policy(json!({"short": {"limit": 5, "comparator": "<="}}));
        assert!(inclusive.id().starts_with("ab:custom-"), "the name stands for <");
        assert_eq!(AbandonmentPolicy::by_name("cisco_ucce_like-short10s").unwrap().short.unwrap().limit, 10_000_000);
        assert_eq!(AbandonmentPolicy::by_name("cisco_ucce_like-short5s").unwrap().name, "cisco_ucce_like");
    }

    #[test]
    fn mistakes_are_refused() {
        let refusal = |value: Value| AbandonmentPolicy::from_value(&value).unwrap_err().message().to_owned();
        assert!(refusal(json!("oferred")).contains("`offered`"));
        assert!(refusal(json!({"numerater": []})).contains("did you mean `numerator`?"));
        assert!(refusal(json!({"numerator": ["flow_out"], "denominator": ["answered"]})).contains("at most 1"));
        assert!(refusal(json!({"numerator": ["pending"]})).contains("no outcome"));
        assert!(refusal(json!("8x8_abandoned-short5s")).contains("treats short abandons otherwise"));
        assert!(refusal(json!("offered-short5")).contains("not a duration"));
        let menu = MenuStage { entered: 10, queued: 11, ..MenuStage::default() };
        assert!(menu.contained(Containment::NotQueued).is_err());
        assert_eq!(MenuStage::default().abandoned_in_queue().unwrap().value(), None);
        let missing = AbandonmentPolicy::by_name("offered-short5s").unwrap().reader(&[20]).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFolded);
    }
}

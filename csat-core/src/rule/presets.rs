//! Published service-level definitions, cell by cell.
//!
//! Each preset is a formula as published by somebody at some date, not a promise to match their product. Names:
//!
//! ```text
//! family[-switches|-none][-le|-lt][-shortDURATION]
//! ```
//! - Neutral families (`offered`, `answered_only`, …) describe themselves; they compare with `<=`, with `-lt` by `<`.
//! - A vendor's bare name (`oktell_sl`) stands only where no cell that matters is assumed. `cxengage_default` is bare
//!   for queues without flow-outs and callbacks; the cells of those classes are marked as assumed.
//! - A vendor's name with `-le` or `-lt` (`cisco_ucce_ignore-lt`): the vendor leaves the comparison at exactly the
//!   threshold open or to the user, so the name must state it. Cells its text does not cover are marked as assumed.
//! - A name ending in `_like`: an assumed cell or comparator affects the number. Results of such a preset say how many
//!   contacts that concerns; where none, it is exact.
//! - Switches are the letters that are on, `-none` where all are off: `genesys_cloud` (f flow-outs, s short abandons,
//!   a abandons), `talkdesk_contacts` (s short abandons leave the denominator), `vonage_vcc_like` (b breakouts count),
//!   `ringcentral_queue_like` (i abandons included).
//! - `-short10s` sets a short limit that is a setting of the site; without it the default is 5 s or the vendor's own.
//!
//! Vendors for whom no usable formula was found are not in the list; [`find`] says so.

use super::definition::{
    Cell, Comparator, Definition, Documentation, EmptyAs, PendingRule, ShortLimit, ShortRule, Status, Table, Treatment,
};
use super::duration;
use super::outcome::Outcome::{
    Abandoned, Answered, Callback, Dequeued, Error as Fault, FlowOut, Forwarded, KeyExit, Missed, Requeued, Voicemail,
};
use super::outcome::{Attribution, ClockStart, Outcome, Resolution};
use crate::error::{Error, ErrorKind, Result};

const H: Cell = Cell::sure(Treatment::Hit);
const M: Cell = Cell::sure(Treatment::Miss);
const X: Cell = Cell::sure(Treatment::Exclude);
/// Assumed cells.
const HQ: Cell = Cell::guess(Treatment::Hit);
const MQ: Cell = Cell::guess(Treatment::Miss);
const XQ: Cell = Cell::guess(Treatment::Exclude);

const LE: Comparator = Comparator::AtMost;
const LT: Comparator = Comparator::Below;
const BOTH: [(&str, Comparator); 2] = [("le", LE), ("lt", LT)];
const FIVE_SECONDS: i64 = 5_000_000;

/// Vendors without a usable published formula.
const NOT_SHIPPED: [&str; 13] = [
    "nice_cxone",
    "five9",
    "avaya_cms",
    "webex_cc",
    "zoom_cc",
    "dialpad",
    "zendesk_talk",
    "salesforce",
    "queuemetrics",
    "asternic",
    "3cx",
    "naumen",
    "infra",
];

/// Every concrete preset: what `definitions = ["all"]` stands for. Short limits are at their defaults.
///
/// ```
/// let all = csat_core::rule::presets::all();
/// assert!(all.iter().any(|definition| definition.name() == "genesys_cloud-fsa"));
/// ```
pub fn all() -> Vec<Definition> {
    let mut list = neutral();
    list.extend(genesys_cloud());
    list.extend(amazon_connect());
    list.extend(cisco_ucce());
    list.extend(cisco_uccx());
    list.extend(eight_by_eight());
    list.extend(talkdesk_contacts());
    list.extend(bright_pattern());
    list.extend(altigen());
    list.extend(open_source());
    list.extend([oktell(), cxengage()]);
    list.extend([talkdesk_calls(), twilio_realtime(), twilio_insights(), xcally(), freshcaller(), sinch()]);
    list.extend([aircall(), dynamics(), mitel(), intermedia(), glia(), genesys_framework()]);
    list.extend(vonage());
    list.extend(ringcentral());
    list
}

/// The preset with this name; [`Definition::by_name`].
pub fn find(name: &str) -> Result<Definition> {
    let all = all();
    if let Some(found) = all.iter().find(|definition| definition.name == name) {
        return Ok(found.clone());
    }
    if let Some((base, limit)) = name.rsplit_once("-short") {
        let base = all.iter().find(|d| d.name == base).ok_or_else(|| unknown(base, &all))?;
        let micros = duration::parse(limit).map_err(|e| e.at(format!("`{name}`")))?;
        let message = || Error::argument(format!("`{}` has no short limit that could be set", base.name));
        return base.with_short_limit(micros).ok_or_else(message);
    }
    Err(unknown(name, &all))
}

fn unknown(name: &str, all: &[Definition]) -> Error {
    let variants: Vec<&str> = all
        .iter()
        .map(|definition| definition.name.as_str())
        .filter(|known| {
            !name.is_empty() && (known.starts_with(&format!("{name}-")) || known.starts_with(&format!("{name}_")))
        })
        .collect();
    if !variants.is_empty() {
        let message = format!("definition `{name}` has variants; choose one of: {}", variants.join(", "));
        return Error::new(ErrorKind::UnknownName, message).with("name", name);
    }
    if name.starts_with("custom-") {
        let message =
            format!("`{name}` is a policy of somebody's own; the cells are not in the id, give the policy itself");
        return Error::new(ErrorKind::UnknownName, message).with("name", name);
    }
    if let Some(vendor) = NOT_SHIPPED.iter().find(|vendor| name.starts_with(*vendor)) {
        let message = format!(
            "no published formula that could be used was found for `{vendor}`; give the cells as a policy of your own"
        );
        return Error::new(ErrorKind::UnknownName, message).with("name", name);
    }
    Error::unknown("definition", name, all.iter().map(|definition| definition.name.as_str()))
}

/// A table: cells of abandons (short, in, after), of groups of classes (in, after), and of all remaining classes.
fn table(abandoned: [Cell; 3], groups: &[(&[Outcome], [Cell; 2])], rest: [Cell; 2]) -> Table {
    let pair = |[inner, after]: [Cell; 2]| [inner, inner, after];
    let mut table = [pair(rest); Outcome::COUNT];
    for (outcomes, cells) in groups {
        for outcome in *outcomes {
            table[*outcome as usize] = pair(*cells);
        }
    }
    table[Answered as usize] = pair([H, M]);
    table[Abandoned as usize] = abandoned;
    for uncounted in [Outcome::Pending, Outcome::Skip] {
        table[uncounted as usize] = pair([X, X]);
    }
    table
}

/// A definition with the defaults that most share: no short rule, arrival, exact waits from the offer, contacts still
/// waiting left out, empty shown as nothing.
fn define(name: impl Into<String>, comparator: Comparator, cells: Table, documentation: Documentation) -> Definition {
    Definition {
        name: name.into(),
        cells,
        comparator,
        other_comparator: comparator,
        comparator_assumed: false,
        short: None,
        attribution: Attribution::Arrival,
        clock_start: ClockStart::Offered,
        resolution: Resolution::Exact,
        pending: PendingRule::Ignore,
        hours_only: false,
        empty: EmptyAs::Null,
        documentation,
    }
}

const fn short(micros: i64, comparator: Comparator) -> ShortRule {
    ShortRule { limit: ShortLimit::Fixed(micros), comparator }
}

/// The letters of the switches that are on, or `none`.
fn switches(letters: &[(char, bool)]) -> String {
    let on: String = letters.iter().filter(|(_, on)| *on).map(|(letter, _)| letter).collect();
    if on.is_empty() { "none".to_owned() } else { on }
}

fn neutral() -> Vec<Definition> {
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
    let forms = [
        (
            "offered",
            [M, M, M],
            [M, M],
            None,
            plain(
                "Answered within the threshold, of all offered",
                "Принято в пределах порога от всех поступивших",
                "answered within T / all offered",
                &["The house default: every contact that nobody answered in time is a miss"],
            ),
        ),
        (
            "answered_only",
            [X, X, X],
            [X, X],
            None,
            plain(
                "Answered within the threshold, of all answered",
                "Принято в пределах порога от всех принятых",
                "answered within T / answered",
                &["Lost and waiting contacts do not show: a queue that loses half of its callers can reach 100 %"],
            ),
        ),
        (
            "abandons_within_t_excluded",
            [X, X, M],
            [M, M],
            None,
            plain(
                "Abandons within the threshold left out",
                "Без потерянных в пределах порога",
                "answered within T / (offered − abandoned within T)",
                &["The rule of several vendors for answers and abandons; every other class is a miss here"],
            ),
        ),
        (
            "abandons_within_t_hit",
            [H, H, M],
            [M, M],
            None,
            plain(
                "Abandons within the threshold count as served",
                "Потерянные в пределах порога считаются обслуженными",
                "(answered within T + abandoned within T) / offered",
                &["Callers who gave up quickly raise the value"],
            ),
        ),
        (
            "short_abandons_excluded",
            [X, M, M],
            [M, M],
            Some(short(FIVE_SECONDS, LT)),
            plain(
                "Short abandons left out",
                "Без коротких потерянных",
                "answered within T / (offered − abandoned within the short limit)",
                &["The short limit is 5 s unless the name says otherwise (-short10s)"],
            ),
        ),
    ];
    let mut list = Vec::new();
    for (name, abandoned, rest, short, documentation) in forms {
        for (suffix, comparator) in [("", LE), ("-lt", LT)] {
            let definition = define(format!("{name}{suffix}"), comparator, table(abandoned, &[], rest), documentation);
            // Where nobody counts but who was answered, who still waits does not count either.
            let pending = if rest == [X, X] { PendingRule::Ignore } else { PendingRule::CountOverdue };
            list.push(Definition { short, pending, ..definition });
        }
    }
    list
}

fn genesys_cloud() -> Vec<Definition> {
    let documentation = Documentation {
        title: "Genesys Cloud service level, switches by letter",
        title_ru: "Genesys Cloud: уровень сервиса, переключатели буквами",
        formula: "answered within T / (answered + abandoned by switches a and s + flow-outs by switch f)",
        source: "Genesys Cloud Resource Center: glossary, configure-the-service-level-calculation, \
                 offered not always equal to answered plus abandoned",
        date: "undated copies, read 2026-11-21",
        status: Status::Verified,
        quote: "If the wait time is less than or equal to the target, the conversation meets the service level.",
        caveats: &[
            "f includes flow-outs, s includes short abandons, a includes abandons; a setting acts on the past too",
            "With a off and s on the formula page leaves all abandons out while the glossary calls the switches \
             independent; csat leaves them out",
            "With a and s off the published formula subtracts short abandons twice; csat does not copy that",
            "Flow-outs cover callbacks, voicemail and callers who leave the queue by key",
            "The short limit is a setting of the site; 5 s unless the name says otherwise",
            "Web messaging has no abandons",
        ],
    };
    let mut list = Vec::new();
    for bits in 0..8u8 {
        let (f, s, a) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
        let flow_out = if f { M } else { X };
        let abandoned = if a { M } else { X };
        let cells = table([if s { abandoned } else { X }, abandoned, abandoned], &[], [flow_out; 2]);
        let name = format!("genesys_cloud-{}", switches(&[('f', f), ('s', s), ('a', a)]));
        // Where short abandons are treated as the others the rule has nothing to tell apart.
        let short = if a && !s { Some(short(FIVE_SECONDS, LT)) } else { None };
        let definition = define(name, LE, cells, documentation);
        list.push(Definition { short, attribution: Attribution::Outcome, ..definition });
    }
    list
}

fn amazon_connect() -> Vec<Definition> {
    let documentation = Documentation {
        title: "Amazon Connect service level X",
        title_ru: "Amazon Connect: уровень сервиса X",
        formula: "(answered + abandoned + callback requests within T) / contacts queued",
        source: "Amazon Connect administrator guide, historical metrics definitions, commit 662ba595; API model",
        date: "2023-04-22",
        status: Status::Partly,
        quote: "an agent answers the contact, the customer abandons the contact, or the customer requests a call back",
        caveats: &[
            "Quick abandons and callback requests are hits",
            "A transfer to another queue within T is a miss by the list of removals and a hit by a second definition \
             of abandoned on the same page; csat takes the miss and marks it",
            "A callback enters a queue again and is counted a second time there",
            "Customers can define a service level of their own; this is the built-in one",
            "The threshold is 1 to 604800 whole seconds",
        ],
    };
    // What left the queue otherwise is queued for sure (the denominator); only a hit within T is in doubt.
    let cells = table([H, H, M], &[(&[Callback], [H, M])], [MQ, M]);
    BOTH.map(|(suffix, comparator)| {
        let name = format!("amazon_connect_service_level_x-{suffix}");
        Definition { attribution: Attribution::Disconnect, ..define(name, comparator, cells, documentation) }
    })
    .into()
}

fn cisco_ucce() -> Vec<Definition> {
    let documentation = |title, title_ru, formula| Documentation {
        title,
        title_ru,
        formula,
        source: "Cisco Unified Intelligence Center 9.0(1) user guide pp. 226-228; Unified ICM/CCE database schema \
                 15.0(1) p. 413",
        date: "15.0(1) and earlier, read 2026-11-21",
        status: Status::Verified,
        quote: "Tasks that abandon before the short calls timer … do not count towards the service level offered or \
                service level abandoned call counters.",
        caveats: &[
            "Equality at T is open: the example knows calls under 30 s and calls that took longer",
            "Calls that wait beyond T count as misses at once, before they have an outcome",
            "A call that rang unanswered and went to the menu within T counts like an abandon; older guides keep it \
             apart",
            "Calls taken out of the queue leave the denominator for precision queues only; that cell is marked",
            "Voicemail, courtesy callbacks and moves to another queue within T are not stated; marked",
            "The abandon wait time is a setting; 5 s unless the name says otherwise",
        ],
    };
    let types = [
        (
            "ignore",
            X,
            documentation(
                "Cisco Unified CCE, abandons ignored",
                "Cisco UCCE: потерянные не учитываются",
                "answered within T / (offered − abandoned within T)",
            ),
        ),
        (
            "negative",
            M,
            documentation(
                "Cisco Unified CCE, abandons negative",
                "Cisco UCCE: потерянные как нарушение",
                "answered within T / offered",
            ),
        ),
        (
            "positive",
            H,
            documentation(
                "Cisco Unified CCE, abandons positive",
                "Cisco UCCE: потерянные как выполнение",
                "(answered within T + abandoned within T) / offered",
            ),
        ),
    ];
    let mut list = Vec::new();
    for (kind, inner, documentation) in types {
        for (suffix, comparator) in BOTH {
            let cells = table(
                [X, inner, M],
                &[
                    (&[Missed], [inner, M]),
                    (&[FlowOut, KeyExit, Forwarded, Fault], [X, M]),
                    (&[Callback, Voicemail, Requeued], [XQ, M]),
                    (&[Dequeued], [XQ, XQ]),
                ],
                [XQ, XQ],
            );
            list.push(Definition {
                short: Some(short(FIVE_SECONDS, LT)),
                attribution: Attribution::ServiceLevelEvent,
                pending: PendingRule::CountOverdue,
                ..define(format!("cisco_ucce_{kind}-{suffix}"), comparator, cells, documentation)
            });
        }
    }
    list
}

fn cisco_uccx() -> Vec<Definition> {
    let documentation = |title, title_ru, formula| Documentation {
        title,
        title_ru,
        formula,
        source: "Cisco Unified Contact Center Express Historical Reports User Guide 7.0(1) p. 3-52",
        date: "7.0(1), read 2026-11-21",
        status: Status::Verified,
        quote: "Calls Presented: Number of calls routed to the CSQ, whether or not an agent picked up",
        caveats: &[
            "The comparison at exactly T is not stated",
            "Calls dequeued or handled elsewhere are not stated; marked",
            "The interval of a contact is not stated; csat takes its arrival",
        ],
    };
    let types = [
        (
            "only_handled",
            [X, X, X],
            [X, X],
            XQ,
            documentation(
                "Cisco Unified CCX, only handled",
                "Cisco UCCX: только обработанные",
                "handled within T / handled",
            ),
        ),
        (
            "without_abandon",
            [X, X, M],
            [M, M],
            MQ,
            documentation(
                "Cisco Unified CCX, without abandoned calls",
                "Cisco UCCX: без потерянных",
                "handled within T / (presented − abandoned within T)",
            ),
        ),
        (
            "positive",
            [H, H, M],
            [M, M],
            MQ,
            documentation(
                "Cisco Unified CCX, abandoned calls positive",
                "Cisco UCCX: потерянные как выполнение",
                "(handled within T + abandoned within T) / presented",
            ),
        ),
        (
            "negative",
            [M, M, M],
            [M, M],
            MQ,
            documentation(
                "Cisco Unified CCX, abandoned calls negative",
                "Cisco UCCX: потерянные как нарушение",
                "handled within T / presented",
            ),
        ),
    ];
    let mut list = Vec::new();
    for (kind, abandoned, rest, elsewhere, documentation) in types {
        let cells = table(abandoned, &[(&[Dequeued, Requeued, Forwarded], [elsewhere; 2])], rest);
        for (suffix, comparator) in BOTH {
            list.push(define(format!("cisco_uccx_{kind}-{suffix}"), comparator, cells, documentation));
        }
    }
    list
}

fn eight_by_eight() -> Vec<Definition> {
    let level = Documentation {
        title: "8x8 SLA, voice and chat",
        title_ru: "8x8: SLA для голоса и чата",
        formula: "accepted within T / (accepted + abandoned + diverted + waiting beyond T − short abandons)",
        source: "8x8 support, Contact Center Analytics SLA dashboard; historical analytics summary report, \
                 commit 859e59a3",
        date: "2026-07-23",
        status: Status::Verified,
        quote: "Accepted in SLA / (Accepted + Abandoned + Diverted + (Ongoing > SLA Threshold) - Short Abandon)",
        caveats: &[
            "The pages say before T twice and before T was exceeded once, so the comparator is in the name",
            "A short abandon left before 5 s, a fixed limit",
            "The abandoned counter of its API already leaves short ones out",
            "Callback requests, missed, dequeued and failed contacts are not named in the formula; marked",
        ],
    };
    let answered = Documentation {
        title: "8x8 answered in SLA",
        title_ru: "8x8: принято в пределах SLA",
        formula: "accepted within T / accepted",
        source: "8x8 support, Answered in SLA",
        date: "undated copy, read 2026-11-21",
        status: Status::Verified,
        quote: "( SUM(SLA_MEET_COUNT) * 100 ) / SUM(ACCEPTED_COUNT )",
        caveats: &["The comparator is in the name: the vendor's pages use both"],
    };
    let diverted: &[Outcome] = &[FlowOut, Voicemail, KeyExit, Requeued, Forwarded];
    let mut list = Vec::new();
    for (suffix, comparator) in BOTH {
        let cells = table([X, M, M], &[(diverted, [M, M])], [MQ, MQ]);
        list.push(Definition {
            short: Some(short(FIVE_SECONDS, LT)),
            attribution: Attribution::Outcome,
            pending: PendingRule::CountOverdue,
            ..define(format!("8x8_sla-{suffix}"), comparator, cells, level)
        });
        let cells = table([X, X, X], &[], [X, X]);
        let definition = define(format!("8x8_answered_in_sla-{suffix}"), comparator, cells, answered);
        list.push(Definition { attribution: Attribution::Outcome, ..definition });
    }
    list
}

fn talkdesk_contacts() -> Vec<Definition> {
    let documentation = Documentation {
        title: "Talkdesk service level, contacts model",
        title_ru: "Talkdesk: уровень сервиса по обращениям",
        formula: "answered within T / (inbound − short abandons by switch s)",
        source: "Talkdesk support 4409690831259, 4409669466779, 4409597755931; data dictionary",
        date: "undated copies, read 2026-11-21",
        status: Status::Verified,
        quote: "Contacts answered within the wait time threshold / (Inbound contacts - Short abandoned contacts)",
        caveats: &[
            "s: short abandons leave the denominator",
            "A queue timeout is a missed contact; hang-ups while ringing and in the voicemail greeting are abandons",
            "A transfer opens a new contact",
            "The vendor's short clock starts when the call enters the system, its wait clock in the queue",
            "Callback requests, key exits, moves, errors are not stated; marked",
            "The comparison at exactly T and the interval of a contact are not stated; csat takes its arrival",
            "The short limit is a setting; 5 s unless the name says otherwise",
        ],
    };
    let mut list = Vec::new();
    for s in [false, true] {
        for (suffix, comparator) in BOTH {
            let cells = table([if s { X } else { M }, M, M], &[(&[FlowOut, Voicemail, Missed], [M, M])], [MQ, MQ]);
            let name = format!("talkdesk_contacts-{}-{suffix}", switches(&[('s', s)]));
            let short = if s { Some(short(FIVE_SECONDS, LT)) } else { None };
            list.push(Definition { short, ..define(name, comparator, cells, documentation) });
        }
    }
    list
}

fn bright_pattern() -> Vec<Definition> {
    let documentation = Documentation {
        title: "Bright Pattern service level",
        title_ru: "Bright Pattern: уровень сервиса",
        formula: "handled within T / (answered + abandoned after T)",
        source: "Bright Pattern community 284 (vendor staff); administration guide 3.10-5.8, Service Level tab",
        date: "undated copies, read 2026-11-21",
        status: Status::Partly,
        quote: "(count of calls handled within threshold)/(count of all answered calls + abandoned calls after threshold)",
        caveats: &[
            "The comparison at exactly T is not stated",
            "Classes other than answered and abandoned are not in the formula; left out and marked",
            "The interval of a contact is not stated; csat takes its arrival",
        ],
    };
    let cells = table([X, X, M], &[], [XQ, XQ]);
    BOTH.map(|(suffix, comparator)| define(format!("bright_pattern-{suffix}"), comparator, cells, documentation)).into()
}

fn altigen() -> [Definition; 3] {
    let documentation = |title, title_ru, formula, quote| Documentation {
        title,
        title_ru,
        formula,
        source: "AltiGen MAXCS ACC 6.5 p. 287; AltiWare ACM 5.2 p. 263",
        date: "undated copies, read 2026-11-21",
        status: Status::Verified,
        quote,
        caveats: &["The vendor's counters start anew at midnight", "The threshold is 1 to 1200 s"],
    };
    [
        define(
            "altigen_tsl",
            LE,
            table([H, H, M], &[], [H, M]),
            documentation(
                "AltiGen total service level, the vendor's default",
                "AltiGen TSL: общий уровень сервиса",
                "all workgroup calls that left the queue within T / all inbound workgroup calls",
                "TSL% = Total WG inbound calls within SLT / Total WG inbound calls",
            ),
        ),
        define(
            "altigen_asl",
            LE,
            table([M, M, M], &[], [M, M]),
            documentation(
                "AltiGen answered service level",
                "AltiGen ASL: уровень сервиса по принятым",
                "answered within T / all inbound workgroup calls",
                "",
            ),
        ),
        define(
            "altigen_cdr_midnight",
            LE,
            table([X, X, X], &[], [X, X]),
            documentation(
                "AltiGen call records since midnight",
                "AltiGen: по записям звонков с полуночи",
                "(answered − answered over T) / answered",
                "",
            ),
        ),
    ]
}

fn open_source() -> [Definition; 3] {
    let asterisk = |title, title_ru, formula, caveats| Documentation {
        title,
        title_ru,
        formula,
        source: "Asterisk apps/app_queue.c at f0c1c1a7",
        date: "2026-08-06",
        status: Status::Verified,
        quote: "",
        caveats,
    };
    let whole_seconds = |definition| Definition {
        attribution: Attribution::Disconnect,
        resolution: Resolution::EpochSeconds,
        empty: EmptyAs::Zero,
        ..definition
    };
    [
        whole_seconds(define(
            "asterisk_sl1",
            LE,
            table([X, X, X], &[], [X, X]),
            asterisk(
                "Asterisk ServicelevelPerf",
                "Asterisk: ServicelevelPerf",
                "completed within T / completed",
                &[
                    "Abandons are ignored",
                    "A call is counted when it ends; the counters run since the last reload",
                    "The value in the QueueUpdate event compares talk time with T, which looks like a fault; not copied",
                ],
            ),
        )),
        whole_seconds(define(
            "asterisk_sl2",
            LE,
            table([H, H, M], &[(&[FlowOut, Dequeued], [H, M])], [X, X]),
            asterisk(
                "Asterisk ServicelevelPerf2",
                "Asterisk: ServicelevelPerf2",
                "(completed within T + abandoned within T) / (completed + abandoned)",
                &[
                    "Quick abandons are hits",
                    "Timeouts, exits because nobody is logged in and withdrawals are recorded as abandons",
                    "A caller who leaves by key is not counted at all",
                ],
            ),
        )),
        Definition {
            resolution: Resolution::FloorDuration,
            ..define(
                "wazo_qos",
                LE,
                table([X, X, X], &[], [X, X]),
                Documentation {
                    title: "Wazo quality of service",
                    title_ru: "Wazo: качество обслуживания (QoS)",
                    formula: "answered within T / answered",
                    source: "Wazo call-logd ac299956, queue statistics",
                    date: "2026-08-13",
                    status: Status::Verified,
                    quote: "",
                    caveats: &[
                        "Waits are whole seconds",
                        "Its buckets exclude their upper bound: a call at exactly T is a hit here and in the next bucket",
                    ],
                },
            )
        },
    ]
}

fn oktell() -> Definition {
    define(
        "oktell_sl",
        LT,
        table([X, X, X], &[], [X, X]),
        Documentation {
            title: "Oktell service level",
            title_ru: "Oktell: уровень сервиса (SL)",
            formula: "answered in less than T / successful calls",
            source: "wiki.oktell.ru, SL",
            date: "2015-03-04",
            status: Status::Verified,
            quote: "соединились с оператором менее, чем за 20 секунд",
            caveats: &[
                "Lost calls do not show",
                "The threshold of the page is 20 s, over a whole day",
                "The variant SL 20/80 drops the longest waits first; it needs the waits themselves \
                 (`service_level_trimmed`)",
            ],
        },
    )
}

fn cxengage() -> Definition {
    let definition = define(
        "cxengage_default",
        LE,
        table([X, X, M], &[], [MQ, MQ]),
        Documentation {
            title: "CxEngage service level, default setting",
            title_ru: "CxEngage: уровень сервиса по умолчанию",
            formula: "answered within T / (interactions that entered the queue − abandoned within T)",
            source: "CxEngage documentation, About Statistics Management",
            date: "undated copy, read 2026-11-21",
            status: Status::Verified,
            quote: "started an active conversation with an agent in 20 seconds or less. Abandons that occur in 20 \
                    seconds or less are considered short abandons",
            caveats: &[
                "Verified for queues without flow-outs and callbacks; those are misses by a literal reading and marked",
                "The vendor's threshold and short limit are both 20 s; here the short limit follows T",
                "Its other setting counts every abandon as a miss",
                "The interval of a contact is not stated; csat takes its arrival",
            ],
        },
    );
    Definition { short: Some(ShortRule { limit: ShortLimit::Threshold, comparator: LE }), ..definition }
}

fn talkdesk_calls() -> Definition {
    let definition = define(
        "talkdesk_calls_like",
        LT,
        table([X, X, X], &[(&[Missed], [HQ, M]), (&[Voicemail], [X, X])], [XQ, XQ]),
        Documentation {
            title: "Talkdesk service level, calls model",
            title_ru: "Talkdesk: уровень сервиса по звонкам",
            formula: "(answered + missed within T) / (answered + missed), in business hours",
            source: "Talkdesk data dictionary, service level; support 206196766",
            date: "undated copies, read 2026-11-21",
            status: Status::Partly,
            quote: "Percentage of calls Missed or Answered before the pre-defined threshold",
            caveats: &[
                "Missed within T is a hit by the data dictionary and a miss by the support page; marked",
                "The comparator rests on the one word before; marked",
                "Only calls in business hours",
            ],
        },
    );
    Definition { comparator_assumed: true, hours_only: true, ..definition }
}

fn twilio_realtime() -> Definition {
    let definition = define(
        "twilio_flex_realtime_like",
        LT,
        table([X, M, M], &[], [MQ, MQ]),
        Documentation {
            title: "Twilio Flex real-time SLA",
            title_ru: "Twilio Flex: SLA в реальном времени",
            formula: "connected sooner than T / all who waited − short abandons",
            source: "Twilio Flex documentation, service level preferences",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "connect to an agent sooner than this threshold are counted as handled within the SLA",
            caveats: &[
                "Exactly T is in neither half of the text; marked",
                "Flow-outs, transfers and callbacks are not stated; marked",
                "Set per queue and channel; the short limit is 5 s unless the name says otherwise",
            ],
        },
    );
    Definition { comparator_assumed: true, short: Some(short(FIVE_SECONDS, LE)), ..definition }
}

fn twilio_insights() -> Definition {
    let definition = define(
        "twilio_flex_insights_like",
        LT,
        table([XQ, M, M], &[], [MQ, MQ]),
        Documentation {
            title: "Twilio Flex Insights SLA",
            title_ru: "Twilio Flex Insights: SLA",
            formula: "answered within T / (conversations − short abandons)",
            source: "Twilio Flex Insights documentation, metrics: SLA",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "Abandoned calls under this threshold do not negatively impact SLA",
            caveats: &[
                "Short abandons may be left out or count as hits; marked",
                "The text of the metric was not seen; comparator, flow-outs and callbacks are marked",
                "One threshold for all, 60 s by default; short limit 5 s",
            ],
        },
    );
    Definition { comparator_assumed: true, short: Some(short(FIVE_SECONDS, LT)), ..definition }
}

fn xcally() -> Definition {
    let definition = define(
        "xcally_like",
        LT,
        table([X, X, M], &[], [XQ, XQ]),
        Documentation {
            title: "XCALLY documentation example",
            title_ru: "XCALLY: пример из документации",
            formula: "answered in less than T / (answered + abandoned after T)",
            source: "XCALLY wiki, SLA",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "",
            caveats: &[
                "An example of the documentation, not a metric of the product",
                "At exactly T an answer is a miss and an abandon is left out",
                "Other classes are not in the formula; left out and marked",
            ],
        },
    );
    Definition { other_comparator: LE, ..definition }
}

fn freshcaller() -> Definition {
    let definition = define(
        "freshcaller_like",
        LE,
        table([X, MQ, MQ], &[(&[Voicemail], [X, X]), (&[Missed], [M, M])], [MQ, MQ]),
        Documentation {
            title: "Freshcaller service level",
            title_ru: "Freshcaller: уровень сервиса",
            formula: "answered within T / (offered − short abandons − voicemail)",
            source: "Freshcaller support 239636",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "Total calls that rang to agent/went to call queue - short abandon - voicemails",
            caveats: &[
                "A newer text keeps only answered and missed calls; whether long abandons are missed is open; marked",
                "The comparator is not stated; marked",
                "Only calls in business hours; the short limit is 5 s unless the name says otherwise",
            ],
        },
    );
    Definition { comparator_assumed: true, hours_only: true, short: Some(short(FIVE_SECONDS, LT)), ..definition }
}

fn sinch() -> Definition {
    let definition = define(
        "sinch_contact_pro_like",
        LE,
        table([X, M, M], &[(&[Forwarded], [H, M]), (&[FlowOut], [M, M])], [MQ, MQ]),
        Documentation {
            title: "Sinch Contact Pro service level",
            title_ru: "Sinch Contact Pro: уровень сервиса",
            formula: "answered on time / (arrived − false attempts)",
            source: "Sinch Contact Pro documentation, Calculation of Displayed Values",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "SL = 100% x contacts answered on time / (arrived contacts − false attempts)",
            caveats: &[
                "Monitoring compares with <=, the concepts page with <; marked",
                "A false attempt is an abandon up to 5 s by default; forwarded contacts count as handled",
                "Voicemail and the remaining classes are not stated; marked",
            ],
        },
    );
    Definition { comparator_assumed: true, short: Some(short(FIVE_SECONDS, LE)), ..definition }
}

fn aircall() -> Definition {
    let definition = define(
        "aircall_in_sla_like",
        LE,
        table([XQ, XQ, XQ], &[], [XQ, XQ]),
        Documentation {
            title: "Aircall in SLA",
            title_ru: "Aircall: в пределах SLA",
            formula: "answered within T / answered",
            source: "Aircall support 13399649077277",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "waiting time before connection did not exceed the SLA",
            caveats: &[
                "That the denominator holds answered calls only is inferred; every other class is marked",
                "The clock leaves menu, greeting and automatic agent out; a call counts on its last line, when it ended",
            ],
        },
    );
    Definition { attribution: Attribution::Disconnect, ..definition }
}

fn dynamics() -> Definition {
    define(
        "dynamics365_voice_like",
        LE,
        table([XQ, XQ, XQ], &[], [XQ, XQ]),
        Documentation {
            title: "Dynamics 365 voice service level",
            title_ru: "Dynamics 365: уровень сервиса (голос)",
            formula: "conversations with a speed to answer within T / conversations",
            source: "Dynamics 365 Customer Service documentation, oc-metrics-dimensions",
            date: "2025-02-07",
            status: Status::Partly,
            quote: "percentage of customer conversations where the speed to answer is less than or equal to 10 seconds",
            caveats: &[
                "The denominator is not spelled out; every class but answered is marked",
                "Thresholds of the product: 10, 20, 30, 40, 60, 120 s",
            ],
        },
    )
}

fn mitel() -> Definition {
    let definition = define(
        "mitel_micc_like",
        LE,
        table([X, MQ, M], &[(&[FlowOut], [M, M]), (&[Requeued, Fault], [X, X])], [MQ, MQ]),
        Documentation {
            title: "Mitel MiContact Center service level",
            title_ru: "Mitel MiCC: уровень сервиса",
            formula: "answered within T / (handled + long abandons + interflowed)",
            source: "help.univoip.com, Mitel MiContact Center",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "Offered contacts include ACD handled contacts, abandoned (long) contacts, and interflowed contacts",
            caveats: &[
                "The numerator is not spelled out; long abandons within T and the comparator are marked",
                "Requeued, unavailable and short contacts are left out; a short abandon is one up to 6 s",
            ],
        },
    );
    Definition { comparator_assumed: true, short: Some(short(6_000_000, LE)), ..definition }
}

fn intermedia() -> Definition {
    let definition = define(
        "intermedia_like",
        LE,
        table([XQ, XQ, M], &[], [MQ, MQ]),
        Documentation {
            title: "Intermedia service level",
            title_ru: "Intermedia: уровень сервиса",
            formula: "answered within T / (offered − abandoned within T)",
            source: "kb.intermedia.net 54126",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "Calls abandoned after the acceptable waiting time also impact the service level.",
            caveats: &["Comparator, quick abandons and every class but answers and late abandons are inferred; marked"],
        },
    );
    Definition { comparator_assumed: true, ..definition }
}

fn glia() -> Definition {
    let definition = define(
        "glia_like",
        LE,
        table([MQ, MQ, MQ], &[], [MQ, MQ]),
        Documentation {
            title: "Glia service level",
            title_ru: "Glia: уровень сервиса",
            formula: "connected within T / queued",
            source: "Glia documentation",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "connected to an operator in 30 seconds or less over the last 10 minutes",
            caveats: &[
                "A rolling window; a closed queue is shown as 100 %",
                "Unanswered classes are not stated; marked",
            ],
        },
    );
    Definition { empty: EmptyAs::One, ..definition }
}

fn genesys_framework() -> Definition {
    let definition = define(
        "genesys_framework_factor_like",
        LE,
        table([X, M, M], &[], [XQ, XQ]),
        Documentation {
            title: "Genesys CCPulse service factor",
            title_ru: "Genesys CCPulse: service factor",
            formula: "answered within T / (answered + abandoned − abandoned within the short limit)",
            source: "sggu.com user forum 83, CCPulse ServiceFactor",
            date: "undated copy, read 2026-11-21",
            status: Status::Partly,
            quote: "",
            caveats: &[
                "From users, not from the vendor; the comparator is marked",
                "The second threshold is a setting; 5 s unless the name says otherwise",
            ],
        },
    );
    Definition { comparator_assumed: true, short: Some(short(FIVE_SECONDS, LE)), ..definition }
}

fn vonage() -> [Definition; 2] {
    let documentation = Documentation {
        title: "Vonage Contact Center service level",
        title_ru: "Vonage Contact Center: уровень сервиса",
        formula: "answered within T / (answered + abandoned + breakouts by switch b)",
        source: "newvoicemedia/docs-vcc wiki, Service Level, versions 6-7",
        date: "undated copy, read 2026-11-21",
        status: Status::Partly,
        quote: "Answered within target ÷ (Answered + Abandoned + Breakouts) x 100",
        caveats: &[
            "b (breakouts count) is the vendor's default",
            "That short abandons leave the denominator is inferred, and so are classes that may be breakouts; marked",
            "With Include Agent Transfers the clock starts when the transferring agent queues the call",
            "The comparator is not stated; marked",
        ],
    };
    [true, false].map(|b| {
        let (sure, guess) = if b { (M, MQ) } else { (X, XQ) };
        let cells = table([XQ, M, M], &[(&[FlowOut, KeyExit], [sure, sure])], [guess, guess]);
        let name = format!("vonage_vcc_like-{}", switches(&[('b', b)]));
        let definition = define(name, LE, cells, documentation);
        Definition { comparator_assumed: true, short: Some(short(FIVE_SECONDS, LT)), ..definition }
    })
}

fn ringcentral() -> [Definition; 2] {
    let documentation = Documentation {
        title: "RingCentral queue service level",
        title_ru: "RingCentral: уровень сервиса очереди",
        formula: "answered within T / (answered + voicemail + abandoned by switch i)",
        source: "RingCentral SDK, queue settings; community 4243",
        date: "undated copies, read 2026-11-21",
        status: Status::Partly,
        quote: "Abandoned calls that are shorter than the defined period of time in seconds will not be included",
        caveats: &[
            "i: abandons are included; off by default",
            "The abandon limit is a setting; 0 s, which keeps every abandon, unless the name says otherwise",
            "Voicemail stands in the denominator; whether it can be a hit is open, other classes are not stated; marked",
        ],
    };
    [false, true].map(|i| {
        let abandoned = if i { M } else { X };
        let cells = table([X, abandoned, abandoned], &[(&[Voicemail], [MQ, MQ])], [XQ, XQ]);
        let name = format!("ringcentral_queue_like-{}", switches(&[('i', i)]));
        let definition = define(name, LE, cells, documentation);
        Definition { short: if i { Some(short(0, LT)) } else { None }, ..definition }
    })
}

#[cfg(test)]
mod tests {
    use super::super::definition::Band;
    use super::*;

    /// The family of a name: without switches and comparator.
    fn family(name: &str) -> &str {
        name.split_once('-').map_or(name, |(family, _)| family)
    }

    #[test]
    fn names_are_unique_and_tell_the_truth_about_assumptions() {
        let all = all();
        for (at, definition) in all.iter().enumerate() {
            let name = definition.name();
            assert!(all[..at].iter().all(|other| other.name != name), "{name} twice");
            assert_eq!(find(name).unwrap(), *definition);
            let id = definition.id(20_000_000);
            assert_eq!(Definition::from_id(&id).unwrap(), (definition.clone(), 20_000_000));
            let open = definition.assumed();
            if family(name).ends_with("_like") {
                assert!(!open.is_empty(), "{name} assumes nothing and may drop _like");
            } else if name.ends_with("-le") || name.ends_with("-lt") || name == "cxengage_default" {
                assert!(!definition.comparator_assumed, "{name} states its comparator");
            } else {
                assert_eq!(open, [""; 0], "{name} is a bare name");
            }
            // Answers and abandons are settled wherever the name is not `_like`.
            if !family(name).ends_with("_like") {
                let settled = |cell: &String| !cell.starts_with("answered") && !cell.starts_with("abandoned");
                assert!(open.iter().all(settled), "{name}: {open:?}");
            }
        }
        assert_eq!(all.len(), 68);
    }

    /// A second transcription of the sources' cells, short/in/after, a question mark for assumed.
    #[test]
    fn cells_as_published() {
        let cells = |preset: &str, outcome: Outcome| {
            let definition = find(preset).unwrap();
            let text = |band: &Band| {
                let cell = definition.cell(outcome, *band);
                let letter = match cell.treatment {
                    Treatment::Hit => "H",
                    Treatment::Miss => "M",
                    Treatment::Exclude => "x",
                };
                format!("{letter}{}", if cell.assumed { "?" } else { "" })
            };
            definition.bands(outcome).iter().map(text).collect::<Vec<_>>().join("/")
        };
        let published = [
            ("genesys_cloud-a", Abandoned, "x/M/M"),
            ("genesys_cloud-sa", Abandoned, "M/M"),
            ("genesys_cloud-fs", Abandoned, "x/x"),
            ("genesys_cloud-fs", Callback, "M/M"),
            ("genesys_cloud-sa", Voicemail, "x/x"),
            ("amazon_connect_service_level_x-le", Abandoned, "H/M"),
            ("amazon_connect_service_level_x-le", Callback, "H/M"),
            ("amazon_connect_service_level_x-lt", FlowOut, "M?/M"),
            ("asterisk_sl1", Abandoned, "x/x"),
            ("asterisk_sl2", FlowOut, "H/M"),
            ("asterisk_sl2", KeyExit, "x/x"),
            ("cisco_ucce_ignore-lt", Abandoned, "x/x/M"),
            ("cisco_ucce_negative-lt", Abandoned, "x/M/M"),
            ("cisco_ucce_positive-lt", Abandoned, "x/H/M"),
            ("cisco_ucce_positive-le", Missed, "H/M"),
            ("cisco_ucce_negative-le", Fault, "x/M"),
            ("cisco_ucce_negative-le", Callback, "x?/M"),
            ("cisco_uccx_without_abandon-le", Abandoned, "x/M"),
            ("8x8_sla-lt", Abandoned, "x/M/M"),
            ("8x8_sla-lt", Voicemail, "M/M"),
            ("8x8_answered_in_sla-le", FlowOut, "x/x"),
            ("talkdesk_contacts-s-le", Abandoned, "x/M/M"),
            ("talkdesk_contacts-none-le", Abandoned, "M/M"),
            ("talkdesk_contacts-s-lt", Missed, "M/M"),
            ("talkdesk_contacts-s-lt", Callback, "M?/M?"),
            ("talkdesk_calls_like", Missed, "H?/M"),
            ("cxengage_default", Abandoned, "x/x/M"),
            ("cxengage_default", FlowOut, "M?/M?"),
            ("vonage_vcc_like-b", FlowOut, "M/M"),
            ("vonage_vcc_like-none", FlowOut, "x/x"),
            ("vonage_vcc_like-b", Abandoned, "x?/M/M"),
            ("altigen_tsl", FlowOut, "H/M"),
            ("altigen_asl", Abandoned, "M/M"),
            ("altigen_cdr_midnight", Abandoned, "x/x"),
            ("oktell_sl", Abandoned, "x/x"),
            ("wazo_qos", FlowOut, "x/x"),
            ("xcally_like", Abandoned, "x/M"),
            ("sinch_contact_pro_like", Forwarded, "H/M"),
            ("freshcaller_like", Voicemail, "x/x"),
            ("mitel_micc_like", Abandoned, "x/M?/M"),
            ("offered", Callback, "M/M"),
            ("abandons_within_t_excluded", Abandoned, "x/M"),
        ];
        for (preset, outcome, expected) in published {
            assert_eq!(cells(preset, outcome), expected, "{preset} {}", outcome.name());
        }
    }

    #[test]
    fn documentation_is_complete() {
        for definition in all() {
            let (name, doc) = (definition.name(), definition.documentation());
            assert!(doc.quote.split_whitespace().count() <= 25, "{name}: the quote is too long");
            for text in [doc.title, doc.title_ru, doc.formula, doc.source, doc.date] {
                assert!(!text.is_empty() && !text.ends_with('.') && !text.contains("  "), "{name}: {text:?}");
            }
            assert!(doc.caveats.iter().all(|c| !c.is_empty() && !c.ends_with('.') && !c.contains("  ")), "{name}");
            let text = definition.explain();
            assert!(text.contains(definition.comparator().name()) && text.contains(doc.source), "{name}");
            for outcome in Outcome::ALL {
                assert!(text.contains(&format!("  {:<10} ", outcome.name())), "{name} explains {}", outcome.name());
            }
        }
    }

    #[test]
    fn without_a_short_rule_short_equals_in() {
        for definition in all() {
            for outcome in Outcome::ALL.iter().copied() {
                if outcome != Abandoned || definition.short().is_none() {
                    let (short, inner) = (definition.cell(outcome, Band::Short), definition.cell(outcome, Band::In));
                    assert_eq!(short, inner, "{} {}", definition.name(), outcome.name());
                }
            }
            assert_eq!(definition.cell(Answered, Band::In), H);
            assert_eq!(definition.cell(Answered, Band::After), M);
        }
    }

    #[test]
    fn refusals_help() {
        let message = |name: &str| find(name).unwrap_err().message().to_owned();
        assert!(message("cisco_ucce_ignore").contains("cisco_ucce_ignore-le, cisco_ucce_ignore-lt"));
        assert!(message("vonage_vcc").contains("vonage_vcc_like-b"));
        assert!(message("five9").contains("no published formula"));
        assert!(message("nice_cxone_like").contains("no published formula"));
        assert!(message("oktel_sl").contains("did you mean `oktell_sl`?"));
        assert!(message("offered-short5s").contains("has no short limit"));
        assert!(message("short_abandons_excluded-short5").contains("not a duration"));
        assert!(message("").contains("unknown definition"));
        // The default limit is not spelt out: one definition, one name.
        let default = find("short_abandons_excluded-short5s").unwrap();
        assert_eq!(default.name(), "short_abandons_excluded");
        let minute = find("short_abandons_excluded-short60s").unwrap();
        assert_eq!(minute.name(), "short_abandons_excluded-short1m");
    }
}

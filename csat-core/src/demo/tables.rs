//! The simulated calls as tables, with surveys and evaluations.

use chrono::DateTime;

use super::centre::{Centre, Visit};
use super::options::{AGENTS, CONTACT_TYPES, DAY, DEALERS, HOUR, MINUTE, QUEUES, QueueKind, REVIEWERS, SECOND};
use super::random::Random;
use super::truth::{QueueTruth, SurveyTruth, Truth};

impl Centre {
    fn iso(&self, at: i64) -> String {
        let form = if self.options.whole_seconds { "%Y-%m-%dT%H:%M:%S%:z" } else { "%Y-%m-%dT%H:%M:%S%.6f%:z" };
        DateTime::from_timestamp_micros(at)
            .map_or_else(String::new, |at| at.with_timezone(&self.zone).format(form).to_string())
    }

    fn seconds(&self, duration: i64) -> String {
        if self.options.whole_seconds {
            (duration / SECOND).to_string()
        } else {
            format!("{}.{:06}", duration / SECOND, duration % SECOND)
        }
    }

    pub(super) fn contacts(&self) -> String {
        let mut csv =
            "id,queue,channel,agent,customer,direction,started,offered,rang,answered,ended,outcome,talk,hold,wrap,\
                       transferred,in_hours\n"
                .to_owned();
        for visit in &self.visits {
            let optional = |at: Option<i64>| at.map_or_else(String::new, |at| self.iso(at));
            let spent = |duration| if visit.answered.is_some() { self.seconds(duration) } else { String::new() };
            csv.push_str(&format!(
                "{},{},call,{},c{:04},inbound,{},{},{},{},{},{},{},{},{},{},{}\n",
                visit.id(),
                QUEUES[visit.queue].name,
                visit.agent.map_or("", |agent| AGENTS[agent].0),
                visit.customer,
                self.iso(visit.started),
                self.iso(visit.offered),
                optional(visit.rang),
                optional(visit.answered),
                self.iso(visit.ended),
                visit.outcome,
                spent(visit.talk_and_hold() - visit.hold),
                spent(visit.hold),
                spent(visit.wrap),
                visit.transferred,
                visit.in_hours,
            ));
        }
        csv
    }

    pub(super) fn count(&self) -> Vec<QueueTruth> {
        let named = |queue: &QueueKind| QueueTruth { name: queue.name.to_owned(), ..QueueTruth::default() };
        let mut queues: Vec<QueueTruth> = QUEUES.iter().map(named).collect();
        for visit in &self.visits {
            let (wait, is) = (visit.wait(), |outcome: &str| u64::from(visit.outcome == outcome));
            queues[visit.queue].add(&QueueTruth {
                name: String::new(),
                offered: 1,
                in_hours: u64::from(visit.in_hours),
                answered: is("answered"),
                answered_within_20s: is("answered") * u64::from(wait <= 20 * SECOND),
                abandoned: is("abandoned"),
                abandoned_within_5s: is("abandoned") * u64::from(wait <= 5 * SECOND),
                flow_out: is("flow_out"),
                key_exit: is("key_exit"),
                wait_of_answered: is("answered") as i64 * wait,
                wait,
                talk_and_hold: visit.talk_and_hold(),
                hold: visit.hold,
                wrap: visit.wrap,
                transferred: u64::from(visit.transferred),
                ring_no_answers: visit.ring_no_answers,
            });
        }
        queues
    }

    /// The answered visits with the agent.
    fn conversations(&self) -> impl Iterator<Item = (&Visit, usize)> {
        self.visits.iter().filter(|visit| visit.answered.is_some()).filter_map(|visit| Some((visit, visit.agent?)))
    }

    pub(super) fn survey(&self, random: &mut Random) -> (String, Vec<SurveyTruth>) {
        let questions: Vec<String> = (1..=10).map(|n| format!("q{n}")).collect();
        let mut csv = format!(
            "respondent,contact,dealer,asked,answered,instrument,touchpoint,recommend,satisfaction,{}\n",
            questions.join(",")
        );
        let named = |name: &&str| SurveyTruth { name: (*name).to_owned(), ..SurveyTruth::default() };
        let mut dealers: Vec<SurveyTruth> = DEALERS.iter().map(named).collect();
        for (visit, agent) in self.conversations() {
            if !random.chance(0.22) {
                continue;
            }
            let dealer = visit.customer % DEALERS.len();
            let mood = AGENTS[agent].2 + 0.3 * (dealer as f64 - 1.0) + random.normal()
                - visit.wait() as f64 / (240 * SECOND) as f64;
            let asked = visit.ended + 5 * MINUTE;
            let answered = asked + self.whole(random.exponential(3600.0));
            let recommend = random.mark(8.4 + 1.7 * mood, 0.4, 0.0, 10.0);
            let satisfaction = random.mark(4.2 + 0.8 * mood, 0.3, 1.0, 5.0);
            let truth = &mut dealers[dealer];
            truth.answers += 1;
            truth.promoters += u64::from(recommend >= 9);
            truth.passives += u64::from((7..=8).contains(&recommend));
            truth.detractors += u64::from(recommend <= 6);
            truth.satisfaction += satisfaction;
            truth.satisfied += u64::from(satisfaction >= 4);
            let mut marks = String::new();
            for question in 0..10 {
                marks.push(',');
                if !random.chance(0.04) {
                    let mark = random.mark(8.2 + 1.2 * mood - 0.15 * f64::from(question), 0.8, 1.0, 10.0);
                    truth.questions.0 += mark;
                    truth.questions.1 += 1;
                    marks.push_str(&mark.to_string());
                }
            }
            csv.push_str(&format!(
                "c{:04},{},{},{},{},after_call,{},{recommend},{satisfaction}{marks}\n",
                visit.customer,
                visit.id(),
                DEALERS[dealer],
                self.iso(asked),
                self.iso(answered),
                QUEUES[visit.queue].name,
            ));
        }
        (csv, dealers)
    }

    pub(super) fn evaluate(&self, random: &mut Random) -> (String, Truth) {
        let criteria: Vec<String> = (1..=18).map(|n| format!("c{n}")).collect();
        let mut csv =
            format!("id,contact,agent,reviewer,at,form,form_version,contact_type,kind,{}\n", criteria.join(","));
        let mut truth = Truth::default();
        for (visit, agent) in self.conversations() {
            if !random.chance(0.04) {
                continue;
            }
            let contact_type = CONTACT_TYPES[random.below(CONTACT_TYPES.len())];
            let calibration = random.chance(0.1);
            let first = random.below(REVIEWERS.len());
            for reviewer in if calibration { 0..REVIEWERS.len() } else { first..first + 1 } {
                let strictness = 0.04 * reviewer as f64;
                let mut marks = String::new();
                for criterion in 0..18 {
                    let met = 0.92 + AGENTS[agent].2 / 6.0 - strictness - 0.01 * f64::from(criterion);
                    let answer = if random.chance(0.08) { 2 } else { usize::from(!random.chance(met)) };
                    truth.criteria[answer] += u64::from(!calibration);
                    marks.push_str([",yes", ",no", ",n-a"][answer]);
                }
                let id = truth.evaluations + truth.calibrations + 1;
                *(if calibration { &mut truth.calibrations } else { &mut truth.evaluations }) += 1;
                csv.push_str(&format!(
                    "e{id:04},{},{},{},{},call,1,{contact_type},{}{marks}\n",
                    visit.id(),
                    AGENTS[agent].0,
                    REVIEWERS[reviewer],
                    self.iso(visit.ended + DAY + reviewer as i64 * HOUR),
                    if calibration { "calibration" } else { "regular" },
                ));
            }
        }
        (csv, truth)
    }
}

//! The contact centre at work: what happens, in the order in which it happens.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use chrono::FixedOffset;

use super::options::{AGENTS, DAY, DemoOptions, HALF_HOUR, HALF_HOURS, HOUR, MINUTE, QUEUES, SECOND, WEEKDAYS};
use super::random::Random;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    ShiftStart(usize),
    ShiftEnd(usize),
    PauseEnd(usize),
    WrapEnd(usize),
    Arrival { queue: usize, customer: usize },
    Leave(usize),
    NoAnswer(usize),
    Answer(usize),
    HangUp(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Ringing,
    Talking,
    Done,
}

/// One visit of a call to a queue.
pub(super) struct Visit {
    pub(super) call: String,
    pub(super) leg: u32,
    pub(super) customer: usize,
    pub(super) queue: usize,
    pub(super) state: State,
    pub(super) started: i64,
    pub(super) offered: i64,
    /// When the current ring began.
    pub(super) ring: i64,
    pub(super) rang: Option<i64>,
    pub(super) agent: Option<usize>,
    pub(super) answered: Option<i64>,
    pub(super) ended: i64,
    pub(super) outcome: &'static str,
    pub(super) hold: i64,
    pub(super) wrap: i64,
    pub(super) transferred: bool,
    pub(super) ring_no_answers: u64,
    pub(super) position: usize,
    pub(super) in_hours: bool,
}

impl Visit {
    pub(super) fn id(&self) -> String {
        if self.leg == 1 { self.call.clone() } else { format!("{}/{}", self.call, self.leg) }
    }

    pub(super) fn wait(&self) -> i64 {
        self.answered.unwrap_or(self.ended) - self.offered
    }

    pub(super) fn talk_and_hold(&self) -> i64 {
        self.answered.map_or(0, |answered| self.ended - answered)
    }
}

#[derive(Clone, Default)]
struct Agent {
    idle_since: Option<i64>,
    shift_end: i64,
    lunch: Option<i64>,
}

pub(super) struct Centre {
    random: Random,
    pub(super) options: DemoOptions,
    pub(super) zone: FixedOffset,
    now: i64,
    happenings: BinaryHeap<Reverse<(i64, u64, Happening)>>,
    scheduled: u64,
    channels: u64,
    agents: Vec<Agent>,
    waiting: Vec<VecDeque<usize>>,
    pub(super) visits: Vec<Visit>,
    pub(super) log: String,
}

impl Centre {
    pub(super) fn new(seed: u64, options: &DemoOptions, zone: FixedOffset) -> Self {
        let mut centre = Self {
            random: Random(seed),
            options: options.clone(),
            zone,
            now: options.start,
            happenings: BinaryHeap::new(),
            scheduled: 0,
            channels: 0,
            agents: vec![Agent::default(); AGENTS.len()],
            waiting: vec![VecDeque::new(); QUEUES.len()],
            visits: Vec::new(),
            log: String::new(),
        };
        for day in 0..i64::from(options.days) {
            centre.plan_day(options.start + day * DAY);
        }
        centre
    }

    /// Opening and closing on the day that begins at `midnight`, if it opens at all.
    fn hours(&self, midnight: i64) -> Option<(i64, i64)> {
        let (opens, closes) = self.options.open;
        let (opens, closes) = match self.weekday(midnight) {
            6 => return None,
            5 => (opens.max(10), closes.min(16)),
            _ => (opens, closes),
        };
        (opens < closes).then(|| (midnight + i64::from(opens) * HOUR, midnight + i64::from(closes) * HOUR))
    }

    /// 0 = Monday; 1 January 1970 was a Thursday.
    fn weekday(&self, midnight: i64) -> usize {
        let local_days = (midnight + i64::from(self.options.offset_minutes) * MINUTE).div_euclid(DAY);
        (local_days + 3).rem_euclid(7) as usize
    }

    fn plan_day(&mut self, midnight: i64) {
        let Some((opens, closes)) = self.hours(midnight) else { return };
        let saturday = self.weekday(midnight) == 5;
        for (agent, &(_, _, _, early)) in AGENTS.iter().enumerate() {
            let (from, to) = match (saturday, early) {
                (true, false) => continue,
                (true, true) => (opens, closes),
                (false, true) => (opens, closes.min(opens + 9 * HOUR)),
                (false, false) => (opens.max(closes - 9 * HOUR), closes),
            };
            self.schedule(from, Happening::ShiftStart(agent));
            self.schedule(to, Happening::ShiftEnd(agent));
        }
        let factor = WEEKDAYS[self.weekday(midnight)] * f64::from(self.options.volume) / 100.0;
        for (queue, kind) in QUEUES.iter().enumerate() {
            let mut from = midnight.max(opens - HALF_HOUR);
            while from < (closes + HALF_HOUR).min(midnight + DAY) {
                let weight = HALF_HOURS[((from - midnight) / HALF_HOUR).rem_euclid(48) as usize];
                let closed = if (opens..closes).contains(&from) { 1.0 } else { 0.1 };
                self.plan_half_hour(queue, from, kind.rate * weight * factor * closed);
                from += HALF_HOUR;
            }
        }
    }

    fn plan_half_hour(&mut self, queue: usize, from: i64, rate: f64) {
        let mut at = from;
        loop {
            at += self.duration(1800.0 / rate, f64::INFINITY);
            if at >= from + HALF_HOUR {
                return;
            }
            let customer = self.random.below(2500);
            self.schedule(at, Happening::Arrival { queue, customer });
        }
    }

    fn schedule(&mut self, at: i64, what: Happening) {
        self.happenings.push(Reverse((at, self.scheduled, what)));
        self.scheduled += 1;
    }

    /// An exponential duration with a mean and a longest, in seconds.
    fn duration(&mut self, mean: f64, longest: f64) -> i64 {
        let seconds = self.random.exponential(mean).min(longest);
        self.whole(seconds)
    }

    /// A lognormal duration with a median in seconds.
    fn lognormal(&mut self, median: f64) -> i64 {
        let seconds = (median * libm::exp(0.6 * self.random.normal())).clamp(5.0, 3600.0);
        self.whole(seconds)
    }

    pub(super) fn whole(&self, seconds: f64) -> i64 {
        if self.options.whole_seconds {
            libm::ceil(seconds.min(1e9)) as i64 * SECOND
        } else {
            libm::ceil(seconds.min(1e9) * 1e6) as i64
        }
    }

    pub(super) fn run(&mut self) {
        self.write("NONE", "NONE", "NONE", "QUEUESTART|");
        while let Some(Reverse((at, _, what))) = self.happenings.pop() {
            self.now = at;
            match what {
                Happening::ShiftStart(agent) => self.shift_start(agent),
                Happening::ShiftEnd(agent) if self.agents[agent].idle_since.is_some() => self.free(agent),
                Happening::PauseEnd(agent) => {
                    self.write("NONE", "NONE", AGENTS[agent].0, "UNPAUSEALL|");
                    self.free(agent);
                }
                Happening::WrapEnd(agent) => self.free(agent),
                Happening::Arrival { queue, customer } => self.arrive(queue, customer),
                Happening::Leave(visit) => self.leave(visit),
                Happening::NoAnswer(visit) if self.rings_now(visit) => self.no_answer(visit),
                Happening::Answer(visit) if self.rings_now(visit) => self.answer(visit),
                Happening::HangUp(visit) => self.hang_up(visit),
                Happening::ShiftEnd(_) | Happening::NoAnswer(_) | Happening::Answer(_) => {}
            }
        }
    }

    /// A ring ends with an event scheduled when it began; the caller may have left meanwhile, for good.
    fn rings_now(&self, visit: usize) -> bool {
        self.visits[visit].state == State::Ringing
    }

    fn epoch(&self, at: i64) -> String {
        if self.options.whole_seconds {
            (at / SECOND).to_string()
        } else {
            format!("{}.{:06}", at / SECOND, at % SECOND)
        }
    }

    fn write(&mut self, call: &str, queue: &str, agent: &str, event: &str) {
        let line = format!("{}|{call}|{queue}|{agent}|{event}\n", self.epoch(self.now));
        self.log.push_str(&line);
    }

    fn write_visit(&mut self, visit: usize, agent: &str, event: &str) {
        let call = self.visits[visit].call.clone();
        self.write(&call, QUEUES[self.visits[visit].queue].name, agent, event);
    }

    fn channel(&mut self) -> String {
        self.channels += 1;
        format!("{}.{}", self.now / SECOND, self.channels)
    }

    fn shift_start(&mut self, agent: usize) {
        let (name, queues, _, early) = AGENTS[agent];
        let midnight = self.now - (self.now - self.options.start) % DAY;
        let (opens, closes) = self.hours(midnight).unwrap_or((self.now, self.now));
        let shift_end = if early { closes.min(opens + 9 * HOUR) } else { closes };
        let lunch = self.now + 3 * HOUR + agent as i64 * 10 * MINUTE;
        self.agents[agent] = Agent { idle_since: None, shift_end, lunch: Some(lunch) };
        for queue in queues {
            self.write("MANAGER", QUEUES[*queue].name, name, "ADDMEMBER|");
        }
        self.free(agent);
    }

    /// The agent has nothing to do: home, lunch, the next call, or idle.
    fn free(&mut self, agent: usize) {
        let (name, queues, ..) = AGENTS[agent];
        self.agents[agent].idle_since = None;
        if self.now >= self.agents[agent].shift_end {
            for queue in queues {
                self.write("MANAGER", QUEUES[*queue].name, name, "REMOVEMEMBER|");
            }
            return;
        }
        if self.agents[agent].lunch.is_some_and(|lunch| lunch <= self.now) {
            self.agents[agent].lunch = None;
            self.write("NONE", "NONE", name, "PAUSEALL|lunch");
            self.schedule(self.now + HALF_HOUR, Happening::PauseEnd(agent));
            return;
        }
        let heads = queues.iter().filter_map(|queue| self.waiting[*queue].front().copied());
        match heads.min_by_key(|visit| (self.visits[*visit].offered, *visit)) {
            Some(visit) => {
                self.waiting[self.visits[visit].queue].pop_front();
                self.ring(visit, agent);
            }
            None => self.agents[agent].idle_since = Some(self.now),
        }
    }

    fn arrive(&mut self, queue: usize, customer: usize) {
        let call = self.channel();
        let menu = 3 * SECOND + self.duration(12.0, 120.0);
        self.enter(call, 1, customer, queue, self.now - menu);
    }

    fn enter(&mut self, call: String, leg: u32, customer: usize, queue: usize, started: i64) {
        let midnight = self.now - (self.now - self.options.start) % DAY;
        let in_hours = self.hours(midnight).is_some_and(|(opens, closes)| (opens..closes).contains(&self.now));
        let visit = self.visits.len();
        let position = 1 + self.waiting[queue].len();
        self.visits.push(Visit {
            call,
            leg,
            customer,
            queue,
            state: State::Waiting,
            started,
            offered: self.now,
            ring: 0,
            rang: None,
            agent: None,
            answered: None,
            ended: 0,
            outcome: "",
            hold: 0,
            wrap: 0,
            transferred: false,
            ring_no_answers: 0,
            position,
            in_hours,
        });
        self.write_visit(visit, "NONE", &format!("ENTERQUEUE||c{customer:04}|{position}"));
        self.plan_leaving(visit);
        if in_hours {
            self.seek_agent(visit);
        }
    }

    /// What will end the wait if nobody answers: the earliest of patience, key and time-out.
    fn plan_leaving(&mut self, visit: usize) {
        let kind = &QUEUES[self.visits[visit].queue];
        let patience = self.duration(kind.patience, 1e6);
        let key = if self.random.chance(0.03) { self.duration(60.0, 1e6) } else { i64::MAX };
        let longest = if self.visits[visit].in_hours { kind.longest_wait } else { 4 } * SECOND;
        let (after, outcome) = [(longest, "flow_out"), (patience, "abandoned"), (key, "key_exit")]
            .into_iter()
            .min_by_key(|(after, _)| *after)
            .unwrap_or((longest, "flow_out"));
        self.visits[visit].outcome = outcome;
        self.schedule(self.now + after, Happening::Leave(visit));
    }

    /// Rings at the agent of this queue who has been idle longest, or waits.
    fn seek_agent(&mut self, visit: usize) {
        let queue = self.visits[visit].queue;
        let idle = (0..AGENTS.len()).filter(|agent| AGENTS[*agent].1.contains(&queue));
        match idle.filter_map(|agent| self.agents[agent].idle_since.map(|since| (since, agent))).min() {
            Some((_, agent)) => self.ring(visit, agent),
            None if self.visits[visit].ring_no_answers > 0 => self.waiting[queue].push_front(visit),
            None => self.waiting[queue].push_back(visit),
        }
    }

    fn ring(&mut self, visit: usize, agent: usize) {
        self.agents[agent].idle_since = None;
        let now = self.now;
        let entry = &mut self.visits[visit];
        entry.state = State::Ringing;
        entry.ring = now;
        entry.rang.get_or_insert(now);
        entry.agent = Some(agent);
        if self.random.chance(0.03) {
            self.schedule(now + 15 * SECOND, Happening::NoAnswer(visit));
        } else {
            let ring = SECOND + self.duration(4.0, 13.0);
            self.schedule(now + ring, Happening::Answer(visit));
        }
    }

    fn no_answer(&mut self, visit: usize) {
        let Some(agent) = self.visits[visit].agent.take() else { return };
        self.visits[visit].state = State::Waiting;
        self.visits[visit].ring_no_answers += 1;
        self.write_visit(visit, AGENTS[agent].0, "RINGNOANSWER|15000");
        self.write("NONE", "NONE", AGENTS[agent].0, "PAUSEALL|missed a call");
        self.schedule(self.now + MINUTE, Happening::PauseEnd(agent));
        self.seek_agent(visit);
    }

    fn answer(&mut self, visit: usize) {
        let Some(agent) = self.visits[visit].agent else { return };
        let channel = self.channel();
        let mut conversation = self.lognormal(QUEUES[self.visits[visit].queue].talk);
        let hold = if self.random.chance(0.15) { self.duration(35.0, 300.0) } else { 0 };
        conversation += hold;
        let transferred = self.random.chance(0.04);
        let now = self.now;
        let entry = &mut self.visits[visit];
        entry.state = State::Talking;
        entry.answered = Some(now);
        entry.outcome = "answered";
        entry.hold = hold;
        entry.transferred = transferred;
        let (wait, ring) = ((now - entry.offered) / SECOND, (now - entry.ring) / SECOND);
        self.write_visit(visit, AGENTS[agent].0, &format!("CONNECT|{wait}|{channel}|{ring}"));
        self.schedule(now + conversation, Happening::HangUp(visit));
    }

    fn hang_up(&mut self, visit: usize) {
        let Some(agent) = self.visits[visit].agent else { return };
        let wrap = 5 * SECOND + self.duration(20.0, 600.0);
        let now = self.now;
        let by_caller = self.random.chance(0.6);
        let entry = &mut self.visits[visit];
        entry.state = State::Done;
        entry.ended = now;
        entry.wrap = wrap;
        let times = format!("{}|{}|{}", entry.wait() / SECOND, entry.talk_and_hold() / SECOND, entry.position);
        let event = match (entry.transferred, by_caller) {
            (true, _) => format!("BLINDTRANSFER|300|internal|{times}"),
            (false, true) => format!("COMPLETECALLER|{times}"),
            (false, false) => format!("COMPLETEAGENT|{times}"),
        };
        self.write_visit(visit, AGENTS[agent].0, &event);
        self.schedule(now + wrap, Happening::WrapEnd(agent));
    }

    fn leave(&mut self, visit: usize) {
        let entry = &mut self.visits[visit];
        let was_ringing = entry.state == State::Ringing;
        if !was_ringing && entry.state != State::Waiting {
            return;
        }
        entry.state = State::Done;
        entry.ended = self.now;
        let agent = entry.agent.take();
        let ring = (self.now - entry.ring) / 1000;
        let (queue, outcome, in_hours) = (entry.queue, entry.outcome, entry.in_hours);
        let position = self.waiting[queue].iter().position(|other| *other == visit);
        if let Some(index) = position {
            self.waiting[queue].remove(index);
        }
        if let Some(agent) = agent {
            self.write_visit(visit, AGENTS[agent].0, &format!("RINGCANCELED|{ring}"));
        }
        let entry = &self.visits[visit];
        let times = format!("{}|{}|{}", 1 + position.unwrap_or(0), entry.position, entry.wait() / SECOND);
        let event = match (outcome, in_hours) {
            ("abandoned", _) => format!("ABANDON|{times}"),
            ("key_exit", _) => format!("EXITWITHKEY|1|{times}"),
            (_, true) => format!("EXITWITHTIMEOUT|{times}"),
            (_, false) => format!("EXITEMPTY|{times}"),
        };
        self.write_visit(visit, "NONE", &event);
        if let (true, "flow_out", Some(overflow)) = (in_hours, outcome, QUEUES[queue].overflow) {
            let entry = &self.visits[visit];
            let (call, customer, started) = (entry.call.clone(), entry.customer, entry.started);
            self.enter(call, 2, customer, overflow, started);
        }
        if let Some(agent) = agent {
            self.free(agent);
        }
    }
}

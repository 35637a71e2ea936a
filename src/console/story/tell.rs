//! From what the ledger knows to a time line that people read: what happened, when, why. Pure, and no
//! content.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::deeds::done;
use super::super::names::way;
use super::super::standing::{Standing, of_delivery, of_duty, of_item, of_receipt, what};
use super::super::words::{capacity, capital, clock, day};
use super::Seen;
use crate::duty::Duty;
use crate::ledger::audit::Action;
use crate::ledger::delivery;
use crate::ledger::item::State;
use crate::ledger::trace::{DeliveryStory, EventStory, Step, Story, Whole};
use crate::ledger::wish;

/// The names of mailboxes and of municipalities by their ids.
pub(super) type Names = BTreeMap<String, String>;

/// A story, or those of a case, told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// What came.
    pub(super) heads: Vec<Head>,
    /// What happened, in order.
    pub(super) moments: Vec<Moment>,
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) item: i64,
    pub(super) what: String,
    pub(super) state: Standing,
    pub(super) case: Option<String>,
    pub(super) facts: Vec<(&'static str, String)>,
    /// Why it does not go on: the code, and in words.
    pub(super) reason: Option<(String, String)>,
    /// What it repeats.
    pub(super) same_as: Option<i64>,
    /// Whether its reader may look at the content.
    pub(super) content: bool,
    /// What receivers have said of it that can be looked at: the delivery, and who said it.
    pub(super) said: Vec<(i64, String)>,
}

/// Something that happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Moment {
    at: Timestamp,
    pub(super) time: String,
    pub(super) title: String,
    pub(super) lines: Vec<String>,
    /// What few want to read: the edition of the agreement.
    pub(super) edition: Option<String>,
    /// How the page's style knows it.
    pub(super) class: &'static str,
    /// A page that says more.
    pub(super) code: Option<String>,
}

impl Told {
    /// Tells stories as one.
    pub(super) fn of(stories: &[Seen], names: &Names, now: Timestamp) -> Self {
        let several = stories.len() > 1;
        let (mut told, mut answered) = (Self::default(), BTreeSet::new());
        for Seen { whole, content } in stories {
            told.heads.push(head(&whole.story, *content, names));
            let lead = if several { format!("#{}: ", whole.story.item.seq) } else { String::new() };
            let mut teller = Teller { names, now, lead, answered: &mut answered, moments: Vec::new() };
            teller.tell(whole);
            told.moments.append(&mut teller.moments);
        }
        // What happened in one moment keeps the order in which it is told.
        told.moments.sort_by_key(|moment| moment.at);
        told
    }
}

fn head(story: &Story, content: bool, names: &Names) -> Head {
    let item = &story.item;
    let mut facts = vec![("Kilde", story.message.source.clone()), ("Nummer hos kilden", item.key.clone())];
    if let Some(event) = &story.event {
        let residence = event.residence.clone().unwrap_or_else(|| "ikke oplyst".to_owned());
        facts.extend([
            ("Afsender", event.source.clone()),
            ("Lov", event.law.clone().unwrap_or_else(|| "ingen".to_owned())),
            ("Bopælskommune", residence),
            ("Afgørende dag", event.day.parse().map_or_else(|_no_day| event.day.clone(), day)),
        ]);
    }
    let told = story.event.iter().flat_map(|event| &event.deliveries).filter(|it| !it.receipts.is_empty());
    Head {
        item: item.seq,
        what: what(&item.what),
        state: of_item(item.state),
        case: story.event.as_ref().map(|event| event.case.clone()).or_else(|| item.case.clone()),
        facts,
        reason: item.reason.as_ref().map(|reason| (reason.code.as_str().to_owned(), reason.text.clone())),
        same_as: item.same_as,
        content,
        said: told.map(|it| (it.delivery.seq, named(names, &it.delivery.mailbox))).filter(|_| content).collect(),
    }
}

fn named(names: &Names, mailbox: &str) -> String {
    names.get(mailbox).map_or_else(|| mailbox.to_owned(), |name| format!("{name} ({mailbox})"))
}

fn party<'a>(names: &'a Names, id: &'a str) -> &'a str {
    names.get(id).map_or(id, String::as_str)
}

struct Teller<'a> {
    names: &'a Names,
    now: Timestamp,
    /// What stands before each moment, where several stories are told.
    lead: String,
    /// The answers that were told: one message's are those of each letter in it.
    answered: &'a mut BTreeSet<i64>,
    moments: Vec<Moment>,
}

impl Teller<'_> {
    fn add(&mut self, at: Timestamp, class: &'static str, title: &str, lines: Vec<String>) {
        let (time, title) = (clock(at, self.now), format!("{}{title}", self.lead));
        self.moments.push(Moment { at, time, title, lines, edition: None, class, code: None });
    }

    fn tell(&mut self, Whole { story, actions, duties }: &Whole) {
        let item = &story.item;
        let by = story.message.sender_user.as_ref().map(|user| format!("Sendt af brugeren {user} hos RabbitMQ."));
        self.add(
            story.message.received,
            "stille",
            &format!("Modtaget fra {}", story.message.source),
            by.into_iter().collect(),
        );
        for (place, step) in story.states.iter().enumerate() {
            self.item_step(story, step, place + 1 == story.states.len());
        }
        for wish in &story.wishes {
            self.wish(wish);
        }
        if let Some(event) = &story.event {
            self.deliveries(&event.deliveries);
        }
        for (duty, steps) in duties {
            self.duty(duty, steps);
        }
        for (reply, deliveries) in &story.answers {
            if !self.answered.insert(reply.seq) {
                continue;
            }
            let code = reply.code.as_ref().map_or_else(String::new, |code| format!(" ({code})"));
            let name = format!("Kvittering {}{code} til {}", reply.kind, reply.to);
            for delivery in deliveries {
                self.delivery(delivery, &name);
            }
        }
        for notice in &story.notices {
            self.notice(notice);
        }
        for action in actions {
            self.action(action, item.seq);
        }
    }

    fn item_step(&mut self, story: &Story, step: &Step, last: bool) {
        let state = State::ALL.into_iter().find(|state| state.name() == step.state);
        let Some(state) = state else { return };
        let standing = of_item(state);
        let (title, lines) = match state {
            State::Routed => (
                "Fordelt".to_owned(),
                story.event.as_ref().map(|event| decision(event, self.names)).unwrap_or_default(),
            ),
            State::Recorded => (
                "Registreret: ingen skal have den".to_owned(),
                story.event.as_ref().map(|event| decision(event, self.names)).unwrap_or_default(),
            ),
            State::Duplicate => {
                let first = story.item.same_as.map(|first| format!("Den er som #{first}. Intet er sendt igen."));
                ("Set før".to_owned(), first.into_iter().collect())
            }
            State::Waiting => ("Venter på noget, der skal afgøres først".to_owned(), Vec::new()),
            State::Parked => ("Parkeret: venter på et menneske".to_owned(), Vec::new()),
            State::Discarded => ("Kasseret: den går ikke videre".to_owned(), Vec::new()),
        };
        self.add(step.at, standing.class, &title, lines);
        if let (State::Routed | State::Recorded, Some(moment)) = (state, self.moments.last_mut()) {
            moment.edition = story.event.as_ref().and_then(edition);
        }
        if let (true, Some(reason), Some(moment)) = (last, &story.item.reason, self.moments.last_mut()) {
            moment.lines.push(reason.text.clone());
            moment.code = Some(reason.code.as_str().to_owned());
        }
    }

    fn wish(&mut self, wish: &wish::Wish) {
        let whom = match wish.service.split_once('.') {
            Some((_, source)) => format!("kilden til indholdet fra {source}"),
            None => "opslaget af bopæl".to_owned(),
        };
        self.add(wish.since, "stille", &format!("Spurgt: {whom}"), Vec::new());
        let answer = match wish.state {
            wish::State::Open => return,
            wish::State::Answered => "Svar fra",
            wish::State::Unknown => "Intet kendt hos",
            wish::State::Silent => "Opgivet: intet svar fra",
            wish::State::Dropped => "Ikke længere spurgt:",
        };
        self.add(wish.settled.unwrap_or(wish.since), "stille", &format!("{answer} {whom}"), Vec::new());
    }

    fn deliveries(&mut self, deliveries: &[DeliveryStory]) {
        for delivery in deliveries {
            let it = &delivery.delivery;
            let capacity = capacity(&it.capacity);
            let name = format!("{} til {}", capital(capacity), named(self.names, &it.mailbox));
            self.delivery(delivery, &name);
        }
    }

    fn delivery(&mut self, story: &DeliveryStory, name: &str) {
        let it = &story.delivery;
        for (place, step) in story.states.iter().enumerate() {
            let state = delivery::State::ALL.into_iter().find(|state| state.name() == step.state);
            let Some(state) = state else { continue };
            let (standing, last) = (of_delivery(state), place + 1 == story.states.len());
            // That it was to be sent is told by the decision, unless it is all that has happened.
            if state == delivery::State::Waiting && !last {
                continue;
            }
            let mut lines = vec![format!("Vej: {}.", way(&it.channel))];
            if last && it.attempts > 1 {
                lines.push(format!("Forsøg: {}.", it.attempts));
            }
            if let (true, Some(edition)) = (last, &it.why.corrected_by) {
                lines.push(format!("Rettet efter aftalens udgave {edition}."));
            }
            self.add(step.at, standing.class, &format!("{name}: {}", standing.word), lines);
            if let (true, Some(reason), Some(moment)) = (last, &it.reason, self.moments.last_mut()) {
                moment.lines.push(reason.text.clone());
                moment.code = Some(reason.code.as_str().to_owned());
            }
        }
        for receipt in &story.receipts {
            let title = format!("{} har {}", named(self.names, &it.mailbox), of_receipt(&receipt.state));
            let class = if ["rejected", "failed"].contains(&receipt.state.as_str()) { "obs" } else { "god" };
            self.add(receipt.at, class, &title, Vec::new());
        }
    }

    fn duty(&mut self, duty: &Duty, steps: &[Step]) {
        let due = duty.due.date.map_or_else(|| "uden frist".to_owned(), |date| format!("senest {}", day(date)));
        let terms = &duty.terms;
        let mut before = None;
        for step in steps {
            if before == Some(&step.state) {
                continue;
            }
            let first = before.is_none();
            before = Some(&step.state);
            let state = crate::duty::State::named(&step.state);
            let word = state.map_or("", |state| of_duty(state).word);
            let title = if first {
                format!("Pligt for {}: {}", party(self.names, &terms.owed_by), terms.what)
            } else {
                format!("Pligten er {word}: {}", terms.what)
            };
            let mut lines = Vec::new();
            if first {
                lines.push(format!("{}. {}", capital(&due), duty.due.reason));
                lines.push(format!("Efter {}.", terms.clause));
            } else if let Some(because) = &duty.closed_because {
                lines.push(because.clone());
            }
            self.add(
                step.at,
                state.map_or("stille", |state| if first { "stille" } else { of_duty(state).class }),
                &title,
                lines,
            );
        }
    }

    fn notice(&mut self, notice: &EventStory) {
        let at = notice.at.unwrap_or(notice.time);
        let lines = notice.decision.told.iter().cloned().collect();
        self.add(at, "obs", &format!("Budstikken meddelte: {}", what(&notice.kind)), lines);
        self.deliveries(&notice.deliveries);
    }

    fn action(&mut self, action: &Action, item: i64) {
        let about = if action.target == format!("#{item}") { "beskeden" } else { "en levering" };
        let lines = Some(action.reason.clone()).filter(|it| !it.is_empty()).map(|it| format!("Begrundelse: {it}"));
        self.add(
            action.at,
            "stille",
            &format!("{} {} ({about})", action.user, done(&action.what)),
            lines.into_iter().collect(),
        );
    }
}

/// Why it was decided so.
fn decision(event: &EventStory, names: &Names) -> Vec<String> {
    let decision = &event.decision;
    let mut lines = Vec::new();
    if !decision.performer.is_empty() {
        lines.push(format!("Udføres af {}.", party(names, &decision.performer)));
    }
    if let Some(nobody) = &decision.nobody {
        lines.push(nobody.clone());
    }
    for because in decision.clauses() {
        let standing = because.standing.map_or_else(String::new, |it| format!(", {it}"));
        lines.push(format!("Efter {} ({}), regel {}{standing}.", because.clause, because.document, because.rule));
    }
    lines.extend(decision.told.clone());
    lines
}

/// The edition of the agreement by which it was decided, all of its parts: for whoever must prove it.
fn edition(event: &EventStory) -> Option<String> {
    let decision = &event.decision;
    let named = !decision.agreement.is_empty();
    named.then(|| format!("{}: {}.", decision.agreement, decision.editions().join(", ")))
}

//! Which party plays which part towards one event.

use budstikke_contract::event::Event;
use budstikke_contract::law::LawRef;
use budstikke_contract::reason::Reason;
use serde_json::Value;

use super::{NO_AREA, NO_PERFORMER, SENDER_NOT_ALLOWED, UNKNOWN_TEAM};
use crate::agreement::model::{
    Agreement, Clause, MailboxId, Matter, PartyId, PerformerBy, Role, RoleMailbox, Rule, Sender, Standing, Team,
};
use crate::residence;

/// The parties of one event.
#[derive(Debug, Clone)]
pub(super) struct Parties<'a> {
    agreement: &'a Agreement,
    /// Where the citizen lives; `None` where the event is about no citizen.
    pub(super) residence: Option<PartyId>,
    /// Who performs the task, and where that is agreed.
    pub(super) responsible: Option<Responsible>,
    /// The party that sent it; `None` for those outside the agreement.
    pub(super) sender: Option<PartyId>,
    /// The area of work that the event or its rule names.
    area: Option<String>,
}

/// Who asked the question that an event answers.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) party: PartyId,
    /// The team that asked; `None` where only the rule about the answer says.
    pub(super) mailbox: Option<MailboxId>,
}

/// Who performs, and where that is agreed.
#[derive(Debug, Clone)]
pub(super) struct Responsible {
    pub(super) performer: PartyId,
    pub(super) matter: Matter,
    pub(super) clause: Clause,
    pub(super) standing: Standing,
    /// Whether it rests on an age that is not known.
    pub(super) age_unknown: bool,
    /// Who gets its events too.
    pub(super) also: Vec<MailboxId>,
}

impl<'a> Parties<'a> {
    /// `law` is the one that the event names, in its attributes or its data.
    pub(super) fn find(
        agreement: &'a Agreement,
        rule: &Rule,
        event: &Event,
        law: Option<&LawRef>,
    ) -> Result<Self, Reason> {
        let sender = agreement.party(event.source.party()).map(|party| party.id.clone());
        let home = event.residence.and_then(|code| agreement.party_of(code)).map(|party| party.id.clone());
        if home.is_none() && (!rule.without_residence || event.residence.is_some()) {
            return Err(residence::outside(event.residence));
        }
        let area = rule.area.clone().or_else(|| area_of(agreement, event));
        let mut parties = Self { agreement, residence: home, responsible: None, sender, area };
        parties.responsible = parties.find_responsible(rule, event, law)?;
        Ok(parties)
    }

    /// Who performs, by what the rule says. For what is about no citizen, it is whoever performs
    /// for the citizens of the party that sends: who supervises or asks does so for its own.
    fn find_responsible(
        &self,
        rule: &Rule,
        event: &Event,
        law: Option<&LawRef>,
    ) -> Result<Option<Responsible>, Reason> {
        let matter = match &rule.performer_by {
            PerformerBy::Nothing => return Ok(None),
            PerformerBy::Matter(matter) => matter.clone(),
            PerformerBy::Event => self.matter_of(event, law)?,
        };
        let Some(home) = self.residence.as_ref().or(self.sender.as_ref()) else { return Ok(None) };
        let day = event.deciding_date();
        let Some(found) = self.agreement.responsibility(&matter, home, event) else {
            let text = format!(
                "Aftalen siger ikke, hvem der udfører {matter} for borgere i {home} den {day}. Ret loven eller området, eller tilføj et ansvar og send igen."
            );
            return Err(Reason::new(NO_PERFORMER, text));
        };
        let Some(performer) = &found.performer else {
            let note = found.note.as_deref().map_or_else(String::new, |note| format!(" {note}"));
            let text =
                format!("Ingen af parterne udfører {matter} for denne borger den {day} ({}).{note}", found.clause);
            return Err(Reason::new(NO_PERFORMER, text));
        };
        let age_unknown =
            found.when.facts().filter_map(|id| self.agreement.facts.get(id)).any(|fact| fact.is_unknown_age(event));
        Ok(Some(Responsible {
            performer: performer.clone(),
            matter,
            clause: found.clause.clone(),
            // Who performs by an age that is not known is a reading.
            standing: if age_unknown { found.standing.max(Standing::Interpretation) } else { found.standing },
            age_unknown,
            also: found.also.clone(),
        }))
    }

    /// The matter that an event names: its law, else its area. A law stands for its area only where
    /// it belongs to that whole: one that nobody has delegated is not the area's performer's.
    fn matter_of(&self, event: &Event, law: Option<&LawRef>) -> Result<Matter, Reason> {
        match (law, &self.area) {
            (Some(law), Some(area)) if self.agreement.work.get(area).is_some_and(|work| work.has(law)) => {
                let settled = Matter::Law(law.clone());
                // Of a law that belongs to several areas, the area says which part is meant.
                let own = *law != law.whole() && self.agreement.settles(&settled);
                Ok(if own { settled } else { Matter::Area(area.clone()) })
            }
            (Some(law), _) => Ok(Matter::Law(self.agreement.known_as(law))),
            (None, Some(area)) => Ok(Matter::Area(area.clone())),
            (None, None) => Err(no_area(event)),
        }
    }

    fn performer(&self) -> Option<&PartyId> {
        self.responsible.as_ref().map(|it| &it.performer)
    }

    /// Of residence and performer, the one that is not the sender. Where one party is both, it is
    /// the other one too: a municipality may ask itself, and one of its teams another.
    fn other(&self) -> Option<&PartyId> {
        let (residence, performer) = (self.residence.as_ref()?, self.performer()?);
        match &self.sender {
            Some(sender) if sender == residence => Some(performer),
            Some(sender) if sender == performer => Some(residence),
            Some(_) | None => None,
        }
    }

    /// Of the parties of the agreement, the one that did not send; `None` where that is not just one.
    fn counterpart(&self) -> Option<&PartyId> {
        let sender = self.sender.as_ref()?;
        let mut others = self.agreement.parties.iter().map(|party| &party.id).filter(|id| *id != sender);
        others.next().filter(|_| others.next().is_none())
    }

    /// The mailbox that an answer to this event goes to: the team that its sender names, else the one that the
    /// rule about the question lets answer for that party. `None` where the rule about the answer says.
    pub(super) fn asks(&self, rule: &Rule, event: &Event) -> Result<Option<MailboxId>, Reason> {
        let Some(sender) = &self.sender else { return Ok(None) };
        if let Some(team) = event.data.get("asking_team").and_then(Value::as_str) {
            let named = MailboxId::new(sender, team);
            return if self.agreement.mailboxes.contains_key(&named) { Ok(Some(named)) } else { Err(no_team(sender)) };
        }
        let by_part = rule.receivers.iter().find(|it| matches!(it.mailbox.team, Team::ByPart { .. }));
        let Some(receiver) = by_part else { return Ok(None) };
        let own = RoleMailbox { role: Role::Asker, team: receiver.mailbox.team.clone() };
        self.mailbox(&own, Some(&Asker { party: sender.clone(), mailbox: None })).map(Some)
    }

    pub(super) fn role(&self, role: &Role, asker: Option<&Asker>) -> Result<PartyId, Reason> {
        let party = match role {
            Role::Residence => self.residence.as_ref(),
            Role::Performer => self.performer(),
            Role::Other => self.other(),
            Role::Counterpart => self.counterpart(),
            Role::Asker => asker.map(|it| &it.party),
            Role::Party(party) => Some(party),
        };
        party.cloned().ok_or_else(|| {
            let text = "Afsenderen er hverken borgerens bopælskommune eller den udførende kommune, så den anden part kan ikke findes.";
            Reason::new(SENDER_NOT_ALLOWED, text).at("$.source")
        })
    }

    pub(super) fn mailbox(&self, mailbox: &RoleMailbox, asker: Option<&Asker>) -> Result<MailboxId, Reason> {
        let party = self.role(&mailbox.role, asker)?;
        // The team that asked, as long as it is there.
        let asked = asker.filter(|_| mailbox.role == Role::Asker).and_then(|it| it.mailbox.as_ref());
        if let Some(asked) = asked.filter(|it| self.agreement.mailboxes.contains_key(it)) {
            return Ok(asked.clone());
        }
        let team = match &mailbox.team {
            Team::Named(team) => Some(team.as_str()),
            Team::ByPart { residence, performer } => {
                // Where one party is both, the performer's team is the one that asks, and the other answers.
                let performs = self.performer() == Some(&party);
                let lives = self.residence.as_ref() == Some(&party);
                let asks = mailbox.role == Role::Asker;
                Some(if performs && (!lives || asks) { performer.as_str() } else { residence.as_str() })
            }
            Team::OfArea => self.area.as_ref().and_then(|area| self.agreement.work.get(area)?.team(&party)),
        };
        team.map(|team| MailboxId::new(&party, team)).ok_or_else(|| {
            let text = "Hændelsen siger ikke, hvilket område den hører til, så holdet kan ikke findes. Afsenderen skal udfylde `area` med et af aftalens områder.";
            Reason::new(NO_AREA, text).at("$.data.area")
        })
    }

    pub(super) fn check_sender(&self, rule: &Rule, event: &Event) -> Result<(), Reason> {
        let from = event.source.party();
        let allowed = rule.senders.iter().any(|sender| match sender {
            Sender::Anyone => true,
            Sender::Outsider(outsider) => outsider == from,
            Sender::Role(role) => self.role(role, None).is_ok_and(|party| party.as_str() == from),
        });
        if allowed {
            return Ok(());
        }
        let whose = self.residence.as_ref().map_or_else(String::new, |home| format!(" for en borger i {home}"));
        let text = format!(
            "`{from}` kan ikke sende {}{whose} (regel {}, {}). Ret afsenderen, eller aftalen.",
            event.kind, rule.id, rule.clause
        );
        Err(Reason::new(SENDER_NOT_ALLOWED, text).at("$.source"))
    }
}

/// The area of work that an event names, where the agreement knows it.
fn area_of(agreement: &Agreement, event: &Event) -> Option<String> {
    let said = event.data.get("area").and_then(Value::as_str)?;
    agreement.work.contains_key(said).then(|| said.to_owned())
}

fn no_team(sender: &PartyId) -> Reason {
    let text = format!(
        "Afsenderen nævner et hold, der skal have svaret, men `{sender}` har ingen postkasse af det navn. Ret `asking_team`, eller udelad det."
    );
    Reason::new(UNKNOWN_TEAM, text).at("$.data.asking_team")
}

fn no_area(event: &Event) -> Reason {
    let text = format!(
        "{} siger hverken lov eller område, så den udførende kommune kan ikke findes. Afsenderen skal udfylde `law` eller `area`.",
        event.kind
    );
    Reason::new(NO_AREA, text).at("$.law")
}

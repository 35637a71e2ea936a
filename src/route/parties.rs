//! Which party plays which part towards one event.

use budstikke_contract::event::Event;
use budstikke_contract::reason::Reason;
use jiff::civil::Date;

use super::{NO_PERFORMER, SENDER_NOT_ALLOWED};
use crate::agreement::model::{Agreement, MailboxId, PartyId, Role, RoleMailbox, Rule, Sender};
use crate::residence;

/// The parties of one event.
#[derive(Debug, Clone)]
pub(super) struct Parties {
    pub(super) residence: PartyId,
    pub(super) performer: PartyId,
    /// The party that sent it; `None` for those outside the agreement.
    pub(super) sender: Option<PartyId>,
}

impl Parties {
    pub(super) fn find(agreement: &Agreement, rule: &Rule, event: &Event, day: Date) -> Result<Self, Reason> {
        let home = event.residence.and_then(|code| agreement.party_of(code));
        let Some(home) = home else { return Err(residence::outside(event.residence)) };
        let Some(responsible) = agreement.responsibility(&rule.performer_by, &home.id, day) else {
            let text = format!(
                "Ingen udfører {} for borgere i {} den {day}: dagen ligger før aftalen.",
                rule.performer_by, home.name
            );
            return Err(Reason::new(NO_PERFORMER, text));
        };
        Ok(Self {
            residence: home.id.clone(),
            performer: responsible.performer.clone(),
            sender: agreement.party(event.source.party()).map(|party| party.id.clone()),
        })
    }

    /// Of residence and performer, the one that is not the sender. Where one party is both, it is
    /// the other one too: a municipality may ask itself, and one of its teams another.
    pub(super) fn other(&self) -> Option<&PartyId> {
        match &self.sender {
            Some(sender) if *sender == self.residence => Some(&self.performer),
            Some(sender) if *sender == self.performer => Some(&self.residence),
            Some(_) | None => None,
        }
    }

    pub(super) fn role(&self, role: &Role, asker: Option<&PartyId>) -> Result<PartyId, Reason> {
        let party = match role {
            Role::Residence => Some(&self.residence),
            Role::Performer => Some(&self.performer),
            Role::Other => self.other(),
            Role::Asker => asker,
            Role::Party(party) => Some(party),
        };
        party.cloned().ok_or_else(|| {
            let text = "Afsenderen er hverken borgerens bopælskommune eller den udførende kommune, så den anden part kan ikke findes.";
            Reason::new(SENDER_NOT_ALLOWED, text).at("$.source")
        })
    }

    pub(super) fn mailbox(&self, mailbox: &RoleMailbox, asker: Option<&PartyId>) -> Result<MailboxId, Reason> {
        Ok(MailboxId::new(&self.role(&mailbox.role, asker)?, &mailbox.team))
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
        let text = format!(
            "`{from}` kan ikke sende {} for en borger i {} (regel {}, {}). Ret afsenderen, eller aftalen.",
            event.kind, self.residence, rule.id, rule.clause
        );
        Err(Reason::new(SENDER_NOT_ALLOWED, text).at("$.source"))
    }
}

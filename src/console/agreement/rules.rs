//! The rules of an agreement, as people read them.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::{names, words};
use crate::agreement::matrix::condition;
use crate::agreement::model::{Agreement, Duty, Role, RoleMailbox, Rule, Sender, Standing, Team};

/// A rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::console) struct Line {
    /// Its name.
    pub(super) rule: String,
    /// The kind of event: `rehab.plan.received`.
    pub(super) event: String,
    /// What the kind is called.
    pub(super) title: String,
    /// The area of the event: `rehab`.
    pub(super) area: String,
    /// The laws that it holds for; none where it holds whatever the law is.
    pub(super) laws: Vec<String>,
    /// The subject that it holds for.
    pub(super) kle: Option<String>,
    /// On what conditions; empty where there are none.
    pub(super) condition: String,
    /// The first day.
    pub(super) from: String,
    /// The last day; none where no end has been agreed.
    pub(super) to: Option<String>,
    /// Who may send it.
    pub(super) senders: Vec<String>,
    /// Who gets it.
    pub(super) receivers: Vec<Gets>,
    /// Why nobody gets it, where nobody does.
    pub(super) nobody: Option<String>,
    /// What comes to be owed.
    pub(super) duties: Vec<Owes>,
    /// What it fulfils.
    pub(super) fulfils: Vec<String>,
    /// The rule that it adds to.
    pub(super) supplements: Option<String>,
    /// Where it is agreed.
    pub(super) clause: String,
    /// The title of the clause's document.
    pub(super) document: String,
    /// `fortolkning` or `under afklaring`, where the clause does not say it outright.
    pub(super) standing: Option<&'static str>,
    /// What it says, for people.
    pub(super) text: Option<String>,
}

/// Who gets an event.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::console) struct Gets {
    /// Who, by the part that they play.
    pub(super) who: String,
    /// `task` or `information`.
    #[serde(rename = "as")]
    pub(super) capacity: &'static str,
    /// Where that is agreed.
    pub(super) clause: String,
    #[serde(skip)]
    pub(super) teams: Vec<String>,
}

impl Gets {
    /// In what capacity, in Danish.
    pub(super) fn said(&self) -> &'static str {
        words::capacity(self.capacity)
    }
}

/// What comes to be owed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::console) struct Owes {
    /// What.
    pub(super) what: String,
    /// By whom.
    pub(super) owed_by: Vec<String>,
    /// By when.
    pub(super) due: Option<String>,
    /// On what conditions; empty where there are none.
    pub(super) condition: String,
    /// Where it is agreed.
    pub(super) clause: String,
}

/// All of an agreement's rules, in the order of its files.
pub(super) fn lines(agreement: &Agreement) -> Vec<Line> {
    agreement.rules.iter().map(|rule| line(agreement, rule)).collect()
}

fn line(agreement: &Agreement, rule: &Rule) -> Line {
    let laws = rule.law.iter().chain(&rule.within).map(ToString::to_string);
    let gets = rule.receivers.iter().map(|it| Gets {
        who: mailbox(agreement, &it.mailbox),
        capacity: it.capacity.name(),
        clause: it.clause.to_string(),
        teams: teams(&it.mailbox.team),
    });
    let owes = rule.duties.iter().filter_map(|id| agreement.duties.get(id)).map(|duty| owes(agreement, duty));
    let fulfils = agreement.duties.values().filter(|duty| duty.met_by.contains(&rule.event));
    Line {
        rule: rule.id.clone(),
        event: rule.event.name().to_owned(),
        title: names::happening(rule.event.name()).to_owned(),
        area: rule.event.area().to_owned(),
        laws: laws.collect(),
        kle: rule.kle.as_ref().map(ToString::to_string),
        condition: condition(agreement, &rule.when),
        from: rule.period.from.to_string(),
        to: rule.period.to.map(|to| to.to_string()),
        senders: rule.senders.iter().map(|it| sender(agreement, it)).collect(),
        receivers: gets.collect(),
        nobody: rule.nobody.clone(),
        duties: owes.collect(),
        fulfils: fulfils.map(|duty| duty.what.clone()).collect(),
        supplements: rule.supplements.clone(),
        clause: rule.clause.to_string(),
        document: agreement.document_title(&rule.clause).to_owned(),
        standing: Standing::remark(rule.standing),
        text: rule.text.clone(),
    }
}

fn owes(agreement: &Agreement, duty: &Duty) -> Owes {
    let due = duty.due.as_ref().map(|due| due.reckoned.sentence(due.number, &due.called));
    Owes {
        what: duty.what.clone(),
        owed_by: duty.owed_by.iter().map(|it| role(agreement, it)).collect(),
        due,
        condition: condition(agreement, &duty.when),
        clause: duty.clause.to_string(),
    }
}

fn role(agreement: &Agreement, role: &Role) -> String {
    match role {
        Role::Residence => "bopælskommunen".to_owned(),
        Role::Performer => "udføreren".to_owned(),
        Role::Other => "den anden af de to".to_owned(),
        Role::Counterpart => "den anden kommune".to_owned(),
        Role::Asker => "den, der spurgte".to_owned(),
        Role::Party(id) => names::party(agreement, id.as_str()).to_owned(),
    }
}

fn sender(agreement: &Agreement, sender: &Sender) -> String {
    match sender {
        Sender::Role(of) => role(agreement, of),
        Sender::Outsider(name) => name.clone(),
        Sender::Anyone => "enhver, som aftalen kender".to_owned(),
    }
}

fn mailbox(agreement: &Agreement, mailbox: &RoleMailbox) -> String {
    let team = match &mailbox.team {
        Team::Named(name) => name.clone(),
        Team::OfArea => "områdets hold".to_owned(),
        Team::ByPart { residence, performer } => format!("{residence} (som bopæl) eller {performer} (som udfører)"),
    };
    format!("{}: {team}", role(agreement, &mailbox.role))
}

fn teams(team: &Team) -> Vec<String> {
    match team {
        Team::Named(name) => vec![name.clone()],
        Team::OfArea => Vec::new(),
        Team::ByPart { residence, performer } => vec![residence.clone(), performer.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Book;

    #[test]
    fn every_rule_says_who_gets_it_and_by_which_clause() {
        let book = Book::read(&crate::agreement::tests::shipped()).unwrap();
        let all = lines(&book.newest()[0]);
        assert!(all.len() > 50, "{}", all.len());
        for line in &all {
            assert!(!line.receivers.is_empty() || line.nobody.is_some(), "{}", line.rule);
            assert!(!line.clause.is_empty() && !line.document.is_empty(), "{}", line.rule);
        }
        let plan = all.iter().find(|line| line.event == "rehab.plan.received").unwrap();
        let gets: Vec<(&str, &str)> = plan.receivers.iter().map(|it| (it.who.as_str(), it.said())).collect();
        assert!(gets.contains(&("udføreren: genoptraening", "opgave")), "{gets:?}");
        assert!(plan.duties.iter().any(|it| it.due.as_deref() == Some("7 dage efter udskrivning")), "{plan:?}");
        assert!(all.iter().any(|line| line.standing == Some("fortolkning")), "what is a reading is marked");
    }
}

//! A story with what people did about it and how its duties went.

use super::{Step, Story};
use crate::duty::Duty;
use crate::ledger::audit::Action;
use crate::ledger::{Error, Reader, duty};

/// All that is told of one item.
#[derive(Debug, Clone)]
pub struct Whole {
    /// Its story.
    pub story: Story,
    /// What people did to it and to its deliveries.
    pub actions: Vec<Action>,
    /// The duties that it opened, and when each came into which state.
    pub duties: Vec<(Duty, Vec<Step>)>,
}

impl Reader<'_> {
    /// All that is told of an item.
    pub fn whole_story(&mut self, item: i64) -> Result<Whole, Error> {
        let story = self.story(item)?;
        self.with_actions(story)
    }

    /// A story, with all that is told beside it.
    pub fn with_actions(&mut self, story: Story) -> Result<Whole, Error> {
        let mut actions = self.actions_on(&format!("#{}", story.item.seq))?;
        let own = story.event.iter().flat_map(|event| &event.deliveries);
        let answers = story.answers.iter().flat_map(|(_, deliveries)| deliveries);
        for delivery in own.chain(answers) {
            actions.extend(self.actions_on(&delivery.delivery.id.to_string())?);
        }
        let mut duties = Vec::new();
        for owed in story.event.iter().flat_map(|event| &event.duties) {
            let number = duty::number(self.sql, owed.id)?;
            let steps = number.map_or_else(|| Ok(Vec::new()), |number| self.steps("duty", number))?;
            duties.push((owed.clone(), steps));
        }
        Ok(Whole { story, actions, duties })
    }

    /// The mailboxes that an event goes to or went to, however that stands.
    pub fn mailboxes_of(&mut self, event: i64) -> Result<Vec<String>, Error> {
        const OF: &str = "SELECT DISTINCT mailbox FROM delivery WHERE event = ?1 ORDER BY mailbox";
        self.sql.all(OF, &[event.into()], |row| row.need_text(0))
    }
}

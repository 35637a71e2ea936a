//! Every row against its entries.

use super::{Proof, each_row};
use crate::ledger::seal::sha256;
use crate::ledger::sql::{Row, Sql};
use crate::ledger::tx::Body;
use crate::ledger::{Error, deed, delivery, duty, edit, event, item, job, look, task, wish};

impl Proof {
    /// All of them.
    pub(super) fn rows(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        self.messages(sql)?;
        self.items(sql)?;
        self.events(sql)?;
        self.deliveries(sql)?;
        self.answers(sql)?;
        self.duties(sql)?;
        self.receipts(sql)?;
        self.wishes(sql)?;
        self.actions(sql)?;
        self.jobs(sql)?;
        self.outcomes(sql)?;
        self.edits(sql)?;
        self.looks(sql)?;
        self.tasks(sql)?;
        self.notes(sql)
    }

    fn sealed(sql: &mut dyn Sql, table: Body, row: i64) -> Result<Option<[u8; 32]>, Error> {
        sql.first(table.select(), &[row.into()], |row| Ok(sha256(&[&row.need_blob(1)?])))
    }

    fn messages(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT seq, source, same_as FROM message WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| Ok((row.need_int(0)?, (row.need_text(1)?, row.int(2)?)));
        each_row(sql, PAGE, read, |sql, seq, (source, same_as)| {
            let digest = match same_as {
                Some(_) => Some([0; 32]),
                None => Self::sealed(sql, Body::Message, seq)?,
            };
            self.compare_sealed(sql, "message", seq, &source, digest)
        })
    }

    fn compare_sealed(
        &mut self,
        sql: &mut dyn Sql,
        word: &str,
        row: i64,
        state: &str,
        digest: Option<[u8; 32]>,
    ) -> Result<(), Error> {
        if let Some(digest) = digest {
            return self.compare(sql, word, row, state, digest);
        }
        self.faults.push(format!("{word} {row} has lost its body"));
        Ok(())
    }

    fn items(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT * FROM item WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| item::read(row).map(|item| (item.seq, item));
        each_row(sql, PAGE, read, |sql, seq, item| {
            self.count(format!("item {}", item.state.name()));
            self.compare(sql, "item", seq, item.state.name(), item::digest_of(&item))
        })
    }

    fn events(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT seq, kind, id, COALESCE(item, 0), time, decision,
            wire_id, source, case_key, COALESCE(correlation, ''), day, COALESCE(residence, ''), COALESCE(law, '')
            FROM event WHERE seq > ?1 ORDER BY seq LIMIT 1024";
        let read = |row: &dyn Row| {
            let texts = (6..13).map(|column| row.need_text(column)).collect::<Result<Vec<_>, _>>()?;
            let numbers = (row.need_bytes::<16>(2)?, row.need_int(3)?, row.need_int(4)?);
            Ok((row.need_int(0)?, (row.need_text(1)?, numbers, row.need_text(5)?, texts)))
        };
        each_row(sql, PAGE, read, |sql, seq, (kind, (id, item, time), decision, texts)| {
            let columns = event::Columns {
                id: &id,
                item,
                texts: std::array::from_fn(|place| texts.get(place).map_or("", String::as_str)),
                time,
                decision: &decision,
            };
            let digest = Self::sealed(sql, Body::Event, seq)?.map(|sealed| event::digest(sealed, &columns));
            let linked = sql.first("SELECT event FROM item WHERE seq = ?1", &[item.into()], |row| row.int(0))?;
            if item != 0 && linked.flatten() != Some(seq) {
                self.faults.push(format!("item {item} no longer leads to event {seq}"));
            }
            self.compare_sealed(sql, "event", seq, &kind, digest)
        })
    }

    fn deliveries(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT * FROM delivery WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| delivery::read(row).map(|delivery| (delivery.seq, delivery));
        each_row(sql, PAGE, read, |sql, seq, delivery| {
            let state = delivery.state.name();
            self.count(format!("{} {state}", delivery.word()));
            self.compare(sql, delivery.word(), seq, state, delivery.digest())
        })
    }

    fn answers(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT seq, kind FROM reply WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| Ok((row.need_int(0)?, row.need_text(1)?));
        each_row(sql, PAGE, read, |sql, seq, kind| {
            let digest = Self::sealed(sql, Body::Reply, seq)?;
            self.compare_sealed(sql, "answer", seq, &kind, digest)
        })
    }

    fn duties(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT seq, state, doc FROM duty WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| Ok((row.need_int(0)?, (row.need_text(1)?, row.need_text(2)?)));
        each_row(sql, PAGE, read, |sql, seq, (state, doc)| self.compare(sql, "duty", seq, &state, duty::digest(&doc)))
    }

    fn receipts(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT seq, status FROM receipt WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| Ok((row.need_int(0)?, row.need_text(1)?));
        each_row(sql, PAGE, read, |sql, seq, status| {
            let digest = Self::sealed(sql, Body::Receipt, seq)?;
            self.compare_sealed(sql, "receipt", seq, &status, digest)
        })
    }

    fn wishes(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT * FROM wish WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| wish::read(row).map(|wish| (wish.seq, wish));
        each_row(sql, PAGE, read, |sql, seq, wish| {
            let question = Self::sealed(sql, Body::Wish, seq)?;
            let answer = Self::sealed(sql, Body::Answer, seq)?;
            let waits =
                sql.first("SELECT state FROM item WHERE seq = ?1", &[wish.item.into()], |row| row.need_text(0))?;
            let is_open = wish.state == wish::State::Open;
            if is_open {
                self.count(format!("{}{}", wish::TALLY, wish.service));
            }
            if is_open && waits.as_deref() != Some(item::State::Waiting.name()) {
                self.faults.push(format!("wish {seq} is open, but item {} does not wait", wish.item));
            }
            let digest = question.map(|question| wish::digest(&wish, question, answer));
            self.compare_sealed(sql, "wish", seq, wish.state.name(), digest)
        })
    }

    fn actions(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str =
            "SELECT seq, what, by_user, target, reason FROM action WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        each_row(sql, PAGE, read_texts, |sql, seq, [what, user, target, reason]| {
            self.compare(sql, "action", seq, &what, deed::digest(&user, &what, &target, &reason))
        })
    }

    /// A list is as it was shown, and its counts are those of what came of its lines.
    fn jobs(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT * FROM job WHERE seq > ?1 ORDER BY seq LIMIT 64";
        const LINES: &str =
            "SELECT place, kind, ref, entry, NULL, NULL, NULL FROM job_line WHERE job = ?1 ORDER BY place";
        const ENDED: &str = "SELECT COUNT(*) FROM outcome WHERE job = ?1";
        let read = |row: &dyn Row| job::read(row).map(|job| (job.seq, job));
        each_row(sql, PAGE, read, |sql, seq, job| {
            let lines = sql.all(LINES, &[seq.into()], job::read_line)?;
            let lines: Vec<_> = lines.into_iter().map(|line| line.frozen).collect();
            if job::hash(&lines) != job.hash {
                self.faults.push(format!("list {seq} is not as it was shown"));
            }
            let ended = sql.first(ENDED, &[seq.into()], |row| row.need_int(0))?;
            if ended != Some(job.position().into()) {
                self.faults.push(format!("list {seq} counts other lines as ended than there are"));
            }
            self.compare(sql, "job", seq, job.state.name(), job.digest())
        })
    }

    fn outcomes(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT seq, job, place, ending, detail FROM outcome WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| {
            Ok((row.need_int(0)?, (row.need_int(1)?, row.need_int(2)?, row.need_text(3)?, row.need_text(4)?)))
        };
        each_row(sql, PAGE, read, |sql, seq, (job, place, ending, detail)| {
            self.compare(sql, "outcome", seq, &ending, job::outcome_digest(job, place, &ending, &detail))
        })
    }

    fn edits(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT * FROM edit WHERE seq > ?1 ORDER BY seq LIMIT 1024";
        let read = |row: &dyn Row| edit::read(row).map(|edit| (edit.seq, edit));
        each_row(sql, PAGE, read, |sql, seq, edit| {
            let digest = Self::sealed(sql, Body::Edit, seq)?.map(|sealed| edit.digest(sealed));
            self.compare_sealed(sql, "edit", seq, edit.state.name(), digest)
        })
    }

    fn looks(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT seq, what, by_user, purpose, ref, message, event, delivery FROM access
            WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        const WHOM: &str = "SELECT mark FROM access_citizen WHERE access = ?1 ORDER BY mark";
        let read = |row: &dyn Row| {
            let about =
                look::About { message: row.int(5)?, event: row.int(6)?, delivery: row.int(7)?, marks: Vec::new() };
            let texts = [row.need_text(1)?, row.need_text(2)?, row.need_text(3)?];
            Ok((row.need_int(0)?, (texts, row.need_int(4)?, about)))
        };
        each_row(sql, PAGE, read, |sql, seq, ([what, user, purpose], row, mut about)| {
            about.marks = sql.all(WHOM, &[seq.into()], |row| row.need_bytes(0))?;
            let looker = look::Looker { user: &user, purpose: &purpose };
            self.compare(sql, "access", seq, &what, look::digest(looker, &what, row, &about))
        })
    }

    /// What lists go by must say what the task says, and what it holds must be what lies there.
    fn tasks(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str =
            "SELECT seq, doc, state, holder, until, due FROM task WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| {
            let listed = [row.need_text(2)?, row.need_text(3)?, row.need_text(4)?, row.need_text(5)?];
            Ok((row.need_int(0)?, (task::read(row)?.task, row.need_text(1)?, listed)))
        };
        each_row(sql, PAGE, read, |sql, seq, (kept, doc, listed)| {
            let said = task::columns(&kept);
            if listed != [said.state.to_owned(), said.holder, said.until, said.due] {
                self.faults.push(format!("task {seq} is not listed as it stands"));
            }
            if task::contents(sql, seq)? != kept.contents {
                self.faults.push(format!("task {seq} does not hold what lies in the inbox for it"));
            }
            self.compare(sql, "task", seq, kept.state.name(), task::digest(&doc))
        })
    }

    fn notes(&mut self, sql: &mut dyn Sql) -> Result<(), Error> {
        const PAGE: &str = "SELECT seq, task, by_user FROM note WHERE seq > ?1 ORDER BY seq LIMIT 4096";
        let read = |row: &dyn Row| Ok((row.need_int(0)?, (row.need_int(1)?, row.need_text(2)?)));
        each_row(sql, PAGE, read, |sql, seq, (of, user)| {
            let digest = Self::sealed(sql, Body::Note, seq)?.map(|sealed| task::note_digest(sealed, of, &user));
            self.compare_sealed(sql, "note", seq, "kept", digest)
        })
    }
}

/// A row's number and its four texts.
fn read_texts(row: &dyn Row) -> Result<(i64, [String; 4]), Error> {
    Ok((row.need_int(0)?, [row.need_text(1)?, row.need_text(2)?, row.need_text(3)?, row.need_text(4)?]))
}

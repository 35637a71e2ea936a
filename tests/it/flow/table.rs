//! Every row of the agreement's tables, end to end: what each event, of a citizen of either
//! municipality, on either side of the days that decide, comes to. The rows stand in `table/*.md`,
//! and were written from the agreement's documents and the catalogue of events, without a look at
//! the files in `deploy/agreement`, so that they can find what is wrong there.
//!
//! | column | |
//! |---|---|
//! | event | the kind. `+`: in the case of the rows above, `>`: the answer to the last row above that asked; else a case of its own |
//! | from | the sender: a party, or the hospital or register |
//! | home | where the citizen lives; empty where the event is about none |
//! | law, day | the event's `law`; when it was said |
//! | given | what is other than in the example of the kind's schema: `/pointer=value`, `-/pointer` without it |
//! | gets | who gets it: T as a task, I as information, ? as either; `*` for any; in brackets who may. Or `parked`, with the codes that it may be parked with |
//! | owes | the duties that it opens: who, what kind, until when, met by what. Or what it does to one: `meets`, `closes`, `moves`. `beyond`: nobody is bound to tell this, and the receivers are told so. `*`: not looked at |
//! | clause | where it stands: `/` one of these, `&` all of these; `?` it is still being settled, and the receivers are told so |

mod expect;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::expect::{Delivered, Seen};
use self::rows::{Link, Row};
use super::rig::{Rig, canonical};
use super::wire::Given;
use crate::wait;

/// A table: its name and its text.
type Table = (&'static str, &'static str);

const REHAB: Table = ("rehab", include_str!("table/rehab.md"));
const EMPLOYMENT: Table = ("employment", include_str!("table/employment.md"));
const ADULTS: Table = ("adults", include_str!("table/adults.md"));
const CHILDREN: Table = ("children", include_str!("table/children.md"));
const SMDB: Table = ("smdb", include_str!("table/smdb.md"));
const COMMON: Table = ("common", include_str!("table/common.md"));

/// The cases are told apart by the line of their first row.
fn case(row: &Row) -> String {
    let area = row.kind.split('.').next().unwrap_or_default();
    format!("{area}-6fb927da-3be1-4b9f-8875-{:012x}", row.line)
}

/// What is sent for a row: the example of its schema with what the row says is other.
fn event(row: &Row, case: &str, asked: Option<&str>) -> Value {
    let schema = budstikke_schemas::find(&row.kind).unwrap_or_else(|| panic!("{}: no such kind", row.place())).text;
    let schema: Value = serde_json::from_str(schema).expect("a schema is JSON");
    let mut data = schema["examples"][0].clone();
    for (pointer, value) in &row.given {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = data.pointer_mut(parent).and_then(Value::as_object_mut);
        let parent = parent.unwrap_or_else(|| panic!("{}: the example has no place for {pointer}", row.place()));
        match value {
            Some(value) => drop(parent.insert(name.to_owned(), value.clone())),
            None => drop(parent.remove(name)),
        }
    }
    let mut event = canonical(&row.kind, &row.id(), row.source(), case, &data);
    event["time"] = json!(row.time());
    let more = [("residence", row.home.as_deref()), ("law", row.law.as_deref()), ("causationid", asked)];
    for (name, value) in more {
        if let Some(value) = value {
            event[name] = json!(value);
        }
    }
    event
}

/// The rows of one case, with what is sent for each.
fn conversation(rows: &[Row]) -> Vec<Value> {
    let case = case(&rows[0]);
    let mut asked = None;
    let mut events = Vec::new();
    for row in rows {
        let cause = (row.link == Link::Answers).then(|| asked.clone().expect("something was asked"));
        events.push(event(row, &case, cause.as_deref()));
        if row.owes.opens() {
            asked = Some(row.id());
        }
    }
    events
}

/// Waits until all that was sent has been decided about and has come where it goes.
async fn settled(rig: &mut Rig) {
    rig.taken().await;
    wait::until("nothing is on its way", async || (rig.balance().await.deliveries.waiting == 0).then_some(())).await;
    rig.take().await;
}

/// What a row came to.
async fn seen(rig: &Rig, row: &Row, delivered: &BTreeMap<String, Vec<Delivered>>) -> Seen {
    let story = rig.story(&row.id()).await;
    let reason = story.item.reason.as_ref();
    let duties = story.event.map(|event| event.duties).unwrap_or_default();
    Seen {
        state: story.item.state.name().to_owned(),
        code: reason.map(|reason| reason.code.to_string()).unwrap_or_default(),
        path: reason.and_then(|reason| reason.path.clone()).unwrap_or_default(),
        delivered: delivered.get(&row.id()).cloned().unwrap_or_default(),
        duties: duties.iter().map(|duty| serde_json::to_value(duty).expect("a duty is JSON")).collect(),
    }
}

/// Sends all rows of a table, the first of each case, then the second of each, and so on, and says
/// which of them came to something else than they should.
async fn hold((name, text): Table) {
    let rows = rows::read(name, text);
    let cases = rows::cases(&rows);
    let mut rig = Rig::start().await;
    rig.everyone();
    let events: Vec<Vec<Value>> = cases.iter().map(|rows| conversation(rows)).collect();
    for step in 0..events.iter().map(Vec::len).max().unwrap_or_default() {
        let now: Vec<Given> = events.iter().filter_map(|events| events.get(step)).map(Given::event).collect();
        rig.send_all(&now).await;
        settled(&mut rig).await;
    }
    let mut delivered: BTreeMap<String, Vec<Delivered>> = BTreeMap::new();
    for got in rig.all() {
        let event = got.json();
        let id = event["id"].as_str().expect("an id").to_owned();
        delivered.entry(id).or_default().push(Delivered::of(&got.queue, &event));
    }
    let mut faults = Vec::new();
    for rows in &cases {
        let mut all = Vec::new();
        for row in *rows {
            all.push(seen(&rig, row, &delivered).await);
        }
        faults.extend(expect::faults(rows, &all));
    }
    rig.finish().await;
    assert!(faults.is_empty(), "{} of {} rows:\n{}", faults.len(), rows.len(), faults.join("\n"));
}

/// Every kind has a row, and where it is about a citizen, one for each municipality.
#[test]
fn the_tables_leave_no_kind_out() {
    let tables = [REHAB, EMPLOYMENT, ADULTS, CHILDREN, SMDB, COMMON];
    let rows: Vec<Row> = tables.iter().flat_map(|(name, text)| rows::read(name, text)).collect();
    let homes = |kind: &str| -> BTreeSet<&str> {
        let sent = rows.iter().filter(|row| row.kind == kind && !row.is_parked());
        sent.map(|row| row.home.as_deref().unwrap_or_default()).collect()
    };
    // What becomes of a citizen goes to whoever has something open, by no rule of an area.
    let kinds = budstikke_schemas::KINDS.iter().filter(|kind| !kind.of_hub && kind.area() != "citizen");
    let missing = kinds.filter(|kind| {
        let homes = homes(kind.name);
        homes != BTreeSet::from([""]) && !(homes.contains("155") && homes.contains("185"))
    });
    assert_eq!(missing.map(|kind| kind.name).collect::<Vec<_>>(), [""; 0]);
    assert!(rows.iter().all(|row| budstikke_schemas::find(&row.kind).is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn rehabilitation_goes_where_it_should() {
    hold(REHAB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn employment_benefit_and_integration_go_where_they_should() {
    hold(EMPLOYMENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_adults_goes_where_it_should() {
    hold(ADULTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_children_goes_where_it_should() {
    hold(CHILDREN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_of_drug_treatment_is_answered_by_whom_it_should() {
    hold(SMDB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_common_to_all_areas_goes_where_it_should() {
    hold(COMMON).await;
}

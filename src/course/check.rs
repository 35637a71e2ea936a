//! What can be wrong with courses (Danmarks Statistik's documentation of the register): a citizen
//! has one course at a time in a municipality, two with at most ten days between them are one,
//! treatment begins within fourteen days of the request, death closes a course, a citizen must have
//! a usable CPR number, and anonymous treatment is not counted.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::reason::Remark;
use jiff::civil::Date;

use super::remark::{self, Finding, Told, name};
use super::{Course, Person};

/// The guarantee: days from request to treatment.
const GUARANTEE_DAYS: i32 = 14;
/// Days from one course to the next by which the register makes them one.
const MERGED_DAYS: i32 = 10;
/// The most remarks about one event; a person reads no more.
const REMARKS: usize = 50;

/// What is wrong with `courses`, and with them and what was said `before` of the same citizens in
/// the same municipality, the latest first. `last_day` is the last day that the event is
/// about. The same whatever the order of the courses is.
pub fn remarks(courses: &[Course], before: &[Course], last_day: Option<Date>) -> Vec<Remark> {
    let mut found = BTreeSet::new();
    for course in courses {
        found.extend(by_itself(course, last_day));
    }
    found.extend(repeated(courses));
    for history in histories(courses, before).values() {
        found.extend(history.findings());
    }
    let more = found.len().saturating_sub(REMARKS);
    let mut remarks: Vec<Remark> = found.iter().take(REMARKS).map(Finding::remark).collect();
    if more > 0 {
        remarks.push(remark::more(more));
    }
    remarks
}

/// What is wrong with one course that says it all itself.
fn by_itself(course: &Course, last_day: Option<Date>) -> Vec<Finding> {
    let name = || name(course, Told::Now);
    if course.anonymous {
        return vec![Finding::Anonymous(name())];
    }
    let mut found = Vec::new();
    if let Person::Unusable(why) = course.person {
        found.push(Finding::Cpr(name(), why));
    }
    if !is_in_order(course) {
        found.push(Finding::Dates(name()));
    } else if let Some(requested) = course.requested {
        match (course.started, course.ended, last_day) {
            (Some(started), _, _) if days(requested, started) > GUARANTEE_DAYS => found.push(Finding::Late(name())),
            (None, None, Some(last_day)) if days(requested, last_day) > GUARANTEE_DAYS => {
                found.push(Finding::NotStarted(name()));
            }
            _ => {}
        }
    }
    found
}

/// Whether request, start and end follow one another, as far as they are there.
fn is_in_order(course: &Course) -> bool {
    let days: Vec<Date> = [course.requested, course.started, course.ended].into_iter().flatten().collect();
    days.is_sorted()
}

/// The courses that stand in the message in two ways. The same row twice is no contradiction.
fn repeated(courses: &[Course]) -> Vec<Finding> {
    let mut by_id = BTreeMap::new();
    let mut found = Vec::new();
    for course in courses {
        let Some(id) = &course.id else { continue };
        let first: &mut &Course = by_id.entry(id).or_insert(course);
        if !is_same_row(first, course) {
            found.push(Finding::Repeated(name(course, Told::Now)));
        }
    }
    found
}

fn is_same_row(one: &Course, other: &Course) -> bool {
    Course { place: other.place, ..one.clone() } == *other
}

/// All courses of one citizen.
#[derive(Default)]
struct History<'a> {
    told: Vec<(&'a Course, Told)>,
}

/// By citizen, those that the message is about. What it says of a course takes the place of what
/// was said before of the same one: by its id, or where it has none by the day of its request.
fn histories<'a>(courses: &'a [Course], before: &'a [Course]) -> BTreeMap<&'a str, History<'a>> {
    let mut histories: BTreeMap<&str, History<'_>> = BTreeMap::new();
    // Of a course that stands there in two ways, the same one counts whichever comes first.
    let mut courses: Vec<&Course> = courses.iter().collect();
    courses.sort_by_key(|course| (course.id.as_ref(), course.requested, course.started, course.ended, course.died));
    for course in courses {
        let Some(cpr) = course.person.citizen() else { continue };
        let history = histories.entry(cpr.reveal()).or_default();
        if !history.told.iter().any(|(told, _)| is_same_course(told, course)) {
            history.told.push((course, Told::Now));
        }
    }
    for course in before {
        let Some(history) = course.person.citizen().and_then(|cpr| histories.get_mut(cpr.reveal())) else { continue };
        if !history.told.iter().any(|(told, _)| is_same_course(told, course)) {
            history.told.push((course, Told::Before));
        }
    }
    histories
}

fn is_same_course(one: &Course, other: &Course) -> bool {
    match (&one.id, &other.id) {
        (Some(one), Some(other)) => one == other,
        _ => one.requested == other.requested,
    }
}

impl<'a> History<'a> {
    /// Those that count. An anonymous one takes the place of what was said before of it, too.
    fn counted(&self) -> impl Iterator<Item = (&'a Course, Told)> {
        self.told.iter().copied().filter(|(course, _)| !course.anonymous)
    }

    fn findings(&self) -> Vec<Finding> {
        let mut found = self.after_death();
        found.extend(self.side_by_side());
        found
    }

    /// The day that the citizen died, by the earliest that says so; of this message alone, or of all.
    fn died(&self, now_alone: bool) -> Option<Date> {
        let said = |course: &Course| [course.died, course.ended.filter(|_| course.ended_by_death)];
        let counted = self.counted().filter(|(_, told)| !now_alone || *told == Told::Now);
        counted.flat_map(|(course, _)| said(course)).flatten().min()
    }

    /// The courses that go on after the citizen's death. One that was told before is held against
    /// what this message says: against what was told before it was held then.
    fn after_death(&self) -> Vec<Finding> {
        let (now, ever) = (self.died(true), self.died(false));
        let outlasts = |course: &Course, told: Told| {
            let died = match told {
                Told::Now => ever,
                Told::Before => now,
            };
            let said = [course.requested, course.started, course.ended];
            died.is_some_and(|died| course.ended.is_none() || said.into_iter().flatten().any(|day| day > died))
        };
        let late = self.counted().filter(|(course, told)| outlasts(course, *told));
        late.map(|(course, told)| Finding::AfterDeath(name(course, told))).collect()
    }

    /// Each course beside the one before it that lasts longest. What was told before is not held
    /// against what was told before: that was remarked upon when it came.
    fn side_by_side(&self) -> Vec<Finding> {
        let dated = self.counted().filter(|(course, _)| is_in_order(course));
        let mut dated: Vec<(Date, &Course, Told)> =
            dated.filter_map(|(course, told)| Some((course.requested?, course, told))).collect();
        dated.sort_by_key(|(requested, course, _)| (*requested, course.id.clone(), course.ended));
        let mut found = Vec::new();
        let mut longest: Option<(&Course, Told)> = None;
        for (requested, course, told) in dated {
            if let Some((earlier, earlier_told)) = longest {
                let names = (name(earlier, earlier_told), name(course, told));
                let both_before = told == Told::Before && earlier_told == Told::Before;
                match earlier.ended.map(|ended| days(ended, requested)) {
                    _ if both_before => {}
                    None | Some(..0) => found.push(Finding::Overlap(names.0, names.1)),
                    Some(0..=MERGED_DAYS) => found.push(Finding::Merged(names.0, names.1)),
                    Some(_) => {}
                }
            }
            let lasts = |course: &Course| course.ended.unwrap_or(Date::MAX);
            if longest.is_none_or(|(earlier, _)| lasts(course) >= lasts(earlier)) {
                longest = Some((course, told));
            }
        }
        found
    }
}

/// Days from one day to another; negative where the other is earlier.
fn days(from: Date, to: Date) -> i32 {
    to.duration_since(from).as_hours().div_euclid(24).try_into().unwrap_or(i32::MAX)
}

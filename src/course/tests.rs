//! What is said of courses, one rule at a time, and what holds for all of them.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Courses as an event has them.
fn given(courses: &Value) -> Vec<Course> {
    let Value::Object(data) = json!({"courses": courses}) else { panic!("an object") };
    super::courses(&data)
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// `CODE course course` of each remark: what is wrong with which.
fn told(courses: &Value, before: &Value) -> Vec<String> {
    let remarks = remarks(&given(courses), &given(before), Some(day("2026-10-31")));
    let one = |remark: &budstikke_contract::reason::Remark| {
        let named = remark.text.split([' ', ':', '.', ',']).filter(|word| word.starts_with("KF-"));
        let mut line = remark.code.to_string();
        for name in named {
            line.push(' ');
            line.push_str(name);
        }
        line
    };
    remarks.iter().map(one).collect()
}

fn alone(courses: &Value) -> Vec<String> {
    told(courses, &json!([]))
}

const NANCY: &str = "2512489996";
const OTTO: &str = "0108589995";

fn course(id: &str, cpr: &str, requested: &str, started: &str, ended: Option<&str>) -> Value {
    let mut course = json!({"id": id, "citizen": {"cpr": cpr}, "requested": requested, "started": started});
    if let Some(ended) = ended {
        course["ended"] = ended.into();
    }
    course
}

#[test]
fn nothing_is_said_of_what_is_as_it_should_be() {
    let fine = json!([
        course("KF-1", NANCY, "2026-10-02", "2026-10-16", None),
        course("KF-2", NANCY, "2026-01-02", "2026-01-10", Some("2026-09-20")),
        course("KF-3", OTTO, "2026-10-02", "2026-10-02", Some("2026-10-20")),
        {"id": "KF-4"},
        {},
    ]);
    assert_eq!(alone(&fine), Vec::<String>::new());
}

#[test]
fn a_citizen_has_one_course_at_a_time() {
    let open = course("KF-1", NANCY, "2026-10-02", "2026-10-08", None);
    for (other, wrong) in [
        (course("KF-2", NANCY, "2026-10-20", "2026-10-21", None), true),
        (course("KF-2", NANCY, "2026-10-20", "2026-10-21", Some("2026-10-25")), true),
        (course("KF-2", NANCY, "2026-09-20", "2026-09-21", Some("2026-10-03")), true),
        (course("KF-2", OTTO, "2026-10-20", "2026-10-21", None), false),
    ] {
        let found = alone(&json!([open, other]));
        assert_eq!(found.len() == 1 && found[0].starts_with("COURSE_OVERLAP"), wrong, "{found:?}");
    }
}

#[test]
fn ten_days_between_two_courses_make_them_one_and_eleven_do_not() {
    let second = course("KF-2", NANCY, "2026-10-15", "2026-10-20", None);
    for (ended, expected) in [
        ("2026-10-16", vec!["COURSE_OVERLAP KF-1 KF-2"]),
        ("2026-10-15", vec!["COURSE_MERGED KF-1 KF-2"]),
        ("2026-10-05", vec!["COURSE_MERGED KF-1 KF-2"]),
        ("2026-10-04", vec![]),
    ] {
        let first = course("KF-1", NANCY, "2026-05-01", "2026-05-02", Some(ended));
        assert_eq!(alone(&json!([first, second])), expected, "{ended}");
    }
}

#[test]
fn treatment_begins_within_fourteen_days() {
    for (started, expected) in [("2026-10-16", vec![]), ("2026-10-17", vec!["COURSE_LATE KF-1"])] {
        assert_eq!(alone(&json!([course("KF-1", NANCY, "2026-10-02", started, None)])), expected, "{started}");
    }
    for (requested, expected) in [("2026-10-17", vec![]), ("2026-10-16", vec!["COURSE_LATE KF-1"])] {
        let waiting = json!([{"id": "KF-1", "citizen": {"cpr": NANCY}, "requested": requested}]);
        assert_eq!(alone(&waiting), expected, "{requested}");
        let given_up = json!([{"id": "KF-1", "requested": requested, "ended": "2026-10-31"}]);
        assert_eq!(alone(&given_up), Vec::<String>::new());
    }
}

#[test]
fn death_closes_a_course() {
    let died = |mut course: Value, day: &str| {
        course["citizen"]["died"] = day.into();
        course
    };
    let open = course("KF-1", NANCY, "2026-10-02", "2026-10-08", None);
    let ended = course("KF-1", NANCY, "2026-10-02", "2026-10-08", Some("2026-10-15"));
    assert_eq!(alone(&json!([died(open.clone(), "2026-10-15")])), ["COURSE_AFTER_DEATH KF-1"]);
    assert_eq!(alone(&json!([died(ended.clone(), "2026-10-14")])), ["COURSE_AFTER_DEATH KF-1"]);
    assert_eq!(alone(&json!([died(ended, "2026-10-15")])), Vec::<String>::new());
    let mut by_death = course("KF-2", NANCY, "2026-03-01", "2026-03-02", Some("2026-09-01"));
    by_death["ended_because"] = "doed".into();
    assert_eq!(alone(&json!([open, by_death])), ["COURSE_AFTER_DEATH KF-1"]);
}

#[test]
fn a_number_by_which_nobody_can_be_counted_is_named_for_what_it_is() {
    for (cpr, why) in [
        ("0000000000", Some("ti nuller")),
        ("000000-0000", Some("ti nuller")),
        ("8512489996", Some("erstatningspersonnummer")),
        ("ukendt", Some("ikke et muligt")),
        ("", Some("ikke et muligt")),
        ("505059996", Some("ikke et muligt")),
        ("251248-9996", None),
        (" 2512489996 ", None),
    ] {
        let remarks = remarks(&given(&json!([{"id": "KF-1", "citizen": {"cpr": cpr}}])), &[], None);
        let text = remarks.first().map(|remark| remark.text.as_str());
        assert_eq!(text.is_some(), why.is_some(), "{cpr}");
        assert!(why.is_none_or(|why| text.unwrap().contains(why)), "{cpr}: {text:?}");
    }
}

#[test]
fn an_anonymous_course_is_not_counted_and_else_not_looked_at() {
    let mut anonymous = course("KF-1", NANCY, "2026-10-02", "2026-11-08", None);
    anonymous["anonymous"] = true.into();
    let open = course("KF-2", NANCY, "2026-10-02", "2026-10-08", None);
    assert_eq!(alone(&json!([anonymous, open])), ["COURSE_ANONYMOUS KF-1"]);
    // It was not known to be anonymous before.
    let before = json!([course("KF-1", NANCY, "2026-09-02", "2026-09-08", None)]);
    assert_eq!(told(&json!([anonymous, open]), &before), ["COURSE_ANONYMOUS KF-1"]);
}

#[test]
fn dates_that_contradict_one_another_are_said_and_then_left_alone() {
    let turned = course("KF-1", NANCY, "2026-10-12", "2026-10-02", None);
    let open = course("KF-2", NANCY, "2026-10-02", "2026-10-08", None);
    assert_eq!(alone(&json!([turned, open])), ["COURSE_DATES KF-1"]);
}

#[test]
fn one_course_in_two_ways_is_said_and_the_same_row_twice_is_not() {
    let open = course("KF-1", NANCY, "2026-10-02", "2026-10-08", None);
    let closed = course("KF-1", NANCY, "2026-10-02", "2026-10-08", Some("2026-10-20"));
    assert_eq!(alone(&json!([open, open])), Vec::<String>::new());
    assert_eq!(alone(&json!([open, closed])), ["COURSE_REPEATED KF-1"]);
}

#[test]
fn what_was_told_before_counts_until_the_message_says_otherwise() {
    let before = json!([course("KF-1", NANCY, "2026-05-02", "2026-05-08", None)]);
    let second = course("KF-2", NANCY, "2026-10-02", "2026-10-08", None);
    assert_eq!(told(&json!([second]), &before), ["COURSE_OVERLAP KF-1 KF-2"]);
    let closed = course("KF-1", NANCY, "2026-05-02", "2026-05-08", Some("2026-09-01"));
    assert_eq!(told(&json!([second, closed]), &before), Vec::<String>::new());
    // The latest comes first.
    let corrected = json!([closed, before[0]]);
    assert_eq!(told(&json!([second]), &corrected), Vec::<String>::new());
    let other = course("KF-2", OTTO, "2026-10-02", "2026-10-08", None);
    assert_eq!(told(&json!([other]), &before), Vec::<String>::new());
}

#[test]
fn what_was_wrong_before_is_not_said_again() {
    let before = json!([
        course("KF-1", NANCY, "2026-05-02", "2026-05-28", None),
        course("KF-2", NANCY, "2026-06-02", "2026-06-08", Some("2026-06-20")),
    ]);
    let closed = course("KF-1", NANCY, "2026-05-02", "2026-05-08", Some("2026-05-20"));
    assert_eq!(told(&json!([closed]), &before), Vec::<String>::new());
    let mut by_death = closed;
    by_death["ended_because"] = "doed".into();
    assert_eq!(told(&json!([by_death]), &before), ["COURSE_AFTER_DEATH KF-2"]);
}

#[test]
fn no_more_is_said_than_a_person_reads() {
    let many: Vec<Value> = (0..60).map(|n| json!({"id": format!("KF-{n}"), "anonymous": true})).collect();
    let remarks = remarks(&given(&json!(many)), &[], None);
    assert_eq!(remarks.len(), 51);
    assert!(remarks[50].text.starts_with("Der er yderligere 10 forhold"), "{}", remarks[50].text);
}

/// Any course, of few citizens and few days, so that they meet.
fn any_course() -> impl Strategy<Value = Value> {
    let day = || prop::option::of((1..=10u8, 1..=28u8).prop_map(|(month, day)| format!("2026-{month:02}-{day:02}")));
    let cpr = prop::sample::select(vec![NANCY, OTTO, "0000000000", "8512489996", "Nancy Test"]);
    (0..6u8, prop::option::of(cpr), day(), day(), day(), day(), any::<bool>(), prop::bool::weighted(0.1)).prop_map(
        |(id, cpr, requested, started, ended, died, by_death, anonymous)| {
            let mut course = json!({"id": format!("KF-{id}"), "anonymous": anonymous});
            for (name, day) in [("requested", requested), ("started", started), ("ended", ended)] {
                if let Some(day) = day {
                    course[name] = day.into();
                }
            }
            if let Some(cpr) = cpr {
                course["citizen"] = json!({"cpr": cpr});
                if let Some(died) = died.filter(|_| by_death) {
                    course["citizen"]["died"] = died.into();
                }
            }
            if by_death {
                course["ended_because"] = "doed".into();
            }
            course
        },
    )
}

fn any_courses() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(any_course(), 0..8)
}

proptest! {
    #[test]
    fn the_order_of_the_courses_does_not_matter(courses in any_courses(), before in any_courses(), seed in any::<u64>()) {
        let mut shuffled = courses.clone();
        let mut random = seed;
        for at in (1..shuffled.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, usize::try_from(random >> 33).unwrap() % (at + 1));
        }
        prop_assert_eq!(told(&json!(courses), &json!(before)), told(&json!(shuffled), &json!(before)));
    }

    #[test]
    fn a_message_that_comes_again_says_nothing_new_of_itself(courses in any_courses()) {
        prop_assert_eq!(told(&json!(courses), &json!(courses)), alone(&json!(courses)));
    }

    #[test]
    fn citizens_have_nothing_to_do_with_one_another(of_one in any_courses(), of_other in any_courses()) {
        let of = |courses: &[Value], cpr: &str, first: usize| -> Vec<Value> {
            let one = |(at, course): (usize, &Value)| {
                let mut course = course.clone();
                course["id"] = format!("KF-{}", first + at).into();
                course["citizen"] = json!({"cpr": cpr});
                course
            };
            courses.iter().enumerate().map(one).collect()
        };
        let (one, other) = (of(&of_one, NANCY, 100), of(&of_other, OTTO, 200));
        let mut apart = [alone(&json!(one)), alone(&json!(other))].concat();
        let mut together = alone(&json!([one, other].concat()));
        apart.sort();
        together.sort();
        prop_assert_eq!(apart, together);
    }

    #[test]
    fn nothing_of_a_citizen_is_said(courses in any_courses(), before in any_courses()) {
        let mut courses = given(&json!(courses));
        for course in courses.iter_mut().step_by(2) {
            course.id = Some(CourseId(NANCY.to_owned()));
        }
        let remarks = remarks(&courses, &given(&json!(before)), None);
        let shown = format!("{remarks:?} {courses:?}");
        for secret in [NANCY, OTTO, "8512489996", "Nancy"] {
            prop_assert!(!shown.contains(secret), "{}", shown);
        }
        for remark in remarks {
            prop_assert!(remark.text.chars().count() <= 1000 && remark.text.ends_with('.') && !remark.text.contains("2026"));
        }
    }
}

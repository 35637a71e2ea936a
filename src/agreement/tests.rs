//! The shipped agreement holds, and every fault that is planted in one is found.

mod subjects;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::fault::Kind;
use super::model::Matter;
use super::*;

pub(crate) fn shipped() -> Vec<SourceFile> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/agreement/dragoer-taarnby");
    let mut files: Vec<SourceFile> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .map(|path| SourceFile {
            agreement: "dragoer-taarnby".to_owned(),
            name: path.file_name().unwrap().to_str().unwrap().to_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// The shipped agreement with one text in one file changed; the faults that this makes.
fn faults_after(file: &str, from: &str, to: &str) -> Vec<Fault> {
    let mut files = shipped();
    let changed = files.iter_mut().find(|it| it.name == file).unwrap();
    assert!(changed.text.contains(from), "{file} has no `{from}`");
    changed.text = changed.text.replacen(from, to, 1);
    Book::read(&files).err().unwrap_or_default()
}

#[track_caller]
fn refused(faults: &[Fault], kind: Kind, words: &[&str]) {
    let found = faults.iter().any(|fault| fault.kind == kind && words.iter().all(|word| fault.what.contains(word)));
    assert!(found, "no {kind:?} with {words:?} among:\n{faults:#?}");
    assert!(faults.iter().all(|fault| fault.line > 0 && !fault.fix.is_empty()));
}

#[track_caller]
fn refused_any(faults: &[Fault], word: &str) {
    assert!(faults.iter().any(|fault| fault.what.contains(word)), "nothing about {word} in:\n{faults:#?}");
}

#[test]
fn the_shipped_agreement_holds() {
    let book = Book::read(&shipped()).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let known = book.known_on(date(2026, 11, 22));
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].parties.len(), 2);
    assert!(book.known_on(date(2021, 8, 31)).is_empty(), "nothing was known before it was known");
}

#[test]
fn what_the_adults_agreement_says_was_not_known_before_it_was() {
    let book = Book::read(&shipped()).unwrap();
    let rests_on_it = |day: Date| {
        let agreement = &book.known_on(day)[0];
        let of_rules = agreement.rules.iter().map(|rule| &rule.clause);
        let of_others = agreement.responsibilities.iter().map(|it| &it.clause);
        let of_duties = agreement.duties.values().map(|duty| &duty.clause);
        let of_year = agreement.calendar.iter().map(|entry| &entry.clause);
        let all = of_rules.chain(of_others).chain(of_duties).chain(of_year);
        all.filter(|clause| clause.document() == "S0").count()
    };
    assert_eq!(rests_on_it(date(2021, 9, 1)), 0);
    assert_eq!(rests_on_it(date(2024, 12, 31)), 0);
    assert!(rests_on_it(date(2025, 1, 1)) > 50);
    let performs = |law: &str, day: Date| {
        let law = Matter::Law(budstikke_contract::law::LawRef::parse(law).unwrap());
        book.known_on(day)[0].settles(&law)
    };
    let before = date(2024, 12, 31);
    assert!(performs("SUL § 140", before) && performs("SEL § 112", before) && performs("SEL § 82", before));
    assert!(!performs("SEL § 107", before) && performs("SEL § 107", date(2025, 1, 1)));
}

#[test]
fn training_without_a_hospital_stay_came_home_on_1_september_2021() {
    let book = Book::read(&shipped()).unwrap();
    let agreement = &book.known_on(date(2026, 1, 1))[0];
    let law = Matter::Law(budstikke_contract::law::LawRef::parse("SEL § 86").unwrap());
    let on = |day: Date| {
        let all = &agreement.responsibilities;
        all.iter().find(|it| it.matter == law && it.residence.as_str() == "dragoer" && it.period.contains(day))
    };
    let performer = |day: Date| on(day).unwrap().performer.as_ref().unwrap().as_str();
    assert_eq!(performer(date(2007, 1, 1)), "taarnby");
    assert_eq!(performer(date(2021, 8, 31)), "taarnby");
    assert_eq!(performer(date(2021, 9, 1)), "dragoer");
    assert!(on(date(2006, 12, 31)).is_none());
}

#[test]
fn refuses_a_gap_between_two_responsibilities() {
    let faults = faults_after("genoptraening.toml", "til         = 2021-08-31", "til         = 2021-08-30");
    refused(&faults, Kind::Gap, &["SEL § 86", "dragoer", "fra 2021-08-31 til og med 2021-08-31"]);
}

#[test]
fn refuses_two_performers_on_one_day_and_names_both_clauses() {
    let faults = faults_after("genoptraening.toml", "til         = 2021-08-31", "til         = 2021-09-01");
    refused(&faults, Kind::Contradiction, &["S2 1. september 2021", "taarnby og dragoer", "2021-09-01"]);
}

#[test]
fn refuses_an_unknown_mailbox_and_says_who_would_miss_it() {
    let faults = faults_after("genoptraening.toml", "bopael/borgerservice", "bopael/borgerservise");
    refused(&faults, Kind::Name, &["dragoer/borgerservise", "findes ikke"]);
    refused(&faults, Kind::Name, &["taarnby/borgerservise"]);
    assert_eq!(faults[0].file, "genoptraening.toml");
}

#[test]
fn refuses_a_kind_of_event_without_a_rule() {
    let faults = faults_after(
        "genoptraening.toml",
        "haendelse   = \"rehab.level.set\"",
        "haendelse   = \"rehab.course.closed\"",
    );
    refused(&faults, Kind::Silence, &["rehab.level.set"]);
    refused(&faults, Kind::Overlap, &["niveau-fastsat", "forloeb-afsluttet", "S1 8"]);
}

#[test]
fn takes_an_explicit_nobody_and_refuses_a_silent_one() {
    let told = "modtagere   = [{ postkasse = \"bopael/genoptraening\", som = \"orientering\" }]\nbestemmelse = \"S1 8\"\ntekst";
    let nobody = "modtagere   = []\ningen = \"Aftalt mundtligt\"\nbestemmelse = \"S1 8\"\ntekst";
    assert_eq!(faults_after("genoptraening.toml", told, nobody), vec![]);
    let silent = "modtagere   = []\nbestemmelse = \"S1 8\"\ntekst";
    refused(&faults_after("genoptraening.toml", told, silent), Kind::Form, &["niveau-fastsat", "hvorfor"]);
}

#[test]
fn refuses_keys_that_have_no_effect_where_they_stand() {
    let more = |key: &str| {
        format!(
            "[[regel]]\nid = \"mere\"\nhaendelse = \"rehab.plan.received\"\nlov = \"SUL § 140\"\nfra = 2007-01-01\nsupplerer = \"plan-modtaget\"\nafsendere = [\"hospital\"]\nmodtagere = [{{ postkasse = \"bopael/borgerservice\", som = \"orientering\" }}]\nbestemmelse = \"S1 2\"\n{key}\n[[regel]]"
        )
    };
    assert_eq!(faults_after("genoptraening.toml", "[[regel]]", &more("")), []);
    for (key, value) in
        [("forudsaetter", "rehab.info.requested"), ("udfoerer_efter", "SEL § 86"), ("besvarer", "giv-oplysninger")]
    {
        let faults = faults_after("genoptraening.toml", "[[regel]]", &more(&format!("{key} = \"{value}\"")));
        assert!(faults.iter().any(|fault| fault.kind == Kind::Form && fault.what.contains(key)), "{key}: {faults:?}");
    }
}

#[test]
fn refuses_dates_that_do_not_exist() {
    let faults = faults_after("genoptraening.toml", "til         = 2021-08-31", "til         = 2021-02-30");
    assert!(!faults.is_empty() && faults[0].line > 1, "{faults:#?}");
    let faults = faults_after("genoptraening.toml", "til         = 2021-08-31", "til         = 2006-08-31");
    refused(&faults, Kind::Date, &["før den begynder"]);
}

#[test]
fn refuses_what_is_misspelt() {
    for (from, to, word) in [
        ("som = \"opgave\"", "som = \"opgaver\"", "opgaver"),
        ("haendelse   = \"rehab.plan.received\"", "haendelse   = \"rehab.plan.recieved\"", "recieved"),
        ("lov         = \"SUL § 171\"", "lov         = \"SLU § 171\"", "SLU"),
        ("bestemmelse = \"S1 2\"", "bestemmelse = \"S9 2\"", "S9"),
        ("skyldes_af  = \"udfoerer\"", "skyldes_af  = \"udforer\"", "udforer"),
        ("pligter     = [\"tilbyd-start\"]", "pligter     = [\"tilbyd-starten\"]", "tilbyd-starten"),
        ("\"almen\", \"rehabilitering\", \"ukendt\"]", "\"almindelig\"]", "almindelig"),
        ("afsendere   = [\"hospital\"]", "afsendere   = [\"sygehus\"]", "sygehus"),
        ("bopael      = [\"dragoer\"]", "bopael      = [\"dragor\"]", "dragor"),
    ] {
        let faults = faults_after("genoptraening.toml", from, to);
        refused_any(&faults, word);
    }
    let faults = faults_after("genoptraening.toml", "bestemmelse = \"S1 2\"", "bestemelse = \"S1 2\"");
    refused(&faults, Kind::Form, &["bestemelse"]);
}

#[test]
fn all_faults_come_at_once() {
    let mut files = shipped();
    for (from, to) in [("S1 2", "S9 2"), ("2021-08-31", "2021-08-30"), ("bopael/borgerservice", "bopael/bs")] {
        for file in files.iter_mut().filter(|file| file.name == "genoptraening.toml") {
            file.text = file.text.replacen(from, to, 1);
        }
    }
    let faults = Book::read(&files).unwrap_err();
    refused(&faults, Kind::Name, &["S9"]);
    refused(&faults, Kind::Name, &["bopael/bs"]);
}

#[test]
fn a_later_version_is_used_from_the_day_it_became_known() {
    let mut files = shipped();
    let mut later = files.iter().find(|file| file.name == "genoptraening.toml").unwrap().clone();
    later.name = "genoptraening-2.toml".to_owned();
    later.text = later.text.replacen("version    = 1", "version    = 2", 1).replacen("2021-09-01", "2026-01-01", 1);
    assert!(later.text.contains("version    = 2"));
    files.push(later);
    let book = Book::read(&files).unwrap();
    let version = |day: Date| {
        let agreement = &book.known_on(day)[0];
        agreement.parts.iter().find(|part| part.part == "genoptraening").unwrap().version
    };
    assert_eq!(version(date(2025, 12, 31)), 1);
    assert_eq!(version(date(2026, 1, 1)), 2);
}

#[test]
fn refuses_two_versions_known_on_the_same_day() {
    let mut files = shipped();
    let mut later = files[1].clone();
    later.name = "again.toml".to_owned();
    files.push(later);
    refused(&Book::read(&files).unwrap_err(), Kind::Contradiction, &["to versioner"]);
}

// ------------------------------------------------------------------ planted gaps and overlaps

const HEAD: &str = r#"
[fil]
del = "alt"
titel = "Prøve"
version = 1
kendt = 2007-01-01
gaelder_fra = 2007-01-01
omraader = ["rehab"]
uden_omraader = ["alle-andre"]
[[part]]
id = "nord"
navn = "Nord"
kommunenummer = "901"
cvr = "90000001"
[[part]]
id = "syd"
navn = "Syd"
kommunenummer = "902"
cvr = "90000002"
[[dokument]]
id = "D"
titel = "Dokument"
[[lov]]
kort = "SUL"
titel = "Sundhedsloven"
[[postkasse]]
id = "nord/hold"
navn = "Hold"
kanaler = ["inbox"]
[[postkasse]]
id = "syd/hold"
navn = "Hold"
kanaler = ["inbox"]
[[forhold]]
id = "plantype"
sti = "/plan_type"
vaerdier = ["almen", "specialiseret", "rehabilitering", "ukendt"]
mangler = "ukendt"
"#;

/// A stretch of time with who performs in it.
#[derive(Debug, Clone)]
struct Slot {
    from: Date,
    to: Option<Date>,
    performer: &'static str,
}

fn responsibility(residence: &str, slot: &Slot) -> String {
    let to = slot.to.map_or_else(String::new, |to| format!("til = {to}\n"));
    format!(
        "[[ansvar]]\nlov = \"SUL § 140\"\nopgave = \"Opgave\"\nbopael = [\"{residence}\"]\nudfoerer = \"{}\"\nfra = {}\n{to}bestemmelse = \"D {}\"\n",
        slot.performer, slot.from, slot.from
    )
}

fn rule(id: &str, event: &str, slot: &Slot, types: &[&str], capacity: &str) -> String {
    let to = slot.to.map_or_else(String::new, |to| format!("til = {to}\n"));
    let when = if types.is_empty() { String::new() } else { format!("hvis = {{ plantype = {types:?} }}\n") };
    format!(
        "[[regel]]\nid = \"{id}\"\nhaendelse = \"{event}\"\nlov = \"SUL § 140\"\nfra = {}\n{to}{when}afsendere = [\"enhver\"]\nmodtagere = [{{ postkasse = \"bopael/hold\", som = \"{capacity}\" }}]\nbestemmelse = \"D {id}\"\n",
        slot.from
    )
}

/// One rule each for all the kinds that the test is not about.
fn the_rest() -> String {
    let always = Slot { from: date(2007, 1, 1), to: None, performer: "nord" };
    let kinds =
        budstikke_schemas::KINDS.iter().filter(|kind| kind.area() == "rehab" && kind.name != "rehab.plan.received");
    let rules = kinds.map(|kind| rule(&kind.name.replace('.', "-"), kind.name, &always, &[], "orientering"));
    rules.collect::<String>() + &responsibility("syd", &always)
}

fn read(text: &str) -> Vec<Fault> {
    let file = SourceFile { agreement: "proeve".to_owned(), name: "proeve.toml".to_owned(), text: text.to_owned() };
    Book::read(&[file]).err().unwrap_or_default()
}

prop_compose! {
    /// Time from 2007 on, cut into one to five slots.
    fn slots()(cuts in proptest::collection::btree_set(1_i64..8_000, 0..5),
               performers in proptest::collection::vec(prop_oneof![Just("nord"), Just("syd")], 6)) -> Vec<Slot> {
        let start = date(2007, 1, 1);
        let day = |offset: i64| start.checked_add(jiff::Span::new().days(offset)).unwrap();
        let starts: Vec<Date> = std::iter::once(start).chain(cuts.into_iter().map(day)).collect();
        let ends = starts.iter().skip(1).map(|next| Some(next.yesterday().unwrap())).chain([None]);
        starts.iter().zip(ends).zip(performers).map(|((from, to), performer)| Slot { from: *from, to, performer }).collect()
    }
}

/// How the types of plans are shared out among rules; each list is one rule.
const SHARES: [&[&[&str]]; 4] = [
    &[&[]],
    &[&["almen"], &["specialiseret", "rehabilitering", "ukendt"]],
    &[&["almen", "ukendt"], &["specialiseret"], &["rehabilitering"]],
    &[&["almen"], &["specialiseret"], &["rehabilitering"], &["ukendt"]],
];

/// The cells of the plan's rules: each slot of time, shared out in one of the ways.
fn cells(slots: &[Slot], shares: &[usize]) -> Vec<(Slot, Vec<&'static str>)> {
    let share = |(slot, way): (&Slot, &usize)| {
        SHARES[*way].iter().map(move |types| (slot.clone(), types.to_vec())).collect::<Vec<_>>()
    };
    slots.iter().zip(shares).flat_map(share).collect()
}

fn plan_rules(cells: &[(Slot, Vec<&'static str>)]) -> String {
    let written = cells.iter().enumerate();
    written.map(|(n, (slot, types))| rule(&format!("r{n}"), "rehab.plan.received", slot, types, "opgave")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn slots_that_meet_are_taken(slots in slots(), shares in proptest::collection::vec(0_usize..4, 6)) {
        let text: String = slots.iter().map(|slot| responsibility("nord", slot)).collect();
        prop_assert_eq!(read(&format!("{HEAD}{text}{}{}", the_rest(), plan_rules(&cells(&slots, &shares)))), vec![]);
    }

    #[test]
    fn a_missing_performer_is_found(slots in slots(), pick in any::<prop::sample::Index>()) {
        let gone = pick.index(slots.len());
        let kept = slots.iter().enumerate().filter(|(n, _)| *n != gone);
        let text: String = kept.map(|(_, slot)| responsibility("nord", slot)).collect();
        let always = [Slot { from: date(2007, 1, 1), to: None, performer: "nord" }];
        let faults = read(&format!("{HEAD}{text}{}{}", the_rest(), plan_rules(&cells(&always, &[0]))));
        let from = format!("fra {}", slots[gone].from);
        prop_assert!(faults.iter().any(|it| it.kind == Kind::Gap && it.what.contains(&from)), "{:#?}", faults);
    }

    #[test]
    fn a_second_performer_is_found(slots in slots(), pick in any::<prop::sample::Index>(), other in prop_oneof![Just("nord"), Just("syd")]) {
        let twice = &slots[pick.index(slots.len())];
        let again = Slot { performer: other, ..twice.clone() };
        let text: String = slots.iter().chain([&again]).map(|slot| responsibility("nord", slot)).collect();
        let always = [Slot { from: date(2007, 1, 1), to: None, performer: "nord" }];
        let faults = read(&format!("{HEAD}{text}{}{}", the_rest(), plan_rules(&cells(&always, &[0]))));
        let kind = if other == twice.performer { Kind::Overlap } else { Kind::Contradiction };
        let clause = format!("`D {}`", twice.from);
        prop_assert!(faults.iter().any(|it| it.kind == kind && it.what.contains(&clause)), "{:#?}", faults);
    }

    #[test]
    fn a_missing_rule_is_found(slots in slots(), shares in proptest::collection::vec(0_usize..4, 6), pick in any::<prop::sample::Index>()) {
        let mut cells = cells(&slots, &shares);
        prop_assume!(cells.len() > 1);
        let (slot, types) = cells.remove(pick.index(cells.len()));
        let text: String = slots.iter().map(|slot| responsibility("nord", slot)).collect();
        let faults = read(&format!("{HEAD}{text}{}{}", the_rest(), plan_rules(&cells)));
        let found = |it: &Fault| {
            let names_type = types.iter().all(|it_type| faults.iter().any(|it| it.what.contains(&format!("= {it_type}"))));
            it.kind == Kind::Gap && it.what.contains(&format!("fra {}", slot.from)) && names_type
        };
        prop_assert!(faults.iter().any(found), "{:#?}", faults);
    }

    #[test]
    fn a_rule_too_many_is_found(
        slots in slots(),
        shares in proptest::collection::vec(0_usize..4, 6),
        pick in any::<prop::sample::Index>(),
        capacity in prop_oneof![Just("opgave"), Just("orientering")],
    ) {
        let cells = cells(&slots, &shares);
        let (slot, types) = &cells[pick.index(cells.len())];
        let extra = rule("ekstra", "rehab.plan.received", slot, types, capacity);
        let text: String = slots.iter().map(|slot| responsibility("nord", slot)).collect();
        let faults = read(&format!("{HEAD}{text}{}{}{extra}", the_rest(), plan_rules(&cells)));
        let kind = if capacity == "opgave" { Kind::Overlap } else { Kind::Contradiction };
        let found = |it: &Fault| it.kind == kind && it.what.contains("`D ekstra`") && it.what.contains("`D r");
        prop_assert!(faults.iter().any(found), "{:#?}", faults);
    }
}

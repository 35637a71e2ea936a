//! What is said to change is what changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use budstikke_contract::event::EventKind;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::probe::{Cell, Said};
use super::*;
use crate::agreement::period::Period;
use crate::agreement::tests::shipped;
use crate::agreement::{Book, SourceFile};
use crate::route::Routing;

/// The shipped agreement with some texts changed.
pub(crate) fn edited(edits: &[(&str, &str)]) -> Vec<SourceFile> {
    let mut files = shipped();
    for (from, to) in edits {
        // The part on rehabilitation first: others may have the same words.
        files.sort_by_key(|file| (file.name != "genoptraening.toml", file.name.clone()));
        let file = files.iter_mut().find(|file| file.text.contains(from)).unwrap_or_else(|| panic!("no `{from}`"));
        file.text = file.text.replacen(from, to, 1);
    }
    files
}

fn agreements(files: &[SourceFile]) -> Vec<Arc<Agreement>> {
    Book::read(files).unwrap_or_else(|faults| panic!("{faults:#?}")).newest().to_vec()
}

static SHIPPED: LazyLock<Vec<Arc<Agreement>>> = LazyLock::new(|| agreements(&shipped()));

const LEVEL: (&str, &str) = (
    "modtagere   = [{ postkasse = \"bopael/genoptraening\", som = \"orientering\" }]\nbestemmelse = \"S1 8\"\ntekst",
    "modtagere   = [{ postkasse = \"bopael/borgerservice\", som = \"opgave\" }]\nbestemmelse = \"S1 8\"\ntekst",
);
const TRAINING: [(&str, &str); 2] = [
    ("til         = 2021-08-31", "til         = 2021-12-31"),
    ("fra         = 2021-09-01", "fra         = 2022-01-01"),
];

/// `about | scope | text` of each.
fn told(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|it| format!("{} | {} | {}", it.about, it.scope_in_words(), it.text)).collect()
}

#[test]
fn nothing_changes_from_an_edition_to_itself() {
    assert_eq!(changes(&SHIPPED, &SHIPPED), []);
    assert_eq!(changes(&[], &[]), []);
}

#[test]
fn other_receivers_are_named_and_from_when() {
    let told = told(&changes(&SHIPPED, &agreements(&edited(&[LEVEL]))));
    assert_eq!(
        told,
        [
            "Niveau for almen genoptræning fastsat (rehab.level.set), SUL § 140 | fra 2007-01-01, borgere i Dragør Kommune | \
             dragoer/borgerservice (Borgerservice, Dragør) får den som opgave",
            "Niveau for almen genoptræning fastsat (rehab.level.set), SUL § 140 | fra 2007-01-01, borgere i Dragør Kommune | \
             dragoer/genoptraening (Genoptræning, Dragør) får den ikke længere til orientering",
            "Niveau for almen genoptræning fastsat (rehab.level.set), SUL § 140 | fra 2007-01-01, borgere i Tårnby Kommune | \
             taarnby/borgerservice (Borgerservice, Tårnby) får den som opgave",
            "Niveau for almen genoptræning fastsat (rehab.level.set), SUL § 140 | fra 2007-01-01, borgere i Tårnby Kommune | \
             taarnby/genoptraening (Genoptræning, Tårnby) får den ikke længere til orientering",
        ]
    );
}

#[test]
fn another_day_changes_only_the_days_between() {
    let told = told(&changes(&SHIPPED, &agreements(&edited(&TRAINING))));
    let days = "fra 2021-09-01 til og med 2021-12-31, borgere i Dragør Kommune";
    let performer = "udføres af Tårnby Kommune efter S2 1. september 2021, før af Dragør Kommune";
    assert!(told.contains(&format!("SEL § 86 | {days} | {performer}")), "{told:#?}");
    assert!(told.iter().filter(|it| it.contains("rehab.training.requested")).all(|it| it.contains(days)), "{told:#?}");
    let as_task = "taarnby/genoptraening (Genoptræning, Tårnby) får den som opgave";
    assert!(told.iter().any(|it| it.ends_with(as_task)), "{told:#?}");
}

#[test]
fn what_is_owed_is_said_by_when_and_by_whom() {
    let edits = [
        ("dage = 7, efter", "dage = 14, efter"),
        (
            "hvad        = \"Afgør befordringen\"\nskyldes_af  = \"bopael\"",
            "hvad        = \"Afgør befordringen\"\nskyldes_af  = \"udfoerer\"",
        ),
    ];
    let told = told(&changes(&SHIPPED, &agreements(&edited(&edits))));
    let due = "fristen er 14 dage efter udskrivning, før 7 dage efter udskrivning";
    let situation = "når plantype er almen eller rehabilitering eller ukendt";
    let plans = told.iter().filter(|it| it.starts_with("Genoptræningsplan modtaget (rehab.plan.received)"));
    assert!(
        plans.clone().count() == 1 && plans.clone().all(|it| it.contains(due) && it.contains(situation)),
        "{told:#?}"
    );
    for owed in
        ["Tårnby Kommune skylder: Afgør befordringen", "Dragør Kommune skylder ikke længere: Afgør befordringen"]
    {
        assert!(told.iter().any(|it| it.contains(owed) && it.contains("borgere i Dragør Kommune")), "{told:#?}");
    }
}

#[test]
fn clauses_mailboxes_senders_and_versions_are_said_too() {
    let edits = [
        ("id          = \"forloeb-afsluttet\"", "id          = \"forloeb-afsluttet\"\nstatus = \"under-afklaring\""),
        ("kanaler = [\"amqp\"]\nindhold = \"event+original\"", "kanaler = [\"amqp\", \"inbox\"]\nindhold = \"event\""),
        ("afsendere   = [\"bopael\"]", "afsendere   = [\"udfoerer\"]"),
        ("version    = 1", "version    = 2"),
    ];
    let all = changes(&SHIPPED, &agreements(&edited(&edits)));
    let told = told(&all);
    for said in [
        "Delen genoptraening |  | version 2 (kendt 2021-09-01), før version 1 (kendt 2021-09-01)",
        "hviler på S1 8 (under afklaring), før S1 8",
        "får event, vej: RabbitMQ og indbakken (Genoptræning, Dragør), før får event+original, vej: RabbitMQ (Genoptræning, Dragør)",
        "stopper hos budstikken (SENDER_NOT_ALLOWED); før blev den sendt videre",
    ] {
        assert!(told.iter().any(|it| it.contains(said)), "no `{said}` in {told:#?}");
    }
    assert!(all.is_sorted_by_key(|it| it.sort), "{told:#?}");
}

const EDITS: [&[(&str, &str)]; 11] = [
    &[LEVEL],
    &TRAINING,
    &[(
        "{ postkasse = \"udfoerer/genoptraening\", som = \"opgave\" }",
        "{ postkasse = \"udfoerer/genoptraening\", som = \"orientering\" }",
    )],
    &[(
        "hvis        = { plantype = [\"almen\", \"rehabilitering\", \"ukendt\"] }",
        "hvis        = { plantype = [\"almen\"] }",
    )],
    &[("dage = 7, efter", "dage = 14, efter")],
    &[("afsendere   = [\"udfoerer\"]", "afsendere   = [\"bopael\"]")],
    &[("forudsaetter = \"rehab.plan.received\"\n", "")],
    &[("id          = \"forloeb-afsluttet\"", "id          = \"forloeb-afsluttet\"\nstatus = \"fortolkning\"")],
    &[(
        "hvad        = \"Afgør befordringen\"\nskyldes_af  = \"bopael\"",
        "hvad        = \"Afgør befordringen\"\nskyldes_af  = \"udfoerer\"",
    )],
    &[(
        "bopael      = [\"dragoer\"]\nudfoerer    = \"taarnby\"\nfra         = 2007-01-01\nbestemmelse = \"S1 2\"",
        "bopael      = [\"dragoer\"]\nudfoerer    = \"dragoer\"\nfra         = 2007-01-01\nbestemmelse = \"S1 2\"",
    )],
    &[(
        "{ postkasse = \"spoerger/genoptraening\", som = \"orientering\" }",
        "{ postkasse = \"spoerger/borgerservice\", som = \"opgave\" }",
    )],
];

fn any_cell() -> impl Strategy<Value = Cell> {
    let mut kinds: Vec<EventKind> = probe::kinds(&SHIPPED[0], &SHIPPED[0]).into_iter().collect();
    kinds.retain(|kind| kind.area() == "rehab");
    let day = (0..6000_i64).prop_map(|after| date(2006, 12, 1) + jiff::Span::new().days(after));
    let edges = prop_oneof![
        4 => day,
        1 => prop::sample::select(vec![date(2007, 1, 1), date(2021, 8, 31), date(2021, 9, 1), date(2021, 12, 31), date(2022, 1, 1)]),
    ];
    (
        prop::sample::select(kinds),
        prop::sample::select(vec!["155", "185"]),
        prop::sample::select(vec!["hospital", "dragoer", "taarnby"]),
        prop::sample::select(vec!["dragoer", "taarnby"]),
        prop::sample::select(vec!["almen", "specialiseret", "rehabilitering", "ukendt"]),
        any::<bool>(),
        edges,
    )
        .prop_map(|(kind, residence, sender, asker, plan, preceded, day)| {
            cell(kind, residence, (sender, asker), plan, preceded, day)
        })
}

fn cell(
    kind: EventKind,
    residence: &str,
    (sender, asker): (&str, &str),
    plan: &str,
    preceded: bool,
    day: Date,
) -> Cell {
    let rule = SHIPPED[0].rules.iter().find(|rule| rule.event == kind).unwrap();
    Cell {
        kind,
        said: Said { law: rule.law.clone(), area: None, kle: None },
        residence: MunicipalityCode::parse(residence),
        sender: sender.to_owned(),
        asker: rule.answers.is_some().then(|| asker.to_owned()),
        preceded: preceded || !(kind.name().starts_with("rehab.plan.") && kind.name() != "rehab.plan.received"),
        content: BTreeMap::from([("plantype".to_owned(), plan.to_owned())]),
        born: None,
        period: Period::since(day),
    }
}

/// Whether a change is said to hold for an event.
fn is_said_of(change: &Change, cell: &Cell) -> bool {
    let scope = &change.scope;
    let day = cell.period.from.to_string();
    let home = SHIPPED[0].party_of(cell.residence.unwrap()).unwrap().name.clone();
    let situation = cell.situation(&SHIPPED[0]).unwrap();
    let in_situation =
        |when: &BTreeMap<String, String>| when.iter().all(|(fact, value)| situation.get(fact) == Some(value));
    change.about.contains(&format!("({})", cell.kind))
        && cell.said.law.as_ref().is_none_or(|law| change.laws.contains(&law.to_string()))
        && scope.from.as_ref().is_some_and(|from| *from <= day)
        && scope.to.as_ref().is_none_or(|to| day <= *to)
        && (scope.residences.is_empty() || scope.residences.contains(&home))
        && (scope.senders.is_empty() || scope.senders.contains(&cell.sender))
        && (scope.askers.is_empty() || cell.asker.as_ref().is_some_and(|asker| scope.askers.contains(asker)))
        && (scope.when.is_empty() || scope.when.iter().any(in_situation))
        && scope.unpreceded != cell.preceded
}

fn receivers(decided: &change::Decided) -> Option<BTreeSet<(String, crate::agreement::model::Capacity)>> {
    let of = |routing: &Routing| routing.deliveries.iter().map(|it| (it.mailbox.to_string(), it.capacity)).collect();
    decided.as_ref().ok().map(of)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is edited, and whatever comes: routing differs exactly where it is said to.
    #[test]
    fn what_is_said_to_change_is_exactly_where_routing_differs(
        chosen in prop::sample::subsequence(EDITS.to_vec(), 1..5),
        cells in prop::collection::vec(any_cell(), 60),
    ) {
        let edits: Vec<(&str, &str)> = chosen.into_iter().flatten().copied().collect();
        let Ok(book) = Book::read(&edited(&edits)) else { return Ok(()) };
        let new = book.newest().to_vec();
        let changed = extent::changed_matters(&SHIPPED[0], &new[0]);
        let kinds = probe::kinds(&SHIPPED[0], &new[0]).into_iter().filter(|kind| kind.area() == "rehab");
        let all: Vec<Change> = kinds.flat_map(|kind| group::of_kind(&SHIPPED[0], &new[0], kind, &changed)).collect();
        prop_assert!(!all.is_empty());
        for cell in cells {
            let (before, after) = (cell.decide(&SHIPPED[0]).unwrap(), cell.decide(&new[0]).unwrap());
            let differing = between(&before, &after);
            prop_assert_eq!(
                differing.iter().any(What::is_elsewhere),
                receivers(&before) != receivers(&after)
                    || before.ok().map(|it| it.opened.iter().map(|duty| duty.id).collect::<Vec<_>>())
                        != after.as_ref().ok().map(|it| it.opened.iter().map(|duty| duty.id).collect::<Vec<_>>())
            );
            let said: Vec<&What> = all.iter().filter(|it| is_said_of(it, &cell)).filter_map(|it| it.what.as_ref()).collect();
            for what in &differing {
                prop_assert!(said.contains(&what), "{what:?} is not said of {cell:?}: {:#?}", told(&all));
            }
            // What is said of all is said of all that is sent on.
            if after.is_ok() {
                for what in said {
                    prop_assert!(differing.contains(what), "{what:?} is said of {cell:?}: {differing:?}");
                }
            }
        }
    }
}

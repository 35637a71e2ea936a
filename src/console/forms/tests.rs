use askama::Template;
use budstikke_schemas::KINDS;
use proptest::prelude::*;

use super::lines::Way;
use super::*;

#[derive(Template)]
#[template(
    source = r#"{% import "form-fields.html" as form %}{% call form::fields(lines) %}{% endcall %}"#,
    ext = "html",
    config = "src/console/askama.toml"
)]
struct Page {
    lines: Vec<Line>,
}

fn kinds() -> impl Iterator<Item = EventKind> {
    KINDS.iter().filter(|kind| !kind.of_hub).map(|kind| EventKind::named(kind.name).unwrap())
}

fn examples(kind: EventKind) -> Vec<Map<String, Value>> {
    let schema: Value = serde_json::from_str(kind.schema().text).unwrap();
    schema["examples"].as_array().unwrap().iter().map(|one| one.as_object().unwrap().clone()).collect()
}

/// What a browser sends of a form.
fn sent(lines: &[Line]) -> Vec<(String, String)> {
    let inputs = lines.iter().filter_map(|line| if let Line::Input(input) = line { Some(input) } else { None });
    inputs
        .map(|input| {
            let chosen = input.options.iter().find(|one| one.chosen).map(|one| one.value.clone());
            let value = if input.way == Way::Choice { chosen.unwrap_or_default() } else { input.value.clone() };
            (input.name.clone(), value.replace('\n', "\r\n"))
        })
        .collect()
}

fn form(kind: &str) -> Form {
    Form::of(EventKind::named(kind).unwrap())
}

fn posted(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn each_kinds_examples_come_back_as_they_were() {
    let mut seen = 0;
    for kind in kinds() {
        let form = Form::of(kind);
        for mut example in examples(kind) {
            let lines = form.lines(&form.prefilled(&example), &Faults::none(), None);
            let typed = form.typed(&sent(&lines));
            example.remove("remarks");
            example.remove("original");
            assert_eq!(Value::Object(form.data(&typed)), Value::Object(example), "{kind}");
            assert_eq!(form.faults(&form.data(&typed)), Faults::none(), "{kind}");
            seen += 1;
        }
    }
    assert!(seen > 90, "{seen}");
}

#[test]
fn each_member_of_each_schema_has_a_field() {
    fn count(schema: &Value) -> usize {
        schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| !["remarks", "original"].contains(&name.as_str()))
            .count()
    }
    for kind in kinds() {
        let schema = serde_json::from_str(kind.schema().text).unwrap();
        assert_eq!(Form::of(kind).fields.len(), count(&schema), "{kind}");
    }
}

#[test]
fn what_is_missing_is_said_at_its_field_all_of_it_at_once() {
    for kind in kinds() {
        let form = Form::of(kind);
        let nothing = form.typed(&[]);
        let faults = form.faults(&form.data(&nothing));
        let required = form.fields.iter().filter(|field| field.required).count();
        assert!(faults.0.len() >= required, "{kind}: {faults:?}");
        for name in faults.0.keys() {
            assert!(form.shows(name) || name == PREFIX, "{kind}: {name} is no field");
        }
        // What a browser would not send must be what the schema would not take.
        for line in form.lines(&nothing, &faults, None) {
            if let Line::Input(input) = line {
                // Where a whole list is missing, its first row must be filled in.
                let said = faults.0.keys().any(|key| input.name.starts_with(key.as_str()));
                assert!(!input.required || said, "{kind}: {} may be left out", input.name);
            }
        }
    }
}

#[test]
fn what_makes_no_sense_stands_as_it_was_typed_with_what_is_wrong() {
    let form = form("supervision.documentation.requested");
    let fields = posted(&[
        ("data.area", "maanen"),
        ("data.year", "i fjor"),
        ("data.question", "  Journalen\r\nfor begge "),
        ("data.wanted_by", "2026-02-30"),
        ("data.cases.0.reference", ""),
        ("data.cases.3.reference", "CURA-7"),
        ("data.cases.3.law", "paragraf 85"),
    ]);
    let typed = form.typed(&fields);
    let data = form.data(&typed);
    assert_eq!(data["question"], "Journalen\nfor begge");
    let faults = form.faults(&data);
    let at = |name: &str| faults.at(name).unwrap_or_else(|| panic!("{name}: {faults:?}"));
    assert_eq!(at("data.area"), "Vælg en af mulighederne.");
    assert_eq!(at("data.year"), "Skriv et helt tal.");
    assert!(at("data.wanted_by").starts_with("Skriv en dato"));
    assert_eq!(at("data.cases.0.law"), "Er ikke skrevet, som det skal være.", "the empty row has gone");
    let page = Page { lines: form.lines(&typed, &faults, None) }.render().unwrap();
    for shown in ["maanen", "i fjor", "2026-02-30", "paragraf 85", "CURA-7", "aria-invalid=\"true\""] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[test]
fn of_two_that_exclude_one_another_it_is_said_at_their_group() {
    let form = form("complaint.received");
    let both = posted(&[("data.citizen.cpr", "251248-9996"), ("data.citizen.replacement_id", "X1")]);
    let faults = form.faults(&form.data(&form.typed(&both)));
    assert_eq!(faults.at("data.citizen"), Some("Udfyld CPR-nummer eller Erstatningsnummer, og kun det ene."));
    let one = posted(&[("data.citizen.cpr", "251248-9996")]);
    assert_eq!(form.data(&form.typed(&one))["citizen"]["cpr"], "2512489996", "people write the hyphen");
}

#[test]
fn a_list_gets_one_more_row_and_keeps_what_was_typed() {
    let form = form("management-info.provided");
    let fields = posted(&[("data.documents.0.title", "Forbrug"), ("data.documents.0.reference", "2026-1")]);
    let names = |row: Option<&str>| {
        let lines = form.lines(&form.typed(&fields), &Faults::none(), row);
        sent(&lines).into_iter().filter(|(name, _)| name.starts_with("data.documents.")).collect::<Vec<_>>()
    };
    assert_eq!(names(None).len(), 2);
    let more = names(Some("data.documents"));
    assert_eq!(more.len(), 4);
    assert_eq!(more[0], ("data.documents.0.title".to_owned(), "Forbrug".to_owned()));
    assert_eq!(more[2], ("data.documents.1.title".to_owned(), String::new()));
}

#[test]
fn a_post_with_rows_far_apart_or_very_many_is_no_burden() {
    let form = form("management-info.provided");
    let far = posted(&[("data.documents.4000000000.title", "a"), ("data.documents.99999999999.title", "b")]);
    assert_eq!(form.typed(&far).member("documents").rows().len(), 1, "one is no row");
    let many: Vec<_> = (0..5000).map(|at| (format!("data.documents.{at}.title"), "x".to_owned())).collect();
    let typed = form.typed(&many);
    let faults = form.faults(&form.data(&typed));
    assert!(
        faults.at("data.documents").is_some_and(|text| text.contains("for mange")),
        "{:?}",
        faults.at("data.documents")
    );
    let lines = form.lines(&typed, &faults, Some("data.documents"));
    assert_eq!(sent(&lines).iter().filter(|(name, _)| name.contains(".title")).count(), 5000, "nothing typed is lost");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is typed into any field comes back into the same field, and as text.
    #[test]
    fn nothing_that_is_typed_is_lost(
        at in any::<prop::sample::Index>(),
        words in prop::collection::vec("[ -~æøå<>\"'&]{1,20}", 1..8),
    ) {
        let all: Vec<EventKind> = kinds().collect();
        let form = Form::of(all[at.index(all.len())]);
        let empty = sent(&form.lines(&form.typed(&[]), &Faults::none(), None));
        let typed: Vec<(String, String)> = empty
            .into_iter()
            .zip(words.iter().cycle())
            .map(|((name, _), word)| (name, word.trim().to_owned()))
            .filter(|(_, word)| !word.is_empty())
            .collect();
        let tree = form.typed(&typed);
        let faults = form.faults(&form.data(&tree));
        let lines = form.lines(&tree, &faults, None);
        let back: BTreeMap<String, String> = sent(&lines).into_iter().collect();
        for (name, word) in &typed {
            // Where only part of a row was typed, the rows before it may have gone.
            if name.bytes().all(|byte| !byte.is_ascii_digit()) {
                prop_assert_eq!(back.get(name), Some(word), "{}", name);
            } else {
                prop_assert!(back.values().any(|value| value == word), "{}: {}", name, word);
            }
        }
        let page = Page { lines }.render().unwrap();
        let marks = page.matches("<script").count() + page.matches("<b").count() - page.matches("<button").count();
        prop_assert_eq!(marks, 0);
    }
}

#[test]
fn markup_comes_out_as_text() {
    let form = form("notice.given");
    let bad = "</textarea><script>alert(1)</script>\"'&<img src=x>";
    let fields = posted(&[("data.text", bad), ("data.area", bad), ("data.from", bad), ("data.category", bad)]);
    let typed = form.typed(&fields);
    let faults = form.faults(&form.data(&typed));
    let page = Page { lines: form.lines(&typed, &faults, None) }.render().unwrap();
    for never in ["<script", "<img", "</textarea><"] {
        assert!(!page.contains(never), "{never}: {page}");
    }
    assert!(page.contains("&#60;script") || page.contains("&lt;script"), "{page}");
}

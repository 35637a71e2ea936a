use proptest::prelude::*;
use serde_json::json;

use super::*;

fn names() -> Names {
    Names::from([("155".to_owned(), "Dragør".to_owned())])
}

fn event(kind: &str, data: &Value) -> Vec<u8> {
    json!({
        "specversion": "1.0", "id": "e-1", "source": "/taarnby/cura", "type": format!("dk.budstikke.{kind}.v1"),
        "time": "2026-11-22T08:30:00Z", "subject": "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b",
        "datacontenttype": "application/json", "residence": "155", "law": "SUL § 140", "oddity": "x-1",
        "data": data,
    })
    .to_string()
    .into_bytes()
}

fn content(kind: &str, data: &Value) -> Content {
    Content::of(&event(kind, data), Vec::new(), &names())
}

/// Every value as it is written on the page.
fn html(content: &Content) -> String {
    let fields = content.sections.iter().flat_map(|section| &section.fields);
    fields.map(|field| format!("{}|{}", field.title, field.value)).collect::<Vec<_>>().join("\n")
}

fn plan() -> Value {
    json!({
        "letter": {"id": "HB1", "envelope": "HK1", "format": "GGOP100"},
        "plan_type": "almen",
        "citizen": {"cpr": "2512489996", "name": {"given": "Nancy Ann Test", "family": "Berggren"}},
        "sender": {"organisation": "Prøvesygehuset", "signed_by": {"given": "Asta", "family": "Prøve"}},
        "receiver": {"municipality": "155"},
        "discharge": {"date": "2026-11-20", "time": "11:00", "certainty": "expected"},
        "diagnoses": [{"code": "DS720", "text": "Brud på lårbenshals", "rank": "primary"}],
        "informed_consent": true,
        "remarks": [{"code": "VALUE_CUT", "text": "Et felt er afkortet."}],
        "unheard_of": {"deep": [1, null, {"er": "her"}]},
    })
}

#[test]
fn a_plan_reads_as_a_therapist_reads_it() {
    let told =
        vec![Passage { title: "Funktionsevne ved udskrivelsen".to_owned(), text: "Går med rollator.".to_owned() }];
    let content = Content::of(&event("rehab.plan.received", &plan()), told, &names());
    let titles: Vec<&str> = content.sections.iter().map(|section| section.title.as_str()).collect();
    let expected = [
        "Borger",
        "Diagnoser",
        "Funktionsevne og behov",
        "Niveau og frister",
        "Samtykke",
        "Afsender og modtager",
        "Brevet",
        "Andet",
        "Bemærkninger",
        "Om hændelsen",
    ];
    assert_eq!(titles, expected);
    let page = html(&content);
    for line in [
        "CPR-nummer|251248-9996",
        "Navn|Nancy Ann Test Berggren",
        "Aktionsdiagnose: DS720 Brud på lårbenshals",
        "Funktionsevne ved udskrivelsen|Går med rollator.",
        "Plantype|Almen genoptræning",
        "<dt>Dato</dt><dd>20. nov. 2026</dd>",
        "<dt>Klokkeslæt</dt><dd>11.00</dd>",
        "<dt>Faktisk eller forventet</dt><dd>Forventet</dd>",
        "Informeret samtykke|ja",
        "<dt>Kommune</dt><dd>Dragør (155)</dd>",
        "unheard_of|",
        "Et felt er afkortet. (VALUE_CUT)",
        "Sendt|22. nov. 2026 kl. 09.30",
        "oddity|x-1",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    assert_eq!((content.title.as_str(), content.raw.len()), ("Genoptræningsplan modtaget", 1));
}

#[test]
fn every_kind_is_shown_by_its_titles() {
    for kind in budstikke_schemas::KINDS {
        let schema: Value = serde_json::from_str(kind.text).unwrap();
        for example in schema["examples"].as_array().unwrap() {
            let content = content(kind.name, example);
            assert_eq!(content.title, kind.title());
            let untitled = |field: &&Field| field.title.is_ascii() && field.title.contains('_');
            let fields = content.sections.iter().flat_map(|section| &section.fields);
            assert_eq!(fields.filter(untitled).count(), 0, "{}", kind.name);
        }
    }
}

/// The texts of a value that are shown as they stand.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The same value with another text in the place of each.
fn with_text(value: &Value, text: &str) -> Value {
    match value {
        Value::String(_) => Value::String(text.to_owned()),
        Value::Array(items) => items.iter().map(|item| with_text(item, text)).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), with_text(member, text))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[test]
fn markup_in_every_field_of_every_kind_is_text() {
    const MARKUP: &str = "<script>alert('x')</script><img src=x onerror=\"y\">&amp;";
    for kind in budstikke_schemas::KINDS {
        let schema: Value = serde_json::from_str(kind.text).unwrap();
        for example in schema["examples"].as_array().unwrap() {
            let data = with_text(example, MARKUP);
            let mut wanted = Vec::new();
            texts(&data, &mut wanted);
            let passage = Passage { title: MARKUP.to_owned(), text: MARKUP.to_owned() };
            let page = html(&Content::of(&event(kind.name, &data), vec![passage], &names()))
                .replace(&format!("{MARKUP}|"), "");
            assert!(
                !page.contains("<script") && !page.contains("<img") && !page.contains("&amp;"),
                "{}: {page}",
                kind.name
            );
            assert!(page.matches("&#60;script&#62;").count() > wanted.len(), "{}: none is lost", kind.name);
        }
    }
}

#[test]
fn what_is_no_event_is_shown_as_it_is() {
    let content = Content::of(b"no json <b>", Vec::new(), &names());
    assert!(content.sections.is_empty());
    assert_eq!(content.raw[0].text, "no json <b>");
    let latin = Content::default().with_raw("x", b"Pr\xf8ve");
    assert_eq!((latin.raw[0].text.as_str(), latin.raw[0].cut), ("Prøve", false));
    let long = Content::default().with_raw("x", &vec![b'a'; LONGEST + 1]);
    assert!(long.raw[0].cut && long.raw[0].text.len() == LONGEST);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), "[a-zæ<&>]{4,12}".prop_map(Value::from)];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z_]{1,8}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_is_lost_of_what_no_schema_knows(data in any_value(), kind in prop::sample::select(vec!["rehab.plan.received", "notice.given", "no.such.kind"])) {
        let page = html(&content(kind, &data));
        let mut wanted = Vec::new();
        texts(&data, &mut wanted);
        for text in wanted {
            let escaped = Shown::Text(text).to_string();
            prop_assert!(page.contains(&escaped), "{escaped}\n{page}");
        }
    }
}

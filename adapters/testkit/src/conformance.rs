//! What holds for every adapter, whatever its format: it reads the same bytes to the same end, it
//! never panics, its events pass their schemas, and nothing of a letter leaves it by way of a
//! reason, a log line or an answer.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use budstikke_contract::adapter::{Adapter, CaseClue, Draft, Fate, Item, ItemBody, Raw, Reply, Translated};
use budstikke_contract::reason::{Code, Reason};
use budstikke_schemas::check;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A message to try an adapter with.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// What it is called when something is wrong.
    pub name: &'a str,
    /// The message.
    pub body: &'a [u8],
    /// What of it must never be shown: CPR numbers, names.
    pub secrets: &'a [&'a str],
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({}, {} bytes)", self.name, self.body.len())
    }
}

/// A rule that an adapter broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The input it broke it with.
    pub input: String,
    /// Which rule, and how.
    pub rule: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.input, self.rule)
    }
}

/// Tries an adapter with every input: all that is wrong, so that a test asserts it to be empty.
pub fn breaches(adapter: &dyn Adapter, inputs: &[Input<'_>]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for input in inputs {
        let rules = catch_unwind(AssertUnwindSafe(|| broken_rules(adapter, input)));
        let rules = rules.unwrap_or_else(|_panic| vec!["it panics".to_owned()]);
        breaches.extend(rules.into_iter().map(|rule| Breach { input: input.name.to_owned(), rule }));
    }
    breaches
}

fn broken_rules(adapter: &dyn Adapter, input: &Input<'_>) -> Vec<String> {
    let translate = || adapter.translate(&Raw { body: input.body, received: Timestamp::UNIX_EPOCH });
    let (first, second) = (translate(), translate());
    let mut broken = Vec::new();
    if first.items.is_empty() {
        broken.push("there is no item".to_owned());
    }
    if shown(&first) != shown(&second) {
        broken.push("the same bytes are read differently".to_owned());
    }
    for item in &first.items {
        broken.extend(item_rules(item));
    }
    broken.extend(answer_rules(adapter, &first, &second, input));
    let told = [format!("{first:?}"), reasons(&first)].concat();
    broken.extend(input.secrets.iter().filter(|s| told.contains(**s)).map(|_| "a secret is shown".to_owned()));
    broken
}

fn item_rules(item: &Item) -> Vec<String> {
    let mut broken = Vec::new();
    if item.key.as_ref().is_some_and(String::is_empty) {
        broken.push("an item has an empty key".to_owned());
    }
    match &item.body {
        ItemBody::Event(draft) => broken.extend(draft_rules(draft)),
        ItemBody::Refused(reason) => broken.extend(reason_rules(reason)),
        ItemBody::Record { what } if what.is_empty() => broken.push("a record says not what it is".to_owned()),
        ItemBody::Record { .. } => {}
    }
    broken
}

fn draft_rules(draft: &Draft) -> Vec<String> {
    let mut broken = Vec::new();
    let mut data = draft.data.clone();
    // The hub puts them there; they must fit too.
    let remarks: Vec<Value> =
        draft.remarks.iter().map(|remark| json!({"code": remark.code.as_str(), "text": remark.text})).collect();
    data.insert("remarks".to_owned(), Value::Array(remarks));
    if let Err(fault) = check(draft.kind.schema(), &Value::Object(data)) {
        broken.push(format!("{} breaks its schema: {fault:?}", draft.kind));
    }
    if draft.kind.schema().of_hub {
        broken.push(format!("{} is the hub's own", draft.kind));
    }
    if draft.data.contains_key("original") || draft.data.contains_key("remarks") {
        broken.push("the data holds what the hub puts there".to_owned());
    }
    broken.extend(draft.remarks.iter().flat_map(|remark| code_rules(&remark.code)));
    broken
}

fn reason_rules(reason: &Reason) -> Vec<String> {
    let mut broken = code_rules(&reason.code);
    if !reason.text.ends_with('.') {
        broken.push(format!("{} has no sentence", reason.code));
    }
    broken
}

fn code_rules(code: &Code) -> Vec<String> {
    let good = code.as_str().bytes().all(|b| b.is_ascii_uppercase() || b == b'_') && !code.as_str().is_empty();
    if good { Vec::new() } else { vec![format!("{code} is no code")] }
}

/// Answers to each thing that can become of the items.
fn answer_rules(adapter: &dyn Adapter, first: &Translated, second: &Translated, input: &Input<'_>) -> Vec<String> {
    let (Some(first_answer), Some(second_answer)) = (&first.answer, &second.answer) else { return Vec::new() };
    let reason = || Reason::new(Code::new("OUTSIDE_AGREEMENT"), "Modtageren er ikke med i aftalen.");
    let every = [Fate::Held, Fate::Misaddressed(reason()), Fate::Refused(reason()), Fate::Answered];
    let mut broken = Vec::new();
    for shift in 0..=every.len() {
        // All alike, and all mixed.
        let fate = |i: usize| every.get(if shift == every.len() { i % shift } else { shift }).cloned();
        let fates: Vec<Fate> = (0..first.items.len()).filter_map(fate).collect();
        let at = Timestamp::UNIX_EPOCH;
        let replies = first_answer.replies(&fates, at);
        if replies != second_answer.replies(&fates, at) {
            broken.push("the same message is answered differently".to_owned());
        }
        if shift == 3 && !replies.is_empty() {
            broken.push("what was answered before is answered again".to_owned());
        }
        broken.extend(replies.iter().flat_map(|reply| reply_rules(adapter, reply, input)));
    }
    broken
}

fn reply_rules(adapter: &dyn Adapter, reply: &Reply, input: &Input<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let repeated = |n| adapter.repeat_reply(&reply.body, n, Timestamp::UNIX_EPOCH);
    if reply.body.is_empty() || repeated(1).is_empty() || repeated(1) != repeated(1) {
        broken.push(format!("{} is empty or repeated differently", reply.kind));
    }
    let text = [String::from_utf8_lossy(&reply.body).into_owned(), format!("{reply:?}")].concat();
    broken
        .extend(input.secrets.iter().filter(|s| text.contains(**s)).map(|_| format!("{} shows a secret", reply.kind)));
    broken
}

/// All that a person reads of what was refused or remarked upon.
fn reasons(translated: &Translated) -> String {
    let of = |item: &Item| match &item.body {
        ItemBody::Refused(reason) => reason.to_string(),
        ItemBody::Event(draft) => draft.remarks.iter().map(|remark| remark.text.clone()).collect(),
        ItemBody::Record { what } => what.clone(),
    };
    translated.items.iter().map(of).collect()
}

/// All of a translation that can be compared, content included: for this module only.
fn shown(translated: &Translated) -> Value {
    let item = |item: &Item| {
        let body = match &item.body {
            ItemBody::Event(draft) => draft_shown(draft),
            ItemBody::Record { what } => json!({"record": what}),
            ItemBody::Refused(reason) => json!({"refused": reason}),
        };
        json!({"key": item.key, "content": item.content, "body": body})
    };
    let transport = translated.transport.as_ref().map(|t| json!([t.envelope, t.message, t.content]));
    let items: Vec<Value> = translated.items.iter().map(item).collect();
    json!({"transport": transport, "items": items, "answer": translated.answer.is_some()})
}

/// A draft as JSON, content included. For snapshots of invented messages.
pub fn draft_shown(draft: &Draft) -> Value {
    let case = match &draft.case {
        CaseClue::Key(key) => json!({"key": key}),
        CaseClue::Derived { area, episode, first, likeness, trail } => {
            json!({"area": area, "episode": episode, "first": first, "likeness": likeness, "trail": trail})
        }
        CaseClue::None => Value::Null,
    };
    json!({
        "kind": draft.kind.name(),
        "source": draft.source,
        "id": draft.id,
        "time": draft.time.to_string(),
        "occurred": draft.occurred.map(|occurred| occurred.to_string()),
        "law": draft.law,
        "residence": draft.residence,
        "case": case,
        "citizen": draft.citizen,
        "correlation": draft.correlation,
        "causation": draft.causation,
        "data": draft.data,
        "remarks": draft.remarks,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use budstikke_contract::adapter::Transport;

    use super::*;

    /// An adapter that does everything wrong that its input asks for.
    #[derive(Debug, Default)]
    struct Bad {
        calls: AtomicUsize,
    }

    impl Adapter for Bad {
        fn name(&self) -> &'static str {
            "bad"
        }

        fn translate(&self, raw: &Raw<'_>) -> Translated {
            let text = String::from_utf8_lossy(raw.body).into_owned();
            let (code, sentence) = match text.as_str() {
                "panic" => panic!("as asked"),
                "code" => (Code::new("no code"), "En grund.".to_owned()),
                "sentence" => (Code::new("CODE"), String::new()),
                "secret" => (Code::new("CODE"), "Nancy er ukendt.".to_owned()),
                _ => (Code::new("CODE"), "En grund.".to_owned()),
            };
            let call = self.calls.fetch_add(1, Ordering::Relaxed).to_string();
            let envelope = if text == "count" { call } else { String::new() };
            let item = Item {
                key: Some(if text == "key" { String::new() } else { "key".to_owned() }),
                content: raw.body.to_vec(),
                body: ItemBody::Refused(Reason::new(code, sentence)),
            };
            let items = if text == "nothing" { Vec::new() } else { vec![item] };
            let transport = Some(Transport { envelope, message: None, content: Vec::new() });
            Translated { transport, items, answer: None }
        }

        fn media_type(&self) -> &'static str {
            "text/plain"
        }
    }

    #[test]
    fn every_fault_is_found() {
        for (body, rule) in [
            ("nothing", "there is no item"),
            ("key", "an item has an empty key"),
            ("code", "no code is no code"),
            ("sentence", "CODE has no sentence"),
            ("secret", "a secret is shown"),
            ("panic", "it panics"),
            ("count", "the same bytes are read differently"),
        ] {
            let found =
                breaches(&Bad::default(), &[Input { name: "input", body: body.as_bytes(), secrets: &["Nancy"] }]);
            let rules: Vec<_> = found.iter().map(|breach| breach.rule.as_str()).collect();
            assert_eq!(rules, [rule]);
        }
        assert_eq!(breaches(&Bad::default(), &[Input { name: "input", body: b"good", secrets: &[] }]), []);
    }
}

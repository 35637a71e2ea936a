//! How a value is written: days as days, codes with what they mean, what belongs together on one line.

use budstikke_schemas::Spoken;
use serde_json::{Map, Value};

use super::{Field, Names, Shown, words};

/// A text of at least so many characters is prose.
const PROSE: usize = 120;

/// A text. One of several lines keeps them.
pub(super) fn text(text: &str) -> Shown {
    match text {
        "" => Shown::Text("(tom)".to_owned()),
        _ if text.contains('\n') || text.chars().count() > PROSE => Shown::Prose(text.to_owned()),
        _ => Shown::Text(text.to_owned()),
    }
}

/// A municipality by its code, with its name where that is known.
pub(super) fn municipality(code: &str, names: &Names) -> String {
    names.get(code).map_or_else(|| code.to_owned(), |name| format!("{name} ({code})"))
}

/// A member with its title. One that the schema does not know has its own name.
pub(super) fn field(name: &str, value: &Value, spoken: Option<Spoken>, names: &Names) -> Vec<Field> {
    // Where the citizen is what the section is about, a line for each of its members reads best.
    if name == "citizen"
        && let Value::Object(members) = value
    {
        return fields(members, spoken, names);
    }
    let title = spoken.and_then(Spoken::title).unwrap_or(name).to_owned();
    vec![Field { title, value: shown(name, value, spoken, names) }]
}

fn fields(members: &Map<String, Value>, spoken: Option<Spoken>, names: &Names) -> Vec<Field> {
    let one = |(name, value): (&String, &Value)| field(name, value, spoken.and_then(|it| it.member(name)), names);
    members.iter().flat_map(one).collect()
}

fn shown(name: &str, value: &Value, spoken: Option<Spoken>, names: &Names) -> Shown {
    match value {
        Value::Null => Shown::Text("ingen".to_owned()),
        Value::Bool(yes) => Shown::Text(if *yes { "ja" } else { "nej" }.to_owned()),
        Value::Number(number) => Shown::Text(number.to_string().replace('.', ",")),
        Value::String(said) => string(name, said, spoken, names),
        Value::Array(items) if items.is_empty() => Shown::Text("ingen".to_owned()),
        Value::Array(items) => {
            let element = spoken.and_then(Spoken::element);
            Shown::List(items.iter().map(|item| shown(name, item, element, names)).collect())
        }
        Value::Object(members) if members.is_empty() => Shown::Text("ingen".to_owned()),
        Value::Object(members) => match on_one_line(members, spoken) {
            Some(line) => text(&line),
            None => Shown::Fields(fields(members, spoken, names)),
        },
    }
}

fn string(name: &str, said: &str, spoken: Option<Spoken>, names: &Names) -> Shown {
    let day = || said.parse().ok().map(words::day);
    let known = match name {
        "cpr" => words::with_hyphen(said),
        "municipality" => Some(municipality(said, names)),
        "time" => said.split_once(':').map(|(hour, minute)| format!("{hour}.{minute}")),
        "amount" => Some(said.replace('.', ",")),
        _ => None,
    };
    let meant = || spoken.and_then(|it| it.meaning(said)).map(str::to_owned);
    let is_day = spoken.is_some_and(Spoken::is_day);
    text(&known.or_else(meant).or_else(|| if is_day { day() } else { None }).unwrap_or_else(|| said.to_owned()))
}

/// What people write on one line: a name, a period, a diagnosis, a remark. `None` where there is more
/// in it than that.
fn on_one_line(members: &Map<String, Value>, spoken: Option<Spoken>) -> Option<String> {
    let only = |names: &[&str]| {
        members
            .iter()
            .all(|(name, value)| names.contains(&name.as_str()) && value.as_str().is_some_and(|it| !it.is_empty()))
    };
    let get = |name: &str| members.get(name).and_then(Value::as_str);
    let day = |name: &str| get(name).and_then(|text| text.parse().ok()).map(words::day);
    let meant = |name: &str| {
        let said = get(name)?;
        Some(spoken.and_then(|it| it.member(name)).and_then(|it| it.meaning(said)).unwrap_or(said))
    };
    if only(&["given", "family"]) {
        return Some([get("given"), get("family")].into_iter().flatten().collect::<Vec<_>>().join(" "));
    }
    if only(&["from", "to"]) {
        return match (day("from"), day("to")) {
            (Some(from), Some(to)) => Some(format!("{from} til {to}")),
            (Some(from), None) if members.len() == 1 => Some(format!("fra {from}")),
            _ => None,
        };
    }
    if get("rank").is_some() && only(&["code", "text", "rank"]) {
        let what = [get("code"), get("text")].into_iter().flatten().collect::<Vec<_>>().join(" ");
        // That nobody said of what rank it is, is not worth a word.
        return Some(if get("rank") == Some("unspecified") { what } else { format!("{}: {what}", meant("rank")?) });
    }
    if members.len() == 2 && only(&["code", "text"]) {
        return Some(format!("{} ({})", get("text")?, get("code")?));
    }
    None
}

//! `check`: the settings and the agreement, with all that is wrong at once.

use serde_json::json;

use super::out::{Out, Tone};
use super::{Common, Failure, Outcome};
use crate::adapters::Registry;
use crate::agreement::Book;
use crate::config::{Settings, agreement};

pub(super) fn run(common: &Common, _adapters: Registry, out: &mut Out) -> Outcome {
    let settings = match Settings::read(&common.config) {
        Ok(settings) => settings,
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            return tell(out, &common.config.display().to_string(), &faults);
        }
    };
    let files = agreement::files(&settings.agreement)?;
    let faults: Vec<String> = match Book::read(&files) {
        Ok(book) if book.parties().is_empty() => vec![format!("`{}` holds no agreement", settings.agreement.display())],
        Ok(book) => {
            let parties: Vec<String> = book.parties().into_iter().collect();
            if out.json {
                out.value(&json!({"good": true, "faults": [], "files": files.len(), "parties": parties}))?;
            } else {
                let good = out.tone(Tone::Good, "good");
                out.line(format_args!(
                    "{good}: the settings, and {} agreement files for {}",
                    files.len(),
                    parties.join(", ")
                ));
            }
            return Ok(());
        }
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    };
    tell(out, &settings.agreement.display().to_string(), &faults)
}

fn tell(out: &mut Out, place: &str, faults: &[String]) -> Outcome {
    if out.json {
        out.value(&json!({"good": false, "place": place, "faults": faults}))?;
    }
    let count = if faults.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", faults.len()) };
    Err(Failure::Usage(format!("{count} in `{place}`:\n{}", faults.join("\n"))))
}

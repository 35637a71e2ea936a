//! What is wrong with a field, in words for whoever fills it in.

use budstikke_schemas::Broken;

use super::field::{self, Field, Shape};

const MISSING: &str = "Skal udfyldes.";

pub(super) fn of(fields: &[Field], name: &str, broken: &Broken) -> String {
    let shape = field::find(fields, name).map(|field| &field.shape);
    match broken {
        Broken::Missing => match shape {
            Some(Shape::Choice(_) | Shape::YesNo) => "Vælg.".to_owned(),
            Some(Shape::List { .. }) => "Skriv mindst én.".to_owned(),
            Some(
                Shape::Text { .. }
                | Shape::Digits(_)
                | Shape::Date
                | Shape::Time
                | Shape::Whole
                | Shape::Number
                | Shape::Group { .. },
            )
            | None => MISSING.to_owned(),
        },
        Broken::Type | Broken::Form => form(shape).to_owned(),
        Broken::NotOneOf(_) => "Vælg en af mulighederne.".to_owned(),
        Broken::Length => match shape {
            Some(Shape::Text { most: Some(most), .. }) => format!("Højst {most} tegn."),
            Some(_) | None => "Er for langt eller for kort.".to_owned(),
        },
        Broken::Unknown => "Indeholder noget, som budstikken ikke kender.".to_owned(),
        Broken::Other(keyword) => other(shape, keyword),
    }
}

/// How a field is filled in.
fn form(shape: Option<&Shape>) -> &'static str {
    match shape {
        Some(Shape::Date) => "Skriv en dato, som findes: år-måned-dag, 2026-11-22.",
        Some(Shape::Time) => "Skriv et klokkeslæt: 09:30.",
        Some(Shape::Whole) => "Skriv et helt tal.",
        Some(Shape::Number) => "Skriv et tal, for eksempel 7,5.",
        Some(Shape::YesNo) => "Vælg ja eller nej.",
        Some(Shape::Digits(10)) => "Skriv ti cifre.",
        Some(Shape::Digits(_)) => "Skriv kun cifre, og så mange, som nummeret har.",
        Some(Shape::Text { .. } | Shape::Choice(_) | Shape::Group { .. } | Shape::List { .. }) | None => {
            "Er ikke skrevet, som det skal være."
        }
    }
}

fn other(shape: Option<&Shape>, keyword: &str) -> String {
    match (keyword, shape) {
        ("oneOf" | "anyOf", Some(Shape::Group { either: Some((exactly, titles)), .. })) => {
            if *exactly {
                format!("Udfyld {}, og kun det ene.", titles.join(" eller "))
            } else {
                format!("Udfyld mindst én af disse: {}.", titles.join(", "))
            }
        }
        ("minItems", _) => "Skriv mindst én.".to_owned(),
        ("maxItems", _) => "Der er for mange.".to_owned(),
        ("uniqueItems", _) => "Den samme står der to gange.".to_owned(),
        ("minimum" | "exclusiveMinimum", _) => "Er for lille.".to_owned(),
        ("maximum" | "exclusiveMaximum", _) => "Er for stor.".to_owned(),
        _ => "Er ikke udfyldt, som det skal være.".to_owned(),
    }
}

//! The tables as one page, to read on a screen, with a screen reader, or on paper.

use super::{COLUMNS, Matrix, Row, Table};

/// Letters that are large enough, lines that are not too long, and a table that keeps its head on
/// every sheet of paper. What a row's colour says, its words say too.
const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.25rem; margin-top: 2.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { font-weight: bold; padding: .5rem 0; text-align: left; }
th, td { border: 1px solid #767676; padding: .4rem .6rem; text-align: left; vertical-align: top; }
thead th { background: #e8eef4; color: #1a1a1a; }
tbody th { font-weight: bold; white-space: nowrap; }
td.day, td.clause { white-space: nowrap; }
tr.unsure td, tr.unsure th { background: #fff4ce; color: #1a1a1a; }
.mark { font-weight: bold; }
a:focus-visible, .scroll:focus-visible { outline: 3px solid #005fcc; outline-offset: 2px; }
@media print {
  body { font-size: 9pt; margin: 0; max-width: none; padding: 0; }
  .scroll { overflow: visible; }
  nav { display: none; }
  section { break-before: page; }
  section:first-of-type { break-before: auto; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  tr.unsure td, tr.unsure th { background: none; }
}
@page { size: A4 landscape; margin: 15mm; }
";

pub(super) fn write(matrices: &[Matrix], known: &str) -> String {
    let sections: Vec<(String, String)> = matrices
        .iter()
        .flat_map(|matrix| matrix.tables.iter().map(move |table| (matrix, table)))
        .enumerate()
        .map(|(number, (matrix, table))| section(number + 1, matrix, table))
        .collect();
    let links: String = sections.iter().map(|(link, _)| link.as_str()).collect();
    let bodies: String = sections.iter().map(|(_, body)| body.as_str()).collect();
    let documents: String = matrices.iter().map(documents).collect();
    let empty = if sections.is_empty() { "<p>Ingen aftale var kendt den dag.</p>\n" } else { "" };
    format!(
        "<!DOCTYPE html>\n<html lang=\"da\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Hvem udfører hvilken opgave – aftalen som kendt {known}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>Hvem udfører hvilken opgave</h1>\n\
         <p>Aftalen, som den var kendt {known}. Hver række siger, hvem der udfører opgaven for kommunens borgere i \
         perioden, og hvor det er aftalt. Begge dage i en periode regnes med; uden slutdato er ingen aftalt. Rækker \
         mærket <span class=\"mark\">fortolkning</span> eller <span class=\"mark\">under afklaring</span> hviler på \
         noget, som dokumenterne ikke siger ligeud.</p>\n<nav aria-label=\"Tabeller\">\n<ul>\n{links}</ul>\n</nav>\n\
         {empty}{bodies}{documents}</main>\n</body>\n</html>\n",
        known = escape(known),
    )
}

/// What the first words of the clauses stand for.
fn documents(matrix: &Matrix) -> String {
    let rows = matrix.documents.iter();
    let rows: Vec<String> =
        rows.map(|(id, title)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(id), escape(title))).collect();
    let name = escape(&matrix.agreement);
    format!("<section>\n<h2>Dokumenter i aftalen {name}</h2>\n<dl>\n{}</dl>\n</section>\n", rows.concat())
}

fn section(number: usize, matrix: &Matrix, table: &Table) -> (String, String) {
    let title = format!("Borgere i {}", escape(&table.residence_name));
    let link = format!("<li><a href=\"#t{number}\">{title}</a></li>\n");
    let head = COLUMNS.map(|column| format!("<th scope=\"col\">{column}</th>")).concat();
    let rows: String = table.rows.iter().map(row).collect();
    let body = format!(
        "<section aria-labelledby=\"t{number}\">\n<h2 id=\"t{number}\">{title}</h2>\n<p>Aftalen {}: {}.</p>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"t{number}\">\n<table>\n\
         <caption>{title}: {} rækker efter lov og periode</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\
         </tbody>\n</table>\n</div>\n</section>\n",
        escape(&matrix.agreement),
        escape(&matrix.versions()),
        table.rows.len(),
    );
    (link, body)
}

fn row(row: &Row) -> String {
    let class = if row.standing.is_some() { " class=\"unsure\"" } else { "" };
    let law = if row.law_title.is_empty() {
        escape(&row.law)
    } else {
        format!("<abbr title=\"{}\">{}</abbr>", escape(&row.law_title), escape(&row.law))
    };
    let day = |day: &str| format!("<td class=\"day\"><time datetime=\"{day}\">{day}</time></td>");
    let to = row.to.as_deref().map_or_else(|| "<td class=\"day\">ingen slutdato</td>".to_owned(), day);
    let document =
        if row.document.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(&row.document)) };
    let standing =
        row.standing.map_or_else(|| "aftalt".to_owned(), |standing| format!("<span class=\"mark\">{standing}</span>"));
    format!(
        "<tr{class}><th scope=\"row\">{law}</th><td>{}</td><td>{}</td>{}{to}<td>{}</td><td class=\"clause\"{document}>{}</td>\
         <td>{standing}</td><td>{}</td></tr>\n",
        escape(&row.task),
        escape(&row.condition),
        day(&row.from),
        escape(&row.performer_name),
        escape(&row.clause),
        escape(row.note.as_deref().unwrap_or_default()),
    )
}

/// A text as it may stand in a page, between tags and in quotes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

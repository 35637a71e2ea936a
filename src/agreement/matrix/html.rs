//! The tables as one page, to read on a screen, with a screen reader, or on paper.

use std::collections::BTreeMap;

use super::{COLUMNS, Matrix, Row, Table};

/// Letters that are large enough, lines that are not too long, and a table that keeps its head on
/// every sheet of paper, and on a wide screen while one reads on. On a narrow one each row is a list
/// of its own. What a row's colour says, its words say too.
const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 96rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.25rem; margin-top: 2.5rem; }
p, dd { max-width: 75ch; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9375rem; line-height: 1.4; width: 100%; }
caption { font-weight: bold; padding: .5rem 0; text-align: left; }
th, td { box-sizing: border-box; border: 1px solid #767676; hyphens: auto; overflow-wrap: break-word; padding: .35rem .5rem; text-align: left; vertical-align: top; }
thead th { background: #e8eef4; color: #1a1a1a; font-size: .875rem; }
tbody th { font-weight: bold; }
td time { white-space: nowrap; }
tr.unsure td, tr.unsure th { background: #fff4ce; color: #1a1a1a; }
.mark { font-weight: bold; }
a:focus-visible, .scroll:focus-visible { outline: 3px solid #005fcc; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  thead th { background: #26333f; color: #f2f2f2; }
  tr.unsure td, tr.unsure th { background: #403510; color: #f7f2e0; }
  a:focus-visible, .scroll:focus-visible { outline-color: #8ab8ff; }
}
@media print, screen and (min-width: 75rem) {
  table { table-layout: fixed; }
  thead th:nth-child(1) { width: 12%; }
  thead th:nth-child(2) { width: 14%; }
  thead th:nth-child(3) { width: 14.3%; }
  thead th:nth-child(4), thead th:nth-child(5) { width: 8.2%; }
  thead th:nth-child(6) { width: 8%; }
  thead th:nth-child(7) { width: 10%; }
  thead th:nth-child(8) { width: 9.3%; }
}
@media screen and (min-width: 75rem) {
  .scroll { overflow: visible; }
  thead th { position: sticky; top: 0; }
}
@media screen and (max-width: 48rem) {
  table, caption, tbody, tr, tbody th, td { display: block; }
  thead { clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute; width: 1px; }
  tr { border: 1px solid #767676; margin-bottom: 1rem; }
  tbody th, td { border: 0; padding: .2rem .6rem; }
  td:empty { display: none; }
  td::before { content: attr(data-name) ': '; font-weight: bold; }
}
@media print {
  :root { color-scheme: light; }
  body { font-size: 9pt; margin: 0; max-width: none; padding: 0; }
  table { font-size: 8pt; line-height: 1.3; }
  th, td { padding: 2pt 4pt; }
  .scroll { overflow: visible; }
  nav { display: none; }
  abbr { text-decoration: none; }
  section { break-before: page; }
  section:first-of-type { break-before: auto; }
  thead { display: table-header-group; }
  thead th { background: none; color: #000; font-size: 8pt; }
  tr { break-inside: avoid; }
  tr.unsure td, tr.unsure th { background: none; color: #000; }
}
@page { size: A4 landscape; margin: 12mm; @bottom-right { content: 'Side ' counter(page) ' af ' counter(pages); font: 8pt sans-serif; } }
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

/// What the first words of the clauses, and of the laws, stand for. On paper nobody can point at a word.
fn documents(matrix: &Matrix) -> String {
    let name = escape(&matrix.agreement);
    let all = matrix.tables.iter().flat_map(|table| &table.rows).filter(|row| !row.law_title.is_empty());
    let short = |law: &str| law.split_once(" §").map_or(law, |(short, _)| short).to_owned();
    let laws: BTreeMap<String, &str> = all.map(|row| (short(&row.law), row.law_title.as_str())).collect();
    let documents = matrix.documents.iter().map(|(id, title)| (id.clone(), title.as_str()));
    format!(
        "<section>\n<h2>Dokumenter i aftalen {name}</h2>\n{}<h2>Love i aftalen {name}</h2>\n{}</section>\n",
        explained(documents),
        explained(laws.into_iter()),
    )
}

fn explained<'t>(words: impl Iterator<Item = (String, &'t str)>) -> String {
    let rows: Vec<String> =
        words.map(|(word, title)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(&word), escape(title))).collect();
    format!("<dl>\n{}</dl>\n", rows.concat())
}

fn section(number: usize, matrix: &Matrix, table: &Table) -> (String, String) {
    let title = format!("Borgere i {}", escape(&table.residence_name));
    let link = format!("<li><a href=\"#t{number}\">{title}</a></li>\n");
    let head = COLUMNS.map(|column| format!("<th scope=\"col\" role=\"columnheader\">{column}</th>")).concat();
    let rows: String = table.rows.iter().map(row).collect();
    let body = format!(
        "<section aria-labelledby=\"t{number}\">\n<h2 id=\"t{number}\">{title}</h2>\n<p>Aftalen {}: {}.</p>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"t{number}\">\n<table role=\"table\">\n\
         <caption>{title}: {} rækker efter lov og periode</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">{head}</tr></thead>\n<tbody role=\"rowgroup\">\n{rows}\
         </tbody>\n</table>\n</div>\n</section>\n",
        escape(&matrix.agreement),
        escape(&matrix.versions()),
        table.rows.len(),
    );
    (link, body)
}

/// A row. What makes it a table stands there once more in roles, as a row that is shown as a list on a
/// narrow screen is none to some screen readers.
fn row(row: &Row) -> String {
    let class = if row.standing.is_some() { " class=\"unsure\"" } else { "" };
    let law = if row.law_title.is_empty() {
        escape(&row.law)
    } else {
        format!("<abbr title=\"{}\">{}</abbr>", escape(&row.law_title), escape(&row.law))
    };
    let day = |day: &str| format!("<time datetime=\"{day}\">{day}</time>");
    let document =
        if row.document.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(&row.document)) };
    let standing =
        row.standing.map_or_else(|| "aftalt".to_owned(), |standing| format!("<span class=\"mark\">{standing}</span>"));
    let cells = [
        (String::new(), escape(&row.task)),
        (String::new(), escape(&row.condition)),
        (String::new(), day(&row.from)),
        (String::new(), row.to.as_deref().map_or_else(|| "ingen slutdato".to_owned(), day)),
        (String::new(), escape(&row.performer_name)),
        (document, escape(&row.clause)),
        (String::new(), standing),
        (String::new(), escape(row.note.as_deref().unwrap_or_default())),
    ];
    let cells: Vec<String> = COLUMNS
        .iter()
        .skip(1)
        .zip(cells)
        .map(|(column, (more, text))| format!("<td role=\"cell\" data-name=\"{column}\"{more}>{text}</td>"))
        .collect();
    format!("<tr{class} role=\"row\"><th scope=\"row\" role=\"rowheader\">{law}</th>{}</tr>\n", cells.concat())
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

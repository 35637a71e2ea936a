use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::agreement::tests::shipped;
use crate::agreement::{Book, SourceFile};

fn matrices(files: &[SourceFile]) -> Vec<Matrix> {
    let book = Book::read(files).unwrap_or_else(|faults| panic!("{faults:#?}"));
    book.known_on(date(2026, 11, 22)).iter().map(|it| Matrix::of(it)).collect()
}

/// Two municipalities, and tasks whose laws do not sort as text sorts.
fn invented(task: &str) -> Vec<SourceFile> {
    let kinds = budstikke_schemas::KINDS.iter().filter(|kind| !kind.of_hub);
    let areas: std::collections::BTreeSet<&str> = kinds.map(budstikke_schemas::Kind::area).collect();
    let head = format!(
        "[fil]\ndel = \"aftale\"\ntitel = \"Nord og Syd\"\nversion = 1\nkendt = 2026-01-01\ngaelder_fra = 2026-01-01\n\
         uden_omraader = {:?}\n[[dokument]]\nid = \"D\"\ntitel = \"Aftalen\"\n[[lov]]\nkort = \"SEL\"\ntitel = \"Serviceloven\"\n",
        areas.into_iter().collect::<Vec<_>>()
    );
    let parties = [("nord", "Nord", "901"), ("syd", "Syd", "902")].map(|(id, name, code)| {
        format!("[[part]]\nid = \"{id}\"\nnavn = \"{name}\"\nkommunenummer = \"{code}\"\ncvr = \"90000{code}\"\n")
    });
    let task = serde_json::Value::String(task.to_owned());
    let laws = [
        ("SEL § 104", ""),
        ("SEL § 82 a", "status = \"fortolkning\"\n"),
        ("SEL § 9", "status = \"under-afklaring\"\n"),
        ("SEL § 82", ""),
    ];
    let responsibilities = laws.map(|(law, standing)| {
        format!(
            "[[ansvar]]\nlov = \"{law}\"\nopgave = {task}\nbopael = [\"nord\", \"syd\"]\nudfoerer = \"bopael\"\n\
             fra = 2026-01-01\nbestemmelse = \"D 1\"\n{standing}"
        )
    });
    let text = [head, parties.concat(), responsibilities.concat()].concat();
    vec![SourceFile { agreement: "nord-syd".to_owned(), name: "aftale.toml".to_owned(), text }]
}

#[test]
fn laws_stand_as_people_count_and_periods_as_days_go() {
    let nord = &matrices(&invented("Råd"))[0].tables[0];
    let laws: Vec<&str> = nord.rows.iter().map(|row| row.law.as_str()).collect();
    assert_eq!(laws, ["SEL § 9", "SEL § 82", "SEL § 82 a", "SEL § 104"]);
    let standings: Vec<_> = nord.rows.iter().map(|row| row.standing).collect();
    assert_eq!(standings, [Some("under afklaring"), None, Some("fortolkning"), None]);

    let shipped = matrices(&shipped());
    let dragoer = shipped[0].tables.iter().find(|table| table.residence == "dragoer").unwrap();
    let training: Vec<String> = dragoer
        .rows
        .iter()
        .filter(|row| row.law == "SEL § 86")
        .map(|row| format!("{} {}", row.period(), row.performer_name))
        .collect();
    assert_eq!(training, ["2007-01-01 – 2021-08-31 Tårnby Kommune", "2021-09-01 – Dragør Kommune"]);
}

#[test]
fn a_spreadsheet_reads_a_table_and_runs_nothing() {
    let text = csv(&matrices(&invented("=HYPERLINK(\"x\";\"y\")")));
    let (head, rows) = text.split_once("\r\n").unwrap();
    assert!(head.starts_with("\u{feff}\"Aftale\";\"Borgere i\";\"Lov eller område\";"), "{head}");
    let first = rows.split("\r\n").next().unwrap();
    assert!(first.starts_with("\"nord-syd\";\"Nord\";\"SEL § 9\";\"'=HYPERLINK(\"\"x\"\";\"\"y\"\")\";"), "{first}");
    assert!(first.contains(";\"under afklaring\";"), "{first}");
    for (cell, written) in [
        ("+1", "\"'+1\""),
        ("-1", "\"'-1\""),
        ("@x", "\"'@x\""),
        ("\t=x", "\"'\t=x\""),
        ("a\r\nb", "\"a b\""),
        ("", "\"\""),
        ("æ; ø", "\"æ; ø\""),
    ] {
        assert_eq!(crate::csv::quote(cell), written);
    }
}

#[test]
fn a_page_says_its_language_and_names_rows_and_columns() {
    let page = html(&matrices(&invented("<b>\"Råd\" & 'vejledning'</b>")), "2026-11-22");
    for part in [
        "<html lang=\"da\">",
        "<meta charset=\"utf-8\">",
        "<caption>Borgere i Nord: 4 rækker",
        "<th scope=\"col\" role=\"columnheader\">Udføres af</th>",
        "<th scope=\"row\" role=\"rowheader\"><abbr title=\"Serviceloven\">SEL § 9</abbr></th>",
        "<tr class=\"unsure\" role=\"row\">",
        "<span class=\"mark\">under afklaring</span>",
        "&lt;b&gt;&quot;Råd&quot; &amp; &#39;vejledning&#39;&lt;/b&gt;",
        "<dt>D</dt><dd>Aftalen</dd>",
        "<dt>SEL</dt><dd>Serviceloven</dd>",
        "@media print",
    ] {
        assert!(page.contains(part), "no `{part}` in\n{page}");
    }
    for never in ["<script", "http://", "https://", "<b>", "src=", "url(", "@import", "<link"] {
        assert!(!page.contains(never), "`{never}`");
    }
}

/// On a narrow screen a row is a list: each thing in it says what it is, and nothing is lost.
#[test]
fn a_cell_names_its_column_and_no_colour_is_set_for_daylight_alone() {
    let page = html(&matrices(&invented("Råd")), "2026-11-22");
    for row in page.lines().filter(|line| line.starts_with("<tr") && line.contains("<td")) {
        let names: Vec<&str> = row.split("data-name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(names, COLUMNS[1..], "{row}");
    }
    let dark = page.split("(prefers-color-scheme: dark)").nth(1).unwrap().split("@media").next().unwrap();
    for coloured in ["thead th", "tr.unsure td, tr.unsure th"] {
        assert!(dark.contains(&format!("{coloured} {{ background: ")), "{coloured}");
    }
}

/// Nine columns on a screen of 1280 points, or on paper, or the last one is outside: the widths are
/// given, and what they leave is for remarks, which are long.
#[test]
fn no_column_is_outside_a_wide_page() {
    let page = html(&matrices(&invented("Råd")), "2026-11-22");
    let wide =
        page.split("@media print, screen and (min-width: 75rem) {").nth(1).unwrap().split("@media").next().unwrap();
    assert!(wide.contains("table { table-layout: fixed; }"), "{wide}");
    let (mut columns, mut sum) = (0, 0.0);
    for rule in wide.lines().filter(|line| line.contains("nth-child")) {
        let width: f64 = rule.split("width: ").nth(1).unwrap().split('%').next().unwrap().parse().unwrap();
        let of_rule = rule.matches("nth-child").count();
        columns += of_rule;
        sum += width * f64::from(u32::try_from(of_rule).unwrap());
    }
    assert_eq!(columns, COLUMNS.len() - 1);
    assert!((80.0..86.0).contains(&sum), "{sum}");
}

/// Every tag that is opened is closed, in order.
fn balanced(page: &str) -> bool {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap_or_default();
        match () {
            () if tag.starts_with('!') || name == "meta" => {}
            () if tag.starts_with('/') && open.pop() != Some(name) => return false,
            () if tag.starts_with('/') => {}
            () => open.push(name),
        }
    }
    open.is_empty()
}

proptest! {
    /// Whatever people write, a table keeps its shape.
    #[test]
    fn any_text_keeps_its_cell(task in "[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]{1,40}") {
        let matrices = matrices(&invented(&task));
        let text = csv(&matrices);
        let rows: Vec<&str> = text.trim_end().split("\r\n").collect();
        prop_assert_eq!(rows.len(), 1 + 8);
        for row in rows {
            let mut cells = 0;
            let mut quoted = false;
            for character in row.trim_start_matches('\u{feff}').chars() {
                match character {
                    '"' => quoted = !quoted,
                    ';' if !quoted => cells += 1,
                    _ => {}
                }
            }
            prop_assert_eq!((cells, quoted), (10, false), "{}", row);
        }
        prop_assert!(balanced(&html(&matrices, "2026-11-22")));
    }
}

//! Every code has a page for the person who meets it.

use std::path::Path;

use budstikke_cura::CODES;

#[test]
fn every_code_has_a_page() {
    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/runbook");
    for code in CODES {
        let page = std::fs::read_to_string(runbook.join(format!("{code}.md")));
        let page = page.unwrap_or_else(|_| panic!("{code} has no page"));
        assert!(page.starts_with(&format!("# {code}\n")), "the page of {code} begins with its name");
        for heading in ["## What happened", "## What the hub did by itself", "## What you do"] {
            assert!(page.contains(heading), "the page of {code} has no `{heading}`");
        }
    }
}

//! Every code has a page for the person who meets it.

use budstikke_rehab_plan::CODES;

#[test]
fn every_code_has_a_page() {
    budstikke_testkit::fixtures::every_code_has_a_page(&CODES);
}

//! Every document that a reader of letters must not take, and what it is refused for. The
//! tokenizer underneath takes most of them.

use std::time::{Duration, Instant};

use budstikke_strict_xml::{Document, FaultKind, Limits, Nature};

/// Far more than any refusal needs on a slow machine without optimisation, and far less than an
/// attack that works would take.
const FAST: Duration = Duration::from_secs(30);

/// Whether it is taken, and if not, why; in either case fast.
fn read_bytes(bytes: &[u8]) -> Result<(), FaultKind> {
    let begun = Instant::now();
    let outcome = Document::read(bytes, &Limits::default()).map(|_document| ()).map_err(|fault| fault.kind);
    assert!(begun.elapsed() < FAST, "{outcome:?} took {:?}", begun.elapsed());
    outcome
}

fn read(text: &str) -> Result<(), FaultKind> {
    read_bytes(text.as_bytes())
}

/// `count` pieces that differ in their number.
fn numbered(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

#[test]
fn entities_are_never_expanded() {
    let laughs = r#"<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>"#;
    assert_eq!(read(laughs), Err(FaultKind::Doctype));
    let outside = r#"<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>"#;
    assert_eq!(read(outside), Err(FaultKind::Doctype));
    for doctype in ["<!DOCTYPE a>", "<!doctype a>", "<!DOCTYPE", "<!DOCTYPE>", "<!DOCTYPE a SYSTEM 'http://x/'>"] {
        assert_eq!(read(&format!("{doctype}<a/>")), Err(FaultKind::Doctype), "{doctype}");
        assert_eq!(read(doctype), Err(FaultKind::Doctype), "{doctype}");
    }
    assert_eq!(read("<a><!DOCTYPE a></a>"), Err(FaultKind::Doctype));
    assert_eq!(read("<a>&nbsp;</a>"), Err(FaultKind::Entity));
    assert_eq!(read("<a b='&x;'/>"), Err(FaultKind::Entity));
    assert_eq!(read("<a>fish & chips</a>"), Err(FaultKind::Entity));
    assert_eq!(read("<a>&amp</a>"), Err(FaultKind::Entity));
    assert_eq!(FaultKind::Entity.nature(), Nature::Forbidden);
}

#[test]
fn too_much_of_anything_ends_the_reading() {
    let levels = 200_000;
    assert_eq!(read(&("<a>".repeat(levels) + &"</a>".repeat(levels))), Err(FaultKind::TooDeep));
    let siblings = format!("<a>{}</a>", "<b/>".repeat(200_000));
    assert_eq!(read(&siblings), Err(FaultKind::TooManyElements));
    let attributes = numbered(100_000, |i| format!(" a{i}=''"));
    assert_eq!(read(&format!("<a{attributes}/>")), Err(FaultKind::TooManyAttributes));
    assert_eq!(read_bytes(&vec![b' '; 50_000_000]), Err(FaultKind::TooLarge));
    let long = "x".repeat(9 * 1024 * 1024);
    assert_eq!(read(&format!("<a>{long}</a>")), Err(FaultKind::TextTooLong));
    assert_eq!(read(&format!("<a b='{long}'/>")), Err(FaultKind::TextTooLong));
    assert_eq!(read(&format!("<a><![CDATA[{long}]]></a>")), Err(FaultKind::TextTooLong));
    let crumbs = "&amp;<!---->".repeat(1_300_000);
    assert_eq!(read(&format!("<a>{crumbs}</a>")), Ok(()));
}

#[test]
fn exactly_the_limits_are_taken() {
    let limits = Limits { bytes: 60, depth: 3, elements: 4, attributes: 2, namespaces: 2, text: 5 };
    let read = |text: &str| Document::read(text.as_bytes(), &limits).map(|_| ()).map_err(|fault| fault.kind);
    assert_eq!(read("<a><b><c/></b></a>"), Ok(()));
    assert_eq!(read("<a><b><c><d/></c></b></a>"), Err(FaultKind::TooDeep));
    assert_eq!(read("<a><b/><c/><d/></a>"), Ok(()));
    assert_eq!(read("<a><b/><c/><d/><e/></a>"), Err(FaultKind::TooManyElements));
    assert_eq!(read("<a b='1' c='2'/>"), Ok(()));
    assert_eq!(read("<a b='1' c='2' d='3'/>"), Err(FaultKind::TooManyAttributes));
    assert_eq!(read("<a>12345</a>"), Ok(()));
    assert_eq!(read("<a>123456</a>"), Err(FaultKind::TextTooLong));
    assert_eq!(read("<a>123<!-- -->456</a>"), Err(FaultKind::TextTooLong));
    assert_eq!(read("<a xmlns='u' xmlns:b='v'><b:c xmlns='w'/></a>"), Err(FaultKind::TooManyNamespaces));
    assert_eq!(read("<a xmlns='u'><b xmlns='v'/><c xmlns='w'/></a>"), Ok(()));
    assert_eq!(read(&format!("<a/>{}", " ".repeat(57))), Err(FaultKind::TooLarge));
}

#[test]
fn work_is_bounded_where_it_could_be_squared() {
    // Prefixes looked up among as many declarations as are allowed, in as many elements as fit.
    let declared = numbered(64, |i| format!(" xmlns:n{i}='u'"));
    let used = numbered(60, |i| format!(" n0:a{i}=''"));
    let many = format!("<a{declared}>{}</a>", format!("<b{used}/>").repeat(15_000));
    assert_eq!(read(&many), Ok(()));
    // Long names that differ in their last letter only.
    let long = "n".repeat(120_000);
    let names = numbered(60, |i| format!(" {long}{i}=''"));
    assert_eq!(read(&format!("<a{names}/>")), Ok(()));
    assert_eq!(read(&format!("<a>{}", "<!--".repeat(1_000_000))), Err(FaultKind::Markup));
    assert_eq!(read(&format!("<a>{}", "<![CDATA[".repeat(1_000_000))), Err(FaultKind::Markup));
    assert_eq!(read(&"<".repeat(1_000_000)), Err(FaultKind::Markup));
    assert_eq!(read(&format!("<a>{}</a>", "&".repeat(1_000_000))), Err(FaultKind::Entity));
}

#[test]
fn one_root_and_nothing_beside_it() {
    assert_eq!(read("<a/><b/>"), Err(FaultKind::SecondRoot));
    assert_eq!(read("<a></a><a></a>"), Err(FaultKind::SecondRoot));
    for text in ["<a/>x", "x<a/>", "<a/>&amp;", "<a/><![CDATA[]]>", "\u{FEFF}\u{FEFF}<a/>", "<a/>\u{A0}"] {
        assert_eq!(read(text), Err(FaultKind::TextOutsideRoot), "{text}");
    }
    for nothing in ["<!-- -->", "<?a?>", "<?xml version='1.0'?>"] {
        assert_eq!(read(nothing), Err(FaultKind::NoRoot), "{nothing}");
    }
    assert_eq!(read("\u{FEFF}<?xml version='1.0'?>\n  <?a b?><!-- c --><a/><!-- d --><?e?>\n"), Ok(()));
}

#[test]
fn forbidden_characters_raw_and_by_reference() {
    for c in ['\0', '\u{1}', '\u{8}', '\u{B}', '\u{C}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
        assert_eq!(read(&format!("<a>{c}</a>")), Err(FaultKind::ForbiddenCharacter));
        assert_eq!(read(&format!("<a b='{c}'/>")), Err(FaultKind::ForbiddenCharacter));
        assert_eq!(read(&format!("<!--{c}--><a/>")), Err(FaultKind::ForbiddenCharacter));
        assert_eq!(read(&format!("<a>&#{};</a>", u32::from(c))), Err(FaultKind::ForbiddenCharacter));
    }
    assert_eq!(read("<a b='&#xD800;'/>"), Err(FaultKind::ForbiddenCharacter));
}

#[test]
fn tags_are_balanced_and_formed() {
    for text in ["<a></b>", "<a><b></a></b>", "</a>", "<a/></a>", "<a></a b='1'>", "<a></ a>", "<p:a xmlns:p='u'></a>"]
    {
        assert_eq!(read(text), Err(FaultKind::Unbalanced), "{text}");
    }
    for text in ["<a>", "<a><b/>", "<a>text", "<a><![CDATA[x]]>"] {
        assert_eq!(read(text), Err(FaultKind::Unclosed), "{text}");
    }
    for text in ["<>x</>", "<1a/>", "<a:/>", "<:a/>", "<a:b:c/>", "< a/>", "<a<b/>", "<a/ >", "<?1?><a/>"] {
        assert_eq!(read(text), Err(FaultKind::Name), "{text}");
    }
    for text in ["<a", "<a b='1", "<!-- -- --><a/>", "<!----", "<!x><a/>", "<a>]]></a>", "<?a", "<![CDATA[<a/>"] {
        assert_eq!(read(text), Err(FaultKind::Markup), "{text}");
    }
    for text in ["<a b/>", "<a b=1/>", "<a b='1'c='2'/>", "<a b='<'/>", "<a b=''''/>"] {
        assert_eq!(read(text), Err(FaultKind::Attribute), "{text}");
    }
    for text in [" <a/><?xml version='1.0'?>", "<a><?xml?></a>", "<?XML version='1.0'?><a/>"] {
        assert_eq!(read(text), Err(FaultKind::Declaration), "{text}");
    }
}

#[test]
fn namespaces_follow_their_rules() {
    for text in
        ["<p:a/>", "<a p:b='1'/>", "<a><b xmlns:p='u'/><p:b/></a>", "<a><b xmlns:p='u'/><p:c/></a>", "<xmlns:a/>"]
    {
        assert_eq!(read(text), Err(FaultKind::UndeclaredPrefix), "{text}");
    }
    for declaration in [
        "xmlns:p=''",
        "xmlns:xmlns='u'",
        "xmlns:xml='u'",
        "xmlns:p='http://www.w3.org/2000/xmlns/'",
        "xmlns='http://www.w3.org/XML/1998/namespace'",
    ] {
        assert_eq!(read(&format!("<a {declaration}/>")), Err(FaultKind::Namespace), "{declaration}");
    }
    for text in [
        "<a b='1' b='2'/>",
        "<a xmlns='u' xmlns='u'/>",
        "<a xmlns:p='u' xmlns:p='v'/>",
        "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
        "<a xmlns:p='u'><b xmlns:q='u' p:b='1' q:b='2'/></a>",
    ] {
        assert_eq!(read(text), Err(FaultKind::DuplicateAttribute), "{text}");
    }
    assert_eq!(read("<a xmlns:p='u' xmlns:q='v' p:b='1' q:b='2' b='3' xml:lang='da'/>"), Ok(()));
    assert_eq!(read("<a xmlns='u'><b xmlns=''><c xmlns='u'/></b></a>"), Ok(()));
}

#[test]
fn a_fault_tells_the_place_and_nothing_of_the_content() {
    let text = "<kald>\n <navn2512489996/>\n <cpr>\n  <x/>\n  <nr2512489996 a='2512489996'>2512489996&nr2512489996;</nr2512489996></cpr></kald>";
    let fault = Document::read(text.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(fault.to_string(), "entity reference at line 5, column 42, element /1/2/2");
    assert!(!format!("{fault:?}").contains("2512"), "{fault:?}");
}

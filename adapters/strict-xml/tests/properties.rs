//! What holds for every input: it never panics, and a tree that is written is the tree that is
//! read, in every encoding.

use budstikke_strict_xml::{Document, Element, Limits, Node};
use proptest::prelude::*;

/// A tree as the reader shows it: names, namespaces, attributes, texts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tree {
    Text(String),
    Element { name: String, namespace: Option<String>, attributes: Vec<(String, String)>, content: Vec<Self> },
}

fn seen(element: Element<'_>) -> Tree {
    let content = element.nodes().map(|node| match node {
        Node::Element(child) => seen(child),
        Node::Text(text) => Tree::Text(text.as_str().to_owned()),
    });
    Tree::Element {
        name: element.name().to_owned(),
        namespace: element.namespace().map(str::to_owned),
        attributes: element.attributes().map(|a| (a.name.to_owned(), a.value.to_owned())).collect(),
        content: content.collect(),
    }
}

/// A character in one of the ways that mean the same: as it is, as a reference, in a section, with
/// a comment before it.
fn written_char(c: char, way: usize) -> String {
    match (c, way % 5) {
        ('<', _) => "&lt;".to_owned(),
        ('&', _) => "&#x26;".to_owned(),
        (']' | '>' | '\r', _) | (_, 1) => format!("&#{};", u32::from(c)),
        (_, 2) => format!("<![CDATA[{c}]]>"),
        (_, 3) => format!("<!-- {way} -->{c}<?pi x?>"),
        _ => c.to_string(),
    }
}

fn written(tree: &Tree, way: usize) -> String {
    let (name, namespace, attributes, content) = match tree {
        Tree::Text(text) => return text.chars().zip(way..).map(|(c, way)| written_char(c, way)).collect(),
        Tree::Element { name, namespace, attributes, content } => (name, namespace, attributes, content),
    };
    let uri = namespace.as_deref().unwrap_or_default();
    let prefixed = way.is_multiple_of(2) && namespace.is_some();
    let (prefix, declaration) =
        if prefixed { ("p:", format!(" xmlns:p='{uri}'")) } else { ("", format!(" xmlns='{uri}'")) };
    let attribute = |(name, value): &(String, String)| {
        let value: String = value.chars().map(|c| written_char(c, 1)).collect();
        format!("\n{name} = \"{value}\"")
    };
    let attributes: String = attributes.iter().map(attribute).collect();
    let content: String = content.iter().zip(way + 1..).map(|(child, way)| written(child, way)).collect();
    if content.is_empty() && way.is_multiple_of(3) {
        return format!("<{prefix}{name}{declaration}{attributes} />");
    }
    format!("<{prefix}{name}{declaration}{attributes}>{content}</{prefix}{name} >")
}

/// Characters that every encoding has, and those that mean something to a reader.
fn text() -> impl Strategy<Value = String> {
    "[a-zæøåÆØÅ0-9 \n\t\r<>&'\"\\]\\[!-]{1,12}"
}

fn tree() -> impl Strategy<Value = Tree> {
    let head = || {
        let attributes = proptest::collection::btree_map("[a-zæ][a-zæ0-9.-]{0,3}", text(), 0..4);
        ("[A-Za-zæøå_][A-Za-zæøå0-9._-]{0,5}", proptest::option::of("[a-z]{1,3}"), attributes)
    };
    let element = |(name, namespace, attributes), content| Tree::Element {
        name,
        namespace,
        attributes: std::collections::BTreeMap::into_iter(attributes).collect(),
        content,
    };
    let leaf = head().prop_map(move |head| element(head, Vec::new()));
    leaf.prop_recursive(4, 24, 4, move |inner| {
        // No two texts stand side by side: the reader would see one.
        let child = (inner, proptest::option::of(text()));
        (head(), proptest::option::of(text()), proptest::collection::vec(child, 0..4)).prop_map(
            move |(head, first, children)| {
                let mut content: Vec<Tree> = first.map(Tree::Text).into_iter().collect();
                for (child, after) in children {
                    content.push(child);
                    content.extend(after.map(Tree::Text));
                }
                element(head, content)
            },
        )
    })
}

/// Pieces of markup, thrown together: far likelier to get past the first checks than plain bytes.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<a>"),
        Just("</a>"),
        Just("<a"),
        Just("/>"),
        Just(">"),
        Just("<"),
        Just("&"),
        Just(";"),
        Just("&#1;"),
        Just("&#xE6;"),
        Just("&amp;"),
        Just("<![CDATA["),
        Just("]]>"),
        Just("<!--"),
        Just("-->"),
        Just("--"),
        Just("<?"),
        Just("?>"),
        Just("<?xml version='1.0'?>"),
        Just("<!DOCTYPE a ["),
        Just("<!ENTITY"),
        Just("]"),
        Just(" xmlns='u'"),
        Just(" xmlns:p='u'"),
        Just("<p:a>"),
        Just("</p:a>"),
        Just(" b='1'"),
        Just(" b=\""),
        Just("'"),
        Just("\""),
        Just(" "),
        Just("\r\n"),
        Just("æ"),
        Just("\u{FEFF}"),
        Just("x"),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _taken = Document::read(&bytes, &Limits::default()).is_ok();
    }

    #[test]
    fn no_markup_makes_it_panic(text in soup(), inside in any::<bool>()) {
        let text = if inside { format!("<a xmlns:p='u'>{text}</a>") } else { text };
        if let Ok(document) = Document::read(text.as_bytes(), &Limits::default()) {
            let root = document.root();
            prop_assert_eq!(Some(root.source()), document.text().get(root.span()));
            // What was taken is taken again, piece by piece.
            let again = Document::read(root.source().as_bytes(), &Limits::default());
            prop_assert_eq!(seen(again.unwrap().root()), seen(root));
        }
    }

    #[test]
    fn a_tree_that_is_written_is_the_tree_that_is_read(tree in tree(), way in 0_usize..30) {
        let text = written(&tree, way);
        let document = Document::read(text.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(seen(document.root()), tree.clone());
        for label in ["ISO-8859-1", "windows-1252"] {
            let declared = format!("<?xml version='1.0' encoding='{label}'?>{text}");
            let bytes: Vec<u8> = declared.chars().map(|c| u8::try_from(c).unwrap()).collect();
            let encoded = Document::read(&bytes, &Limits::default()).unwrap();
            prop_assert_eq!(seen(encoded.root()), tree.clone());
            prop_assert_eq!(encoded.root().source(), document.root().source());
        }
    }
}

//! One letter of several: its receivers must not see the others, which may be about other citizens.

use budstikke_strict_xml::{Document, Limits};

use crate::part::Part;
use crate::{emessage, vans};

/// The message's `Emessage` with only the letter at `index` in it, as UTF-8: envelope and letter
/// stand as they came, the other letters are cut out. The network's envelope, whose size and numbers
/// would be wrong, is left out. `None` where there is no such letter.
pub(crate) fn of(body: &[u8], index: usize) -> Option<Vec<u8>> {
    let document = Document::read(body, &Limits::default()).ok()?;
    let root = Part::root(document.root());
    if root.name() == "VANSEnvelope" {
        let payload = vans::payload_of(root)?;
        let inner = Document::read(&payload, &Limits::default()).ok()?;
        return cut(&inner, index);
    }
    cut(&document, index)
}

fn cut(document: &Document<'_>, index: usize) -> Option<Vec<u8>> {
    let letters = emessage::parts(Part::root(document.root()));
    let kept = letters.get(index)?.element().span();
    let text = document.text();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // What stands before the root is a declaration of another encoding, or instructions to others.
    let mut at = document.root().span().start;
    let end = document.root().span().end;
    for other in letters.iter().map(|letter| letter.element().span()).filter(|span| *span != kept) {
        out.push_str(text.get(at..other.start)?);
        at = other.end;
    }
    out.push_str(text.get(at..end)?);
    Some(out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &str = r#"<?xml version="1.0" encoding="ISO-8859-1"?><!-- first --><m:Emessage xmlns:m="urn:oio:medcom:municipality:1.0.0"><m:Envelope><m:Identifier>E1</m:Identifier></m:Envelope>
<m:RehabilitationPlan><m:A>første</m:A></m:RehabilitationPlan><m:RehabilitationPlan><m:A>anden</m:A></m:RehabilitationPlan>
<m:Other><m:A>tredje</m:A></m:Other></m:Emessage>"#;

    #[test]
    fn one_letter_keeps_its_envelope_and_loses_the_others() {
        let latin1: Vec<u8> = THREE.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        for (index, own) in ["første", "anden", "tredje"].into_iter().enumerate() {
            let alone = String::from_utf8(of(&latin1, index).unwrap()).unwrap();
            for text in ["første", "anden", "tredje"] {
                assert_eq!(alone.contains(text), text == own, "{alone}");
            }
            assert!(alone.contains("<m:Identifier>E1</m:Identifier>"), "{alone}");
            let read = Document::read(alone.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(emessage::parts(Part::root(read.root())).len(), 1);
        }
        assert_eq!(of(&latin1, 3), None);
        assert_eq!(of(b"<a", 0), None);
    }
}

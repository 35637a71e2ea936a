//! Ids that are made here, each a pure function of what it stands for, so that the same message
//! answered twice is answered with the same bytes.

use uuid::{Uuid, uuid};

/// The namespace of all ids made here. Never change it: ids already sent would change with it.
const NAMESPACE: Uuid = uuid!("b3a1d7c4-52e6-5c0f-9a7e-0d4f6c2b8e15");

/// How many characters an id in an `Emessage` has at most (`String_1_14`).
pub(crate) const SHORT: usize = 14;

/// The UUID of a thing of that kind, made of those parts.
pub(crate) fn uuid(kind: &str, parts: &[&[u8]]) -> Uuid {
    let mut name = kind.as_bytes().to_vec();
    for part in parts {
        // Each part with its length, so that ("a", "bc") and ("ab", "c") differ.
        name.extend_from_slice(format!("\n{}:", part.len()).as_bytes());
        name.extend_from_slice(part);
    }
    Uuid::new_v5(&NAMESPACE, &name)
}

/// The same in fourteen digits and capital letters: 72 of the UUID's bits.
pub(crate) fn short(kind: &str, parts: &[&[u8]]) -> String {
    let mut number = uuid(kind, parts).as_u128();
    let digit = |number: u128| (number % 36).try_into().ok().and_then(|digit| char::from_digit(digit, 36));
    let mut id = String::with_capacity(SHORT);
    while id.len() < SHORT {
        id.push(digit(number).unwrap_or('0').to_ascii_uppercase());
        number /= 36;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_parts_same_id() {
        assert_eq!(short("letter", &[b"a", b"bc"]), short("letter", &[b"a", b"bc"]));
        assert_ne!(short("letter", &[b"a", b"bc"]), short("letter", &[b"ab", b"c"]));
        assert_ne!(short("letter", &[b"a"]), short("envelope", &[b"a"]));
        let id = short("letter", &[b"a"]);
        assert!(id.len() == SHORT && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{id}");
    }
}

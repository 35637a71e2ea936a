//! Makes the broker's frames digestible before lapin reads them.
//!
//! What a sender puts in a message's properties reaches lapin as it is: the broker checks it only
//! for shape. Two things that any sender can do are deadly there (seen with lapin 4.12.3):
//!
//! * a short string that is not UTF-8, say a message id with `ø` in ISO-8859-1: lapin cannot parse
//!   the frame and drops the connection, each time the message is delivered, so that nothing at all
//!   is received any more;
//! * a header nested a thousand levels deep: lapin's parser recurses until the stack of its thread
//!   is used up, and the whole process is aborted.
//!
//! So the two kinds of frame that carry a sender's words, a delivery's method frame and the content
//! header, are read here first. A string that is not UTF-8 is read as ISO-8859-1, a value that is
//! nested too deep becomes void, and everything else passes byte for byte.

/// Levels of tables and arrays in a header that are let through. RabbitMQ's own `x-death` has two.
const DEEPEST: usize = 16;

/// AMQP's limit on a short string, in bytes.
const LONGEST_SHORT_STRING: usize = 255;

/// `basic.deliver` and `basic.return`: class and method.
const BASIC_DELIVER: (u16, u16) = (60, 60);
const BASIC_RETURN: (u16, u16) = (60, 50);

/// The payload of a content header frame as lapin can read it, or nothing if it can already.
pub(super) fn content_header(payload: &[u8]) -> Option<Vec<u8>> {
    Mending::of(payload).run(Mending::properties)
}

/// The payload of a method frame as lapin can read it, or nothing if it can already.
pub(super) fn method(payload: &[u8]) -> Option<Vec<u8>> {
    let (class, rest) = payload.split_first_chunk::<2>()?;
    let (method, _) = rest.split_first_chunk::<2>()?;
    match (u16::from_be_bytes(*class), u16::from_be_bytes(*method)) {
        BASIC_DELIVER => Mending::of(payload).run(Mending::deliver),
        BASIC_RETURN => Mending::of(payload).run(Mending::returned),
        _ => None,
    }
}

/// The bytes are not of the shape that the broker has checked: leave them to lapin.
struct Misshapen;

type Step = Result<(), Misshapen>;

/// A frame's payload on its way from the broker's bytes to ours.
struct Mending<'a> {
    left: &'a [u8],
    mended: Vec<u8>,
    changed: bool,
}

impl<'a> Mending<'a> {
    fn of(payload: &'a [u8]) -> Self {
        Self { left: payload, mended: Vec::with_capacity(payload.len()), changed: false }
    }

    fn run(mut self, steps: impl FnOnce(&mut Self) -> Step) -> Option<Vec<u8>> {
        let outcome = steps(&mut self);
        (outcome.is_ok() && self.changed).then_some(self.mended)
    }

    /// Class, weight and body size, then the properties that the flags announce, in the order of
    /// the specification.
    fn properties(&mut self) -> Step {
        self.copy(12)?;
        let flags = u16::from_be_bytes(*self.left.first_chunk().ok_or(Misshapen)?);
        self.copy(2)?;
        for (bit, property) in PROPERTIES {
            if flags & (1 << bit) != 0 {
                match property {
                    Property::Short => self.short_string()?,
                    Property::Table => self.nested(Nest::Table, 1)?,
                    Property::Bytes(count) => self.copy(count)?,
                }
            }
        }
        self.rest()
    }

    /// Consumer tag, delivery tag and redelivered, exchange, routing key. The routing key is the
    /// sender's: with a `CC` header it need not be one that anything is bound to.
    fn deliver(&mut self) -> Step {
        self.copy(4)?;
        self.short_string()?;
        self.copy(8 + 1)?;
        self.short_string()?;
        self.short_string()?;
        self.rest()
    }

    /// Reply code and text, exchange, routing key.
    fn returned(&mut self) -> Step {
        self.copy(4 + 2)?;
        self.short_string()?;
        self.short_string()?;
        self.short_string()?;
        self.rest()
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Misshapen> {
        let (taken, left) = self.left.split_at_checked(count).ok_or(Misshapen)?;
        self.left = left;
        Ok(taken)
    }

    fn copy(&mut self, count: usize) -> Step {
        let bytes = self.take(count)?;
        self.mended.extend_from_slice(bytes);
        Ok(())
    }

    fn rest(&mut self) -> Step {
        self.copy(self.left.len())
    }

    fn short_string(&mut self) -> Step {
        let [length] = *self.left.first_chunk().ok_or(Misshapen)?;
        let bytes = self.take(1 + usize::from(length))?;
        let (_, content) = bytes.split_first().ok_or(Misshapen)?;
        if std::str::from_utf8(content).is_ok() {
            self.mended.extend_from_slice(bytes);
            return Ok(());
        }
        self.changed = true;
        let text = legible(content);
        self.mended.push(u8::try_from(text.len()).ok().ok_or(Misshapen)?);
        self.mended.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// A table or an array: its length in bytes, then its entries. The length is written when it
    /// is known, as what is mended may be longer or shorter.
    fn nested(&mut self, nest: Nest, depth: usize) -> Step {
        let length = u32::from_be_bytes(*self.left.first_chunk().ok_or(Misshapen)?);
        self.take(4)?;
        let content = self.take(usize::try_from(length).ok().ok_or(Misshapen)?)?;
        let after = std::mem::replace(&mut self.left, content);
        let place = self.mended.len();
        self.mended.extend_from_slice(&[0; 4]);
        while !self.left.is_empty() {
            if matches!(nest, Nest::Table) {
                self.short_string()?;
            }
            self.value(depth)?;
        }
        self.left = after;
        let written = u32::try_from(self.mended.len() - place - 4).ok().ok_or(Misshapen)?;
        self.mended.get_mut(place..place + 4).ok_or(Misshapen)?.copy_from_slice(&written.to_be_bytes());
        Ok(())
    }

    /// A value with its type, as RabbitMQ writes them.
    fn value(&mut self, depth: usize) -> Step {
        let [kind] = *self.left.first_chunk().ok_or(Misshapen)?;
        let nest = match kind {
            b'F' => Nest::Table,
            b'A' => Nest::Array,
            b't' | b'b' | b'B' => return self.copy(1 + 1),
            b's' | b'u' | b'U' => return self.copy(1 + 2),
            b'I' | b'i' | b'f' => return self.copy(1 + 4),
            b'l' | b'L' | b'd' | b'T' => return self.copy(1 + 8),
            b'D' => return self.copy(1 + 5),
            b'V' => return self.copy(1),
            b'S' | b'x' => {
                self.copy(1)?;
                let length = u32::from_be_bytes(*self.left.first_chunk().ok_or(Misshapen)?);
                return self.copy(4 + usize::try_from(length).ok().ok_or(Misshapen)?);
            }
            _ => return Err(Misshapen),
        };
        if depth < DEEPEST {
            self.copy(1)?;
            return self.nested(nest, depth + 1);
        }
        let length = self.left.get(1..5).and_then(<[u8]>::first_chunk).ok_or(Misshapen)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok().ok_or(Misshapen)?;
        self.take(1 + 4 + length)?;
        self.mended.push(b'V');
        self.changed = true;
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Nest {
    Table,
    Array,
}

#[derive(Clone, Copy)]
enum Property {
    Short,
    Table,
    Bytes(usize),
}

/// The properties of the basic class by their flag's bit, first to last.
const PROPERTIES: [(u8, Property); 14] = [
    (15, Property::Short),    // content-type
    (14, Property::Short),    // content-encoding
    (13, Property::Table),    // headers
    (12, Property::Bytes(1)), // delivery-mode
    (11, Property::Bytes(1)), // priority
    (10, Property::Short),    // correlation-id
    (9, Property::Short),     // reply-to
    (8, Property::Short),     // expiration
    (7, Property::Short),     // message-id
    (6, Property::Bytes(8)),  // timestamp
    (5, Property::Short),     // type
    (4, Property::Short),     // user-id
    (3, Property::Short),     // app-id
    (2, Property::Short),     // cluster-id
];

/// Bytes that are not UTF-8, read as ISO-8859-1, which is what Danish systems send when they do
/// not send UTF-8. Where that grows too long, each byte that is not ASCII becomes a question mark.
fn legible(bytes: &[u8]) -> String {
    let text: String = bytes.iter().copied().map(char::from).collect();
    if text.len() <= LONGEST_SHORT_STRING {
        return text;
    }
    bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn short(bytes: &[u8]) -> Vec<u8> {
        let mut written = vec![u8::try_from(bytes.len()).unwrap()];
        written.extend_from_slice(bytes);
        written
    }

    fn long(bytes: &[u8]) -> Vec<u8> {
        let mut written = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
        written.extend_from_slice(bytes);
        written
    }

    fn header(flags: u16, properties: &[u8]) -> Vec<u8> {
        let mut payload = vec![0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5];
        payload.extend_from_slice(&flags.to_be_bytes());
        payload.extend_from_slice(properties);
        payload
    }

    /// A table with one entry whose value is nested in `levels` arrays.
    fn deep(levels: usize) -> Vec<u8> {
        let mut value = b"V".to_vec();
        for _ in 0..levels {
            value = [b"A".as_slice(), &long(&value)].concat();
        }
        long(&[short(b"a"), value].concat())
    }

    #[test]
    fn what_lapin_can_read_is_not_touched() {
        let all = [
            short(b"application/json"),
            short(b"utf-8"),
            long(&[short("blåbær".as_bytes()), vec![b'I', 0, 0, 0, 1]].concat()),
            vec![2],
            vec![0],
            short(b"correlation"),
            short(b"reply.x"),
            short(b"1000"),
            short("sød".as_bytes()),
            vec![0; 8],
            short(b"type"),
            short(b"user"),
            short(b"app"),
            short(b"cluster"),
        ];
        assert_eq!(content_header(&header(0xfffc, &all.concat())), None);
    }

    #[test]
    fn latin_1_is_read_as_such() {
        let mended = content_header(&header(1 << 7, &short(b"s\xf8d"))).unwrap();
        assert_eq!(mended, header(1 << 7, &short("sød".as_bytes())));
        let mended = content_header(&header(1 << 13, &long(&[short(b"bl\xe5"), vec![b'V']].concat()))).unwrap();
        assert_eq!(mended, header(1 << 13, &long(&[short("blå".as_bytes()), vec![b'V']].concat())));
    }

    #[test]
    fn what_would_grow_too_long_keeps_its_length() {
        let mended = content_header(&header(1 << 7, &short(&[0xf8; 200]))).unwrap();
        assert_eq!(mended, header(1 << 7, &short(&[b'?'; 200])));
    }

    #[test]
    fn deep_nesting_is_cut() {
        assert_eq!(content_header(&header(1 << 13, &deep(DEEPEST - 1))), None);
        for levels in [DEEPEST, 20_000] {
            let mended = content_header(&header(1 << 13, &deep(levels))).unwrap();
            assert_eq!(mended, header(1 << 13, &deep(DEEPEST - 1)));
        }
    }

    #[test]
    fn a_routing_key_is_mended_too() {
        let deliver = |key: &[u8]| [vec![0, 60, 0, 60], short(b"tag"), vec![0; 9], short(b"x"), short(key)].concat();
        assert_eq!(method(&deliver(b"cura")), None);
        assert_eq!(method(&deliver(b"\xff")), Some(deliver("ÿ".as_bytes())));
        let returned = |key: &[u8]| [vec![0, 60, 0, 50, 1, 56], short(b"NO_ROUTE"), short(b"x"), short(key)].concat();
        assert_eq!(method(&returned(b"\xff")), Some(returned("ÿ".as_bytes())));
    }

    #[test]
    fn other_methods_pass() {
        assert_eq!(method(&[0, 60, 0, 21, 3, 0xff, 0xff, 0xff]), None);
        assert_eq!(method(&[]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(payload in proptest::collection::vec(any::<u8>(), 0..300)) {
            content_header(&payload);
            method(&payload);
        }

        #[test]
        fn what_was_mended_needs_no_more_mending(id in proptest::collection::vec(any::<u8>(), 0..=255), levels in 0..40_usize) {
            let frame = header(1 << 7 | 1 << 13, &[deep(levels), short(&id)].concat());
            let mended = content_header(&frame).unwrap_or(frame);
            prop_assert_eq!(content_header(&mended), None);
        }
    }
}

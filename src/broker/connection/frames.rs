//! Cuts the broker's byte stream into frames, as far as [`mend`] must see them whole.

use super::mend;

/// Frame type, channel and size.
const HEAD: usize = 7;
/// The frame's end mark.
const END: usize = 1;

/// A frame longer than this is not held back to be mended: it is no frame that a broker sends, as
/// the two kinds that are mended hold names and headers, not bodies.
const LARGEST_HELD: usize = 1024 * 1024;

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const HEARTBEAT: u8 = 8;

/// Where in a frame the stream is.
#[derive(Debug)]
enum Place {
    /// In a frame's head, or in a frame that is held until it is whole.
    Holding(Vec<u8>),
    /// In a frame that passes as it comes, with so many bytes to go.
    Passing(usize),
    /// No longer in AMQP frames: whatever it is, lapin shall see it as it is.
    Lost,
}

/// The broker's bytes, frame by frame.
#[derive(Debug)]
pub(super) struct Frames {
    place: Place,
}

impl Frames {
    pub(super) fn new() -> Self {
        Self { place: Place::Holding(Vec::new()) }
    }

    /// Takes bytes as they come from the broker and adds what lapin may read to `out`.
    pub(super) fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            bytes = match &mut self.place {
                Place::Lost => {
                    out.extend_from_slice(bytes);
                    return;
                }
                Place::Passing(left) => {
                    let (passed, rest) = split(bytes, *left);
                    out.extend_from_slice(passed);
                    *left -= passed.len();
                    if *left == 0 {
                        self.place = Place::Holding(Vec::new());
                    }
                    rest
                }
                Place::Holding(held) => {
                    let missing = size(held).saturating_sub(held.len());
                    let (taken, rest) = split(bytes, missing);
                    held.extend_from_slice(taken);
                    if taken.len() == missing {
                        let held = std::mem::take(held);
                        self.place = next_place(held, out);
                    }
                    rest
                }
            };
        }
    }
}

/// What to do once a head or a held frame is complete.
fn next_place(held: Vec<u8>, out: &mut Vec<u8>) -> Place {
    let total = size(&held);
    if held.len() == total && total > HEAD {
        release(&held, out);
        return Place::Holding(Vec::new());
    }
    // Only the head is here yet, or the frame would have been complete.
    match held.first() {
        Some(&(METHOD | HEADER)) if total <= LARGEST_HELD => Place::Holding(held),
        Some(&(METHOD | HEADER | BODY | HEARTBEAT)) => {
            out.extend_from_slice(&held);
            Place::Passing(total - HEAD)
        }
        _ => {
            out.extend_from_slice(&held);
            Place::Lost
        }
    }
}

/// The length of the frame of which `held` is the beginning; of its head while that is not whole.
fn size(held: &[u8]) -> usize {
    let Some([_, _, _, a, b, c, d]) = held.first_chunk::<HEAD>() else { return HEAD };
    let payload = u32::from_be_bytes([*a, *b, *c, *d]);
    usize::try_from(payload).unwrap_or(usize::MAX).saturating_add(HEAD + END)
}

/// Gives out a whole frame, mended if need be.
fn release(frame: &[u8], out: &mut Vec<u8>) {
    let mended = frame.split_at_checked(HEAD).and_then(|(head, rest)| {
        let (end, payload) = rest.split_last()?;
        let (kind, channel) = (head.first()?, head.get(1..3)?);
        let payload = if *kind == HEADER { mend::content_header(payload)? } else { mend::method(payload)? };
        let size = u32::try_from(payload.len()).ok()?.to_be_bytes();
        Some([&[*kind], channel, &size, &payload, &[*end]].concat())
    });
    if mended.is_some() {
        metrics::counter!("budstikke_broker_mended_total").increment(1);
        tracing::warn!("a message's properties were not fit to be read: mended");
    }
    out.extend_from_slice(mended.as_deref().unwrap_or(frame));
}

fn split(bytes: &[u8], at: usize) -> (&[u8], &[u8]) {
    bytes.split_at(at.min(bytes.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let size = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&[kind, 0, 1], &size[..], payload, &[0xce]].concat()
    }

    fn header(message_id: &[u8]) -> Vec<u8> {
        let length = u8::try_from(message_id.len()).unwrap();
        frame(HEADER, &[&[0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0x80, length], message_id].concat())
    }

    fn through(stream: &[u8], pieces: &[usize]) -> Vec<u8> {
        let (mut frames, mut out, mut left) = (Frames::new(), Vec::new(), stream);
        for piece in pieces {
            let (now, later) = split(left, *piece);
            frames.feed(now, &mut out);
            left = later;
        }
        frames.feed(left, &mut out);
        out
    }

    fn stream(message_id: &[u8]) -> Vec<u8> {
        let deliver = frame(METHOD, &[0, 60, 0, 60, 1, b't', 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, b'k']);
        [deliver, header(message_id), frame(BODY, b"hello"), frame(HEARTBEAT, b"")].concat()
    }

    #[test]
    fn only_the_bad_string_changes() {
        assert_eq!(through(&stream(b"s\xf8d"), &[]), stream("sød".as_bytes()));
    }

    #[test]
    fn a_protocol_header_and_what_follows_pass() {
        let refusal = b"AMQP\0\0\x09\x01and then anything \xff";
        assert_eq!(through(refusal, &[1, 3]), refusal);
    }

    #[test]
    fn a_frame_too_long_to_hold_passes() {
        let mut long = vec![HEADER, 0, 1];
        long.extend_from_slice(&u32::MAX.to_be_bytes());
        long.extend_from_slice(b"the beginning of four gigabytes");
        assert_eq!(through(&long, &[9]), long);
    }

    proptest! {
        #[test]
        fn how_the_stream_is_cut_makes_no_difference(
            message_id in proptest::collection::vec(any::<u8>(), 0..255),
            pieces in proptest::collection::vec(0..40_usize, 0..60),
        ) {
            let stream = stream(&message_id);
            prop_assert_eq!(through(&stream, &pieces), through(&stream, &[]));
        }
    }
}

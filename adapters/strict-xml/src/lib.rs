//! XML as the hub takes it.
//!
//! quick-xml is a tokenizer: it expands no entity and opens no file, and it also lets pass what no
//! reader of letters about people should take (a DTD, 200,000 levels, two roots, control
//! characters, undeclared prefixes). [`Document::read`] stands in front of it: it decodes the
//! bytes, checks the rules of XML 1.0 and of its namespaces that the tokenizer leaves to others,
//! holds every [limit](Limits), and gives a small tree that remembers where each element stands in
//! the text.
//!
//! | module | what |
//! |---|---|
//! | `decode` | bytes to text: byte order mark, XML declaration, encoding, legal characters |
//! | `reader`, `builder` | quick-xml's events to a tree, with the checks |
//! | `markup` | names, references and attributes, character by character |
//! | `scope` | which prefix stands for which namespace |
//! | [`Document`] | the tree |
//! | [`Fault`] | why not: what and where, never what stood there |
//! | [`Writer`] | the other direction: escaped text out, balanced by construction |
//!
//! # Invariants
//! - No input makes it panic, and none takes more time or memory than a constant times its length.
//! - A [`Fault`] never holds a piece of the input: a letter is about a person.
//! - An element's [source](Element::source) is the same text whatever encoding it came in.

mod builder;
mod decode;
mod document;
mod fault;
mod limits;
mod markup;
mod reader;
mod scope;
mod write;

pub use document::{Attribute, Document, Element, Node, Nodes, Text};
pub use fault::{Fault, FaultKind, Nature, Place};
pub use limits::Limits;
pub use write::{Encoding, Writer};

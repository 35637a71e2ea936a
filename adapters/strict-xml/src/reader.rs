//! From quick-xml's events to a tree. What the tokenizer lets pass and XML does not is refused here
//! or in the builder.

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::Event;

use crate::builder::Builder;
use crate::document::Tree;
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::markup::{Span, split_name};

/// Reads `text` from byte `body` on.
pub(crate) fn read(text: &str, body: usize, limits: &Limits) -> Result<Tree, Fault> {
    let mut builder = Builder::new(text, limits);
    match build(&mut builder, text.get(body..).unwrap_or_default(), body) {
        Ok(()) => Ok(builder.into_tree()),
        Err((kind, at)) => Err(Fault::new(kind, text.as_bytes(), at, &builder.path())),
    }
}

/// What something is refused for, and the byte it begins at.
type Refused = (FaultKind, usize);

/// Builds the tree of `markup`, which begins at byte `body` of the text.
fn build(builder: &mut Builder<'_>, markup: &str, body: usize) -> Result<(), Refused> {
    // The tokenizer would swallow a second byte order mark without counting it.
    if markup.starts_with('\u{FEFF}') {
        return Err((FaultKind::TextOutsideRoot, body));
    }
    let mut reader = Reader::from_str(markup);
    reader.config_mut().check_comments = true;
    let place = |at: u64| body + usize::try_from(at).unwrap_or(usize::MAX);
    loop {
        let start = place(reader.buffer_position());
        let event = reader.read_event();
        let span = Span::new(start, place(reader.buffer_position()));
        match event {
            Ok(Event::Eof) => return builder.finish().map_err(|kind| (kind, start)),
            Ok(event) => take(builder, &event, span).map_err(|kind| (kind, start))?,
            Err(error) => return Err((kind_of(&error), place(reader.error_position()))),
        }
    }
}

fn take(builder: &mut Builder<'_>, event: &Event<'_>, span: Span) -> Result<(), FaultKind> {
    match event {
        Event::Start(tag) => builder.start(tag.name().0.len(), span),
        Event::Empty(tag) => builder.empty(tag.name().0.len(), span),
        Event::End(_) => {
            builder.end(span);
            Ok(())
        }
        Event::Text(_) => builder.text(span),
        Event::CData(_) => {
            let (start, end) = (span.start as usize + b"<![CDATA[".len(), span.end as usize - b"]]>".len());
            builder.section(Span::new(start, end))
        }
        Event::GeneralRef(reference) => builder.reference(reference),
        Event::Comment(_) | Event::Eof => Ok(()),
        Event::PI(instruction) if instruction.target().eq_ignore_ascii_case("xml") => Err(FaultKind::Declaration),
        Event::PI(instruction) => split_name(instruction.target()).map(|_name| ()),
        Event::Decl(_) => Err(FaultKind::Declaration),
        Event::DocType(_) => Err(FaultKind::Doctype),
    }
}

/// The tokenizer's errors, without the input that they quote.
fn kind_of(error: &Error) -> FaultKind {
    match error {
        Error::Syntax(fault) => match fault {
            SyntaxError::UnclosedDoctype => FaultKind::Doctype,
            SyntaxError::UnclosedXmlDecl => FaultKind::Declaration,
            SyntaxError::InvalidBangMarkup
            | SyntaxError::UnclosedPI
            | SyntaxError::UnclosedComment
            | SyntaxError::UnclosedCData
            | SyntaxError::UnclosedTag
            | SyntaxError::UnclosedSingleQuotedAttributeValue
            | SyntaxError::UnclosedDoubleQuotedAttributeValue => FaultKind::Markup,
        },
        Error::IllFormed(fault) => match fault {
            IllFormedError::MissingDoctypeName => FaultKind::Doctype,
            IllFormedError::UnclosedReference => FaultKind::Entity,
            IllFormedError::DoubleHyphenInComment => FaultKind::Markup,
            IllFormedError::MissingDeclVersion(_) | IllFormedError::UnknownVersion => FaultKind::Declaration,
            IllFormedError::MissingEndTag(_)
            | IllFormedError::UnmatchedEndTag(_)
            | IllFormedError::MismatchedEndTag { .. } => FaultKind::Unbalanced,
        },
        Error::InvalidAttr(_) => FaultKind::Attribute,
        Error::Encoding(_) => FaultKind::InvalidBytes,
        Error::Escape(_) => FaultKind::Entity,
        Error::Namespace(_) => FaultKind::Namespace,
        Error::Io(_) => FaultKind::Markup,
    }
}

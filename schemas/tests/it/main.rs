//! The published documents are what they say they are.

#[cfg(test)]
mod asyncapi;

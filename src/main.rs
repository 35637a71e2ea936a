//! The `budstikke` command.

fn main() {}

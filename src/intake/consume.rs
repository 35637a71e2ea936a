//! The loop round intake.

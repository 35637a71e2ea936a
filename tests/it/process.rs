//! The hub as a process: how it stops, what it does without room, and what cannot bring it down.

mod full;
mod http;
mod poison;
mod stop;

//! The hub as a process: how it stops, what it does without room, on a database server, what cannot bring it down,
//! and what people ask of it about the agreement.

mod foreign;
mod full;
mod http;
mod known;
mod poison;
mod server;
mod stop;

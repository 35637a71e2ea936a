//! Nothing about a person stands where it does not belong: marked citizens go through everything
//! that the hub does, and are then looked for everywhere but in what receivers are sent.

mod everywhere;
mod search;
mod traffic;

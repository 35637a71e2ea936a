//! The broker module.

mod consume;
mod faults;
mod network;
mod outage;
mod pins;
mod publish;
mod tls;

//! The broker module.

mod consume;
mod faults;
mod foreign;
mod metrics;
mod network;
mod outage;
mod pins;
mod publish;
mod tls;

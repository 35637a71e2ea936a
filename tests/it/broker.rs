//! The broker module.

mod consume;
mod faults;
mod metrics;
mod network;
mod outage;
mod pins;
mod publish;
mod tls;

//! Budstikke: the integration hub between municipalities that are bound by law to work together.

pub mod adapters;
pub mod agreement;
pub mod app;
pub mod bench;
pub mod broker;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod deliver;
pub mod duty;
pub mod intake;
pub mod ledger;
pub mod residence;
pub mod retry;
pub mod route;
pub mod supervise;
pub mod telemetry;

//! Budstikke: the integration hub between municipalities that are bound by law to work together.

pub mod broker;
pub mod clock;
pub mod retry;
pub mod supervise;

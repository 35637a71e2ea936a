//! Budstikke: the integration hub between municipalities that are bound by law to work together.

pub mod clock;
pub mod supervise;

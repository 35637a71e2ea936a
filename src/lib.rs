//! Budstikke: the integration hub between municipalities that are bound by law to work together.

pub mod agreement;
pub mod clock;
pub mod duty;
pub mod ledger;
pub mod residence;
pub mod route;
pub mod supervise;

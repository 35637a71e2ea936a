//! Budstikke: the integration hub between municipalities that are bound by law to work together.

pub mod adapters;
pub mod agreement;
pub mod clock;
pub mod duty;
pub mod intake;
pub mod ledger;
pub mod residence;
pub mod route;
pub mod supervise;

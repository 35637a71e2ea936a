//! The adapter against resources of its own, about people who do not exist.

#[cfg(test)]
mod bundles;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod meaning;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod runbook;
#[cfg(test)]
mod snapshots;

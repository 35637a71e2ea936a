//! The adapter against letters of its own, about people who do not exist.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod runbook;
#[cfg(test)]
mod snapshots;

//! The hub against a real RabbitMQ.
//!
//! `deploy/test` starts a broker for all tests to share; each test makes a virtual host of its own
//! in it. Tests that kill or freeze a broker start one for themselves.

#[cfg(test)]
mod agreed;
#[cfg(test)]
mod authority;
#[cfg(test)]
mod broker;
#[cfg(test)]
mod chaos_proxy;
#[cfg(test)]
mod console;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod handler;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod log;
#[cfg(test)]
mod look_up;
#[cfg(test)]
mod management;
#[cfg(test)]
mod node;
#[cfg(test)]
mod post;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod private_node;
#[cfg(test)]
mod process;
#[cfg(test)]
mod program;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod raw_amqp;
#[cfg(test)]
mod raw_lapin;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod scripted_broker;
#[cfg(test)]
mod vendors;
#[cfg(test)]
mod wait;
#[cfg(test)]
mod web;

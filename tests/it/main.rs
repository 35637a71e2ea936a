//! The hub against a real RabbitMQ.
//!
//! `deploy/test` starts a broker for all tests to share; each test makes a virtual host of its own
//! in it. Tests that kill or freeze a broker start one for themselves.

mod broker;
mod chaos_proxy;
mod handler;
mod hub;
mod log;
mod management;
mod node;
mod raw_amqp;
mod raw_lapin;
mod wait;

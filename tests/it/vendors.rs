//! What others connect by: the description of all queues, and the page whose examples work.

mod asyncapi;
mod page;

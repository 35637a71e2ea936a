//! Rehabilitation plans by the thousand: MedCom letters as a hospital would send them, about people
//! who do not exist.
//!
//! ```
//! use budstikke_testkit::plans::{Message, Plan, Plans, Vans};
//!
//! // One message, every word of it chosen.
//! let plan = Plan::ggop("BREV0001").municipality("185").cpr("2512489996").episode("e1");
//! let bytes = Message::new("KUVERT0001").plan(plan).vans(Vans::numbered(1)).bytes();
//! assert!(bytes.starts_with(b"<?xml"));
//!
//! // As many as it takes, the same ones for the same seed.
//! let messages: Vec<Message> = Plans::seeded(7).size(4096).take(3).collect();
//! assert!(messages.iter().all(|message| message.bytes().len() == 4096));
//! ```

mod letters;
mod markup;
mod message;
mod series;

pub use letters::{Discharge, Format, Plan};
pub use message::{Encoding, Message, Vans};
pub use series::Plans;

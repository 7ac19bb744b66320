//! Records: typed tables of borrowed columns, and how they become canonical blocks.

mod block;
mod column;
mod contact;
pub mod queue_log;
mod reader;
mod schema;
mod source;

pub use block::{BLOCK, Block, MISSING_MARK};
pub(crate) use column::each_width;
pub use column::{Batch, Column, Integers, Key, TextValues, Texts, TimeUnit, Validity, Values};
pub use contact::ContactColumns;
pub(crate) use reader::Reader;
pub use reader::{durations, instants};
pub use schema::{Kind, KnownColumn, Narrow, Need, Schema, Table, Vocabulary, Wide};
pub(crate) use source::Source;
pub use source::{Faults, INSTANTS, LONGEST};

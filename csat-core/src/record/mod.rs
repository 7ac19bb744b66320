//! Records: what a host hands in, and pure parsers that turn its event lines into records.

pub mod queue_log;

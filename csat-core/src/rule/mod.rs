//! Rules: one record → facts, pure and without memory.

pub mod response;

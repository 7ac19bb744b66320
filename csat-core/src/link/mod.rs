//! Links: records of one key joined before anything is counted. Pure functions over keyed columns.
//!
//! Every link takes a struct of slices of one length and gives rows or columns of the same length, which measures then
//! read like any other column. Keys are dense codes ([`key`]); instants and durations are microseconds. A link needs all
//! rows of a key together: on an engine, partition by that key first. Each costs O(n log n).

pub mod callback;
pub mod journey;
pub mod key;
pub mod latest;
pub mod legs;
pub mod notice;
pub mod pivot;
pub mod repeat;
pub mod survey;

//! Links: records of one key joined before anything is counted. Pure functions over keyed columns.

pub mod callback;

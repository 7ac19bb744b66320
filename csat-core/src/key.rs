//! The value of a key that records are grouped by.

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyValue {
    /// No value: a group of its own.
    Missing,
    /// A truth value.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
}

impl std::fmt::Display for KeyValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeyValue::Missing => f.write_str("-"),
            KeyValue::Flag(v) => write!(f, "{v}"),
            KeyValue::Integer(v) => write!(f, "{v}"),
            KeyValue::Text(v) => f.write_str(v),
        }
    }
}

//! The one error type of csat.
//!
//! Every fallible function returns [`Result`]. An [`Error`] has a [`kind`](Error::kind) for programs,
//! a message for people (what happened, where, what to do) and context pairs
//! (`("column", "score")`, `("row", "17")`) for hosts that build their own message.

use std::fmt;

/// The result of every fallible csat function.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal / $code:literal,)+) => {
        /// What went wrong, as a closed list. The codes are the C statuses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[$doc])* $name,)+ }

        impl ErrorKind {
            /// Every kind, in the order of its codes.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$name,)+];

            /// The name used in messages of the faces, such as `bad_value`.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorKind::$name => $text,)+ }
            }

            /// The C status: positive, stable, never used again for another kind.
            pub const fn code(self) -> i32 {
                match self { $(ErrorKind::$name => $code,)+ }
            }
        }
    };
}

kinds! {
    /// An argument is out of its range, or two arguments contradict each other.
    InvalidArgument = "invalid_argument" / 1,
    /// An option of a recipe is not valid.
    InvalidOption = "invalid_option" / 2,
    /// No measure, preset, option, criterion, column or zone has this name.
    UnknownName = "unknown_name" / 3,
    /// A column that a measure needs is not there.
    MissingColumn = "missing_column" / 4,
    /// A column has a type that cannot serve its purpose.
    WrongType = "wrong_type" / 5,
    /// A value in a row is out of range or contradicts its row.
    BadValue = "bad_value" / 6,
    /// Text that is not valid JSON, TOML, UTF-8, a date or a duration.
    BadText = "bad_text" / 7,
    /// Saved bytes that are truncated, altered or not canonical.
    InvalidState = "invalid_state" / 8,
    /// Two states, or a state and a plan, that were made by different plans.
    PlanMismatch = "plan_mismatch" / 9,
    /// A subtraction of more than was counted.
    BelowZero = "below_zero" / 10,
    /// A count or sum beyond its integer type.
    Overflow = "overflow" / 11,
    /// A definition whose counts were not folded.
    NotFolded = "not_folded" / 12,
    /// The result does not exist for these inputs (constant items, all marks equal).
    Undefined = "undefined" / 13,
}

/// What happened, where, and what to do about it.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    context: Vec<(&'static str, String)>,
}

impl Error {
    /// An error of a kind with a message for people.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), context: Vec::new() }
    }

    /// Adds a context pair, for example `with("column", "score")`.
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.context.push((key, value.to_string()));
        self
    }

    /// Puts `place` and a colon before the message: where it happened.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// An argument out of range.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// A result that does not exist for these inputs.
    pub fn undefined(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Undefined, message)
    }

    /// A name that is not in a closed list; suggests the nearest one and lists them if they are few.
    pub fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let mut message = format!("unknown {what} `{name}`");
        match nearest(name, known.iter().copied()) {
            Some(near) => message.push_str(&format!("; did you mean `{near}`?")),
            None if known.is_empty() => message.push_str("; none is allowed here"),
            None if known.len() <= 24 => message.push_str(&format!("; use one of: {}", known.join(", "))),
            None => {}
        }
        Self::new(ErrorKind::UnknownName, message).with("name", name)
    }

    /// The kind, for programs.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The context pairs, in the order they were added.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.context
    }

    /// The value of one context pair.
    pub fn context_value(&self, key: &str) -> Option<&str> {
        self.context.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)?;
        for (key, value) in &self.context {
            write!(f, " [{key}={value}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The name nearest to `name` by edit distance, if it is near enough to be a slip.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = 1 + name.chars().count() / 4;
    known
        .into_iter()
        .map(|candidate| (edit_distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        let error = Error::unknown("column", "scroe", ["score", "dealer"]);
        assert_eq!(error.message(), "unknown column `scroe`; did you mean `score`?");
        let error = Error::unknown("column", "x", ["score", "dealer"]);
        assert_eq!(error.message(), "unknown column `x`; use one of: score, dealer");
    }

    #[test]
    fn codes_are_distinct_and_ascending() {
        let codes: Vec<i32> = ErrorKind::ALL.iter().map(|k| k.code()).collect();
        assert!(codes.windows(2).all(|w| w[0] < w[1]));
    }
}

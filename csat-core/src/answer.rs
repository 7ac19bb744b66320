//! How an answer becomes JSON: what C, Python and the text door hand out.

use serde_json::Value;

/// How an answer becomes JSON: infinities as `"inf"` and `"-inf"`, what does not exist as null.
pub trait Answer {
    /// The JSON form.
    fn answer(&self) -> Value;
}

impl Answer for f64 {
    fn answer(&self) -> Value {
        if self.is_infinite() {
            Value::from(if *self > 0.0 { "inf" } else { "-inf" })
        } else {
            serde_json::Number::from_f64(*self).map_or(Value::Null, Value::Number)
        }
    }
}

macro_rules! plain_answers {
    ($($kind:ty),+) => { $(impl Answer for $kind {
        fn answer(&self) -> Value { Value::from(self.clone()) }
    })+ };
}
plain_answers!(bool, u8, u32, u64, i32, i64, usize, String, &'static str);

/// Integers beyond 64 bits are written as text, because a JSON number would lose their digits.
impl Answer for i128 {
    fn answer(&self) -> Value {
        let small = i64::try_from(*self).map(Value::from).or_else(|_| u64::try_from(*self).map(Value::from));
        small.unwrap_or_else(|_| Value::from(self.to_string()))
    }
}

impl Answer for Value {
    fn answer(&self) -> Value {
        self.clone()
    }
}

impl<T: Answer> Answer for Option<T> {
    fn answer(&self) -> Value {
        self.as_ref().map_or(Value::Null, Answer::answer)
    }
}

impl<T: Answer> Answer for Vec<T> {
    fn answer(&self) -> Value {
        Value::Array(self.iter().map(Answer::answer).collect())
    }
}

impl<T: Answer, const N: usize> Answer for [T; N] {
    fn answer(&self) -> Value {
        Value::Array(self.iter().map(Answer::answer).collect())
    }
}

impl<A: Answer, B: Answer> Answer for (A, B) {
    fn answer(&self) -> Value {
        Value::Array(vec![self.0.answer(), self.1.answer()])
    }
}

/// Writes [`Answer`] for a struct: an object with the named fields in the given order.
#[macro_export]
#[doc(hidden)]
macro_rules! answer_fields {
    ($kind:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::answer::Answer for $kind {
            fn answer(&self) -> serde_json::Value {
                let mut map = serde_json::Map::new();
                $(map.insert(stringify!($field).to_owned(), $crate::answer::Answer::answer(&self.$field));)+
                serde_json::Value::Object(map)
            }
        }
    };
}

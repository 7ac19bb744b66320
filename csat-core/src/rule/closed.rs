//! Closed lists of names: every list can be walked, printed and parsed.

/// Declares an enum whose variants have names: `ALL`, `name()` and `from_name()` with the nearest name in the error.
macro_rules! closed_list {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$note:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$note])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name used in recipes, results and messages.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value with this name; an unknown name is refused and the nearest one suggested.
            pub fn from_name(name: &str) -> $crate::error::Result<Self> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.name() == name)
                    .ok_or_else(|| $crate::error::Error::unknown($what, name, Self::ALL.iter().map(|v| v.name())))
            }
        }
    };
}

pub(crate) use closed_list;

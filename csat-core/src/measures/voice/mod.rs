//! What customers say.

mod nps;

pub use nps::{Nps, NpsReading};

//! The compiled module `csat._csat`: a thin face of `csat-core` for Python.
//!
//! Nothing here names a measure: the functions of `import csat` are generated from the lists in [`door`].

mod capsule;
mod clock;
mod column;
mod definition;
mod demo;
mod door;
mod error;
mod form;
mod frame;
mod json;
mod queue_log;
mod source;
mod tally;

use pyo3::prelude::*;

/// The compiled part of csat.
#[pymodule(gil_used = false)]
mod _csat {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::clock::{Calendar, Sla};
    #[pymodule_export]
    use crate::column::Column;
    #[pymodule_export]
    use crate::definition::{definitions, explain};
    #[pymodule_export]
    use crate::demo::demo;
    #[pymodule_export]
    use crate::door::{call, error_kinds, functions, measures, tables};
    #[pymodule_export]
    use crate::form::Form;
    #[pymodule_export]
    use crate::frame::Frame;
    #[pymodule_export]
    use crate::queue_log::QueueLog;
    #[pymodule_export]
    use crate::tally::{Tally, check_plan, parse_instant, parts};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::error::register(module)
    }
}

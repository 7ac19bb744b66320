//! Quality forms: read, compiled for a contact type, scored, explained.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use csat_core::Error;
use csat_core::door::Answer;
use csat_core::rule::form::{Form as CoreForm, shipped_names};
use csat_core::rule::scorecard::CompiledForm;
use csat_core::rule::{exact, explain, score};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};
use serde_json::{Map, Value, json};

use crate::error::{Raise, raised};
use crate::json::{text_of, to_python, written};

/// A quality form.
#[pyclass(frozen, module = "csat._csat")]
pub(crate) struct Form {
    form: CoreForm,
    compiled: Mutex<HashMap<Option<String>, Arc<CompiledForm>>>,
}

impl Form {
    fn new_of(form: CoreForm) -> Self {
        Self { form, compiled: Mutex::default() }
    }

    fn compile(&self, py: Python<'_>, contact_type: Option<&str>) -> PyResult<Arc<CompiledForm>> {
        let mut known = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = known.get(&contact_type.map(str::to_owned)) {
            return Ok(compiled.clone());
        }
        let compiled = Arc::new(self.form.compile(contact_type).or_raise(py)?);
        known.insert(contact_type.map(str::to_owned), compiled.clone());
        Ok(compiled)
    }
}

/// Answers by criterion as codes. A criterion that is not named is not answered.
fn codes(form: &CompiledForm, answers: &Bound<'_, PyDict>) -> PyResult<Vec<i16>> {
    let py = answers.py();
    let mut codes = vec![exact::MISSING_ANSWER; form.criteria().len()];
    for (name, answer) in answers {
        let Ok(text) = name.cast::<PyString>() else {
            return Err(raised(py, &Error::argument(format!("a criterion is named by a text, not {}", name.repr()?))));
        };
        let at = text_of(text).and_then(|text| form.position(text)).or_raise(py)?;
        codes[at] = if answer.is_none() {
            exact::MISSING_ANSWER
        } else if let Ok(truth) = answer.cast::<PyBool>() {
            form.code_of_bool(at, truth.is_true()).or_raise(py)?
        } else if let Ok(text) = answer.cast::<PyString>() {
            text_of(text).and_then(|text| form.code_of_text(at, text)).or_raise(py)?
        } else if let Ok(number) = answer.extract::<f64>() {
            form.code_of_number(at, number).or_raise(py)?
        } else {
            let kind = answer.get_type().name()?;
            return Err(raised(py, &Error::argument(format!("criterion `{name}`: an answer of type {kind}"))));
        };
    }
    Ok(codes)
}

#[pymethods]
impl Form {
    /// Reads a form from TOML or JSON text, or from a dict.
    #[staticmethod]
    fn parse(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        CoreForm::parse(&written(source)?).or_raise(source.py()).map(Self::new_of)
    }

    /// A form shipped with csat.
    #[staticmethod]
    fn shipped(py: Python<'_>, name: &str) -> PyResult<Self> {
        CoreForm::shipped(name).or_raise(py).map(Self::new_of)
    }

    /// The names of the shipped forms.
    #[staticmethod]
    fn shipped_names() -> Vec<&'static str> {
        shipped_names().collect()
    }

    #[getter]
    fn id(&self) -> &str {
        &self.form.id
    }

    #[getter]
    fn version(&self) -> &str {
        &self.form.version
    }

    #[getter]
    fn title(&self) -> &str {
        &self.form.title
    }

    /// The content hash.
    #[getter]
    fn hash(&self) -> String {
        self.form.hash()
    }

    /// The contact types that choose a block.
    #[getter]
    fn contact_types(&self) -> Vec<String> {
        self.form.contact_types().into_iter().map(str::to_owned).collect()
    }

    /// The ids of its criteria.
    #[getter]
    fn criteria(&self) -> Vec<String> {
        self.form.criteria().map(|c| c.id.clone()).collect()
    }

    /// The form with every default written out.
    fn to_json(&self) -> String {
        self.form.canonical_json()
    }

    /// The score of one evaluation.
    #[pyo3(signature = (answers, contact_type=None))]
    fn score<'py>(&self, answers: &Bound<'py, PyDict>, contact_type: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        let py = answers.py();
        let form = self.compile(py, contact_type)?;
        let scored = score::score(&form, &codes(&form, answers)?).or_raise(py)?;
        let points = |score: Option<i64>| score.map(exact::points).answer();
        let sections: Map<String, Value> =
            form.sections().iter().zip(&scored.sections).map(|(s, score)| (s.id.clone(), points(*score))).collect();
        let answer = json!({
            "score": points(scored.score),
            "failed": scored.failed,
            "unanswered": scored.unanswered,
            "pooled": points(scored.pooled),
            "blocks": points(scored.blocks),
            "weighted": points(scored.weighted),
            "sections": sections,
        });
        to_python(py, &answer)
    }

    /// Why an evaluation has its score, as a dict and as text.
    #[pyo3(signature = (answers, contact_type=None))]
    fn explain<'py>(
        &self,
        answers: &Bound<'py, PyDict>,
        contact_type: Option<&str>,
    ) -> PyResult<(Bound<'py, PyAny>, String)> {
        let py = answers.py();
        let form = self.compile(py, contact_type)?;
        let explanation = explain::explain(&form, &codes(&form, answers)?).or_raise(py)?;
        Ok((to_python(py, &explanation.answer())?, explanation.to_string()))
    }
}

//! Quality forms: from filled criteria to a score, and why it is what it is.

use std::ffi::c_char;
use std::sync::atomic::AtomicBool;

use csat_core::rule::exact::points;
use csat_core::rule::explain::explain;
use csat_core::rule::form::Form;
use csat_core::rule::score::{Scored, score};
use csat_core::rule::scorecard::CompiledForm;
use csat_core::time::MISSING;

use crate::error::{Done, csat_error, csat_status};
use crate::guard::{Handle, free, guard, look};
use crate::input::{CSAT_NUL, check_size, output, slice, text};
use crate::report::CSAT_HAS_VALUE;
use crate::text::csat_text;

/// A quality form, ready to score evaluations of one contact type. It does not change.
///
/// Threads: any number of threads may use it at once.
pub struct csat_form {
    poisoned: AtomicBool,
    form: Form,
    compiled: CompiledForm,
}

impl Handle for csat_form {
    const NAME: &'static str = "form";
    fn poisoned(&self) -> &AtomicBool {
        &self.poisoned
    }
}

/// The answer "not applicable" to a criterion.
pub const CSAT_NOT_APPLICABLE: i16 = -1;

/// The score of one evaluation. Begin with `CSAT_SCORE_INIT`. Scores are points; where nothing is applicable they are
/// NaN and `exact` is `INT64_MIN`.
#[repr(C)]
pub struct csat_score {
    /// `sizeof(csat_score)`; set by `CSAT_SCORE_INIT`.
    pub struct_size: u32,
    /// `CSAT_HAS_VALUE` where there is a score, else 0.
    pub present: u32,
    /// The score: the aggregate that the form names.
    pub score: f64,
    /// The score as a whole number of 1e-9 points, equal in every language.
    pub exact: i64,
    /// All sections as one block.
    pub pooled: f64,
    /// The plain mean of the scores of blocks.
    pub blocks: f64,
    /// The mean of the scores of blocks by weight.
    pub weighted: f64,
    /// Whether a critical criterion failed: 0 or 1.
    pub failed: i32,
    /// How many criteria apply, count in the score and have no answer.
    pub unanswered: u32,
}

/// NULL is no contact type.
fn contact_type<'a>(name: *const c_char) -> Done<Option<&'a str>> {
    if name.is_null() { Ok(None) } else { text(name, CSAT_NUL, "contact_type").map(Some) }
}

fn handle(form: Form, name: *const c_char) -> Done<*mut csat_form> {
    let compiled = form.compile(contact_type(name)?)?;
    Ok(Box::into_raw(Box::new(csat_form { poisoned: AtomicBool::new(false), form, compiled })))
}

/// Reads a form in TOML or JSON and makes it ready for a contact type; `contact_type` is NULL for a form that does not
/// depend on it. `length` may be `CSAT_NUL`. Free the form with `csat_form_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_form_new(
    form: *const c_char,
    length: usize,
    contact_type: *const c_char,
    out: *mut *mut csat_form,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        out.put(handle(Form::parse(text(form, length, "form")?)?, contact_type)?);
        Ok(())
    })
}

/// A form shipped with csat, by name (`forms` of `csat_catalogue_json`), ready for a contact type or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_form_shipped(
    name: *const c_char,
    contact_type: *const c_char,
    out: *mut *mut csat_form,
    err: *mut csat_error,
) -> csat_status {
    guard(err, || {
        let out = output(out, "out")?;
        out.put(handle(Form::shipped(text(name, CSAT_NUL, "name")?)?, contact_type)?);
        Ok(())
    })
}

/// Frees a form. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_form_free(form: *mut csat_form) {
    free(form);
}

/// The form with everything written out, as JSON; reading it back gives the same form. The criteria are in its sections,
/// in the order of the answers where the form does not choose by contact type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_form_json(
    form: *const csat_form,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    look(form, err, |handle| {
        let out = output(out, "out")?;
        out.put(csat_text::new(handle.form.canonical_json()));
        Ok(())
    })
}

/// The codes of answers given as texts, one for each criterion in the order of the form: an option's id or title, `n/a`,
/// or NULL for no answer. `codes` has room for `count` codes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_form_codes(
    form: *const csat_form,
    answers: *const *const c_char,
    count: usize,
    codes: *mut i16,
    err: *mut csat_error,
) -> csat_status {
    look(form, err, |handle| {
        let list = slice(answers, count, "answers")?;
        slice(codes.cast_const(), count, "codes")?;
        let coded = list.iter().enumerate().map(|(at, answer)| {
            let answer = if answer.is_null() { "" } else { text(*answer, CSAT_NUL, "answers")? };
            Ok(handle.compiled.code_of_text(at, answer)?)
        });
        let coded = coded.collect::<Done<Vec<i16>>>()?;
        unsafe { std::ptr::copy_nonoverlapping(coded.as_ptr(), codes, count) };
        Ok(())
    })
}

/// Scores one evaluation: the code of an option for each criterion in the order of the form, `CSAT_NOT_APPLICABLE`, or
/// `INT16_MIN` for no answer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_form_score(
    form: *const csat_form,
    codes: *const i16,
    count: usize,
    out: *mut csat_score,
    err: *mut csat_error,
) -> csat_status {
    look(form, err, |handle| {
        let answers = slice(codes, count, "codes")?;
        let place = output(out, "out")?;
        let size = unsafe { std::ptr::addr_of!((*out).struct_size).read() };
        check_size::<csat_score>(size, "out")?;
        place.put(c_score(&score(&handle.compiled, answers)?, size));
        Ok(())
    })
}

fn c_score(scored: &Scored, struct_size: u32) -> csat_score {
    let number = |score: Option<i64>| score.map_or(f64::NAN, points);
    csat_score {
        struct_size,
        present: if scored.score.is_some() { CSAT_HAS_VALUE } else { 0 },
        score: number(scored.score),
        exact: scored.score.unwrap_or(MISSING),
        pooled: number(scored.pooled),
        blocks: number(scored.blocks),
        weighted: number(scored.weighted),
        failed: i32::from(scored.failed),
        unanswered: scored.unanswered,
    }
}

/// Explains the score of one evaluation in words: every criterion with its effective weight, all aggregates, what
/// critical criteria did.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csat_form_explain(
    form: *const csat_form,
    codes: *const i16,
    count: usize,
    out: *mut csat_text,
    err: *mut csat_error,
) -> csat_status {
    look(form, err, |handle| {
        let out = output(out, "out")?;
        let explanation = explain(&handle.compiled, slice(codes, count, "codes")?)?;
        out.put(csat_text::new(explanation.to_string()));
        Ok(())
    })
}

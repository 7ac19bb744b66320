//! The guard round every function, and the handles it poisons.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::error::{CSAT_STATUS_OK, CSAT_STATUS_POISONED, Done, Failure, csat_error, csat_status};
use crate::input::aligned;

/// Runs the body of a function; an error or a panic becomes a status and a message.
pub(crate) fn guard(err: *mut csat_error, body: impl FnOnce() -> Done) -> csat_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(done) => settle(err, done),
        Err(payload) => settle(err, Err(Failure::panic(&*payload))),
    }
}

#[inline]
fn settle(err: *mut csat_error, done: Done) -> csat_status {
    match done {
        Ok(()) => CSAT_STATUS_OK,
        Err(failure) => {
            failure.write(err);
            failure.status()
        }
    }
}

/// What C holds a pointer to.
pub(crate) trait Handle {
    /// What it is called in messages: the name of the parameter.
    const NAME: &'static str;
    /// Set by a panic inside a call with it.
    fn poisoned(&self) -> &AtomicBool;
}

fn check<H: Handle>(handle: &H) -> Done {
    if handle.poisoned().load(Relaxed) {
        let message = format!("this `{}` was poisoned by an earlier failure inside csat; free it", H::NAME);
        return Err(Failure::new(CSAT_STATUS_POISONED, message));
    }
    Ok(())
}

fn poison<H: Handle>(handle: &H, payload: &(dyn std::any::Any + Send)) -> Done {
    handle.poisoned().store(true, Relaxed);
    Err(Failure::panic(payload))
}

/// Runs a function that changes its handle.
#[inline]
pub(crate) fn change<H: Handle>(
    handle: *mut H,
    err: *mut csat_error,
    body: impl FnOnce(&mut H) -> Done,
) -> csat_status {
    settle(err, try_change(handle, body))
}

/// The same for a second handle inside a call.
#[inline]
pub(crate) fn try_change<H: Handle>(handle: *mut H, body: impl FnOnce(&mut H) -> Done) -> Done {
    if !aligned(handle) {
        return Err(Failure::pointer(H::NAME, "is not a handle"));
    }
    let handle = unsafe { &mut *handle };
    let caught = catch_unwind(AssertUnwindSafe(|| {
        check(handle)?;
        body(handle)
    }));
    caught.unwrap_or_else(|payload| poison(handle, &*payload))
}

/// Runs a function that only reads its handle.
pub(crate) fn look<H: Handle>(handle: *const H, err: *mut csat_error, body: impl FnOnce(&H) -> Done) -> csat_status {
    if !aligned(handle) {
        return settle(err, Err(Failure::pointer(H::NAME, "is not a handle")));
    }
    let handle = unsafe { &*handle };
    let caught = catch_unwind(AssertUnwindSafe(|| {
        check(handle)?;
        body(handle)
    }));
    settle(err, caught.unwrap_or_else(|payload| poison(handle, &*payload)))
}

/// A second handle that a function only reads.
pub(crate) fn other<'a, H: Handle>(handle: *const H, name: &str) -> Done<&'a H> {
    if !aligned(handle) {
        return Err(Failure::pointer(name, "is not a handle"));
    }
    let handle = unsafe { &*handle };
    check(handle)?;
    Ok(handle)
}

/// Frees a handle; NULL is allowed, and a panic in a destructor stays inside.
pub(crate) fn free<T>(handle: *mut T) {
    if aligned(handle) {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(handle) })));
    }
}

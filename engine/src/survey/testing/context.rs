//! The context of a survey in tests.

use crate::event::Events;
use crate::role::Stop;
use crate::survey::SurveyContext;

/// A context without a ledger.
pub(in crate::survey) fn context() -> SurveyContext {
    SurveyContext {
        ledger: None,
        machine_policy: None,
        events: Events::default(),
        run: "run".to_owned(),
        date: "2026-11-23".to_owned(),
        at_once: 8,
        stop: Stop::default(),
    }
}

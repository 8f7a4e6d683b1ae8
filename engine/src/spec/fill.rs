//! Variables get their values: a walk over the model that fills in each scalar.

use super::filled_in::FilledIn;
use super::interpolate::interpolate;
use crate::diagnostic::{Code, Fault, Origin, Place};
use std::collections::BTreeMap;

/// The walk: the variables, and the faults found so far.
pub(super) struct Filling<'a> {
    pub(super) env: &'a BTreeMap<String, String>,
    pub(super) vars: BTreeMap<String, Option<String>>,
    pub(super) faults: Vec<Fault>,
    /// What came from the environment.
    pub(super) filled_in: FilledIn,
}

/// What can be filled in.
pub(super) trait Fill {
    fn fill(&mut self, at: &Place, filling: &mut Filling<'_>);
}

impl Filling<'_> {
    /// A text with its variables filled in; `None` if that failed, and the fault is kept.
    pub(super) fn text(&mut self, text: &str, at: &Place) -> Option<String> {
        match interpolate(text, self) {
            Ok(filled) => Some(filled),
            Err(faults) => {
                self.faults.extend(faults.into_iter().map(|fault| fault.at(at.to_string())));
                None
            }
        }
    }

    pub(super) fn fault_at(&mut self, at: &Place, code: Code, message: String) {
        self.faults.push(Fault::new(code, Origin::Spec, message).at(at.to_string()));
    }
}

impl<T: Fill> Fill for Option<T> {
    fn fill(&mut self, at: &Place, filling: &mut Filling<'_>) {
        if let Some(value) = self {
            value.fill(at, filling);
        }
    }
}

impl<T: Fill> Fill for Vec<T> {
    fn fill(&mut self, at: &Place, filling: &mut Filling<'_>) {
        for (index, value) in self.iter_mut().enumerate() {
            value.fill(&at.index(index), filling);
        }
    }
}

/// Says which fields of a struct are filled in, each with its key in the file.
macro_rules! fills {
    ($type:ty { $($field:ident: $key:literal),* $(,)? }) => {
        impl $crate::spec::fill::Fill for $type {
            fn fill(
                &mut self,
                at: &$crate::diagnostic::Place,
                filling: &mut $crate::spec::fill::Filling<'_>,
            ) {
                $( self.$field.fill(&at.key($key), filling); )*
            }
        }
    };
}
pub(super) use fills;

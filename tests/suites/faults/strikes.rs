//! The columns of the matrix: every way in which a request can be broken.

use engine_tests::fault::Fault;

/// A way in which requests are broken.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its name in the table.
    pub(super) name: String,
    /// What goes wrong.
    pub(super) fault: Fault,
    /// Whether it never ends; else it happens once.
    pub(super) always: bool,
}

/// Every kind of fault once, and those for ever that an outage consists of.
pub(super) fn columns() -> Vec<Column> {
    let once = Fault::every().into_iter().map(|fault| column("", fault, false));
    let for_ever = [
        Fault::Refuse,
        Fault::Flip { at: 10 },
        Fault::Unauthorized,
        Fault::ServerFault { status: 500 },
    ];
    once.chain(for_ever.map(|fault| column(" for ever", fault, true))).collect()
}

fn column(ending: &str, fault: Fault, always: bool) -> Column {
    Column { name: format!("{}{ending}", fault.name()), fault, always }
}

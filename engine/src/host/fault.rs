//! What goes wrong with a component, whatever its role.

use super::roles::conversions::plain;
use super::store::component::INTERFACE;
use crate::diagnostic::{Code, Fault, Origin, Retry};
use crate::host::codes;

/// A failure of a component, as the host saw it. A guest's own faults are not among them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostFault {
    /// The component stopped in the middle: a panic, an access out of bounds, a stack overflow.
    #[error("the plugin trapped: {0}")]
    Trap(String),
    /// The engine itself failed in an import that it called.
    #[error("the engine failed in a call of the plugin")]
    Panicked,
    /// It computed for too long in one call.
    #[error("the plugin computed for more than {0} ms in one call")]
    OutOfCpu(u64),
    /// It computed for too long for what it made of a body: the calls of a reader have no number.
    #[error("the plugin computed for {millis} ms for {bytes} bytes of a body")]
    Dripping {
        /// Of computing, in all calls of the body.
        millis: u64,
        /// What they gave.
        bytes: u64,
    },
    /// A call took too long, waiting included.
    #[error("the plugin took more than {0} ms for one call")]
    OutOfTime(u64),
    /// A call that moves a body moved nothing for too long.
    #[error("no byte moved for {0} ms in a call of the plugin")]
    Idle(u64),
    /// It wanted more memory than its limit.
    #[error("the plugin wanted more than {0} bytes of memory")]
    OutOfMemory(u64),
    /// It held more handles than its limit.
    #[error("the plugin wanted more than {0} handles at once")]
    TooManyHandles(u32),
    /// Its instances held more handles than are left for a step, or for all plugins.
    #[error("plugins wanted more than {0} handles at once, in all of their calls")]
    NoHandlesLeft(u32),
    /// It put bodies within each other, deeper than anybody needs.
    #[error("the plugin put more than {0} bodies within each other")]
    TooDeep(u32),
    /// It made more requests in one call than its limit.
    #[error("the plugin wanted more than {0} requests in one call")]
    TooManyRequests(u32),
    /// The instance that had written to a place ended before it finished.
    #[error("what was written is lost with its session: {0}")]
    SessionLost(String),
    /// Its answer makes no sense, or is not what the bytes say.
    #[error("the plugin's answer is wrong: {0}")]
    Lied(String),
    /// The bytes are not a component, or for another host.
    #[error("not a plugin that this engine can run: {0}")]
    NotAPlugin(String),
    /// It was built for another version of the interface.
    #[error("the plugin is built for the interface `{built_for}`, and this engine has `{ours}`")]
    OtherInterface {
        /// What it was built for, with its version.
        built_for: String,
        /// What this engine has.
        ours: String,
    },
    /// It imports what no plugin of its role may use, or what its manifest does not want.
    #[error("the plugin imports `{0}`, which it may not use")]
    ForeignImport(String),
    /// Its manifest is absent or unreadable.
    #[error("the plugin's manifest is unreadable: {0}")]
    Manifest(String),
    /// A plugin is called as a built-in component.
    #[error("`{0}` is a built-in component: no plugin can be called so")]
    TakenWord(String),
    /// It is not in the store of pulled components.
    #[error("the component `{0}` is not in the store")]
    NotPulled(String),
    /// A file of the store is not what was pulled.
    #[error("the stored component `{digest}` changed on disk: {reason}")]
    StoreChanged {
        /// The digest that it was pulled by.
        digest: String,
        /// What is wrong.
        reason: String,
    },
    /// What was pulled is not a component.
    #[error("the artifact holds no component: {0}")]
    BadArtifact(String),
    /// Its file could not be read.
    #[error("the plugin `{path}` could not be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl HostFault {
    /// A component of another version of the interface.
    pub fn other_interface(version: &str) -> Self {
        let (package, ours) = INTERFACE;
        let built_for = format!("{package}@{}", plain(version));
        Self::OtherInterface { built_for, ours: format!("{package}@{ours}") }
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Trap(_) => codes::TRAP,
            Self::Panicked => codes::PANICKED,
            Self::OutOfCpu(_) | Self::Dripping { .. } => codes::OUT_OF_CPU,
            Self::OutOfTime(_) => codes::OUT_OF_TIME,
            Self::Idle(_) => codes::IDLE,
            Self::OutOfMemory(_) => codes::OUT_OF_MEMORY,
            Self::TooManyHandles(_) => codes::TOO_MANY_HANDLES,
            Self::NoHandlesLeft(_) => codes::NO_HANDLES_LEFT,
            Self::TooDeep(_) => codes::TOO_DEEP,
            Self::TooManyRequests(_) => codes::TOO_MANY_REQUESTS,
            Self::SessionLost(_) => codes::SESSION_LOST,
            Self::Lied(_) => codes::LIED,
            Self::NotAPlugin(_) => codes::NOT_A_PLUGIN,
            Self::OtherInterface { .. } => codes::OTHER_INTERFACE,
            Self::ForeignImport(_) => codes::FOREIGN_IMPORT,
            Self::Manifest(_) => codes::MANIFEST,
            Self::TakenWord(_) => codes::TAKEN_WORD,
            Self::NotPulled(_) => codes::NOT_PULLED,
            Self::StoreChanged { .. } => codes::STORE_CHANGED,
            Self::BadArtifact(_) => codes::BAD_ARTIFACT,
            Self::Unreadable { .. } => codes::UNREADABLE,
        }
    }

    fn help(&self) -> Option<String> {
        let limit = match self {
            Self::OutOfCpu(_) | Self::Dripping { .. } => "cpu",
            Self::OutOfTime(_) => "time",
            Self::OutOfMemory(_) => "memory",
            Self::TooManyHandles(_) => "handles",
            Self::TooManyRequests(_) => "requests",
            Self::Panicked => return Some("please report it with the log".into()),
            Self::NotAPlugin(_) | Self::OtherInterface { .. } => {
                return Some("build it for the WIT package that `engine plugin wit` prints".into());
            }
            Self::NoHandlesLeft(_) => {
                return Some("let the process open more files (`ulimit -n`)".into());
            }
            Self::TakenWord(_) => return Some("call the plugin something else".into()),
            Self::StoreChanged { digest, .. } => {
                return Some(format!("find out who did it, remove `{digest}`, and pull it again"));
            }
            _ => return None,
        };
        Some(format!("if the plugin needs more, raise `limits.{limit}` of the plugin in the spec"))
    }
}

impl From<HostFault> for Fault {
    fn from(fault: HostFault) -> Self {
        let retry = match fault {
            HostFault::OutOfTime(_) | HostFault::Idle(_) | HostFault::NoHandlesLeft(_) => {
                Retry::Backoff
            }
            _ => Retry::Never,
        };
        let help = fault.help();
        let origin = if fault == HostFault::Panicked { Origin::Local } else { Origin::Plugin };
        let made = Self::new(fault.code(), origin, fault.to_string()).retry(retry);
        match help {
            Some(help) => made.help(help),
            None => made,
        }
    }
}

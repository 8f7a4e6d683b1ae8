//! Asking the person at the terminal for a passphrase.

use crate::cli::printable;
use crate::cli::readers::Bars;
use crate::role::{Ask, Nobody, Secret, Surroundings};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long an answer is waited for: nobody types for longer, and a run in the background must not
/// hang for ever.
const PATIENCE: Duration = Duration::from_mins(2);

/// The person at the terminal; nobody where there is none.
pub(super) fn whoever_is_there(surroundings: &Surroundings) -> Arc<dyn Ask> {
    if surroundings.terminal { Arc::new(Terminal) } else { Arc::new(Nobody) }
}

/// The same, while no bars are drawn: they would be drawn over the question.
pub(super) fn without_bars(ask: Arc<dyn Ask>, bars: Option<&Arc<Bars>>) -> Arc<dyn Ask> {
    match bars {
        Some(bars) => Arc::new(WithoutBars { ask, bars: Arc::clone(bars) }),
        None => ask,
    }
}

struct WithoutBars {
    ask: Arc<dyn Ask>,
    bars: Arc<Bars>,
}

#[async_trait]
impl Ask for WithoutBars {
    async fn passphrase(&self, key: &str) -> Option<Secret> {
        let _hidden = self.bars.hidden();
        self.ask.passphrase(key).await
    }
}

struct Terminal;

#[async_trait]
impl Ask for Terminal {
    async fn passphrase(&self, key: &str) -> Option<Secret> {
        let question = format!("Passphrase of the key `{}`: ", printable::line(key));
        let (sender, answer) = oneshot::channel();
        // A thread of its own: one of the runtime's would keep the run from ending while it waits.
        let asking = std::thread::Builder::new().name("passphrase".to_owned());
        let asked = asking.spawn(move || {
            let typed = rpassword::prompt_password(question).ok();
            // Whoever waited may have given up.
            drop(sender.send(typed));
        });
        asked.ok()?;
        let typed = timeout(PATIENCE, answer).await.ok()?.ok()??;
        Some(Secret::new(typed))
    }
}

//! A way to ask a run to stop.

use tokio::sync::watch;

/// Asks a run to stop. Dropped, it never does.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Hears that a run shall stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// Asks: nothing new starts, and what runs gets its grace. Once asked, it stays so.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// A stop that was not asked for yet, and the way to ask for it.
    pub fn new() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(false);
        (Stopper(sender), Self(receiver))
    }

    /// Whether it was asked for.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is asked for; for ever, if nobody can ask any more.
    pub async fn asked(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

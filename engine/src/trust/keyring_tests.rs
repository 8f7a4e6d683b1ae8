use super::*;
use crate::event::Reader;
use crate::role::{Nobody, SecretSource};
use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex as Lock;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

const SEALED: &[u8] = include_bytes!("../../../tests/fixtures/keys/cosign-3.1.1/private.key");
const PLAIN: &[u8] = include_bytes!("../../../tests/fixtures/keys/openssl-3.0/p256.key");
const PUBLIC: &[u8] = include_bytes!("../../../tests/fixtures/keys/openssl-3.0/p256.pub");

/// Answers, and counts how often it was asked.
struct Person(&'static str, AtomicUsize);

#[async_trait::async_trait]
impl Ask for Person {
    async fn passphrase(&self, _key: &str) -> Option<Secret> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Some(Secret::new(self.0))
    }
}

#[derive(Default)]
struct Heard(Lock<Vec<Fault>>);

impl Reader for Heard {
    fn read(&self, event: &Event) {
        if let Event::Warned { fault } = event {
            self.0.lock().unwrap().push(fault.clone());
        }
    }
}

/// A folder with files of keys, and a ring of them.
struct Stage {
    folder: TempDir,
    keys: BTreeMap<String, KeySettings>,
    heard: Arc<Heard>,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, keys: BTreeMap::new(), heard: Arc::default() }
    }

    /// A key of the ring, whose file has these bits.
    fn with(mut self, name: &str, file: &[u8], mode: u32, from: Option<SecretSource>) -> Self {
        let path = self.folder.path().join(name);
        std::fs::write(&path, file).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        self.named(name, from);
        self
    }

    fn named(&mut self, name: &str, passphrase: Option<SecretSource>) {
        let settings = KeySettings { file: PathBuf::from(name), passphrase };
        self.keys.insert(name.to_owned(), settings);
    }

    fn ring(&self, ask: Arc<dyn Ask>) -> Keyring {
        let pass = ("PASS".to_owned(), "fixture passphrase".to_owned());
        let surroundings = Surroundings {
            variables: [pass].into(),
            directory: self.folder.path().to_owned(),
            ..Surroundings::default()
        };
        let events = Events::new(vec![Arc::clone(&self.heard) as Arc<dyn Reader>]);
        Keyring::new(self.keys.clone(), Arc::new(surroundings), events, ask)
    }
}

#[tokio::test]
async fn a_key_is_opened_once_however_many_want_it() {
    let stage = Stage::new().with("k", SEALED, 0o600, None);
    let person = Arc::new(Person("fixture passphrase", AtomicUsize::new(0)));
    let ring = stage.ring(Arc::clone(&person) as Arc<dyn Ask>);
    let (one, two) = tokio::join!(ring.key("k"), ring.key("k"));
    assert!(Arc::ptr_eq(&one.unwrap(), &two.unwrap()));
    assert_eq!(person.1.load(Ordering::Relaxed), 1);
    assert!(stage.heard.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_wrong_answer_is_not_asked_for_again() {
    let stage = Stage::new().with("k", SEALED, 0o600, None);
    let person = Arc::new(Person("not that", AtomicUsize::new(0)));
    let ring = stage.ring(Arc::clone(&person) as Arc<dyn Ask>);
    for _ in 0..2 {
        let fault = ring.key("k").await.unwrap_err();
        assert_eq!(fault.code, "trust::wrong-passphrase");
        assert!(!format!("{fault:?}").contains("not that"));
        assert!(fault.place.unwrap().ends_with("/k"));
    }
    assert_eq!(person.1.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_passphrase_comes_from_where_the_spec_says() {
    let variable = |name: &str| Some(SecretSource::Variable(name.to_owned()));
    let stage = Stage::new()
        .with("k", SEALED, 0o600, variable("PASS"))
        .with("unset", SEALED, 0o600, variable("UNSET"))
        .with("nobody", SEALED, 0o600, None);
    let ring = stage.ring(Arc::new(Nobody));
    assert!(ring.key("k").await.unwrap().can_sign());
    assert_eq!(ring.key("unset").await.unwrap_err().code, "config::secret");
    let fault = ring.key("nobody").await.unwrap_err();
    assert_eq!(fault.code, "trust::no-passphrase");
    assert!(fault.message.contains("no terminal"), "{fault}");
    assert!(fault.help.unwrap().contains("passphrase: {env: NAME}"));
}

#[tokio::test]
async fn a_private_key_that_others_can_read_is_warned_of_once() {
    let stage = Stage::new().with("open", PLAIN, 0o640, None).with("public", PUBLIC, 0o644, None);
    let ring = stage.ring(Arc::new(Nobody));
    assert!(ring.key("open").await.unwrap().can_sign());
    assert!(ring.key("open").await.unwrap().can_sign());
    assert!(!ring.key("public").await.unwrap().can_sign());
    let heard = stage.heard.0.lock().unwrap();
    let codes: Vec<_> = heard.iter().map(|fault| fault.code.as_ref()).collect();
    assert_eq!(codes, ["trust::readable-by-others"]);
    assert!(heard[0].message.contains("`open`") && heard[0].message.contains("640"));
}

#[tokio::test]
async fn what_is_not_there_or_no_file_is_named() {
    let large = vec![b'x'; MAX_FILE_BYTES + 1];
    let mut stage = Stage::new().with("large", &large, 0o600, None);
    let made = std::process::Command::new("mkfifo").arg(stage.folder.path().join("pipe")).status();
    assert!(made.unwrap().success());
    std::fs::create_dir(stage.folder.path().join("folder")).unwrap();
    for name in ["pipe", "folder", "gone"] {
        stage.named(name, None);
    }
    let ring = stage.ring(Arc::new(Nobody));
    let endless = Path::new("/dev/zero");
    assert_eq!(
        read_file(endless).unwrap_err(),
        TrustFault::Unreadable("it is not a plain file".to_owned())
    );
    for (name, code) in [
        ("pipe", "trust::unreadable"),
        ("folder", "trust::unreadable"),
        ("gone", "trust::unreadable"),
        ("large", "trust::not-a-key"),
        ("other", "trust::unknown-key"),
    ] {
        assert_eq!(ring.key(name).await.unwrap_err().code, code, "{name}");
    }
    let fault = ring.key("larg").await.unwrap_err();
    assert!(fault.help.unwrap().contains("`large`"));
}

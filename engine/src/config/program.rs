//! A program of the user that is asked for a secret: a credential helper, or a command.

use crate::config::codes;
use crate::diagnostic::{Fault, Origin};
use crate::role::Surroundings;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// A helper may ask an agent or a cloud; a person who has to type is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer is a user and a password; identity tokens have a few KiB.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

/// What a program printed on its standard output, and whether it succeeded.
pub(super) struct Printed {
    pub(super) text: String,
    pub(super) success: bool,
}

/// Runs a program with the variables of the run alone, `input` on its standard input, and reads
/// what it prints. Its standard error is dropped, since it may hold a secret.
pub(super) async fn ask(
    surroundings: &Surroundings,
    words: &[String],
    input: &str,
) -> Result<Printed, Fault> {
    ask_within(surroundings, words, input, PATIENCE).await
}

async fn ask_within(
    surroundings: &Surroundings,
    words: &[String],
    input: &str,
    patience: Duration,
) -> Result<Printed, Fault> {
    let name = words.first().map_or("", String::as_str);
    let wrong =
        |what: String| Fault::new(codes::PROGRAM, Origin::Local, format!("run `{name}`: {what}"));
    let path = locate(surroundings, name).ok_or_else(|| {
        wrong("no such program".to_owned()).help("install it, or put its folder into PATH")
    })?;
    let mut command = Command::new(path);
    command
        .args(words.iter().skip(1))
        .env_clear()
        .envs(&surroundings.variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    if surroundings.directory.is_dir() {
        command.current_dir(&surroundings.directory);
    }
    let run = async {
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read its input is fine.
            drop(stdin.write_all(input.as_bytes()).await);
        }
        let mut text = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(MAX_ANSWER_BYTES + 1).read_to_end(&mut text).await?;
        }
        if text.len() as u64 > MAX_ANSWER_BYTES {
            return Err(std::io::Error::other(format!(
                "it printed more than {MAX_ANSWER_BYTES} bytes"
            )));
        }
        Ok::<_, std::io::Error>((child.wait().await?.success(), text))
    };
    let (success, text) = tokio::time::timeout(patience, run)
        .await
        .map_err(|_| wrong(format!("no answer within {} ms", patience.as_millis())))?
        .map_err(|error| wrong(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|_| wrong("it printed no text".to_owned()))?;
    Ok(Printed { text, success })
}

/// Whether there is such a program.
pub(super) fn is_installed(surroundings: &Surroundings, name: &str) -> bool {
    locate(surroundings, name).is_some()
}

/// Where a program is: a path as it is, else the first in `PATH`.
fn locate(surroundings: &Surroundings, name: &str) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    if name.contains('/') {
        return Some(surroundings.directory.join(name)).filter(|path| path.is_file());
    }
    let path = surroundings.variable("PATH")?;
    path.split(':')
        .filter(|folder| Path::new(folder).is_absolute())
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings() -> Surroundings {
        let pairs = [("PATH", "relative:/usr/bin:/bin"), ("SEEN", "yes")];
        let variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Surroundings { variables: variables.into(), ..Surroundings::default() }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn a_program_sees_the_variables_of_the_run_alone() {
        let printed = ask(&surroundings(), &words(&["env"]), "").await.unwrap();
        assert!(printed.success);
        let mut lines: Vec<_> = printed.text.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["PATH=relative:/usr/bin:/bin", "SEEN=yes"]);
        let printed = ask(&surroundings(), &words(&["cat"]), "input").await.unwrap();
        assert_eq!(printed.text, "input");
    }

    #[tokio::test]
    async fn a_program_that_does_not_answer_is_ended() {
        let patience = Duration::from_millis(100);
        let asked = ask_within(&surroundings(), &words(&["sleep", "60"]), "", patience).await;
        let fault = asked.err().unwrap();
        assert_eq!(fault.code, "config::program");
        assert!(fault.message.contains("`sleep`") && !fault.message.contains("60"), "{fault}");
    }
}

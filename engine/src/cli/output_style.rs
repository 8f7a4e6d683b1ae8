//! How loud, in which form and in which colours the engine speaks to people.

use super::standard_error::Speaker;
use crate::role::Surroundings;
use clap::{ArgAction, Args, ValueEnum};

/// The arguments of every command that says something on standard error.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(super) struct Voice {
    /// Say more: what is unchanged, and every use of a credential; twice: every request and blob
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(super) verbose: u8,

    /// Say only what went wrong
    #[arg(short, long)]
    pub(super) quiet: bool,

    /// The form of lines on standard error
    #[arg(long, value_name = "FORM", value_enum, default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,

    /// Whether to use colours; auto: on a terminal, unless `NO_COLOR` is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = When::Auto)]
    pub(super) color: When,
}

/// The form of lines on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal
    Auto,
    /// Also in a file
    Always,
    /// Not even on a terminal
    Never,
}

/// How much a line matters, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Something failed.
    Error,
    /// Something is odd.
    Warn,
    /// What was done.
    Info,
    /// What else happened (-v).
    Debug,
    /// Every request and blob (-vv).
    Trace,
}

/// What the arguments come to in these surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tone {
    /// Lines that matter less are not said.
    pub(super) level: Level,
    /// Whether lines are JSON.
    pub(super) json: bool,
    /// Whether lines have colours.
    pub(super) colour: bool,
}

impl Voice {
    /// What the arguments come to in these surroundings.
    pub(super) fn tone(&self, surroundings: &Surroundings) -> Tone {
        let json = self.log_format == LogFormat::Json;
        let level = match (self.quiet, self.verbose) {
            (true, _) => Level::Warn,
            (_, 0) => Level::Info,
            (_, 1) => Level::Debug,
            (_, _) => Level::Trace,
        };
        Tone { level, json, colour: !json && self.color.applies(surroundings) }
    }

    /// Somebody who speaks so on standard error.
    pub(super) fn speaker(&self, surroundings: &Surroundings) -> Speaker {
        let speaker = Speaker::to_stderr(self.tone(surroundings));
        super::log::start(&speaker);
        speaker
    }
}

impl When {
    /// Whether colours are used. `NO_COLOR` wins over `CLICOLOR_FORCE`, which wins over what
    /// standard error is; what is asked for on the command line wins over all.
    /// Source: no-color.org; bixense.com/clicolors.
    fn applies(self, surroundings: &Surroundings) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if surroundings.variable("NO_COLOR").is_some() => false,
            Self::Auto => match surroundings.variable("CLICOLOR_FORCE") {
                Some(force) if force != "0" => true,
                _ => capable(surroundings),
            },
        }
    }
}

/// Whether standard error is a terminal that understands more than text.
pub(super) fn capable(surroundings: &Surroundings) -> bool {
    surroundings.terminal && surroundings.variable("TERM") != Some("dumb")
}

impl Level {
    /// The word in JSON lines.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(terminal: bool, variables: &[(&str, &str)]) -> Surroundings {
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Surroundings { variables: variables.collect(), terminal, ..Surroundings::default() }
    }

    #[test]
    fn colours_follow_the_flag_then_variables_then_the_terminal() {
        for (when, terminal, variables, colour) in [
            (When::Auto, true, &[][..], true),
            (When::Auto, false, &[], false),
            (When::Auto, true, &[("TERM", "dumb")], false),
            (When::Auto, true, &[("NO_COLOR", "1")], false),
            (When::Auto, true, &[("NO_COLOR", "")], true),
            (When::Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (When::Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (When::Auto, false, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
            (When::Always, false, &[("NO_COLOR", "1")], true),
            (When::Never, true, &[("CLICOLOR_FORCE", "1")], false),
        ] {
            let applies = when.applies(&around(terminal, variables));
            assert_eq!(applies, colour, "{when:?} {terminal} {variables:?}");
        }
    }

    #[test]
    fn json_lines_have_no_colours() {
        let voice =
            Voice { verbose: 0, quiet: false, log_format: LogFormat::Json, color: When::Always };
        let tone = voice.tone(&around(true, &[]));
        assert_eq!(tone, Tone { level: Level::Info, json: true, colour: false });
    }
}

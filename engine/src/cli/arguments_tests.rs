use super::super::commands::{GraphFormat, Progress};
use super::*;
use clap::CommandFactory;
use std::path::Path;

fn parsed(line: &str) -> Command {
    let words = std::iter::once("engine").chain(line.split_whitespace());
    Arguments::try_parse_from(words).unwrap_or_else(|fault| panic!("{line}: {fault}")).command
}

#[test]
fn clap_finds_no_mistake_in_the_arguments() {
    Arguments::command().debug_assert();
}

#[test]
fn run_takes_all_that_it_promises() {
    let line = "run sync.yaml --var a=1 --var b=x=y --report r.json --events - --state none \
                --log-format json --progress plain --color never -vv";
    let Command::Run(run) = parsed(line) else { panic!("not a run") };
    assert_eq!(run.spec.spec, Path::new("sync.yaml"));
    let vars = [("a", "1"), ("b", "x=y")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(run.spec.vars, vars);
    assert_eq!(run.report.as_deref(), Some(Path::new("r.json")));
    assert_eq!(run.listening.events.as_deref(), Some(Path::new("-")));
    assert_eq!(run.listening.progress, Progress::Plain);
    assert_eq!(run.listening.voice.verbose, 2);
}

#[test]
fn each_command_is_read() {
    for line in [
        "run -",
        "run s -q",
        "run -v s --report -",
        "check s --var a=b",
        "plan s -o json --out plan.json --detailed-exitcode",
        "plan s -ojson -v --state /tmp/x.sqlite",
        "graph s --format mermaid",
        "explain s docker.io/library/nginx:1",
        "schema",
        "schema report",
        "plugin list",
        "plugin inspect transport-registry",
        "plugin inspect ./x.wasm --spec s",
        "plugin wit",
        "key generate --output-prefix keys/release --passphrase-file pass -q",
        "plugin new transport-x --language python --into y",
        "plugin build x -o y.wasm",
        "plugin call x.wasm --dir a=b list-tags c --http https://d",
        "plugin call x.wasm get-blob a sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 --raw",
        "plugin pull --spec s",
        "completion fish",
    ] {
        parsed(line);
    }
    let Command::Graph(graph) = parsed("graph s") else { panic!("not a graph") };
    assert_eq!(graph.format, GraphFormat::Dot);
}

#[test]
fn every_command_and_argument_has_help() {
    fn check(command: &clap::Command) {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments() {
            let id = argument.get_id();
            assert!(argument.get_help().is_some(), "{} {id}", command.get_name());
        }
        command.get_subcommands().for_each(check);
    }
    check(&Arguments::command());
}

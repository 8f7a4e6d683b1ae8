use super::*;
use crate::diagnostic::Origin;
use crate::diagnostic::{Code, Kind};

fn fault(place: &str) -> Fault {
    Fault::new(
        Code::new("graph::unknown-step", Kind::Other),
        Origin::Spec,
        "no step is called `alpin`",
    )
    .at(place)
}

#[test]
fn a_frame_stands_under_the_word_below_a_comment_that_is_not_ascii() {
    let text = "# größer → kleiner 🐳\nsinks:\n  mirror:\n    inputs: [ö, alpin]\n";
    let drawing = Drawing::new("sync.yaml", text, false);
    let fault = fault("sinks.mirror.inputs[1]").help("did you mean `alpine`?");
    let drawn = drawing.draw(&[fault]);
    let expected = "\
sync.yaml:4:17: no step is called `alpin` [graph::unknown-step]
   ╭─[sync.yaml:4:17]
 3 │   mirror:
 4 │     inputs: [ö, alpin]
   ·                 ─────
   ╰────
  help: did you mean `alpine`?
";
    assert_eq!(drawn, expected);
}

#[test]
fn several_stand_in_the_order_of_the_file() {
    let text = "a: 1\nb: {c: 2}\n";
    let drawn = Drawing::new("f", text, false).draw(&[
        fault("b.c"),
        fault("b"),
        fault("a"),
        Fault::new(Code::new("run::x", Kind::Other), Origin::Local, "no place"),
    ]);
    let lines: Vec<&str> = drawn.lines().filter(|line| line.starts_with('f')).collect();
    assert_eq!(lines[0], "f: no place [run::x]");
    assert!(lines[1].starts_with("f:1:4: ") && lines[2].starts_with("f:2:1: "), "{drawn}");
    assert!(lines[3].starts_with("f:2:8: "), "{drawn}");
}

#[test]
fn only_the_first_have_frames() {
    let faults = vec![fault("a"); MAX_FRAMES + 20];
    let drawn = Drawing::new("f", "a: 1\n", false).draw(&faults);
    assert_eq!(drawn.matches("f:1:4: ").count(), MAX_FRAMES + 20);
    assert_eq!(drawn.matches('╭').count(), MAX_FRAMES);
}

#[test]
fn a_missing_place_is_drawn_at_what_it_would_be_in() {
    let drawn =
        Drawing::new("f", "sinks:\n  m: {inputs: [a]}\n", false).draw(&[fault("sinks.m.to")]);
    assert!(drawn.starts_with("f:2:3: "), "{drawn}");
}

#[test]
fn colors_are_there_only_when_asked_for() {
    let draw = |color| Drawing::new("f", "a: 1\n", color).draw(&[fault("a")]);
    assert!(draw(true).contains('\u{1b}') && !draw(false).contains('\u{1b}'));
    assert!(draw(true).contains("│"));
}

#[test]
fn a_password_in_the_file_is_not_drawn() {
    let text = "registries:\n  r.example:\n    auth: {username: me, password: hünter2}\n";
    let place = "registries[\"r.example\"].auth.password";
    let drawn = Drawing::new("f", text, false).draw(&[fault(place)]);
    assert!(!drawn.contains("nter2"), "{drawn}");
    assert!(drawn.starts_with("f:3:36: "), "{drawn}");
}

#[test]
fn a_file_that_is_not_yaml_is_drawn_too() {
    let text = "a: [1,\nb: }\n";
    let fault = Tree::parse(text).unwrap_err();
    let drawn = Drawing::new("f", text, false).draw(&[fault]);
    assert!(drawn.starts_with("f:2:"), "{drawn}");
}

#[test]
fn without_a_text_a_fault_has_its_path_and_no_line() {
    let drawn = Drawing::without_text("<memory>").draw(&[
        fault("sinks.mirror.inputs[1]").help("did you mean `alpine`?"),
        Fault::new(Code::new("run::x", Kind::Other), Origin::Local, "no place"),
    ]);
    let expected = "\
<memory>: sinks.mirror.inputs[1]: no step is called `alpin` [graph::unknown-step]
  help: did you mean `alpine`?

<memory>: no place [run::x]
";
    assert_eq!(drawn, expected);
}

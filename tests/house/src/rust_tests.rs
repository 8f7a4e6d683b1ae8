use super::{Rust, Token};

fn words(text: &str) -> Vec<&str> {
    let rust = Rust::read(text);
    let words = rust.tokens().iter().filter_map(|(_, token)| match token {
        Token::Word(word) => Some(*word),
        _ => None,
    });
    words.collect()
}

#[test]
fn comments_strings_and_characters_hide_words() {
    assert_eq!(words("a // b\n/* c /* d */ e */ f"), ["a", "f"]);
    assert_eq!(words(r##"a "b \" c" r#"d " e"# f"##), ["a", "f"]);
    assert_eq!(words(r"a 'b' '\'' '\u{1F600}' c"), ["a", "c"]);
    assert_eq!(words("fn x<'a>(y: &'a str)"), ["fn", "x", "a", "y", "a", "str"]);
    assert_eq!(words("// ünïcode 'x \"\n a"), ["a"]);
}

#[test]
fn texts_and_lines_are_kept() {
    let rust = Rust::read("x\n\"one\ntwo\"\ncrate::y");
    let expected = [
        (1, Token::Word("x")),
        (2, Token::Text("one\ntwo")),
        (4, Token::Word("crate")),
        (4, Token::Path),
        (4, Token::Word("y")),
    ];
    assert_eq!(rust.tokens(), expected);
}

#[test]
fn items_under_cfg_test_can_be_left_out() {
    let text = "a #[cfg(test)] mod tests { fn b() {} } c #[cfg(test)] #[path = \"x\"] mod d; e";
    let rust = Rust::read(text).without_tests();
    let kept: Vec<_> = rust.tokens().iter().map(|(_, token)| *token).collect();
    assert_eq!(kept, [Token::Word("a"), Token::Word("c"), Token::Word("e")]);
}

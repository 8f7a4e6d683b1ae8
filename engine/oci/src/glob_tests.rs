use super::*;

fn fault(text: &str) -> Option<GlobFault> {
    Glob::try_from(text.to_owned()).err()
}

#[track_caller]
fn fits(glob: &str, name: &str) -> bool {
    Glob::try_from(glob.to_owned()).unwrap().matches(name)
}

#[test]
fn a_star_is_one_segment_and_two_are_any() {
    for (glob, name, expected) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("prometheus/*", "prometheus/node-exporter", true),
        ("prometheus/*", "prometheus/a/b", false),
        ("prometheus/*", "xprometheus/a", false),
        ("prometheus/**", "prometheus/a/b", true),
        ("prometheus/**", "prometheus", false),
        ("docker.io/library/*:latest", "docker.io/library/nginx:latest", true),
        ("docker.io/library/*:latest", "docker.io/library/a/b:latest", false),
        ("quay.io/p/**", "quay.io/p/a/b:1", true),
        ("quay.io/p/**", "quay.io/p/", true),
        ("**", "", true),
        ("**", "a/b/c", true),
        ("*", "a/b", false),
        ("a/**/z", "a/z", true),
        ("a/**/z", "a/b/c/z", true),
        ("a/**/z", "a/bz", false),
        ("**/z", "z", true),
        ("**/z", "az", false),
        ("**/*:latest", "docker.io/library/a:latest", true),
        ("**/*a*b", "xa/ab/aab", true),
        ("*-nightly", "x-nightly", true),
        ("*-rc*", "v1-rc-2", true),
        ("*a*b", "aab", true),
        ("a*c", "abd", false),
    ] {
        assert_eq!(fits(glob, name), expected, "{glob} {name}");
    }
}

#[test]
fn other_signs() {
    for (glob, name, expected) in [
        ("v?", "v1", true),
        ("v?", "v", false),
        ("v?", "v/", false),
        ("[0-9].[0-9]*", "3.20", true),
        ("[0-9]", "x", false),
        ("[!0-9]", "x", true),
        ("[!0-9]", "/", false),
        ("lib{rary,x}/a*", "library/alpine", true),
        ("lib{rary,x}/a*", "libx/a", true),
        ("lib{rary,x}/a*", "lib/a", false),
        ("x{,-slim}", "x", true),
        (r"a\*", "a*", true),
        (r"a\*", "ab", false),
        ("[!x]", "!", true),
        (r"\!a", "!a", true),
    ] {
        assert_eq!(fits(glob, name), expected, "{glob} {name}");
    }
}

#[test]
fn what_would_match_less_or_more_than_it_says_is_refused() {
    for text in ["a**", "**a", "a/b**/c", "***", "{a,**}", "a/**:latest"] {
        assert_eq!(fault(text), Some(GlobFault::PartOfASegment), "{text}");
    }
    assert_eq!(fault("!a"), Some(GlobFault::Negated));
    assert_eq!(fault(""), Some(GlobFault::Empty));
    for text in ["[", "{a", r"a\", "[]", "{{a}"] {
        assert!(matches!(fault(text), Some(GlobFault::Malformed(_))), "{text}");
    }
}

#[test]
fn agrees_with_trying_everything() {
    fn slow(glob: &[u8], text: &[u8]) -> bool {
        match glob {
            [] => text.is_empty(),
            [b'*', b'*', b'/', rest @ ..] => {
                slow(rest, text)
                    || (0..text.len()).any(|at| text[at] == b'/' && slow(rest, &text[at + 1..]))
            }
            [b'*', b'*'] => true,
            [b'*', rest @ ..] => (0..=text.len())
                .take_while(|taken| !text[..*taken].contains(&b'/'))
                .any(|taken| slow(rest, &text[taken..])),
            [byte, rest @ ..] => text.first() == Some(byte) && slow(rest, &text[1..]),
        }
    }
    let mut seed = 7_u32;
    let mut letter = |letters: &[u8]| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letters[(seed >> 16) as usize % letters.len()]
    };
    let mut compared = 0;
    for _ in 0..60_000 {
        let glob: Vec<u8> = (0..7).map(|_| letter(b"ab**//")).collect();
        let name: Vec<u8> = (0..7).map(|_| letter(b"aab/")).collect();
        let (glob, name) = (String::from_utf8(glob).unwrap(), String::from_utf8(name).unwrap());
        let Ok(made) = Glob::try_from(glob.clone()) else { continue };
        compared += 1;
        assert_eq!(made.matches(&name), slow(glob.as_bytes(), name.as_bytes()), "{glob} {name}");
    }
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn a_glob_made_to_be_slow_is_not() {
    assert!(!fits(&"*a".repeat(64), &format!("{}b", "a".repeat(4 * 1024))));
    assert!(!fits("**/a*b", &"a".repeat(4 * 1024)));
    assert_eq!(fault(&"{a*,a*}".repeat(7)), Some(GlobFault::TooManyCombinations));
    assert_eq!(fault(&format!("{{{}}}", "a*,".repeat(64))), Some(GlobFault::TooManyCombinations));
    let most = format!("{}x", "{a*,a*}".repeat(6));
    let started = std::time::Instant::now();
    assert!(!fits(&most, &"a".repeat(256)));
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    assert_eq!(fault(&"a".repeat(MAX_BYTES + 1)), Some(GlobFault::TooLong));
}

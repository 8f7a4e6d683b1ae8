//! The interface that plugins speak, as text.

/// The files of the interface; the first names the package.
const FILES: [&str; 18] = [
    include_str!("../../../wit/types.wit"),
    include_str!("../../../wit/body.wit"),
    include_str!("../../../wit/http.wit"),
    include_str!("../../../wit/fs.wit"),
    include_str!("../../../wit/notes.wit"),
    include_str!("../../../wit/log.wit"),
    include_str!("../../../wit/clock.wit"),
    include_str!("../../../wit/random.wit"),
    include_str!("../../../wit/judgement.wit"),
    include_str!("../../../wit/keys.wit"),
    include_str!("../../../wit/image.wit"),
    include_str!("../../../wit/material.wit"),
    include_str!("../../../wit/transport.wit"),
    include_str!("../../../wit/signer.wit"),
    include_str!("../../../wit/policy.wit"),
    include_str!("../../../wit/filter.wit"),
    include_str!("../../../wit/transform.wit"),
    include_str!("../../../wit/worlds.wit"),
];

/// All of the interface as one WIT document.
pub fn interface() -> String {
    FILES.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_is_whole_and_names_its_package_once() {
        let all = interface();
        assert_eq!(all.lines().filter(|line| line.starts_with("package ")).count(), 1);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "wit") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(FILES.contains(&text.as_str()), "{} is not printed", path.display());
            }
        }
    }
}

use super::*;
use crate::fs::Directory;
use crate::{Digest, Sink, http};

fn all(source: &Source) -> Result<Vec<u8>, Fault> {
    source.read_all(100)
}

#[test]
fn sources_are_cut_joined_and_verified() {
    let parts = vec![Source::from_bytes(b"abc").take(2), unsized_source(b"xyz")];
    let joined = Source::concat(parts);
    assert_eq!(joined.read(3).unwrap().unwrap(), b"abx");
    assert_eq!(all(&joined).unwrap(), b"yz");
    assert_eq!(joined.read(1).unwrap(), None);
    let verified = |size| Source::from_bytes(b"x").verify(&Digest::of(b"x"), Some(size)).unwrap();
    assert_eq!(all(&verified(1)).unwrap(), b"x");
    assert_eq!(all(&verified(2)).unwrap_err().code, "io");
    assert_eq!(Source::from_bytes(b"abc").read_all(2).unwrap_err().code, "invalid");
    let cut = broken(b"ab", Fault::io("gone"));
    assert_eq!((cut.size(), cut.read(9).unwrap().unwrap()), (None, b"ab".to_vec()));
    assert_eq!(cut.read(9).unwrap_err().message, "gone");
    assert_eq!(all(&broken(b"abc", Fault::io("gone")).take(2)).unwrap(), b"ab", "never reached");
}

#[test]
fn files_are_seen_when_they_are_committed() {
    let root = Directory::ROOT;
    assert_eq!(root.create("a/b").err().unwrap().code, "not-found", "no such directory");
    root.mkdir("a/c").unwrap();
    let sink: Sink = root.create("a/b").unwrap();
    sink.write(b"1").unwrap();
    assert_eq!(sink.splice(Source::from_bytes(b"23")).unwrap(), 2);
    assert_eq!((sink.position(), root.stat("a/b").unwrap()), (3, None));
    sink.commit().unwrap();
    assert_eq!(root.stat("a/b").unwrap().unwrap().size, 3);
    assert_eq!(all(&root.read("a/b", 1).unwrap()).unwrap(), b"23");
    let names: Vec<_> = root.list("a").unwrap().into_iter().map(|e| (e.name, e.kind)).collect();
    assert_eq!(names, [("b".to_owned(), Kind::File), ("c".to_owned(), Kind::Directory)]);
    root.link("a/b", "d").unwrap();
    assert_eq!(root.link("a/b", "d").unwrap_err().code, "conflict");
    root.rename("d", "e").unwrap();
    root.remove("a").unwrap();
    assert_eq!(with(|outside| outside.paths().join(" ")), "e");
    assert_eq!(root.read_small("a/b", 9).unwrap(), None);
    assert_eq!(root.read_small("e", 2).unwrap_err().code, "invalid");
    assert!(root.lock("lock", 0).is_ok() && root.lock_shared("lock", 0).is_ok());
}

#[test]
fn requests_are_answered_by_the_test() {
    let last = || http::Request::new("GET", "https://r");
    let send = || http::Request::new("PUT", "https://r/x").body(Source::from_bytes(b"1")).send();
    assert_eq!(send().err().unwrap().code, "unreachable");
    serve(|asked| {
        assert_eq!(asked.header("x-y"), None);
        Answer::status(201).header("etag", "7").body(asked.body.unwrap().unwrap())
    });
    let answer = send().unwrap();
    assert!(answer.is_success());
    assert_eq!((answer.header("etag"), all(&answer.body).unwrap()), (Some("7"), b"1".to_vec()));
    let cut = http::Request::new("PUT", "https://r/x").body(broken(b"1", Fault::io("gone")));
    serve(|asked| {
        assert!(asked.body.unwrap().is_err());
        Answer::status(200)
    });
    assert_eq!(cut.send().err().unwrap().message, "gone", "the sender's fault comes back");
    serve(|_| Answer::status(200));
    assert_eq!(http::send_many(vec![last(), last()]).len(), 2);
}

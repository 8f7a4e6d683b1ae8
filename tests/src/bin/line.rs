//! A slow line before a server, as a process of its own.
//!
//! `line ADDRESS MILLISECONDS` prints its own address as the first line of stdout and runs until
//! its stdin ends.

use engine_tests::fault::Line;
use std::io::Read;
use std::time::Duration;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, milliseconds] = words.as_slice() else {
        panic!("usage: line ADDRESS MILLISECONDS");
    };
    let address = address.parse().expect("an address such as 127.0.0.1:5000");
    let milliseconds = milliseconds.parse().expect("a number of milliseconds");
    let line = Line::start(address, Duration::from_millis(milliseconds));
    println!("{}", line.address());
    std::io::stdin().read_to_end(&mut Vec::new()).expect("stdin can be waited for");
}

//! The command line as people and programs meet it: whole outputs, exit codes, documents.

mod documents;
mod faulty;
mod mistakes;
mod secrets;
mod small;
mod streams;

//! The world itself, tested: who tests with a broken registry proves nothing.

mod audit;
mod composed;
mod faults;
mod images;
mod reading;
mod registry;
mod registry_access;
mod world;

//! The world itself, tested: who tests with a broken registry proves nothing.

mod audit;
mod images;
mod reading;
mod registry;
mod registry_access;

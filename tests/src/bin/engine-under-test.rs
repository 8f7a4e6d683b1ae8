//! The engine, built by the tests' package so that they know where it is.

fn main() -> std::process::ExitCode {
    engine::cli::main()
}

//! The program; all of it stands in the library.

fn main() -> std::process::ExitCode {
    engine::cli::main()
}

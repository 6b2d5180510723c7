//! `streamsphere`: the server and its commands.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before any thread and any runtime: the helper confines itself and becomes ffmpeg.
    let mut arguments = std::env::args_os().skip(1);
    if arguments
        .next()
        .is_some_and(|word| word == media::exec::EXEC_WORD)
    {
        return ExitCode::from(u8::try_from(media::exec::exec_main(arguments)).unwrap_or(1));
    }
    streamsphere::cli::run()
}

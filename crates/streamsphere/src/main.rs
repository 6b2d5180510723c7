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
    give_memory_back();
    streamsphere::cli::run()
}

/// Lets the allocator return freed memory at once. By default it waits for later calls, which do not come where a
/// password's 19 MiB or a picture were the last thing for a while: some 45 MiB stayed. It cost no measurable time.
/// The allocator reads this from its environment only, before anything of ours runs; so the server starts itself
/// once more. Where that fails, it keeps more memory.
fn give_memory_back() {
    const DELAY: &str = "MIMALLOC_PURGE_DELAY";
    if std::env::var_os(DELAY).is_none() && std::env::args_os().any(|word| word == "serve") {
        let _ = media::runner::restart_with(DELAY, "0");
    }
}

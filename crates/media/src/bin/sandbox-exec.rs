//! Carries the sandbox helper for this crate's tests, as the server's binary does in earnest.

fn main() {
    let mut args = std::env::args_os().skip(1);
    let word = args.next();
    let code = if word.as_deref() == Some(streamsphere_media::exec::EXEC_WORD.as_ref()) {
        streamsphere_media::exec::exec_main(args)
    } else {
        2
    };
    std::process::exit(code);
}

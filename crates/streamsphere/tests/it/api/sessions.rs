//! Sign-ins, tokens and their ends.

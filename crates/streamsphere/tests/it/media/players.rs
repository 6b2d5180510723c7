//! Real players read to the end.

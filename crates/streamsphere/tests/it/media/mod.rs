//! What players are sent, and what hostile files get.

mod browser;
mod delivery;
mod extras;
mod hostile;
mod matrix;
mod players;
mod standing;

//! The service: what it reads and writes, and what it does with those it talks to.

mod demo;
mod finaliser;
mod recording_host;

//! The service: what it reads and writes, and the program over real HTTP.

mod api;
mod hostile;
mod page;
mod proxy;
mod serving;
mod startup;
mod webhooks;

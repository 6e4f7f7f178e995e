//! The library half of the service: what it reads and writes.

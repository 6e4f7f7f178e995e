//! Settings in a file `.env`.

use super::error::ConnectError;

/// Adds the settings in `.env`, here or in a folder above, to those in the environment, which win.
pub fn read_env_file() -> Result<(), ConnectError> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        Err(_) => Err(ConnectError::EnvFile),
    }
}

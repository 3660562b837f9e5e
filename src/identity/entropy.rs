//! The system's randomness. The only file that may ask for it.

use rand::TryRng;
use rand::rngs::SysRng;

use super::token::{Entropy, NoEntropy};

/// Bytes from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        SysRng.try_fill_bytes(bytes).map_err(|_| NoEntropy)
    }
}

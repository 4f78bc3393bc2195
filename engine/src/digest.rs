//! Digests, by the crate that the compiler uses: the library then needs no libcrypto.

use crate::ffi::*;
use sha2::{Digest, Sha256};

/// # Safety
/// `parts` must point to `count` slices, and `digest` to 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_sha256(
    parts: *const tnengine_slice_t<'_>,
    count: usize,
    digest: &mut [u8; 32],
) {
    let mut state = Sha256::new();
    // SAFETY: as for the function.
    for part in unsafe { list_of(parts, count) } {
        state.update(part.bytes());
    }
    *digest = state.finalize().into();
}

//! Where memory comes from. A page is thousands of small pieces that live for a millisecond; the system's own allocator
//! took a quarter of the time that went into one.

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

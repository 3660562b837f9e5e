//! The limits of the language, so that no text can make a reader slow or deep.

/// A program longer than this was not written by hand.
pub const SOURCE_BYTES_MAX: usize = 256 * 1024;
/// Every nesting level costs stack in the parser; people stop at ten.
pub const NESTING_MAX: u32 = 128;
/// Trees are walked recursively. `a - b - c` is as high as it is long; `+`, `&&` and `||` chains are kept low.
pub const HEIGHT_MAX: u32 = 240;
/// Distinct names in one program.
pub const NAMES_MAX: usize = 1_000;
/// Conditions in one program: guards, equations and claims together.
pub const CONDITIONS_MAX: usize = 2_000;
/// Digits of one number, on both sides of the point together.
pub const DIGITS_MAX: usize = 400;
/// Letters of one name with its members, counted in bytes.
pub const NAME_BYTES_MAX: usize = 200;
/// `x ** n` is written out for the solver, so `n` stays small where `x` is a name.
pub const EXPONENT_MAX: u32 = 64;
/// Exponent of a constant: `2 ** 256` is common, `2 ** 99999` is an attack.
pub const CONSTANT_EXPONENT_MAX: u32 = 4_096;
/// An exponent is a number, or a sum or product of a few: `2 ** (3 * 8)`.
pub const SMALL_CONSTANT_NODES_MAX: u32 = 16;
/// Exact values may grow to this size while computing, and no further.
pub const VALUE_BITS_MAX: u64 = 1 << 16;
/// What computing a whole program may cost, in steps of one machine word: a fraction of a second.
pub const STEPS_MAX: u64 = 20_000_000;
/// After this many mistakes the rest is noise.
pub const DIAGNOSTICS_MAX: usize = 20;
/// Intents in one `atomic_batch`.
pub const INTENTS_MAX: usize = 100;

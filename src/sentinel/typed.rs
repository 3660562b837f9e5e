//! Metrics as people type them, one a line: `reserves: 900 to 1100, window 120, sensitivity 8`.

use std::fmt;

use super::rules::{Metric, SENSITIVITY_DEFAULT, WINDOW_DEFAULT};
use crate::language::Decimal;

const HOW: &str = "write a name, or a name and what follows, such as reserves: 900 to 1100, window 120, sensitivity 8";

impl Metric {
    /// Reads a line. Of the ends one may be left out; what is not said is as usual. Whether the numbers can be taken is
    /// looked at with the other rules.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn typed(line: &str) -> Result<Self, String> {
        let (name, rest) = line.split_once(':').unwrap_or((line, ""));
        let mut metric = Self::named(name.trim());
        for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            // Room around it, so that an end may be left out: `to 1100`.
            let ends = format!(" {part} ");
            if let Some((low, high)) = ends.split_once(" to ") {
                (metric.low, metric.high) = (end(low)?, end(high)?);
            } else if let Some(window) = part.strip_prefix("window ") {
                metric.window = window.trim().parse().map_err(|_| "a window is a whole number from 10 to 500")?;
            } else if let Some(sensitivity) = part.strip_prefix("sensitivity ") {
                let read = sensitivity.trim().parse();
                metric.sensitivity = read.map_err(|_| "a sensitivity is a whole number from 1 to 1,000")?;
            } else {
                return Err(HOW.to_owned());
            }
        }
        if metric.name.is_empty() { Err(HOW.to_owned()) } else { Ok(metric) }
    }
}

fn end(text: &str) -> Result<Option<Decimal>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| format!("{text}: {error}"))
}

impl fmt::Display for Metric {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        match (&self.low, &self.high) {
            (Some(low), Some(high)) => parts.push(format!("{low} to {high}")),
            (Some(low), None) => parts.push(format!("{low} to")),
            (None, Some(high)) => parts.push(format!("to {high}")),
            (None, None) => {}
        }
        if self.window != WINDOW_DEFAULT {
            parts.push(format!("window {}", self.window));
        }
        if self.sensitivity != SENSITIVITY_DEFAULT {
            parts.push(format!("sensitivity {}", self.sensitivity));
        }
        if parts.is_empty() { f.write_str(&self.name) } else { write!(f, "{}: {}", self.name, parts.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_reads_back_and_what_is_not_said_is_as_usual() {
        let lines = [
            "reserves",
            "reserves: 900 to 1100",
            "reserves: -0.5 to",
            "reserves: to 1100, window 120",
            "pool.reserves: 900 to 1100, window 120, sensitivity 8",
        ];
        for line in lines {
            let metric = Metric::typed(line).expect(line);
            assert_eq!(metric.to_string(), line);
        }
        let metric = Metric::typed("x :  window 20 ,to 7").expect("with room");
        assert_eq!(metric, Metric { window: 20, high: "7".parse().ok(), ..Metric::named("x") });
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (line, word) in [
            ("x: about 5", "write a name"),
            (": 1 to 2", "write a name"),
            ("x: 1 to many", "many: write a decimal"),
            ("x: window soon", "10 to 500"),
            ("x: sensitivity -1", "1 to 1,000"),
        ] {
            let told = Metric::typed(line).expect_err(line);
            assert!(told.contains(word), "{line}: {told}");
        }
    }
}

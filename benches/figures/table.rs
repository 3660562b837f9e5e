//! Collects the figures and prints them with their medians and ratios.

pub struct Table {
    rows: Vec<String>,
    notes: Vec<String>,
}

impl Table {
    pub fn new() -> Self {
        let rows = vec![
            "| figure | what | baseline | ours | ratio | goal |".into(),
            "| --- | --- | ---: | ---: | ---: | --- |".into(),
        ];
        Self { rows, notes: Vec::new() }
    }

    /// A row of requests per second: (hello, subject) a round.
    pub fn rate(&mut self, figure: &str, what: &str, goal: &str, rounds: Vec<(u64, u64)>) {
        self.row(figure, what, goal, rounds, "/s");
    }

    /// A row of latencies in microseconds: (baseline, subject) a round.
    pub fn latency(&mut self, figure: &str, what: &str, goal: &str, rounds: Vec<(u64, u64)>) {
        self.row(figure, what, goal, rounds, " µs");
    }

    /// A line under the table.
    pub fn note(&mut self, line: &str) {
        self.notes.push(line.to_owned());
    }

    /// A line under the table: the ratio of two subjects, (first, second) a round, and what it should be.
    pub fn compare(&mut self, what: &str, goal: &str, rounds: &[(u64, u64)]) {
        let (first, second, ratio) = medians(rounds);
        self.note(&format!("{what}: {second}/s of {first}/s, {ratio}, goal {goal}"));
    }

    fn row(&mut self, figure: &str, what: &str, goal: &str, rounds: Vec<(u64, u64)>, unit: &str) {
        let (baseline, ours, ratio) = medians(&rounds);
        self.rows.push(format!("| {figure} | {what} | {baseline}{unit} | {ours}{unit} | {ratio} | {goal} |"));
        eprintln!("{figure}: {rounds:?}");
    }

    pub fn print(&self) {
        for line in self.rows.iter().chain(&self.notes) {
            println!("{line}");
        }
    }
}

/// The medians of both sides, and their ratio with two decimals.
fn medians(rounds: &[(u64, u64)]) -> (u64, u64, String) {
    let baseline = median(rounds.iter().map(|round| round.0).collect());
    let ours = median(rounds.iter().map(|round| round.1).collect());
    let hundredths = ours.saturating_mul(100) / baseline.max(1);
    (baseline, ours, format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

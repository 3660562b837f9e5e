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

    fn row(&mut self, figure: &str, what: &str, goal: &str, rounds: Vec<(u64, u64)>, unit: &str) {
        let baseline = median(rounds.iter().map(|round| round.0).collect());
        let ours = median(rounds.iter().map(|round| round.1).collect());
        let hundredths = ours.saturating_mul(100) / baseline.max(1);
        let ratio = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        self.rows.push(format!("| {figure} | {what} | {baseline}{unit} | {ours}{unit} | {ratio} | {goal} |"));
        eprintln!("{figure}: {rounds:?}");
    }

    pub fn print(&self) {
        for line in self.rows.iter().chain(&self.notes) {
            println!("{line}");
        }
    }
}

fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

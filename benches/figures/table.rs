//! Collects the figures and prints each with its method, its baseline, its goal, and whether the goal is met.

/// What a figure should be: a ratio in hundredths, or a value in the row's own unit.
#[derive(Clone, Copy)]
pub enum Goal {
    /// Ours over the baseline, or the value, is at least this.
    AtLeast(u64),
    /// Ours over the baseline, or the value, is at most this.
    AtMost(u64),
    /// The baseline over ours, both times, is at least this.
    Faster(u64),
}

/// The part of a row that is known before anything is measured.
pub struct Line<'a> {
    pub figure: &'a str,
    /// What is done and how, in a sentence.
    pub method: &'a str,
    /// What stands behind a number, with its space.
    pub unit: &'a str,
    pub goal: Goal,
}

#[derive(Default)]
pub struct Table {
    rows: Vec<String>,
    notes: Vec<String>,
}

impl Table {
    /// Baseline and subject, (baseline, ours) a round: their medians and the ratio of these.
    pub fn ratio(&mut self, line: &Line<'_>, rounds: &[(u64, u64)]) {
        eprintln!("{}: {rounds:?}", line.figure);
        let baseline = median(rounds.iter().map(|round| round.0).collect());
        let ours = median(rounds.iter().map(|round| round.1).collect());
        let (ratio, met, goal) = match line.goal {
            Goal::AtLeast(least) => (hundredths(ours, baseline), ours * 100 >= least * baseline, ("≥", least)),
            Goal::AtMost(most) => (hundredths(ours, baseline), ours * 100 <= most * baseline, ("≤", most)),
            Goal::Faster(least) => (hundredths(baseline, ours), baseline * 100 >= least * ours, ("≥", least)),
        };
        let times = if matches!(line.goal, Goal::Faster(_)) { "as fast" } else { "×" };
        let goal = format!("{} {} {times}", goal.0, decimal(goal.1));
        let cell = |number| format!("{}{}", grouped(number), line.unit);
        self.row(line, &cell(baseline), &cell(ours), &decimal(ratio), &goal, met);
    }

    /// What is measured by itself: the median of the rounds.
    pub fn value(&mut self, line: &Line<'_>, rounds: &[u64]) {
        eprintln!("{}: {rounds:?}", line.figure);
        let ours = median(rounds.to_vec());
        let (met, sign, bound) = match line.goal {
            Goal::AtLeast(least) | Goal::Faster(least) => (ours >= least, "≥", least),
            Goal::AtMost(most) => (ours <= most, "≤", most),
        };
        let goal = format!("{sign} {}{}", grouped(bound), line.unit);
        self.row(line, "", &format!("{}{}", grouped(ours), line.unit), "", &goal, met);
    }

    /// A figure that cannot be had here, and what is missing.
    pub fn not_measured(&mut self, figure: &str, method: &str, why: &str) {
        eprintln!("{figure}: not measured: {why}");
        self.rows.push(format!("| {figure} | {method} | | | | | not measured: {why} |"));
    }

    /// A line under the table.
    pub fn note(&mut self, line: String) {
        eprintln!("{line}");
        self.notes.push(line);
    }

    fn row(&mut self, line: &Line<'_>, baseline: &str, ours: &str, ratio: &str, goal: &str, met: bool) {
        let (figure, method) = (line.figure, line.method);
        let met = if met { "met" } else { "**not met**" };
        self.rows.push(format!("| {figure} | {method} | {baseline} | {ours} | {ratio} | {goal} | {met} |"));
    }

    pub fn print(&self) {
        println!("| figure | what, and how | baseline | ours | ratio | goal | |");
        println!("| --- | --- | ---: | ---: | ---: | --- | --- |");
        self.rows.iter().for_each(|row| println!("{row}"));
        println!();
        self.notes.iter().for_each(|note| println!("- {note}"));
    }
}

pub fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or(0)
}

fn hundredths(above: u64, below: u64) -> u64 {
    above.saturating_mul(100) / below.max(1)
}

/// Hundredths as people write them, whole where they are many.
fn decimal(hundredths: u64) -> String {
    match hundredths {
        0..10_000 => format!("{}.{:02}", hundredths / 100, hundredths % 100),
        _ => grouped(hundredths / 100),
    }
}

/// With a comma before every third digit.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

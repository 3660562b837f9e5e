//! Worked questions: each with what the Oracle must answer. The tests hold it to them.

/// A worked question.
#[derive(Clone, Copy, Debug)]
pub struct OracleExample {
    /// Stands in addresses.
    pub slug: &'static str,
    /// For lists.
    pub title: &'static str,
    pub law: &'static str,
    /// One a line.
    pub assumptions: &'static str,
    pub transitions: &'static str,
    /// A table.
    pub observations: &'static str,
    /// How often the law is true.
    pub verdict: &'static str,
    /// What the transitions keep, if that was asked.
    pub kept: &'static [&'static str],
}

/// The worked questions.
#[must_use]
pub fn oracle_examples() -> &'static [OracleExample] {
    &EXAMPLES
}

const NOTHING: OracleExample = OracleExample {
    slug: "",
    title: "",
    law: "",
    assumptions: "",
    transitions: "",
    observations: "",
    verdict: "answered",
    kept: &[],
};

const EXAMPLES: [OracleExample; 8] = [
    OracleExample {
        slug: "fixed-sum",
        title: "Two shares of a hundred",
        law: "x + y == 100",
        assumptions: "x >= 0\ny >= 0",
        verdict: "sometimes",
        ..NOTHING
    },
    OracleExample {
        slug: "square",
        title: "A square is never negative",
        law: "x * x >= 0",
        verdict: "always",
        ..NOTHING
    },
    OracleExample {
        slug: "impossible",
        title: "A balance that cannot be",
        law: "balance == spent + left && left > balance",
        assumptions: "spent >= 0",
        verdict: "never",
        ..NOTHING
    },
    OracleExample {
        slug: "contradiction",
        title: "Assumptions that contradict each other",
        law: "rate <= 1",
        assumptions: "rate > 2\nrate < 1",
        verdict: "vacuous",
        ..NOTHING
    },
    OracleExample {
        slug: "interest",
        title: "How high can the rate be?",
        law: "principal * rate <= 300",
        assumptions: "principal == 4000\nrate >= 0.01",
        verdict: "sometimes",
        ..NOTHING
    },
    OracleExample {
        slug: "exchange",
        title: "What do deposits, trades and fees keep?",
        transitions: "atomic_batch exchange {\n  intent deposit(n: Int) { verify { cash == old_cash + n; owed == old_owed + n; keep shares, fees; } }\n  intent trade(n: Int) { verify { cash == old_cash - 2 * n; shares == old_shares + n; keep owed, fees; } }\n  intent fee(n: Int) { verify { cash == old_cash - n; fees == old_fees + n; keep owed, shares; } }\n}",
        kept: &["cash - owed + 2 * shares + fees"],
        ..NOTHING
    },
    OracleExample {
        slug: "reservoir",
        title: "Readings of a reservoir: where is the leak?",
        law: "level == inflow - outflow",
        observations: "level,inflow,outflow\n10,30,20\n10,31,21\n9.5,32,22\n9,33,23\n",
        verdict: "sometimes",
        ..NOTHING
    },
    OracleExample {
        slug: "pool",
        title: "A constant product keeps no sum",
        law: "a * b == 10000 && a + b == 200",
        assumptions: "a > 0\nb > 0",
        transitions: "intent swap(n: Int) { verify { a == old_a + n; b == old_a * old_b / (old_a + n); } }",
        verdict: "sometimes",
        kept: &[],
        ..NOTHING
    },
];

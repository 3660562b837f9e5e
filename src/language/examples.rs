//! Worked examples, each with the verdict it gets: shown on the Judge page and run as tests.

/// A program to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    pub slug: &'static str,
    pub title: &'static str,
    pub source: &'static str,
    /// The `type` of the request that asks the example's question.
    pub question: &'static str,
    /// The verdict, as the API spells it.
    pub verdict: &'static str,
}

/// The examples, the simplest reading first.
pub fn examples() -> &'static [Example] {
    &[
        Example {
            slug: "transfer",
            title: "A transfer that keeps its promises",
            source: include_str!("examples/transfer.ae"),
            question: "validity",
            verdict: "proved",
        },
        Example {
            slug: "transfer-strict",
            title: "A transfer that promises too much",
            source: include_str!("examples/transfer-strict.ae"),
            question: "validity",
            verdict: "refuted",
        },
        Example {
            slug: "lost-fee",
            title: "A fee that reaches nobody",
            source: include_str!("examples/lost-fee.ae"),
            question: "validity",
            verdict: "not_conserved",
        },
        Example {
            slug: "settlement",
            title: "Two intents, together or not at all",
            source: include_str!("examples/settlement.ae"),
            question: "validity",
            verdict: "proved",
        },
        Example {
            slug: "interest",
            title: "Interest at a secret rate",
            source: include_str!("examples/interest.ae"),
            question: "validity",
            verdict: "proved",
        },
        Example {
            slug: "deposit-overflow",
            title: "A deposit into a full account",
            source: include_str!("examples/deposit-overflow.ae"),
            question: "validity",
            verdict: "overflow",
        },
        Example {
            slug: "contradiction",
            title: "Guards that contradict each other",
            source: include_str!("examples/contradiction.ae"),
            question: "validity",
            verdict: "vacuous",
        },
        Example {
            slug: "law",
            title: "A law of two amounts",
            source: include_str!("examples/law.ae"),
            question: "conservation",
            verdict: "satisfiable",
        },
    ]
}

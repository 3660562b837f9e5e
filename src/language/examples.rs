//! Worked examples, each with the verdict it gets: shown on the Judge page and run as tests.

/// A program to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    pub slug: &'static str,
    pub title: &'static str,
    /// What it is about: one of [`AREAS`].
    pub area: &'static str,
    pub source: &'static str,
    /// The `type` of the request that asks the example's question.
    pub question: &'static str,
    /// The verdict, as the API spells it.
    pub verdict: &'static str,
}

/// What the examples are about, as they are listed.
pub const AREAS: [&str; 6] = ["Banking", "DeFi", "Payroll", "Insurance", "Conservation", "State machines"];

macro_rules! example {
    ($slug:literal, $title:literal, $area:literal, $question:literal, $verdict:literal) => {
        Example {
            slug: $slug,
            title: $title,
            area: $area,
            source: include_str!(concat!("examples/", $slug, ".ae")),
            question: $question,
            verdict: $verdict,
        }
    };
}

static EXAMPLES: &[Example] = &[
    example!("transfer", "A transfer that keeps its promises", "Banking", "validity", "proved"),
    example!("transfer-strict", "A transfer that promises too much", "Banking", "validity", "refuted"),
    example!("lost-fee", "A fee that reaches nobody", "Banking", "validity", "not_conserved"),
    example!("settlement", "Two intents, together or not at all", "Banking", "validity", "proved"),
    example!("interest", "Interest at a secret rate", "Banking", "validity", "proved"),
    example!("deposit-overflow", "A deposit into a full account", "Banking", "validity", "overflow"),
    example!("contradiction", "Guards that contradict each other", "Conservation", "validity", "vacuous"),
    example!("law", "A law of two amounts", "Conservation", "conservation", "satisfiable"),
    example!("repayment", "A loan paid back in parts", "Banking", "validity", "proved"),
    example!("overdraft", "An overdraft nobody meant", "Banking", "validity", "refuted"),
    example!("swap", "A swap that keeps the product", "DeFi", "validity", "proved"),
    example!("loan-to-value", "A loan below its collateral", "DeFi", "validity", "proved"),
    example!("vault", "A vault with one share too many", "DeFi", "validity", "refuted"),
    example!("flash-loan", "A loan within one batch", "DeFi", "validity", "proved"),
    example!("salary", "Gross, net and tax", "Payroll", "validity", "proved"),
    example!("bonus", "A bonus that loses a cent", "Payroll", "validity", "not_conserved"),
    example!("overtime", "Overtime for secret hours", "Payroll", "validity", "proved"),
    example!("royalties", "Exact shares of a revenue", "Payroll", "validity", "proved"),
    example!("claim", "A claim with a deductible and a cap", "Insurance", "validity", "proved"),
    example!("reserve", "A claim above the reserve", "Insurance", "validity", "refuted"),
    example!("premium", "A tariff for nobody", "Insurance", "validity", "vacuous"),
    example!("warehouse", "Goods between two warehouses", "Conservation", "conservation", "proved"),
    example!("breakage", "Goods that break on the way", "Conservation", "conservation", "not_conserved"),
    example!("broken-law", "A law that cannot hold", "Conservation", "conservation", "refuted"),
    example!("household", "A month that works out", "Conservation", "satisfiable", "satisfiable"),
    example!("order", "An order from paid to shipped", "State machines", "validity", "proved"),
    example!("escrow", "An escrow that only goes forward", "State machines", "validity", "proved"),
    example!("junction", "A junction with two green lights", "State machines", "validity", "refuted"),
];

/// The examples, the simplest reading first.
pub fn examples() -> &'static [Example] {
    EXAMPLES
}

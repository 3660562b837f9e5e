//! Worked batches: each with what it must come to. The tests hold them to it.

/// A worked batch.
#[derive(Clone, Copy, Debug)]
pub struct BatchExample {
    /// Stands in addresses.
    pub slug: &'static str,
    /// For lists.
    pub title: &'static str,
    /// `account,asset,amount`.
    pub balances: &'static str,
    /// `id,from,to,asset,amount,guard`.
    pub transactions: &'static str,
    /// Whether one refused transaction undoes all.
    pub atomic: bool,
    /// What it comes to.
    pub verdict: &'static str,
    /// In how many layers it runs.
    pub depth: usize,
}

/// The worked batches.
#[must_use]
pub fn batch_examples() -> &'static [BatchExample] {
    &EXAMPLES
}

const EXAMPLES: [BatchExample; 5] = [
    BatchExample {
        slug: "payroll",
        title: "A payroll run: one payer, many payees",
        balances: "account,asset,amount\ncompany,EUR,10000\n",
        transactions: "id,from,to,asset,amount,guard\n\
            salary-ada,company,ada,EUR,3200.00,from_balance >= amount\n\
            salary-bob,company,bob,EUR,2900.50,from_balance >= amount\n\
            salary-eve,company,eve,EUR,3100.25,from_balance >= amount\n",
        atomic: true,
        verdict: "applied",
        depth: 3,
    },
    BatchExample {
        slug: "settlement",
        title: "A settlement: independent pairs run side by side",
        balances: "account,asset,amount\na,USD,100\nb,USD,100\nc,USD,100\nd,BTC,2\n",
        transactions: "id,from,to,asset,amount,guard\n\
            t1,a,e,USD,40,\n\
            t2,b,f,USD,60,\n\
            t3,c,g,USD,100,\n\
            t4,d,a,BTC,0.5,\n\
            t5,e,b,USD,15.25,\n",
        atomic: false,
        verdict: "applied",
        depth: 2,
    },
    BatchExample {
        slug: "short-of-funds",
        title: "A payment that the balance does not cover",
        balances: "account,asset,amount\nada,EUR,50\n",
        transactions: "id,from,to,asset,amount,guard\n\
            rent,ada,landlord,EUR,45,\n\
            dinner,ada,restaurant,EUR,12.50,\n\
            refund,shop,ada,EUR,5,\n",
        atomic: false,
        verdict: "partly_applied",
        depth: 3,
    },
    BatchExample {
        slug: "all-or-none",
        title: "All or none: one refused payment undoes the rest",
        balances: "account,asset,amount\ntreasury,EUR,1000\n",
        transactions: "id,from,to,asset,amount,guard\n\
            grant-1,treasury,north,EUR,400,from_balance - amount >= 100\n\
            grant-2,treasury,south,EUR,400,from_balance - amount >= 100\n\
            grant-3,treasury,west,EUR,150,from_balance - amount >= 100\n",
        atomic: true,
        verdict: "rolled_back",
        depth: 3,
    },
    BatchExample {
        slug: "mint-and-burn",
        title: "Tokens that enter and leave, with a cap on what one may hold",
        balances: "account,asset,amount\nada,TOKEN,900\n",
        transactions: "id,from,to,asset,amount,guard\n\
            mint-1,,ada,TOKEN,100,to_balance + amount <= 1000\n\
            mint-2,,ada,TOKEN,1,to_balance + amount <= 1000\n\
            burn-1,ada,,TOKEN,250,\n",
        atomic: false,
        verdict: "partly_applied",
        depth: 3,
    },
];

//! The programs of docs/language.md get the verdicts that stand beside them.

use super::*;
use crate::solver::testing;

const REFERENCE: &str = include_str!("../../docs/language.md");
/// What opens a program of the reference: the question follows, and the verdict.
const FENCE: &str = "```aethel ";

/// Question, verdict and source of each program in the reference.
fn programs() -> Vec<(&'static str, &'static str, &'static str)> {
    let blocks = REFERENCE.split(FENCE).skip(1);
    blocks
        .map(|block| {
            let (head, rest) = block.split_once('\n').expect("a first line");
            let (question, verdict) = head.split_once(": ").expect("question: verdict");
            (question, verdict, rest.split_once("```").expect("an end").0)
        })
        .collect()
}

#[tokio::test]
async fn every_program_of_the_reference_gets_the_verdict_beside_it() {
    let pool = testing::pool().await;
    let programs = programs();
    for verdict in Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::Unknown) {
        assert!(programs.iter().any(|(_, shown, _)| *shown == verdict.as_str()), "no program that is {verdict:?}");
    }
    assert!(programs.iter().any(|(.., source)| source.starts_with("atomic_batch")), "no batch");
    for (question, verdict, source) in programs {
        let proof_type = serde_json::from_value(question.into()).expect("a question");
        let decision = decide(&pool, &ProofRequest::source(proof_type, source)).await.expect("decided");
        assert_eq!(decision.verdict.as_str(), verdict, "{source}\n{:?}", decision.evidence);
    }
}

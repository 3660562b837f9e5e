//! Cases, then a payment at Stripe to which anything happens, heard of in any order, twice, or not at all.

use super::*;
use crate::payments::purchase::tests::created;
use proptest::prelude::*;

fn credits(amount: i64) -> Credits {
    Credits::new(amount).expect("in range")
}

fn cents(amount: i64) -> Cents {
    Cents::new(amount).expect("in range")
}

fn paid() -> Purchase {
    Purchase { state: PurchaseState::Paid, ..created() }
}

/// Books what was decided, as the store does.
fn book(purchase: &mut Purchase, facts: &Facts) -> Movement {
    let standing = follow(purchase, facts);
    purchase.state = standing.state;
    purchase.returned =
        Returned { money: standing.money, credits: standing.credits, looks: purchase.returned.looks + 1 };
    standing.movement
}

#[test]
fn a_part_of_the_money_takes_its_part_of_the_credits_rounded_down() {
    for (received, back, taken, state) in [
        (1_000, 0, 0, PurchaseState::Paid),
        (1_000, 9, 0, PurchaseState::PartlyRefunded),
        (1_000, 10, 1, PurchaseState::PartlyRefunded),
        (1_000, 999, 99, PurchaseState::PartlyRefunded),
        (1_000, 1_000, 100, PurchaseState::Refunded),
        // With a promotion code and tax: what was really paid is the whole.
        (880, 440, 50, PurchaseState::PartlyRefunded),
        (880, 879, 99, PurchaseState::PartlyRefunded),
        (880, 880, 100, PurchaseState::Refunded),
        // More than was paid is no more than all.
        (1_000, 5_000, 100, PurchaseState::Refunded),
    ] {
        let purchase = Purchase { received: cents(received), ..paid() };
        let standing = follow(&purchase, &Facts { refunded: back, ..Facts::default() });
        assert_eq!((standing.credits, standing.state), (credits(taken), state), "{back} of {received}");
        assert_eq!(standing.money, cents(back.min(received)));
    }
}

#[test]
fn the_largest_purchase_is_shared_without_overflow() {
    let most = credits(9_007_199_254_740_991);
    let purchase = Purchase { credits: most, received: cents(9_007_199_254_740_991), ..paid() };
    let standing = follow(&purchase, &Facts { refunded: 9_007_199_254_740_990, ..Facts::default() });
    assert_eq!(standing.credits, credits(9_007_199_254_740_990));
    assert_eq!(follow(&purchase, &Facts { refunded: i64::MAX, withdrawn: i64::MAX, ..Facts::default() }).credits, most);
}

#[test]
fn a_dispute_takes_the_credits_and_a_won_one_gives_them_again() {
    let mut purchase = paid();
    let taken = Facts { withdrawn: 1_000, ..Facts::default() };
    assert_eq!(book(&mut purchase, &taken), Movement::TakeBack(credits(100)));
    assert_eq!(purchase.state, PurchaseState::Disputed);
    assert_eq!(book(&mut purchase, &taken), Movement::None);
    assert_eq!(book(&mut purchase, &Facts { lost: true, ..taken }), Movement::None);
    assert_eq!(purchase.state, PurchaseState::Lost);
    let won = Facts { reinstated: true, ..Facts::default() };
    assert_eq!(book(&mut purchase, &won), Movement::GiveAgain(credits(100)));
    assert_eq!(purchase.state, PurchaseState::Reinstated);
}

#[test]
fn a_refund_that_fails_after_all_leaves_the_purchase_as_paid() {
    let mut purchase = paid();
    assert_eq!(book(&mut purchase, &Facts { refunded: 400, ..Facts::default() }), Movement::TakeBack(credits(40)));
    assert_eq!(book(&mut purchase, &Facts::default()), Movement::GiveAgain(credits(40)));
    assert_eq!((purchase.state, purchase.returned.credits), (PurchaseState::Paid, Credits::ZERO));
}

#[test]
fn what_can_be_refunded_is_what_is_left_and_nothing_while_the_bank_has_it() {
    assert_eq!(created().refundable(), Cents::ZERO);
    assert_eq!(paid().refundable(), cents(1_000));
    let mut purchase = paid();
    book(&mut purchase, &Facts { refunded: 400, ..Facts::default() });
    assert_eq!(purchase.refundable(), cents(600));
    book(&mut purchase, &Facts { refunded: 400, withdrawn: 600, ..Facts::default() });
    assert_eq!(purchase.refundable(), Cents::ZERO);
}

/// A payment as Stripe keeps it, to which things happen.
#[derive(Clone, Debug, Default)]
struct AtStripe {
    /// Amounts, and whether each stands.
    refunds: Vec<(i64, bool)>,
    /// Amount, whether the bank has the money, whether it is decided against us.
    disputes: Vec<(i64, bool, bool)>,
}

#[derive(Clone, Debug)]
enum Happening {
    Refund(i64),
    RefundFails(prop::sample::Index),
    Dispute,
    Decide(prop::sample::Index, bool),
}

impl AtStripe {
    fn left(&self, received: i64) -> i64 {
        let refunded: i64 = self.refunds.iter().filter(|(_, stands)| *stands).map(|(amount, _)| amount).sum();
        let gone: i64 = self.disputes.iter().filter(|(_, gone, _)| *gone).map(|(amount, ..)| amount).sum();
        received - refunded - gone
    }

    /// Whether anything happened, and so something is told.
    fn happens(&mut self, happening: &Happening, received: i64) -> bool {
        let left = self.left(received);
        match happening {
            Happening::Refund(amount) if *amount <= left => self.refunds.push((*amount, true)),
            Happening::RefundFails(which) if !self.refunds.is_empty() => {
                let at = which.index(self.refunds.len());
                self.refunds[at].1 = false;
            }
            Happening::Dispute if left > 0 => self.disputes.push((left, true, false)),
            Happening::Decide(which, won) if !self.disputes.is_empty() => {
                let at = which.index(self.disputes.len());
                let (_, gone, lost) = &mut self.disputes[at];
                if *gone && !*lost {
                    (*gone, *lost) = (!won, !won);
                }
            }
            _ => return false,
        }
        true
    }

    fn facts(&self) -> Facts {
        let refunded = self.refunds.iter().filter(|(_, stands)| *stands).map(|(amount, _)| amount).sum();
        let withdrawn = self.disputes.iter().filter(|(_, gone, _)| *gone).map(|(amount, ..)| amount).sum();
        Facts {
            refunded,
            withdrawn,
            lost: self.disputes.iter().any(|(_, gone, lost)| *gone && *lost),
            reinstated: self.disputes.iter().any(|(_, gone, _)| !gone),
        }
    }
}

fn any_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (1..700i64).prop_map(Happening::Refund),
        2 => any::<prop::sample::Index>().prop_map(Happening::RefundFails),
        1 => Just(Happening::Dispute),
        2 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(which, won)| Happening::Decide(which, won)),
    ]
}

proptest! {
    /// `heard` says after which happenings an event arrives, and how often; late, double and lost ones are the same to
    /// us, since what is asked for is how things stand when it arrives.
    #[test]
    fn the_credits_follow_the_money_whatever_is_heard_of_it(
        happenings in proptest::collection::vec(any_happening(), 0..14),
        heard in proptest::collection::vec(0..3usize, 14),
        received in 1..2_000i64,
        bought in 1..100_000i64,
    ) {
        let mut stripe = AtStripe::default();
        let mut purchase = Purchase { received: cents(received), credits: credits(bought), ..paid() };
        let mut reversed = 0;
        let mut apply = |purchase: &mut Purchase, facts: &Facts| {
            match book(purchase, facts) {
                Movement::TakeBack(more) => reversed += more.get(),
                Movement::GiveAgain(less) => reversed -= less.get(),
                Movement::None => {}
            }
            assert!((0..=bought).contains(&reversed), "never more than was bought");
            assert_eq!(reversed, purchase.returned.credits.get(), "the movements sum to the figure");
        };
        for (happening, times) in happenings.iter().zip(&heard) {
            stripe.happens(happening, received);
            for _ in 0..*times {
                apply(&mut purchase, &stripe.facts());
            }
        }
        // The last word always arrives in the end.
        apply(&mut purchase, &stripe.facts());
        let back = received - stripe.left(received);
        let fresh = follow(&Purchase { received: cents(received), credits: credits(bought), ..paid() }, &stripe.facts());
        prop_assert_eq!((purchase.state, purchase.returned.credits), (fresh.state, fresh.credits), "no path matters");
        // Largest whole number of credits whose money is within what went back.
        let taken = i128::from(purchase.returned.credits.get());
        let (share, whole) = (i128::from(bought) * i128::from(back), i128::from(received));
        prop_assert!(taken * whole <= share && share < (taken + 1) * whole, "{taken} for {back} of {received}");
        prop_assert_eq!(purchase.state == PurchaseState::Paid, back == 0 && stripe.disputes.is_empty());
    }
}

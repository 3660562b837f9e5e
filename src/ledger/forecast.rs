//! How long credits last, and which expire unused: the real spending order over real grants, at a steady pace.
//!
//! Only what can be spent now counts. What holds have set aside is left out: it is spent or comes back, and nobody
//! knows which.

use super::{Credits, Grant, GrantId, Refusal, Timestamp};

/// A forecast looks so many days ahead: past two years a pace of seven days says nothing.
const HORIZON_DAYS: i64 = 730;
const DAY_MILLIS: i64 = 86_400_000;

/// Credits of one grant that will run out of time unspent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Whose credits.
    pub grant: GrantId,
    /// How many.
    pub credits: Credits,
    /// When.
    pub at: Timestamp,
}

/// What becomes of an account's credits at a steady pace. `spent + lost + left` is what could be spent at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// What could be spent at the start.
    pub available: Credits,
    /// What is spent until the horizon.
    pub spent: Credits,
    /// What is left at the horizon.
    pub left: Credits,
    /// When nothing is left, by spending or by expiry; none when that lies past the horizon or nothing was there.
    pub runs_out_at: Option<Timestamp>,
    /// What expires unused, soonest first.
    pub lost: Vec<Loss>,
    /// What is left at the start, after 24 hours, after 48, and so on until nothing is or the horizon is reached.
    pub left_by_day: Vec<Credits>,
}

impl Forecast {
    /// How many days of 24 hours a forecast looks ahead.
    pub const HORIZON_DAYS: i64 = HORIZON_DAYS;

    /// Lets time go by from `now` on, while credits are spent at an even pace of so many hundredths a day.
    ///
    /// A pace below zero counts as zero. Grants that are due already count as gone.
    ///
    /// # Errors
    /// [`Refusal::AmountTooLarge`] when the grants together are more than an account can have.
    pub fn of(grants: &[Grant], daily_hundredths: i64, now: Timestamp) -> Result<Self, Refusal> {
        let mut lots: Vec<&Grant> = grants.iter().filter(|grant| !grant.is_due(now)).collect();
        lots.sort_by(|one, other| one.spending_order(other));
        let mut lots: Vec<Lot> = lots.into_iter().map(|grant| Lot { grant, left: grant.free().get() }).collect();
        let sum = |lots: &[Lot]| lots.iter().map(|lot| i128::from(lot.left)).sum::<i128>();
        let available = sum(&lots);
        let mut walk = Walk { pace: daily_hundredths.max(0), now, spent: 0, lost: Vec::new(), runs_out_at: None };
        let mut left_by_day = vec![credits(available)?];
        for day in 1..=HORIZON_DAYS {
            if sum(&lots) == 0 {
                break;
            }
            walk.live_until(&mut lots, now.plus_days(day))?;
            left_by_day.push(credits(sum(&lots))?);
        }
        Ok(Self {
            available: credits(available)?,
            spent: credits(walk.spent)?,
            left: credits(sum(&lots))?,
            runs_out_at: walk.runs_out_at,
            lost: walk.lost,
            left_by_day,
        })
    }
}

/// A grant and what is left of it.
struct Lot<'a> {
    grant: &'a Grant,
    left: i64,
}

/// How far the simulation has come.
struct Walk {
    pace: i64,
    now: Timestamp,
    spent: i128,
    lost: Vec<Loss>,
    runs_out_at: Option<Timestamp>,
}

impl Walk {
    /// Spends and expires until a moment; what expires in between is first spent from until then.
    fn live_until(&mut self, lots: &mut Vec<Lot>, end: Timestamp) -> Result<(), Refusal> {
        // The spending order begins with the soonest to expire, so that one is always the first.
        while let Some((expiry, grant)) = lots.first().and_then(|lot| Some((lot.grant.expires_at?, lot.grant.id))) {
            if expiry > end {
                break;
            }
            self.spend_until(lots, expiry);
            if lots.first().is_some_and(|lot| lot.grant.id == grant) {
                let lot = lots.remove(0);
                self.lost.push(Loss { grant, credits: credits(lot.left.into())?, at: expiry });
                self.note_end(lots, expiry);
            }
        }
        self.spend_until(lots, end);
        Ok(())
    }

    /// Spends what is due by a moment in the spending order, and drops what is used up.
    fn spend_until(&mut self, lots: &mut Vec<Lot>, at: Timestamp) {
        let elapsed = i128::from(at.millis()) - i128::from(self.now.millis());
        let mut due = i128::from(self.pace) * elapsed / i128::from(DAY_MILLIS) / 100 - self.spent;
        lots.retain_mut(|lot| {
            let eaten = due.clamp(0, lot.left.into());
            due -= eaten;
            self.spent += eaten;
            lot.left = i64::try_from(i128::from(lot.left) - eaten).unwrap_or(0);
            lot.left > 0
        });
        self.note_end(lots, self.moment_of(self.spent).min(at));
    }

    fn note_end(&mut self, lots: &[Lot], at: Timestamp) {
        if lots.is_empty() && self.runs_out_at.is_none() {
            self.runs_out_at = Some(at);
        }
    }

    /// The first moment by which so many credits are spent.
    fn moment_of(&self, spent: i128) -> Timestamp {
        let pace = i128::from(self.pace.max(1));
        let elapsed = (spent * 100 * i128::from(DAY_MILLIS) + pace - 1) / pace;
        let at = i128::from(self.now.millis()) + elapsed;
        Timestamp::from_millis(i64::try_from(at).unwrap_or(i64::MAX))
    }
}

fn credits(amount: i128) -> Result<Credits, Refusal> {
    i64::try_from(amount).ok().and_then(Credits::new).ok_or(Refusal::AmountTooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ledger::{Cents, GrantKind};

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    /// A grant of so many credits that expires after so many hours.
    fn lot(number: u128, free: i64, hours: Option<i64>) -> Grant {
        let amount = |amount| Credits::new(amount).unwrap();
        Grant {
            id: GrantId::from_ulid(ulid::Ulid::from_parts(1, number)),
            kind: GrantKind::Gift,
            size: amount(free),
            remaining: amount(free),
            held: Credits::ZERO,
            reversed: Credits::ZERO,
            owed: Credits::ZERO,
            paid: Cents::ZERO,
            purchase: None,
            expires_at: hours.map(|hours| NOW.plus_seconds(hours * 3_600)),
            granted_at: NOW,
        }
    }

    /// Hours after the start.
    fn hours(at: Timestamp) -> i64 {
        (at.millis() - NOW.millis()) / 3_600_000
    }

    /// Runs a forecast: (hours until nothing is left, what is lost after how many hours, spent, left).
    fn told(grants: &[Grant], daily_hundredths: i64) -> (Option<i64>, Vec<(i64, i64)>, i64, i64) {
        let forecast = Forecast::of(grants, daily_hundredths, NOW).unwrap();
        let lost = forecast.lost.iter().map(|loss| (loss.credits.get(), hours(loss.at))).collect();
        (forecast.runs_out_at.map(hours), lost, forecast.spent.get(), forecast.left.get())
    }

    #[test]
    fn credits_run_out_and_expire_when_the_spending_order_says() {
        // 10 a day out of 100: ten days.
        assert_eq!(told(&[lot(1, 100, None)], 1_000), (Some(240), vec![], 100, 0));
        // Half a credit a day: the fifth credit is spent when ten days are over.
        assert_eq!(told(&[lot(1, 5, None)], 50), (Some(240), vec![], 5, 0));
        // Nobody spends: what expires, expires whole; the rest stays.
        assert_eq!(told(&[lot(1, 100, Some(30)), lot(2, 7, None)], 0), (None, vec![(100, 30)], 0, 7));
        // All that is there expires.
        assert_eq!(told(&[lot(1, 100, Some(30))], 0), (Some(30), vec![(100, 30)], 0, 0));
        // Two days at 10 a day save 20 of the 50; the others go after two days, and then 30 last three days more.
        assert_eq!(told(&[lot(2, 30, None), lot(1, 50, Some(48))], 1_000), (Some(120), vec![(30, 48)], 50, 0));
        // The soonest to expire is spent first, also when it came last; nothing is lost.
        assert_eq!(told(&[lot(1, 20, Some(240)), lot(2, 10, Some(24))], 1_000), (Some(72), vec![], 30, 0));
        // Half a day at 10 a day saves five.
        assert_eq!(told(&[lot(1, 20, Some(12))], 1_000), (Some(12), vec![(15, 12)], 5, 0));
        // Beyond the horizon nothing is said.
        assert_eq!(told(&[lot(1, 731, None)], 100), (None, vec![], 730, 1));
        assert_eq!(told(&[lot(1, 9, Some(24 * 731))], 0), (None, vec![], 0, 9));
        // Nothing there.
        assert_eq!(told(&[], 1_000), (None, vec![], 0, 0));
        assert_eq!(told(&[lot(1, 5, Some(0))], 1_000), (None, vec![], 0, 0), "due already");
    }

    #[test]
    fn what_holds_have_set_aside_is_left_out() {
        let mut held = lot(1, 100, Some(48));
        held.held = Credits::new(60).unwrap();
        assert_eq!(told(&[held], 0), (Some(48), vec![(40, 48)], 0, 0));
    }

    #[test]
    fn more_than_an_account_can_have_is_refused() {
        let most = 9_007_199_254_740_991;
        assert!(Forecast::of(&[lot(1, most, None)], i64::MAX, NOW).is_ok());
        let twice = [lot(1, most, None), lot(2, most, None)];
        assert_eq!(Forecast::of(&twice, 0, NOW), Err(Refusal::AmountTooLarge));
    }

    fn grants() -> impl Strategy<Value = Vec<Grant>> {
        let one = (0_i64..2_000, proptest::option::of(-5_i64..20_000));
        proptest::collection::vec(one, 0..8).prop_map(|lots| {
            lots.into_iter().zip(1..).map(|((free, hours), number)| lot(number, free, hours)).collect()
        })
    }

    proptest! {
        #[test]
        fn nothing_is_made_and_nothing_vanishes(grants in grants(), pace in -500_i64..200_000) {
            let forecast = Forecast::of(&grants, pace, NOW).unwrap();
            let lost: i64 = forecast.lost.iter().map(|loss| loss.credits.get()).sum();
            let sum = forecast.spent.get() + lost + forecast.left.get();
            prop_assert_eq!(sum, forecast.available.get());
            let falls = forecast.left_by_day.windows(2).all(|pair| pair[0] >= pair[1]);
            prop_assert!(falls && forecast.left_by_day.len() <= 731);
            prop_assert_eq!(forecast.left_by_day[0], forecast.available);
            prop_assert_eq!(*forecast.left_by_day.last().unwrap(), forecast.left);
            prop_assert_eq!(forecast.runs_out_at.is_some(), forecast.left.get() == 0 && forecast.available.get() > 0);
            let horizon = NOW.plus_days(730);
            let soonest_first = forecast.lost.windows(2).all(|pair| pair[0].at <= pair[1].at);
            prop_assert!(soonest_first && forecast.lost.iter().all(|loss| NOW < loss.at && loss.at <= horizon));
        }

        #[test]
        fn without_spending_everything_that_expires_expires_whole(grants in grants()) {
            let forecast = Forecast::of(&grants, 0, NOW).unwrap();
            let mut expected: Vec<(GrantId, i64)> = grants
                .iter()
                .filter(|grant| !grant.is_due(NOW) && grant.is_due(NOW.plus_days(730)) && grant.free().is_positive())
                .map(|grant| (grant.id, grant.free().get()))
                .collect();
            let mut lost: Vec<(GrantId, i64)> =
                forecast.lost.iter().map(|loss| (loss.grant, loss.credits.get())).collect();
            expected.sort();
            lost.sort();
            prop_assert_eq!(lost, expected);
            prop_assert_eq!(forecast.spent.get(), 0);
        }

        /// An independent model: an hour at a time, from one sorted list.
        #[test]
        fn it_agrees_with_a_simulation_hour_by_hour(grants in grants(), pace in 0_i64..200_000) {
            let forecast = Forecast::of(&grants, pace, NOW).unwrap();
            let mut lots: Vec<(i64, i64)> = grants
                .iter()
                .filter(|grant| !grant.is_due(NOW))
                .map(|grant| (grant.expires_at.map_or(i64::MAX, hours), grant.free().get()))
                .collect();
            lots.sort();
            let (mut spent, mut lost) = (0_i64, 0_i64);
            for hour in 1..=730 * 24_i64 {
                while spent < pace * hour / 2_400 {
                    let Some(lot) = lots.iter_mut().find(|lot| lot.1 > 0) else { break };
                    lot.1 -= 1;
                    spent += 1;
                }
                for lot in lots.iter_mut().filter(|lot| lot.0 == hour) {
                    lost += lot.1;
                    lot.1 = 0;
                }
            }
            let told: i64 = forecast.lost.iter().map(|loss| loss.credits.get()).sum();
            prop_assert_eq!((forecast.spent.get(), told), (spent, lost));
        }
    }
}

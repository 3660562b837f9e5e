//! Coupons: what is taken off, and how often. Payers type promotion codes, which stand for them (`promotion`).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::list::Page;
use crate::payments::sandbox::money::Currency;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, new_id};
use crate::payments::sandbox::words::{Word, word};

use super::catalogue::already_there;

/// What is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Off {
    /// Whole percents, 1 to 100.
    Percent(i64),
    /// Cents of one currency.
    Amount(i64, Currency),
}

impl Off {
    /// Cents off, rounded down and never more than there is.
    pub fn of(self, amount: i64) -> i64 {
        match self {
            Self::Percent(percent) => amount.saturating_mul(percent) / 100,
            Self::Amount(cents, _) => cents.min(amount),
        }
    }

    /// Whether it can be taken off an amount in this currency.
    pub fn is_for(self, currency: &str) -> bool {
        match self {
            Self::Percent(_) => true,
            Self::Amount(_, own) => own.code == currency,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Coupon {
    pub id: String,
    pub created: i64,
    pub name: Option<String>,
    pub off: Off,
    #[serde(deserialize_with = "word")]
    pub duration: Word,
    pub months: Option<i64>,
    pub redeem_by: Option<i64>,
    pub max_redemptions: Option<i64>,
    pub times_redeemed: i64,
    /// Its time is over.
    pub past: bool,
    pub metadata: Metadata,
}

impl Coupon {
    /// One that test mode knows from the beginning.
    pub fn built_in(id: &str, percent: i64, now: i64) -> Self {
        Self {
            id: id.to_owned(),
            created: now,
            name: None,
            off: Off::Percent(percent),
            duration: "once",
            months: None,
            redeem_by: None,
            max_redemptions: None,
            times_redeemed: 0,
            past: false,
            metadata: Metadata::new(),
        }
    }

    /// Whether it can still be used.
    pub fn is_valid(&self) -> bool {
        !self.past && self.max_redemptions.is_none_or(|most| self.times_redeemed < most)
    }
}

impl Object for Coupon {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let (percent, amount, currency) = match self.off {
            Off::Percent(percent) => (Some(percent), None, None),
            Off::Amount(cents, currency) => (None, Some(cents), Some(currency.code)),
        };
        json!({
            "id": self.id,
            "object": "coupon",
            "amount_off": amount,
            "created": self.created,
            "currency": currency,
            "duration": self.duration,
            "duration_in_months": self.months,
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "name": self.name,
            "percent_off": percent,
            "redeem_by": self.redeem_by,
            "times_redeemed": self.times_redeemed,
            "valid": self.is_valid(),
        })
    }
}

pub fn create(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let off = take_off(&mut params)?;
    let duration = params.choice("duration", &["forever", "once", "repeating"])?.unwrap_or("once");
    let months = params.integer("duration_in_months")?;
    if (duration == "repeating") != months.is_some_and(|months| months > 0) {
        let message = "`duration_in_months` is a positive number exactly when `duration` is `repeating`.";
        return Err(ApiError::invalid(message).param("duration_in_months"));
    }
    let mut coupon = Coupon {
        id: params.text("id")?.unwrap_or_else(|| new_id("").chars().take(8).collect()),
        created: desk.now,
        name: params.text("name")?,
        off,
        duration,
        months,
        redeem_by: take_later(&mut params, "redeem_by", desk.now)?,
        max_redemptions: take_count(&mut params, "max_redemptions")?,
        times_redeemed: 0,
        past: false,
        metadata: Metadata::new(),
    };
    params.merge_metadata(&mut coupon.metadata)?;
    params.refuse(&["applies_to", "currency_options"])?;
    params.finish()?;
    if desk.store.coupons.get(&coupon.id).is_some() {
        return Err(already_there("Coupon", &coupon.id));
    }
    let shape = coupon.render();
    desk.store.coupons.put(coupon);
    desk.emit("coupon.created", shape.clone());
    Ok(shape)
}

fn take_off(params: &mut Params) -> Result<Off, ApiError> {
    let (percent, amount) = (params.text("percent_off")?, params.integer("amount_off")?);
    match (percent, amount) {
        (Some(text), None) => {
            let whole = text.strip_suffix(".0").unwrap_or(&text);
            match whole.parse() {
                Ok(percent) if (1..=100).contains(&percent) => Ok(Off::Percent(percent)),
                // Only whole cents are ever reckoned with here.
                Err(_) if whole.contains('.') => Err(ApiError::not_played("percent_off", &text)),
                _ => Err(ApiError::invalid("Invalid percent_off: must be greater than 0 and at most 100")
                    .param("percent_off")),
            }
        }
        (None, Some(cents)) => {
            let currency = Currency::parse(&params.required("currency")?, "currency")?;
            if cents < 1 {
                let message = "This value must be greater than or equal to 1.";
                return Err(ApiError::invalid(message).code("parameter_invalid_integer").param("amount_off"));
            }
            Ok(Off::Amount(currency.check_maximum(cents, "amount_off")?, currency))
        }
        _ => Err(ApiError::invalid("You must specify exactly one of `percent_off` and `amount_off`.")
            .code("parameter_missing")
            .param("percent_off")),
    }
}

/// A time after which something is over.
pub fn take_later(params: &mut Params, field: &str, now: i64) -> Result<Option<i64>, ApiError> {
    match params.integer(field)? {
        Some(at) if at <= now => Err(ApiError::invalid("This value must be in the future.").param(field)),
        at => Ok(at),
    }
}

pub fn take_count(params: &mut Params, field: &str) -> Result<Option<i64>, ApiError> {
    match params.integer(field)? {
        Some(count) if count < 1 => Err(ApiError::invalid("This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer")
            .param(field)),
        count => Ok(count),
    }
}

fn find<'a>(desk: &'a Desk, id: &str) -> Result<&'a Coupon, ApiError> {
    desk.store.coupons.get(id).ok_or_else(|| ApiError::no_such("coupon", id, "coupon"))
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find(desk, id).map(Object::render)
}

pub fn update(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut coupon = find(desk, id)?.clone();
    coupon.name = params.settable("name")?.unwrap_or(coupon.name);
    params.merge_metadata(&mut coupon.metadata)?;
    params.finish()?;
    let shape = coupon.render();
    if let Some(kept) = desk.store.coupons.get_mut(id) {
        *kept = coupon;
    }
    desk.emit("coupon.updated", shape.clone());
    Ok(shape)
}

/// Nobody can use it any more; discounts that were given stay.
pub fn delete(desk: &mut Desk, id: &str, params: Params) -> Result<Value, ApiError> {
    params.finish()?;
    let shape = find(desk, id)?.render();
    desk.store.coupons.remove(id);
    desk.emit("coupon.deleted", shape);
    Ok(json!({ "id": id, "object": "coupon", "deleted": true }))
}

pub fn list(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    params.finish()?;
    page.of(&desk.store.coupons, "coupon", url, |_| true)
}

/// Notes that the time of coupons is over.
pub fn come_due(desk: &mut Desk) {
    let now = desk.now;
    let over = |coupon: &&Coupon| !coupon.past && coupon.redeem_by.is_some_and(|by| by <= now);
    let over: Vec<String> = desk.store.coupons.newest_first().filter(over).map(|coupon| coupon.id.clone()).collect();
    for id in over {
        if let Some(coupon) = desk.store.coupons.get_mut(&id) {
            coupon.past = true;
        }
    }
}

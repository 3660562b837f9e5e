//! Promotion codes that a payer may type on the checkout page, each for a coupon. Two are there from the beginning.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::list::Page;
use crate::payments::sandbox::money::Currency;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, Store, new_id};

use super::checkout_session::CheckoutSession;
use super::coupon::{self, Coupon, Off};

/// Longer than anybody types.
const CODE_LENGTH_MAX: usize = 500;

/// A code and what it may be used for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PromotionCode {
    pub id: String,
    pub created: i64,
    pub code: String,
    pub coupon: String,
    pub active: bool,
    /// The only one who may use it.
    pub customer: Option<String>,
    pub expires_at: Option<i64>,
    pub max_redemptions: Option<i64>,
    pub times_redeemed: i64,
    /// The least that must be due before anything is taken off.
    pub minimum: Option<(i64, Currency)>,
    pub metadata: Metadata,
}

impl Object for PromotionCode {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        json!({
            "id": self.id,
            "object": "promotion_code",
            "active": self.active,
            "code": self.code,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "expires_at": self.expires_at,
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "promotion": { "coupon": self.coupon, "type": "coupon" },
            "restrictions": {
                "first_time_transaction": false,
                "minimum_amount": self.minimum.map(|(cents, _)| cents),
                "minimum_amount_currency": self.minimum.map(|(_, currency)| currency.code),
            },
            "times_redeemed": self.times_redeemed,
        })
    }
}

/// What a payer's code takes off a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    id: String,
    off: Off,
}

impl Promotion {
    /// The promotion of a code that may be used for this session now; matched without case, as Stripe does.
    pub fn by_code(desk: &Desk, code: &str, session: &CheckoutSession) -> Option<Self> {
        let typed = code.trim();
        let code = desk.store.promotion_codes.newest_first().find(|one| one.active && is_same(&one.code, typed))?;
        let coupon = desk.store.coupons.get(&code.coupon)?;
        let promotion = Self { id: code.id.clone(), off: coupon.off };
        let left = session.amount - promotion.discount(session.amount);
        let least = session.items.first().map_or(0, |item| item.price.currency.minimum());
        let is_usable = coupon.is_valid()
            && coupon.off.is_for(session.currency)
            && code.expires_at.is_none_or(|at| at > desk.now)
            && code.max_redemptions.is_none_or(|most| code.times_redeemed < most)
            && code.customer.as_ref().is_none_or(|only| session.customer.as_ref() == Some(only))
            && code.minimum.is_none_or(|(cents, of)| of.code == session.currency && session.amount >= cents)
            // What Stripe could not charge it does not leave.
            && (left == 0 || left >= least);
        is_usable.then_some(promotion)
    }

    pub fn discount(&self, amount: i64) -> i64 {
        self.off.of(amount)
    }

    /// As a session's `discounts` name it.
    pub fn render(&self) -> Value {
        json!({ "coupon": null, "promotion_code": self.id })
    }

    /// Counts that it was used.
    pub fn redeem(&self, desk: &mut Desk) {
        let Some(code) = desk.store.promotion_codes.get_mut(&self.id) else {
            return;
        };
        code.times_redeemed += 1;
        let coupon = code.coupon.clone();
        if let Some(coupon) = desk.store.coupons.get_mut(&coupon) {
            coupon.times_redeemed += 1;
        }
    }
}

fn is_same(code: &str, other: &str) -> bool {
    code.eq_ignore_ascii_case(other)
}

/// What test mode knows from the beginning.
pub fn stock(store: &mut Store, now: i64) {
    for (code, percent) in [("TEST20", 20), ("TEST100", 100)] {
        let lower = code.to_ascii_lowercase();
        let coupon = Coupon::built_in(&lower, percent, now);
        store.promotion_codes.put(PromotionCode {
            id: format!("promo_{lower}"),
            created: now,
            code: code.to_owned(),
            coupon: coupon.id.clone(),
            active: true,
            customer: None,
            expires_at: None,
            max_redemptions: None,
            times_redeemed: 0,
            minimum: None,
            metadata: Metadata::new(),
        });
        store.coupons.put(coupon);
    }
}

pub fn create(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let coupon = take_coupon(desk, &mut params)?;
    let code = params.text("code")?.unwrap_or_else(|| new_id("").chars().take(8).collect::<String>().to_uppercase());
    let is_plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_plain || code.len() > CODE_LENGTH_MAX {
        let message = "Promotion codes have letters, digits and dashes only.";
        return Err(ApiError::invalid(message).param("code"));
    }
    let mut made = PromotionCode {
        id: new_id("promo_"),
        created: desk.now,
        code,
        coupon,
        active: params.flag("active")?.unwrap_or(true),
        customer: params.text("customer")?,
        expires_at: coupon::take_later(&mut params, "expires_at", desk.now)?,
        max_redemptions: coupon::take_count(&mut params, "max_redemptions")?,
        times_redeemed: 0,
        minimum: take_minimum(&mut params)?,
        metadata: Metadata::new(),
    };
    params.merge_metadata(&mut made.metadata)?;
    params.refuse(&["customer_account"])?;
    params.finish()?;
    if let Some(customer) = &made.customer {
        desk.known_customer(customer, "customer")?;
    }
    if made.active {
        check_free(desk, &made.code)?;
    }
    let shape = made.render();
    desk.store.promotion_codes.put(made);
    desk.emit("promotion_code.created", shape.clone());
    Ok(shape)
}

fn take_coupon(desk: &Desk, params: &mut Params) -> Result<String, ApiError> {
    let mut promotion = params.group("promotion")?.ok_or_else(|| ApiError::missing("promotion"))?;
    promotion.choice("type", &["coupon"])?.ok_or_else(|| ApiError::missing("promotion[type]"))?;
    let coupon = promotion.required("coupon")?;
    promotion.finish()?;
    match desk.store.coupons.get(&coupon) {
        Some(found) if found.is_valid() => Ok(coupon),
        Some(_) => Err(ApiError::invalid(format!("Coupon {coupon} can no longer be used.")).param("promotion[coupon]")),
        None => Err(ApiError::no_such_reference("coupon", &coupon, "promotion[coupon]")),
    }
}

fn take_minimum(params: &mut Params) -> Result<Option<(i64, Currency)>, ApiError> {
    let Some(mut restrictions) = params.group("restrictions")? else {
        return Ok(None);
    };
    let minimum = match restrictions.integer("minimum_amount")? {
        None => None,
        Some(cents) => {
            let name = restrictions.name("minimum_amount_currency");
            Some((cents, Currency::parse(&restrictions.required("minimum_amount_currency")?, &name)?))
        }
    };
    if restrictions.flag("first_time_transaction")? == Some(true) {
        return Err(ApiError::not_played("restrictions[first_time_transaction]", "true"));
    }
    restrictions.refuse(&["currency_options"])?;
    restrictions.finish()?;
    Ok(minimum)
}

/// A code that is in use means one thing.
fn check_free(desk: &Desk, code: &str) -> Result<(), ApiError> {
    if desk.store.promotion_codes.newest_first().any(|one| one.active && is_same(&one.code, code)) {
        let message = format!("An active promotion code with `code: {code}` already exists.");
        return Err(ApiError::invalid(message).code("resource_already_exists").param("code"));
    }
    Ok(())
}

fn find<'a>(desk: &'a Desk, id: &str) -> Result<&'a PromotionCode, ApiError> {
    desk.store.promotion_codes.get(id).ok_or_else(|| ApiError::no_such("promotion code", id, "promotion_code"))
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find(desk, id).map(Object::render)
}

pub fn update(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut code = find(desk, id)?.clone();
    let active = params.flag("active")?.unwrap_or(code.active);
    params.merge_metadata(&mut code.metadata)?;
    params.refuse(&["restrictions"])?;
    params.finish()?;
    if active && !code.active {
        check_free(desk, &code.code)?;
    }
    code.active = active;
    let shape = code.render();
    if let Some(kept) = desk.store.promotion_codes.get_mut(id) {
        *kept = code;
    }
    desk.emit("promotion_code.updated", shape.clone());
    Ok(shape)
}

pub fn list(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let active = params.flag("active")?;
    let (code, coupon) = (params.text("code")?, params.text("coupon")?);
    let customer = params.text("customer")?;
    params.refuse(&["customer_account"])?;
    params.finish()?;
    page.of(&desk.store.promotion_codes, "promotion_code", url, |one| {
        active.is_none_or(|active| active == one.active)
            && code.as_deref().is_none_or(|code| is_same(code, &one.code))
            && coupon.as_deref().is_none_or(|coupon| coupon == one.coupon)
            && (customer.is_none() || customer == one.customer)
    })
}

//! What a checkout session sells: prices described in the request, with a quantity.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::money::Currency;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::new_id;

/// Stripe's limit on line items in payment mode.
const LINE_ITEMS_MAX: usize = 100;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineItem {
    pub id: String,
    price: String,
    product: String,
    pub name: String,
    pub description: Option<String>,
    pub unit_amount: i64,
    pub quantity: i64,
    pub amount: i64,
    pub currency: Currency,
    /// Comes again every month.
    pub monthly: bool,
}

impl LineItem {
    /// The price as an object of its own.
    pub fn price(&self, created: i64) -> Value {
        self.render(created)["price"].take()
    }

    pub fn render(&self, created: i64) -> Value {
        let recurring = self.monthly.then(|| {
            json!({ "interval": "month", "interval_count": 1, "meter": null, "trial_period_days": null,
                "usage_type": "licensed" })
        });
        json!({
            "id": self.id,
            "object": "item",
            "adjustable_quantity": null,
            "amount_discount": 0,
            "amount_subtotal": self.amount,
            "amount_tax": 0,
            "amount_total": self.amount,
            "currency": self.currency.code,
            "description": self.name,
            "metadata": {},
            "price": {
                "id": self.price,
                "object": "price",
                "active": false,
                "billing_scheme": "per_unit",
                "created": created,
                "currency": self.currency.code,
                "custom_unit_amount": null,
                "livemode": false,
                "lookup_key": null,
                "metadata": {},
                "nickname": null,
                "product": self.product,
                "recurring": recurring,
                "tax_behavior": "unspecified",
                "tiers_mode": null,
                "transform_quantity": null,
                "type": if self.monthly { "recurring" } else { "one_time" },
                "unit_amount": self.unit_amount,
                "unit_amount_decimal": self.unit_amount.to_string(),
            },
            "quantity": self.quantity,
        })
    }
}

/// Reads all line items of a session.
///
/// # Errors
/// Refuses an empty list, several currencies, and sums outside Stripe's limits.
pub fn take_all(params: &mut Params) -> Result<Vec<LineItem>, ApiError> {
    let groups = params.groups("line_items")?;
    if groups.is_empty() {
        return Err(ApiError::missing("line_items"));
    }
    if groups.len() > LINE_ITEMS_MAX {
        return Err(ApiError::invalid(format!("At most {LINE_ITEMS_MAX} line items are allowed.")).param("line_items"));
    }
    let items = groups.into_iter().map(take).collect::<Result<Vec<_>, _>>()?;
    let currencies_agree = items.windows(2).all(|pair| match pair {
        [one, other] => one.currency == other.currency,
        _ => true,
    });
    if !currencies_agree {
        return Err(ApiError::invalid("All line items must have the same currency.").param("line_items"));
    }
    Ok(items)
}

/// What all items cost together.
///
/// # Errors
/// Refuses a total that Stripe would not charge.
pub fn total(items: &[LineItem]) -> Result<i64, ApiError> {
    let too_large = || ApiError::invalid("The total amount is too large.").code("amount_too_large").param("line_items");
    let sum = items.iter().try_fold(0_i64, |sum, item| sum.checked_add(item.amount)).ok_or_else(too_large)?;
    let Some(first) = items.first() else {
        return Ok(0);
    };
    first.currency.check(sum, "line_items").map_err(|error| match error.field("code").as_str() {
        Some("amount_too_large") => error,
        _ => ApiError::invalid(format!(
            "The Checkout Session's total amount due must add up to at least {} {}",
            first.currency.display(first.currency.minimum()),
            first.currency.code
        ))
        .code("amount_too_small"),
    })
}

fn take(mut params: Params) -> Result<LineItem, ApiError> {
    if let Some(price) = params.text("price")? {
        return Err(ApiError::no_such_reference("price", &price, &params.name("price")));
    }
    let missing = ApiError::missing(&params.name("price_data"));
    let mut data = params.group("price_data")?.ok_or(missing)?;
    let currency = Currency::parse(&data.required("currency")?, &data.name("currency"))?;
    let unit_amount = data.integer("unit_amount")?.ok_or_else(|| ApiError::missing(&data.name("unit_amount")))?;
    if unit_amount < 0 {
        let message = "This value must be greater than or equal to 0.";
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param(&data.name("unit_amount")));
    }
    currency.check_maximum(unit_amount, &data.name("unit_amount"))?;
    let (product, name, description) = take_product(&mut data)?;
    let monthly = match data.group("recurring")? {
        None => false,
        Some(mut recurring) => {
            recurring.choice("interval", &["month"])?.ok_or_else(|| ApiError::missing("interval"))?;
            recurring.finish()?;
            true
        }
    };
    data.refuse(&["unit_amount_decimal"])?;
    data.ignore(&["tax_behavior"]);
    data.finish()?;
    let quantity = params.integer("quantity")?.ok_or_else(|| ApiError::missing(&params.name("quantity")))?;
    if quantity < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param(&params.name("quantity")));
    }
    let amount = unit_amount.checked_mul(quantity).unwrap_or(i64::MAX);
    currency.check_maximum(amount, &params.name("quantity"))?;
    params.refuse(&["adjustable_quantity", "dynamic_tax_rates", "tax_rates"])?;
    params.ignore(&["metadata"]);
    params.finish()?;
    let (id, price) = (new_id("li_"), new_id("price_"));
    Ok(LineItem { id, price, product, name, description, unit_amount, quantity, amount, currency, monthly })
}

fn take_product(data: &mut Params) -> Result<(String, String, Option<String>), ApiError> {
    if let Some(product) = data.text("product")? {
        return Err(ApiError::no_such_reference("product", &product, &data.name("product")));
    }
    let missing = ApiError::missing(&data.name("product_data"));
    let mut product = data.group("product_data")?.ok_or(missing)?;
    let name = product.required("name")?;
    let description = product.text("description")?;
    product.merge_metadata(&mut Metadata::new())?;
    product.ignore(&["images", "tax_code", "unit_label"]);
    product.finish()?;
    Ok((new_id("prod_"), name, description))
}

//! What a checkout session or a subscription sells: prices made before or described in the request, with a quantity.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, new_id};

use super::catalogue::{self, Price, Product};

/// Stripe's limit on line items in payment mode.
const LINE_ITEMS_MAX: usize = 100;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineItem {
    pub id: String,
    pub price: Price,
    pub name: String,
    pub description: Option<String>,
    pub quantity: i64,
    pub amount: i64,
}

impl LineItem {
    pub fn render(&self) -> Value {
        json!({
            "id": self.id,
            "object": "item",
            "adjustable_quantity": null,
            "amount_discount": 0,
            "amount_subtotal": self.amount,
            "amount_tax": 0,
            "amount_total": self.amount,
            "currency": self.price.currency.code,
            "description": self.name,
            "metadata": {},
            "price": self.price.render(),
            "quantity": self.quantity,
        })
    }
}

/// Keeps the prices and products that a session described itself, so that they can be asked for by their ids.
pub fn keep_prices(desk: &mut Desk, items: &[LineItem]) {
    for item in items {
        if desk.store.prices.get(&item.price.id).is_some() {
            continue;
        }
        if desk.store.products.get(&item.price.product).is_none() {
            desk.store.products.put(Product {
                id: item.price.product.clone(),
                created: item.price.created,
                name: item.name.clone(),
                description: item.description.clone(),
                active: false,
                metadata: Metadata::new(),
            });
        }
        desk.store.prices.put(item.price.clone());
    }
}

/// Reads all line items of a session.
///
/// # Errors
/// Refuses an empty list, several currencies, and sums outside Stripe's limits.
pub fn take_all(desk: &Desk, field: &str, params: &mut Params) -> Result<Vec<LineItem>, ApiError> {
    let groups = params.groups(field)?;
    if groups.is_empty() {
        return Err(ApiError::missing(field));
    }
    if groups.len() > LINE_ITEMS_MAX {
        return Err(ApiError::invalid(format!("At most {LINE_ITEMS_MAX} line items are allowed.")).param(field));
    }
    let items = groups.into_iter().map(|group| take(desk, group)).collect::<Result<Vec<_>, _>>()?;
    let currencies_agree = items.windows(2).all(|pair| match pair {
        [one, other] => one.price.currency == other.price.currency,
        _ => true,
    });
    if !currencies_agree {
        return Err(ApiError::invalid("All line items must have the same currency.").param(field));
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
    first.price.currency.check(sum, "line_items").map_err(|error| match error.field("code").as_str() {
        Some("amount_too_large") => error,
        _ => ApiError::invalid(format!(
            "The Checkout Session's total amount due must add up to at least {} {}",
            first.price.currency.display(first.price.currency.minimum()),
            first.price.currency.code
        ))
        .code("amount_too_small"),
    })
}

fn take(desk: &Desk, mut params: Params) -> Result<LineItem, ApiError> {
    let (price, name, description) = match params.text("price")? {
        Some(id) => take_known(desk, &id, &params)?,
        None => take_described(desk, &mut params)?,
    };
    let quantity = params.integer("quantity")?.ok_or_else(|| ApiError::missing(&params.name("quantity")))?;
    if quantity < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param(&params.name("quantity")));
    }
    let amount = price.unit_amount.checked_mul(quantity).unwrap_or(i64::MAX);
    price.currency.check_maximum(amount, &params.name("quantity"))?;
    params.refuse(&["adjustable_quantity", "dynamic_tax_rates", "tax_rates"])?;
    params.ignore(&["metadata"]);
    params.finish()?;
    Ok(LineItem { id: new_id("li_"), price, name, description, quantity, amount })
}

type Described = (Price, String, Option<String>);

/// A price that was made before.
fn take_known(desk: &Desk, id: &str, params: &Params) -> Result<Described, ApiError> {
    let name = params.name("price");
    let price = desk.store.prices.get(id).ok_or_else(|| ApiError::no_such_reference("price", id, &name))?;
    let product = desk.store.products.get(&price.product);
    if !price.active || !product.is_some_and(|product| product.active) {
        let message = format!("The price specified is inactive. This field only accepts active prices: {id}");
        return Err(ApiError::invalid(message).param(&name));
    }
    let (name, description) =
        product.map(|product| (product.name.clone(), product.description.clone())).unwrap_or_default();
    Ok((price.clone(), name, description))
}

/// A price that the request describes.
fn take_described(desk: &Desk, params: &mut Params) -> Result<Described, ApiError> {
    let missing = ApiError::missing(&params.name("price_data"));
    let mut data = params.group("price_data")?.ok_or(missing)?;
    let (product, name, description) = take_product(desk, &mut data)?;
    let price = catalogue::take_terms(&mut data, product, desk.now)?;
    data.refuse(&["unit_amount_decimal"])?;
    data.ignore(&["tax_behavior"]);
    data.finish()?;
    Ok((price, name, description))
}

fn take_product(desk: &Desk, data: &mut Params) -> Result<(String, String, Option<String>), ApiError> {
    if let Some(id) = data.text("product")? {
        let product = desk.store.products.get(&id);
        let product = product.ok_or_else(|| ApiError::no_such_reference("product", &id, &data.name("product")))?;
        return Ok((id, product.name.clone(), product.description.clone()));
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

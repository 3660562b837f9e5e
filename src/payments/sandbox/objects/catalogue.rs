//! Products and their prices: made by request, or by a checkout session that describes them itself.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::list::Page;
use crate::payments::sandbox::money::Currency;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, new_id};

use super::with_nulls;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Product {
    pub id: String,
    pub created: i64,
    pub name: String,
    pub description: Option<String>,
    pub active: bool,
    pub metadata: Metadata,
}

impl Object for Product {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let object = json!({
            "id": self.id,
            "object": "product",
            "active": self.active,
            "created": self.created,
            "description": self.description,
            "images": [],
            "livemode": false,
            "marketing_features": [],
            "metadata": self.metadata,
            "name": self.name,
            "type": "service",
            "updated": self.created,
        });
        let nulls = ["default_price", "package_dimensions", "shippable", "statement_descriptor", "tax_code"];
        with_nulls(with_nulls(object, &nulls), &["tax_details", "unit_label", "url"])
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Price {
    pub id: String,
    pub created: i64,
    pub product: String,
    pub currency: Currency,
    /// Cents.
    pub unit_amount: i64,
    /// Comes again every month.
    pub monthly: bool,
    pub active: bool,
    pub nickname: Option<String>,
    pub metadata: Metadata,
}

impl Object for Price {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let recurring = self.monthly.then(|| {
            json!({ "interval": "month", "interval_count": 1, "meter": null, "trial_period_days": null,
                "usage_type": "licensed" })
        });
        json!({
            "id": self.id,
            "object": "price",
            "active": self.active,
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.currency.code,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": null,
            "metadata": self.metadata,
            "nickname": self.nickname,
            "product": self.product,
            "recurring": recurring,
            "tax_behavior": "unspecified",
            "tiers_mode": null,
            "transform_quantity": null,
            "type": if self.monthly { "recurring" } else { "one_time" },
            "unit_amount": self.unit_amount,
            "unit_amount_decimal": self.unit_amount.to_string(),
        })
    }
}

pub fn create_product(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let mut product = Product {
        id: params.text("id")?.unwrap_or_else(|| new_id("prod_")),
        created: desk.now,
        name: params.required("name")?,
        description: params.text("description")?,
        active: params.flag("active")?.unwrap_or(true),
        metadata: Metadata::new(),
    };
    params.merge_metadata(&mut product.metadata)?;
    params.refuse(&["default_price_data"])?;
    params.ignore(&[
        "images",
        "marketing_features",
        "shippable",
        "statement_descriptor",
        "tax_code",
        "type",
        "unit_label",
        "url",
    ]);
    params.finish()?;
    if desk.store.products.get(&product.id).is_some() {
        return Err(already_there("Product", &product.id));
    }
    let shape = product.render();
    desk.store.products.put(product);
    desk.emit("product.created", shape.clone());
    Ok(shape)
}

/// Somebody chose an id that is taken.
pub fn already_there(label: &str, id: &str) -> ApiError {
    ApiError::invalid(format!("{label} already exists: {id}.")).code("resource_already_exists").param("id")
}

pub fn create_price(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let product = params.required("product")?;
    let mut price = take_terms(&mut params, product, desk.now)?;
    price.active = params.flag("active")?.unwrap_or(true);
    price.nickname = params.text("nickname")?;
    params.merge_metadata(&mut price.metadata)?;
    params.refuse(&[
        "billing_scheme",
        "currency_options",
        "custom_unit_amount",
        "lookup_key",
        "product_data",
        "tiers",
    ])?;
    params.refuse(&["transform_quantity", "unit_amount_decimal"])?;
    params.ignore(&["tax_behavior"]);
    params.finish()?;
    if desk.store.products.get(&price.product).is_none() {
        return Err(ApiError::no_such_reference("product", &price.product, "product"));
    }
    let shape = price.render();
    desk.store.prices.put(price);
    desk.emit("price.created", shape.clone());
    Ok(shape)
}

/// Currency, amount and rhythm, as a price and the `price_data` of a session have them; not active until somebody says so.
pub fn take_terms(params: &mut Params, product: String, now: i64) -> Result<Price, ApiError> {
    let currency = Currency::parse(&params.required("currency")?, &params.name("currency"))?;
    let unit_amount = params.integer("unit_amount")?.ok_or_else(|| ApiError::missing(&params.name("unit_amount")))?;
    if unit_amount < 0 {
        let message = "This value must be greater than or equal to 0.";
        return Err(ApiError::invalid(message).code("parameter_invalid_integer").param(&params.name("unit_amount")));
    }
    currency.check_maximum(unit_amount, &params.name("unit_amount"))?;
    let monthly = match params.group("recurring")? {
        None => false,
        Some(mut recurring) => {
            recurring.choice("interval", &["month"])?.ok_or_else(|| ApiError::missing(&recurring.name("interval")))?;
            if let Some(count) = recurring.integer("interval_count")?.filter(|count| *count != 1) {
                return Err(ApiError::not_played(&recurring.name("interval_count"), &count.to_string()));
            }
            recurring.choice("usage_type", &["licensed"])?;
            recurring.finish()?;
            true
        }
    };
    Ok(Price {
        id: new_id("price_"),
        created: now,
        product,
        currency,
        unit_amount,
        monthly,
        active: false,
        nickname: None,
        metadata: Metadata::new(),
    })
}

pub fn update_product(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut product = find_product(desk, id)?.clone();
    product.name = params.text("name")?.unwrap_or(product.name);
    product.description = params.settable("description")?.unwrap_or(product.description);
    product.active = params.flag("active")?.unwrap_or(product.active);
    params.merge_metadata(&mut product.metadata)?;
    params.finish()?;
    let shape = product.render();
    if let Some(kept) = desk.store.products.get_mut(id) {
        *kept = product;
    }
    desk.emit("product.updated", shape.clone());
    Ok(shape)
}

pub fn update_price(desk: &mut Desk, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut price = find_price(desk, id)?.clone();
    price.active = params.flag("active")?.unwrap_or(price.active);
    price.nickname = params.settable("nickname")?.unwrap_or(price.nickname);
    params.merge_metadata(&mut price.metadata)?;
    params.finish()?;
    let shape = price.render();
    if let Some(kept) = desk.store.prices.get_mut(id) {
        *kept = price;
    }
    desk.emit("price.updated", shape.clone());
    Ok(shape)
}

fn find_product<'a>(desk: &'a Desk, id: &str) -> Result<&'a Product, ApiError> {
    desk.store.products.get(id).ok_or_else(|| ApiError::no_such("product", id, "id"))
}

pub fn retrieve_product(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find_product(desk, id).map(Object::render)
}

fn find_price<'a>(desk: &'a Desk, id: &str) -> Result<&'a Price, ApiError> {
    desk.store.prices.get(id).ok_or_else(|| ApiError::no_such("price", id, "price"))
}

pub fn retrieve_price(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find_price(desk, id).map(Object::render)
}

pub fn list_products(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let active = params.flag("active")?;
    let ids = params.texts("ids")?;
    params.refuse(&["shippable", "url"])?;
    params.finish()?;
    page.of(&desk.store.products, "product", url, |product| {
        active.is_none_or(|active| active == product.active) && (ids.is_empty() || ids.contains(&product.id))
    })
}

pub fn list_prices(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let active = params.flag("active")?;
    let product = params.text("product")?;
    let currency = params.text("currency")?;
    let monthly = params.choice("type", &["one_time", "recurring"])?.map(|kind| kind == "recurring");
    params.refuse(&["lookup_keys", "recurring"])?;
    params.finish()?;
    page.of(&desk.store.prices, "price", url, |price| {
        active.is_none_or(|active| active == price.active)
            && product.as_deref().is_none_or(|product| product == price.product)
            && currency.as_deref().is_none_or(|currency| currency == price.currency.code)
            && monthly.is_none_or(|monthly| monthly == price.monthly)
    })
}

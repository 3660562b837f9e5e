//! Customers: create, read, change.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::error::ApiError;
use crate::payments::sandbox::params::{Metadata, Params};
use crate::payments::sandbox::state::{Desk, Object, new_id};

use super::{payment_method, with_nulls};

/// Real parameters that change nothing here.
const IGNORED: [&str; 9] = [
    "address",
    "balance",
    "invoice_prefix",
    "next_invoice_sequence",
    "preferred_locales",
    "shipping",
    "tax",
    "tax_exempt",
    "tax_id_data",
];

/// Fields of the shape that are always null here.
const NULLS: [&str; 7] =
    ["address", "currency", "customer_account", "default_source", "discount", "shipping", "test_clock"];

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Customer {
    pub id: String,
    pub created: i64,
    pub email: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub description: Option<String>,
    pub default_payment_method: Option<String>,
    pub metadata: Metadata,
}

impl Object for Customer {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn render(&self) -> Value {
        let object = json!({
            "id": self.id,
            "object": "customer",
            "balance": 0,
            "created": self.created,
            "delinquent": false,
            "description": self.description,
            "email": self.email,
            "invoice_prefix": self.id.get(4..12).unwrap_or_default().to_ascii_uppercase(),
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.default_payment_method,
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": 1,
            "phone": self.phone,
            "preferred_locales": [],
            "tax_exempt": "none",
        });
        with_nulls(object, &NULLS)
    }
}

/// Puts a customer that the sandbox itself makes, as Checkout does.
pub fn open(desk: &mut Desk, email: Option<String>, name: Option<String>) -> String {
    let id = new_id("cus_");
    let customer = Customer { id: id.clone(), created: desk.now, email, name, ..Customer::default() };
    let shape = customer.render();
    desk.store.customers.put(customer);
    desk.emit("customer.created", shape);
    id
}

pub fn create(desk: &mut Desk, mut params: Params) -> Result<Value, ApiError> {
    let mut customer = Customer { id: new_id("cus_"), created: desk.now, ..Customer::default() };
    let attached = params.text("payment_method")?;
    let default = change(&mut customer, params)?;
    for id in attached.iter().chain(default.iter().flatten()) {
        payment_method::known(desk, id, "payment_method")?;
    }
    let id = customer.id.clone();
    desk.store.customers.put(customer);
    if let Some(method) = attached {
        payment_method::attach_to(desk, &method, &id)?;
    }
    set_default(desk, &id, default)?;
    let shape = retrieve(desk, &id)?;
    desk.emit("customer.created", shape.clone());
    Ok(shape)
}

pub fn update(desk: &mut Desk, id: &str, params: Params) -> Result<Value, ApiError> {
    let mut customer = find(desk, id)?.clone();
    let default = change(&mut customer, params)?;
    if let Some(Some(method)) = &default {
        let owner = payment_method::known(desk, method, "invoice_settings[default_payment_method]")?;
        if owner.as_deref() != Some(id) {
            return Err(ApiError::invalid(format!(
                "The customer does not have a payment method with the ID {method}. The payment method must be \
                 attached to the customer."
            ))
            .code("resource_missing")
            .param("invoice_settings[default_payment_method]"));
        }
    }
    if let Some(kept) = desk.store.customers.get_mut(id) {
        *kept = customer;
    }
    set_default(desk, id, default)?;
    let shape = retrieve(desk, id)?;
    desk.emit("customer.updated", shape.clone());
    Ok(shape)
}

pub fn retrieve(desk: &Desk, id: &str) -> Result<Value, ApiError> {
    find(desk, id).map(Object::render)
}

pub fn find<'a>(desk: &'a Desk, id: &str) -> Result<&'a Customer, ApiError> {
    desk.store.customers.get(id).ok_or_else(|| ApiError::no_such("customer", id, "id"))
}

/// Reads the parameters into `customer`; what is to become of the default payment method is told apart,
/// because it must be checked against the store.
fn change(customer: &mut Customer, mut params: Params) -> Result<Option<Option<String>>, ApiError> {
    for (field, slot) in [
        ("email", &mut customer.email),
        ("name", &mut customer.name),
        ("phone", &mut customer.phone),
        ("description", &mut customer.description),
    ] {
        if let Some(given) = params.settable(field)? {
            *slot = given;
        }
    }
    if let Some(email) = customer.email.as_deref().filter(|email| !is_email(email)) {
        return Err(ApiError::invalid(format!("Invalid email address: {email}")).code("email_invalid").param("email"));
    }
    params.merge_metadata(&mut customer.metadata)?;
    let mut default = None;
    if let Some(mut settings) = params.group("invoice_settings")? {
        default = settings.settable("default_payment_method")?;
        settings.ignore(&["custom_fields", "footer", "rendering_options"]);
        settings.finish()?;
    }
    params.ignore(&IGNORED);
    params.finish()?;
    Ok(default)
}

fn set_default(desk: &mut Desk, id: &str, default: Option<Option<String>>) -> Result<(), ApiError> {
    if let (Some(method), Some(customer)) = (default, desk.store.customers.get_mut(id)) {
        customer.default_payment_method = method;
    }
    Ok(())
}

/// A text, one `@`, a host: the rest is for the mail to find out.
pub fn is_email(text: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    text.split_once('@').is_some_and(|(user, host)| sound(user) && sound(host) && !host.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_one_at_sign_with_something_on_both_sides() {
        for right in ["a@b.c", "first.last+tag@example.com", "root@localhost"] {
            assert!(is_email(right), "{right}");
        }
        for wrong in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@.c"] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }
}

//! Lists, a page at a time, newest first; and ids expanded to the objects they name.

use serde_json::{Value, json};

use super::error::ApiError;
use super::objects::{
    balance_transaction, catalogue, charge, checkout_session, coupon, customer, dispute, invoice, payment_intent,
    payment_method, promotion, refund, setup_intent, subscription,
};
use super::params::Params;
use super::state::{Desk, Object, Shelf};

/// Stripe's page sizes.
const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;
/// Stripe expands at most four levels deep.
const EXPAND_DEPTH_MAX: usize = 4;

/// Which page is asked for.
#[derive(Debug)]
pub struct Page {
    limit: usize,
    starting_after: Option<String>,
    ending_before: Option<String>,
    created: Vec<(&'static str, i64)>,
}

impl Page {
    pub fn take(params: &mut Params) -> Result<Self, ApiError> {
        let limit = params.integer("limit")?.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            let bound = if limit < 1 { "greater than or equal to 1" } else { "less than or equal to 100" };
            return Err(ApiError::invalid(format!("This value must be {bound}."))
                .code("parameter_invalid_integer")
                .param("limit"));
        }
        let page = Self {
            limit: usize::try_from(limit).unwrap_or_default(),
            starting_after: params.text("starting_after")?,
            ending_before: params.text("ending_before")?,
            created: take_created(params)?,
        };
        if page.starting_after.is_some() && page.ending_before.is_some() {
            return Err(ApiError::invalid(
                "You cannot parameterize both starting_after and ending_before at the same time.",
            ));
        }
        Ok(page)
    }

    fn admits(&self, created: i64) -> bool {
        self.created.iter().all(|(comparison, bound)| match *comparison {
            "gt" => created > *bound,
            "gte" => created >= *bound,
            "lt" => created < *bound,
            "lte" => created <= *bound,
            _ => created == *bound,
        })
    }

    /// The page of the objects that `wanted` lets through.
    pub fn of<T: Object>(
        &self,
        shelf: &Shelf<T>,
        label: &str,
        url: &str,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Value, ApiError> {
        let all = || shelf.newest_first().filter(|item| self.admits(item.created()) && wanted(item));
        let known = |id: &str, param: &str| match shelf.get(id) {
            Some(_) => Ok(()),
            None => Err(ApiError::no_such_reference(label, id, param)),
        };
        let more_than_the_page = self.limit.saturating_add(1);
        let mut found: Vec<&T> = if let Some(id) = &self.starting_after {
            known(id, "starting_after")?;
            all().skip_while(|item| item.id() != id).skip(1).take(more_than_the_page).collect()
        } else if let Some(id) = &self.ending_before {
            known(id, "ending_before")?;
            let mut newer: Vec<&T> = all().take_while(|item| item.id() != id).collect();
            newer.reverse();
            newer.truncate(more_than_the_page);
            newer
        } else {
            all().take(more_than_the_page).collect()
        };
        let has_more = found.len() > self.limit;
        found.truncate(self.limit);
        if self.ending_before.is_some() {
            found.reverse();
        }
        let data = found.into_iter().map(Object::render).collect();
        Ok(envelope(data, has_more, url))
    }
}

/// Stripe's list object.
pub fn envelope(data: Vec<Value>, has_more: bool, url: &str) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}

fn take_created(params: &mut Params) -> Result<Vec<(&'static str, i64)>, ApiError> {
    // `created=5` and `created[gte]=5` are both allowed; the kind decides which.
    if let Ok(Some(exact)) = params.clone().integer("created") {
        params.ignore(&["created"]);
        return Ok(vec![("eq", exact)]);
    }
    let mut bounds = Vec::new();
    if let Some(mut group) = params.group("created")? {
        for comparison in ["gt", "gte", "lt", "lte"] {
            if let Some(bound) = group.integer(comparison)? {
                bounds.push((comparison, bound));
            }
        }
        group.finish()?;
    }
    Ok(bounds)
}

/// Replaces the ids at the given paths (`data.payment_intent.latest_charge`) by the objects they name.
pub fn expand(desk: &Desk, value: &mut Value, paths: &[String]) -> Result<(), ApiError> {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        if steps.len() > EXPAND_DEPTH_MAX {
            let message = format!("You cannot expand more than {EXPAND_DEPTH_MAX} levels of a property.");
            return Err(ApiError::invalid(message).param("expand"));
        }
        expand_path(desk, value, &steps, path)?;
    }
    Ok(())
}

fn expand_path(desk: &Desk, value: &mut Value, steps: &[&str], path: &str) -> Result<(), ApiError> {
    let Some((step, rest)) = steps.split_first() else {
        return Ok(());
    };
    if value["object"] == "list" && *step == "data" {
        let items = value["data"].as_array_mut().into_iter().flatten();
        return items.into_iter().try_for_each(|item| expand_path(desk, item, rest, path));
    }
    let cannot = || ApiError::invalid(format!("This property cannot be expanded ({path}).")).param("expand");
    if value["object"] == "checkout.session" && *step == "line_items" {
        let id = value["id"].as_str().unwrap_or_default().to_owned();
        let items = checkout_session::find(desk, &id)?.line_items();
        value["line_items"] = envelope(items, false, &format!("/v1/checkout/sessions/{id}/line_items"));
        return expand_path(desk, &mut value["line_items"], rest, path);
    }
    if value["object"] == "charge" && *step == "refunds" {
        let id = value["id"].as_str().unwrap_or_default();
        let of_charge = desk.store.refunds.newest_first().filter(|refund| refund.charge == id).map(Object::render);
        let list = envelope(of_charge.collect(), false, &format!("/v1/charges/{id}/refunds"));
        value["refunds"] = list;
        return expand_path(desk, &mut value["refunds"], rest, path);
    }
    let field = value.get_mut(*step).ok_or_else(cannot)?;
    match field {
        Value::Null => Ok(()),
        Value::String(id) => {
            *field = lookup(desk, id).ok_or_else(cannot)?;
            expand_path(desk, field, rest, path)
        }
        Value::Object(_) if !rest.is_empty() => expand_path(desk, field, rest, path),
        Value::Object(fields) if fields.contains_key("object") => Ok(()),
        _ => Err(cannot()),
    }
}

fn lookup(desk: &Desk, id: &str) -> Option<Value> {
    // The ids of coupons are chosen by whoever makes them.
    match id.split_once('_').map_or("", |(prefix, _)| prefix) {
        "cus" => customer::retrieve(desk, id).ok(),
        "pm" => payment_method::retrieve(desk, id).ok(),
        "pi" => payment_intent::retrieve(desk, id).ok(),
        "ch" => charge::retrieve(desk, id).ok(),
        "re" => refund::retrieve(desk, id).ok(),
        "du" => dispute::retrieve(desk, id).ok(),
        "txn" => balance_transaction::retrieve(desk, id).ok(),
        "sub" => subscription::retrieve(desk, id).ok(),
        "seti" => setup_intent::retrieve(desk, id).ok(),
        "in" => invoice::retrieve(desk, id).ok(),
        "prod" => catalogue::retrieve_product(desk, id).ok(),
        "price" => catalogue::retrieve_price(desk, id).ok(),
        "promo" => promotion::retrieve(desk, id).ok(),
        _ => coupon::retrieve(desk, id).ok(),
    }
}

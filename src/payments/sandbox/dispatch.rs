//! The paths of `/v1` and what each does. Reads like the table of contents of Stripe's reference.

use serde_json::Value;

use super::error::ApiError;
use super::list::{Page, envelope, expand};
use super::objects::checkout_session::Status;
use super::objects::{
    balance_transaction, catalogue, charge, checkout_request, checkout_session, coupon, customer, dispute, invoice,
    payment_intent, payment_method, portal_session, promotion, refund, setup_intent, subscription,
};
use super::params::Params;
use super::state::{Desk, Object};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Delete,
}

impl Method {
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// Does one request and answers with the object, expanded as asked.
pub fn run(desk: &mut Desk, method: Method, path: &str, mut params: Params) -> Result<Value, ApiError> {
    let paths = params.texts("expand")?;
    let steps: Vec<&str> = path.trim_start_matches("/v1/").trim_end_matches('/').split('/').collect();
    let mut value = match method {
        Method::Post => write(desk, &steps, path, params)?,
        Method::Get => read(desk, &steps, path, params)?,
        Method::Delete => delete(desk, &steps, path, params)?,
    };
    expand(desk, &mut value, &paths)?;
    Ok(value)
}

fn write(desk: &mut Desk, steps: &[&str], path: &str, params: Params) -> Result<Value, ApiError> {
    match *steps {
        ["customers"] => customer::create(desk, params),
        ["customers", id] => customer::update(desk, id, params),
        ["payment_methods"] => payment_method::create(desk, params),
        ["payment_methods", id, "attach"] => payment_method::attach(desk, id, params),
        ["payment_methods", id, "detach"] => payment_method::detach(desk, id, params),
        ["payment_intents"] => payment_intent::create(desk, params),
        ["payment_intents", id] => payment_intent::update(desk, id, params),
        ["payment_intents", id, "confirm"] => payment_intent::confirm(desk, id, params),
        ["payment_intents", id, "cancel"] => payment_intent::cancel(desk, id, params),
        ["refunds"] => refund::create(desk, params),
        ["refunds", id] => refund::update(desk, id, params),
        ["disputes", id] => dispute::update(desk, id, params),
        ["disputes", id, "close"] => dispute::close(desk, id, params),
        ["products"] => catalogue::create_product(desk, params),
        ["products", id] => catalogue::update_product(desk, id, params),
        ["prices"] => catalogue::create_price(desk, params),
        ["prices", id] => catalogue::update_price(desk, id, params),
        ["coupons"] => coupon::create(desk, params),
        ["coupons", id] => coupon::update(desk, id, params),
        ["promotion_codes"] => promotion::create(desk, params),
        ["promotion_codes", id] => promotion::update(desk, id, params),
        ["subscriptions"] => subscription::create(desk, params),
        ["subscriptions", id] => subscription::update(desk, id, params),
        ["billing_portal", "sessions"] => portal_session::create(desk, params),
        ["checkout", "sessions"] => checkout_request::create(desk, params),
        ["checkout", "sessions", id] => checkout_session::update(desk, id, params),
        ["checkout", "sessions", id, "expire"] => checkout_session::expire(desk, id, params),
        _ => Err(ApiError::unknown_path(Method::Post.word(), path)),
    }
}

fn delete(desk: &mut Desk, steps: &[&str], path: &str, params: Params) -> Result<Value, ApiError> {
    match *steps {
        ["coupons", id] => coupon::delete(desk, id, params),
        ["subscriptions", id] => subscription::cancel(desk, id, params),
        _ => Err(ApiError::unknown_path(Method::Delete.word(), path)),
    }
}

fn read(desk: &Desk, steps: &[&str], path: &str, params: Params) -> Result<Value, ApiError> {
    match *steps {
        ["customers"] => list_customers(desk, path, params),
        ["payment_methods"] => list_methods(desk, None, path, params),
        ["customers", id, "payment_methods"] => list_methods(desk, Some(id), path, params),
        ["payment_intents"] => list_intents(desk, path, params),
        ["checkout", "sessions"] => list_sessions(desk, path, params),
        ["checkout", "sessions", id, "line_items"] => list_line_items(desk, id, path, params),
        ["charges"] => charge::list(desk, path, params),
        ["refunds"] => refund::list(desk, path, params),
        ["disputes"] => dispute::list(desk, path, params),
        ["balance_transactions"] => balance_transaction::list(desk, path, params),
        ["products"] => catalogue::list_products(desk, path, params),
        ["prices"] => catalogue::list_prices(desk, path, params),
        ["coupons"] => coupon::list(desk, path, params),
        ["promotion_codes"] => promotion::list(desk, path, params),
        ["subscriptions"] => subscription::list(desk, path, params),
        ["invoices"] => invoice::list(desk, path, params),
        ["invoices", id, "lines"] => invoice::list_lines(desk, id, path, params),
        ["events"] => list_events(desk, path, params),
        _ => {
            params.finish()?;
            read_one(desk, steps, path)
        }
    }
}

fn read_one(desk: &Desk, steps: &[&str], path: &str) -> Result<Value, ApiError> {
    match *steps {
        ["customers", id] => customer::retrieve(desk, id),
        ["payment_methods", id] | ["customers", _, "payment_methods", id] => payment_method::retrieve(desk, id),
        ["payment_intents", id] => payment_intent::retrieve(desk, id),
        ["setup_intents", id] => setup_intent::retrieve(desk, id),
        ["products", id] => catalogue::retrieve_product(desk, id),
        ["prices", id] => catalogue::retrieve_price(desk, id),
        ["coupons", id] => coupon::retrieve(desk, id),
        ["promotion_codes", id] => promotion::retrieve(desk, id),
        ["subscriptions", id] => subscription::retrieve(desk, id),
        ["invoices", id] => invoice::retrieve(desk, id),
        ["refunds", id] => refund::retrieve(desk, id),
        ["disputes", id] => dispute::retrieve(desk, id),
        ["balance_transactions", id] => balance_transaction::retrieve(desk, id),
        ["charges", id] => charge::retrieve(desk, id),
        ["checkout", "sessions", id] => checkout_session::retrieve(desk, id),
        ["events", id] => {
            let event = desk.store.events.get(id).map(Object::render);
            event.ok_or_else(|| ApiError::no_such("event", id, "id"))
        }
        _ => Err(ApiError::unknown_path(Method::Get.word(), path)),
    }
}

fn list_customers(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let email = params.text("email")?;
    params.finish()?;
    page.of(&desk.store.customers, "customer", url, |customer| email.is_none() || customer.email == email)
}

fn list_methods(desk: &Desk, owner: Option<&str>, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let owner = match owner {
        Some(id) => Some(customer::find(desk, id)?.id.clone()),
        None => params.text("customer")?,
    };
    let kind = params.text("type")?;
    params.ignore(&["allow_redisplay"]);
    params.finish()?;
    page.of(&desk.store.payment_methods, "PaymentMethod", url, |method| {
        owner.is_some() && method.customer == owner && kind.as_deref().is_none_or(|kind| kind == method.kind())
    })
}

fn list_intents(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let customer = params.text("customer")?;
    params.finish()?;
    page.of(&desk.store.payment_intents, "payment_intent", url, |intent| {
        customer.is_none() || intent.customer == customer
    })
}

fn list_sessions(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let customer = params.text("customer")?;
    let intent = params.text("payment_intent")?;
    let status = match params.choice("status", &["open", "complete", "expired"])? {
        Some("open") => Some(Status::Open),
        Some("complete") => Some(Status::Complete),
        Some(_) => Some(Status::Expired),
        None => None,
    };
    params.finish()?;
    page.of(&desk.store.sessions, "checkout.session", url, |session| {
        (customer.is_none() || session.customer == customer)
            && (intent.is_none() || session.payment_intent == intent)
            && status.is_none_or(|status| session.status == status)
    })
}

fn list_line_items(desk: &Desk, id: &str, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let items = checkout_session::find(desk, id)?.line_items();
    // A session has at most a hundred items, which is also the largest page: one page tells all.
    params.ignore(&["limit"]);
    params.finish()?;
    Ok(envelope(items, false, url))
}

fn list_events(desk: &Desk, url: &str, mut params: Params) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    let mut kinds = params.texts("types")?;
    kinds.extend(params.text("type")?);
    params.ignore(&["delivery_success"]);
    params.finish()?;
    page.of(&desk.store.events, "event", url, |event| {
        kinds.is_empty() || kinds.iter().any(|kind| kind == event.kind || is_family(kind, event.kind))
    })
}

/// `charge.*` names all events of a kind of object.
fn is_family(pattern: &str, kind: &str) -> bool {
    pattern.strip_suffix('*').is_some_and(|family| family.ends_with('.') && kind.starts_with(family))
}

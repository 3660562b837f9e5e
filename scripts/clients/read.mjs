// The part of an OpenAPI document that a client needs, in the order in which it is written out.

/** Stripe calls this one, by a signature and not by a key. */
const NOT_FOR_CLIENTS = new Set(["receive_stripe_event"]);
/** Headers that the transport of each client sends by itself. */
const SENT_BY_TRANSPORT = new Set(["idempotency-key", "last-event-id", "if-none-match"]);

/** What a list is turned by: the query's name and the answer's. */
const TURNS = [["cursor", "next_cursor"], ["before", "next_before"], ["after", "next_after"]];

export function read(document) {
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => ({ name, schema }));
  const operations = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of ["get", "post", "put", "patch", "delete"]) {
      const operation = item[method];
      if (operation && !NOT_FOR_CLIENTS.has(operation.operationId)) {
        operations.push(operationOf(document, method, path, operation, item.parameters ?? []));
      }
    }
  }
  operations.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { schemas, operations };
}

function operationOf(document, method, path, operation, shared) {
  const parameters = [...shared, ...(operation.parameters ?? [])];
  const within = (where) => parameters.filter((parameter) => parameter.in === where);
  const headers = within("header").map((parameter) => parameter.name.toLowerCase());
  const unknown = headers.filter((header) => !SENT_BY_TRANSPORT.has(header));
  if (unknown.length > 0) throw new Error(`${operation.operationId}: no client sends the header ${unknown.join(", ")}`);
  const body = operation.requestBody?.content;
  const result = resultOf(operation);
  const query = within("query");
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    summary: (operation.summary ?? operation.description ?? operation.operationId).trim().replace(/\s+/g, " "),
    // In the order in which the path has them.
    path_parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    query,
    body: body ? { schema: body["application/json"]?.schema, text: "text/csv" in body } : null,
    idempotent: headers.includes("idempotency-key"),
    result,
    turn: turnOf(document, query, result),
  };
}

/** What a call that succeeded gives: a JSON value, text, or a stream of events. */
function resultOf(operation) {
  const answers = Object.entries(operation.responses).filter(([status]) => status.startsWith("2"));
  const contents = answers.flatMap(([, answer]) => Object.entries(answer.content ?? {}));
  if (contents.some(([type]) => type === "text/event-stream")) return { kind: "events" };
  const schemas = contents.filter(([type]) => type === "application/json").map(([, content]) => content.schema ?? {});
  if (contents.some(([type]) => type !== "application/json") || schemas.length === 0) return { kind: contents.length ? "text" : "nothing" };
  return { kind: "json", schemas };
}

/** How a list is read to its end: which query turns the page, and which field of the answer has the items. */
function turnOf(document, query, result) {
  if (result.kind !== "json" || result.schemas.length !== 1) return null;
  const schema = resolve(document, result.schemas[0]);
  const turn = TURNS.find(([ask, told]) => query.some(({ name }) => name === ask) && schema.properties?.[told]);
  const lists = Object.entries(schema.properties ?? {}).filter(([, property]) => property.type === "array");
  if (!turn || lists.length !== 1) return null;
  return { ask: turn[0], told: turn[1], items: lists[0][0], schema: lists[0][1].items };
}

function resolve(document, schema) {
  return schema.$ref ? document.components.schemas[schema.$ref.split("/").at(-1)] : schema;
}

// Writes clients/python/aethel/generated.py.

const HEAD = `# Written by scripts/clients.mjs from docs/openapi.json: change the server, not this file.
"""Every operation of the API, one method each, and the shapes that go in and come out."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Literal, NotRequired, TypeAlias, TypedDict, Union

from .transport import ServerEvent, Transport, quote
`;

const text = (value) => JSON.stringify(value);
const each = (id) => (id.startsWith("list_") ? id.replace("list_", "each_") : `each_${id}`);
const sentence = (words) => words.trim().replace(/\s+/g, " ").replaceAll("\\", "\\\\").replaceAll('"', "'");

/** A JSON schema as a type. */
function typeOf(schema) {
  if (!schema || Object.keys(schema).length === 0 || schema === true) return "Any";
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.enum) return `Literal[${schema.enum.map(text).join(", ")}]`;
  if (schema.const !== undefined) return `Literal[${text(schema.const)}]`;
  // Python cannot say "both": what is more exact is left to the reader of the documentation.
  if (schema.allOf) return "Dict[str, Any]";
  if (schema.oneOf ?? schema.anyOf) return union((schema.oneOf ?? schema.anyOf).map(typeOf));
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type })));
  switch (schema.type) {
    case "null": return "None";
    case "string": return "str";
    case "boolean": return "bool";
    case "integer": return "int";
    case "number": return "float";
    case "array": return `List[${typeOf(schema.items)}]`;
    default: {
      const values = schema.additionalProperties;
      return `Dict[str, ${values && values !== true ? typeOf(values) : "Any"}]`;
    }
  }
}

function union(types) {
  const several = [...new Set(types)];
  return several.length === 1 ? several[0] : `Union[${several.join(", ")}]`;
}

function schemaOf({ name, schema }) {
  const properties = Object.entries(schema.properties ?? {});
  if (schema.type !== "object" || properties.length === 0) return `${name}: TypeAlias = ${text(typeOf(schema))}\n`;
  const required = new Set(schema.required ?? []);
  const lines = properties.map(([field, property]) => {
    const type = typeOf(property);
    return `        ${text(field)}: ${text(required.has(field) ? type : `NotRequired[${type}]`)},`;
  });
  return `${name} = TypedDict(\n    ${text(name)},\n    {\n${lines.join("\n")}\n    },\n)\n`;
}

function resultOf(result) {
  if (result.kind === "json") return union(result.schemas.map(typeOf));
  return result.kind === "text" ? "str" : "None";
}

/** A name that is a word of Python's gets an underscore. */
const variable = (name) => (/^(from|class|def|in|is|not|type|id|format)$/.test(name) ? `${name}_` : name);

function argumentsOf(operation) {
  const first = operation.path_parameters.map((name) => `${name}: str`);
  if (operation.body) {
    first.push(`body: ${union([operation.body.schema && typeOf(operation.body.schema), operation.body.text && "str"].filter(Boolean))}`);
  }
  const named = operation.query.map((parameter) =>
    parameter.required ? `${variable(parameter.name)}: ${typeOf(parameter.schema)}` : `${variable(parameter.name)}: ${union([typeOf(parameter.schema), "None"])} = None`,
  );
  named.sort((a, b) => a.includes(" = ") - b.includes(" = "));
  if (operation.idempotent) named.push("idempotency_key: Union[str, None] = None");
  return ["self", ...first, ...(named.length > 0 ? ["*", ...named] : [])].join(", ");
}

const queryOf = (operation) => `{${operation.query.map(({ name }) => `${text(name)}: ${variable(name)}`).join(", ")}}`;

function pathOf(operation) {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => `{quote(${name})}`);
  return operation.path_parameters.length > 0 ? `f${text(path)}` : text(path);
}

function methodOf(operation) {
  const parts = [
    operation.query.length > 0 && `query=${queryOf(operation)}`,
    operation.body && "body=body",
    operation.idempotent && "idempotency_key=idempotency_key, idempotent=True",
    operation.result.kind === "text" && "text=True",
  ].filter(Boolean);
  const given = [pathOf(operation), ...parts].join(", ");
  if (operation.result.kind === "events") {
    return `    def ${operation.id}(${argumentsOf(operation)}) -> Iterator[ServerEvent]:\n        """${sentence(operation.summary)}"""\n        return self.events(${given})\n`;
  }
  return `    def ${operation.id}(${argumentsOf(operation)}) -> ${resultOf(operation.result)}:\n        """${sentence(operation.summary)}"""\n        return self.call(${text(operation.method)}, ${given})\n`;
}

/** Reads a list to its end, page by page. */
function eachOf(operation) {
  if (!operation.turn) return "";
  const { ask, told, items, schema } = operation.turn;
  const given = [...operation.path_parameters, ...operation.query.map(({ name }) => `${variable(name)}=${variable(name)}`)].join(", ");
  return `    def ${each(operation.id)}(${argumentsOf(operation)}) -> Iterator[${typeOf(schema)}]:
        """Every item of \`${operation.id}\`, page after page."""
        while True:
            page = self.${operation.id}(${given})
            yield from page[${text(items)}]
            ${variable(ask)} = page.get(${text(told)})
            if ${variable(ask)} is None:
                return
`;
}

export function python(api) {
  const methods = api.operations.map((operation) => [methodOf(operation), eachOf(operation)].filter(Boolean).join("\n"));
  return `${HEAD}\n${api.schemas.map(schemaOf).join("\n")}\n\nclass Aethel(Transport):\n    """Every operation of the API, one method each."""\n\n${methods.join("\n")}`;
}

// Writes clients/typescript/src/generated.ts.

const HEAD = `// Written by scripts/clients.mjs from docs/openapi.json: change the server, not this file.
/* eslint-disable */
import { Transport, type CallOptions, type ServerEvent } from "./transport.js";
`;

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const each = (id) => camel(id.startsWith("list_") ? id.replace("list_", "each_") : `each_${id}`);
const text = (value) => JSON.stringify(value);
const comment = (sentence, indent = "") => (sentence ? `${indent}/** ${sentence.trim().replace(/\s+/g, " ").replaceAll("*/", "* /")} */\n` : "");

/** A JSON schema as a type. */
export function typeOf(schema) {
  if (!schema || Object.keys(schema).length === 0 || schema === true) return "unknown";
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.enum) return schema.enum.map(text).join(" | ");
  if (schema.const !== undefined) return text(schema.const);
  if (schema.allOf) return schema.allOf.map((part) => wrapped(typeOf(part))).join(" & ");
  if (schema.oneOf ?? schema.anyOf) return [...new Set((schema.oneOf ?? schema.anyOf).map(typeOf))].join(" | ");
  if (Array.isArray(schema.type)) return [...new Set(schema.type.map((type) => typeOf({ ...schema, type })))].join(" | ");
  switch (schema.type) {
    case "null": return "null";
    case "string": return "string";
    case "boolean": return "boolean";
    case "integer":
    case "number": return "number";
    case "array": return `${wrapped(typeOf(schema.items))}[]`;
    default: return objectOf(schema);
  }
}

const wrapped = (type) => (/[|&]/.test(type) ? `(${type})` : type);

function objectOf(schema) {
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) {
    const values = schema.additionalProperties;
    return `Record<string, ${values && values !== true ? typeOf(values) : "unknown"}>`;
  }
  const required = new Set(schema.required ?? []);
  const lines = properties.map(([name, property]) => `${comment(property.description, "  ")}  ${name}${required.has(name) ? "" : "?"}: ${typeOf(property)};`);
  return `{\n${lines.join("\n")}\n}`;
}

function schemaOf({ name, schema }) {
  const type = typeOf(schema);
  const head = comment(schema.description);
  return type.startsWith("{\n") ? `${head}export interface ${name} ${type}\n` : `${head}export type ${name} = ${type};\n`;
}

function resultOf(result) {
  if (result.kind === "json") return result.schemas.map(typeOf).join(" | ");
  return result.kind === "text" ? "string" : "void";
}

function argumentsOf(operation) {
  const args = operation.path_parameters.map((name) => `${camel(name)}: string`);
  if (operation.body) args.push(`body: ${[operation.body.schema && typeOf(operation.body.schema), operation.body.text && "string"].filter(Boolean).join(" | ")}`);
  if (operation.query.length > 0) {
    const fields = operation.query.map((parameter) => `${parameter.name}${parameter.required ? "" : "?"}: ${typeOf(parameter.schema)}`);
    const isRequired = operation.query.some((parameter) => parameter.required);
    args.push(`query: { ${fields.join("; ")} }${isRequired ? "" : " = {}"}`);
  }
  return [...args, "options: CallOptions = {}"].join(", ");
}

function methodOf(operation) {
  const path = "`" + operation.path.replace(/\{(\w+)\}/g, (_, name) => `\${encodeURIComponent(${camel(name)})}`) + "`";
  const parts = [
    operation.query.length > 0 && "query",
    operation.body && "body",
    operation.idempotent && "idempotent: true",
    operation.result.kind === "text" && "text: true",
  ].filter(Boolean);
  const request = `${text(operation.method)}, ${path}, { ${parts.join(", ")} }, options`.replace("{  }", "{}");
  const head = comment(operation.summary, "  ");
  if (operation.result.kind === "events") {
    return `${head}  ${camel(operation.id)}(${argumentsOf(operation)}): AsyncGenerator<ServerEvent> {\n    return this.events(${path}, { ${parts.join(", ")} }, options);\n  }\n`.replace("{  }", "{}");
  }
  return `${head}  ${camel(operation.id)}(${argumentsOf(operation)}): Promise<${resultOf(operation.result)}> {\n    return this.call(${request});\n  }\n`;
}

/** Reads a list to its end, page by page. */
function eachOf(operation) {
  if (!operation.turn) return "";
  const { ask, told, items, schema } = operation.turn;
  const names = operation.path_parameters.map(camel);
  return `${comment(`Every item of \`${camel(operation.id)}\`, page after page.`, "  ")}  async *${each(operation.id)}(${argumentsOf(operation)}): AsyncGenerator<${typeOf(schema)}> {
    let turn = query.${ask};
    do {
      const page = await this.${camel(operation.id)}(${[...names, `{ ...query, ${ask}: turn }`, "options"].join(", ")});
      yield* page.${items};
      turn = page.${told} ?? undefined;
    } while (turn !== undefined);
  }
`;
}

export function typescript(api) {
  const methods = api.operations.map((operation) => [methodOf(operation), eachOf(operation)].filter(Boolean).join("\n"));
  return `${HEAD}\n${api.schemas.map(schemaOf).join("\n")}\n/** Every operation of the API, one method each. */\nexport class Aethel extends Transport {\n${methods.join("\n")}}\n`;
}

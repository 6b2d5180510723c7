// Shows the OpenAPI document. Everything that comes from it is put into the page as text.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];

/** An element with a class, children and text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** What a reference leads to; anything else is itself. */
function resolve(value, whole) {
  let found = value;
  for (let steps = 0; found && found.$ref && steps < 8; steps += 1) {
    found = found.$ref.slice(2).split("/").reduce((part, key) => part?.[key], whole);
  }
  return found ?? {};
}

function nameOf(schema) {
  return schema?.$ref ? schema.$ref.split("/").pop() : null;
}

/** The type of a schema in a word or two. */
function typeOf(schema, whole, depth = 0) {
  if (!schema || depth > 4) return "";
  const name = nameOf(schema);
  if (name) return name;
  const forms = schema.oneOf ?? schema.anyOf;
  if (forms) return forms.map((form) => typeOf(form, whole, depth + 1)).join(" | ");
  if (schema.allOf) return schema.allOf.map((part) => typeOf(part, whole, depth + 1)).join(" & ");
  if (schema.type === "array") return `${typeOf(schema.items, whole, depth + 1)}[]`;
  const types = [schema.type ?? "any"].flat().join(" | ");
  return schema.format === "binary" ? "file" : types;
}

/** All fields of an object schema, those of its parts included. */
function fieldsOf(schema, whole, depth = 0) {
  const found = resolve(schema, whole);
  if (depth > 4) return [];
  const parts = (found.allOf ?? []).flatMap((part) => fieldsOf(part, whole, depth + 1));
  const required = new Set(found.required ?? []);
  const own = Object.entries(found.properties ?? {}).map(([name, field]) => ({ name, field, required: required.has(name) }));
  return [...parts, ...own];
}

/** An example of a schema: its own, or one put together of those of its parts. */
function exampleOf(schema, whole, depth = 0) {
  const found = resolve(schema, whole);
  if (found.examples?.length) return found.examples[0];
  if (found.example !== undefined) return found.example;
  if (found.const !== undefined) return found.const;
  if (depth > 6) return null;
  const forms = found.oneOf ?? found.anyOf;
  if (forms) return exampleOf(forms.find((form) => form.type !== "null"), whole, depth + 1);
  if (found.type === "array") return [exampleOf(found.items, whole, depth + 1)];
  if (found.properties || found.allOf) {
    return Object.fromEntries(
      fieldsOf(found, whole).map(({ name, field }) => [name, name === "statusCode" ? 200 : exampleOf(field, whole, depth + 1)]),
    );
  }
  return { string: "words", integer: 1, number: 1, boolean: true }[[found.type].flat()[0]] ?? null;
}

function table(heads, rows) {
  const head = make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)));
  const body = rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
}

function shape(schema, whole) {
  const forms = resolve(schema, whole).anyOf ?? [schema];
  const parts = [];
  for (const form of forms) {
    // What an envelope holds says more than the envelope.
    const inner = form?.properties?.data ?? form;
    const item = resolve(inner, whole).type === "array" ? resolve(inner, whole).items : inner;
    const rows = fieldsOf(item, whole).map(({ name, field, required }) => [
      make("code", {}, required ? name : `${name}?`),
      make("code", {}, typeOf(field, whole)),
      field.description ?? resolve(field, whole).description ?? "",
    ]);
    const title = inner === form ? typeOf(form, whole) : `data: ${typeOf(inner, whole)}`;
    parts.push(make("p", { class: "soft" }, title));
    if (rows.length) parts.push(table(["field", "type", ""], rows));
    const example = JSON.stringify(exampleOf(form, whole), null, 2);
    parts.push(make("details", {}, make("summary", {}, "Example"), make("pre", { tabindex: "0" }, example)));
  }
  return parts;
}

function contents(content, whole) {
  return Object.entries(content ?? {}).flatMap(([type, { schema, example }]) => [
    make("p", {}, make("code", {}, type)),
    ...(example === undefined
      ? shape(schema, whole)
      : [make("details", {}, make("summary", {}, "Example"), make("pre", { tabindex: "0" }, JSON.stringify(example, null, 2)))]),
  ]);
}

function whoMay(security) {
  if (!security?.length) return "Anyone may call it.";
  if (security.some((way) => !Object.keys(way).length)) return "Anyone may call it, unless the server asks for signing in.";
  return "Only for those who are signed in.";
}

function details(operation, whole) {
  const parts = [make("p", { class: "soft" }, whoMay(operation.security), operation.deprecated ? " Another spelling of a call." : "")];
  if (operation.parameters?.length) {
    const rows = operation.parameters.map((parameter) => [
      make("code", {}, parameter.required ? parameter.name : `${parameter.name}?`),
      parameter.in,
      parameter.description ?? "",
    ]);
    parts.push(make("h3", {}, "Parameters"), table(["name", "in", ""], rows));
  }
  if (operation.requestBody) {
    parts.push(make("h3", {}, "Body"), ...contents(operation.requestBody.content, whole));
  }
  parts.push(make("h3", {}, "Answers"));
  for (const [status, response] of Object.entries(operation.responses)) {
    const found = resolve(response, whole);
    const headers = Object.entries(found.headers ?? {}).map(([name, header]) => [make("code", {}, name), header.description ?? ""]);
    const inside = [...contents(found.content, whole), headers.length ? table(["header", ""], headers) : null];
    const title = make("summary", {}, make("strong", {}, status), ` ${found.description ?? ""}`);
    parts.push(make("details", status.startsWith("2") ? { open: "" } : {}, title, ...inside));
  }
  return parts;
}

function call(path, method, operation, whole) {
  const element = make(
    "details",
    { class: "call", id: operation.operationId },
    make(
      "summary",
      {},
      make("span", { class: "method" }, method.toUpperCase()),
      make("code", {}, path),
      make("span", {}, operation.summary ?? ""),
    ),
  );
  // There are many calls: what one says is made when it is first opened.
  element.addEventListener("toggle", () => {
    if (element.open && element.childElementCount === 1) element.append(...details(operation, whole));
  });
  return { element, words: `${method} ${path} ${operation.operationId} ${operation.summary ?? ""}`.toLowerCase() };
}

function show(whole) {
  const about = document.getElementById("about");
  const link = make("a", { href: "/api/v1/openapi.json" }, "the document itself");
  about.replaceChildren(`${whole.info.description ?? ""} This page shows `, link, ".");
  const sections = (whole.tags ?? []).map(({ name, description }) => ({ name, description, calls: [] }));
  for (const [path, methods] of Object.entries(whole.paths)) {
    for (const method of METHODS.filter((known) => methods[known])) {
      const operation = methods[method];
      const section = sections.find(({ name }) => name === operation.tags?.[0]);
      section?.calls.push(call(path, method, operation, whole));
    }
  }
  for (const [number, section] of sections.entries()) {
    const id = `subject-${number}`;
    section.element = make(
      "section",
      {},
      make("h2", { id }, section.name),
      make("p", { class: "soft" }, section.description ?? ""),
      ...section.calls.map(({ element }) => element),
    );
    document.getElementById("calls").append(section.element);
    document.getElementById("tags").append(make("a", { href: `#${id}` }, section.name));
  }
  document.getElementById("find").addEventListener("input", ({ target }) => {
    const wanted = target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of sections) {
      let shown = 0;
      for (const { element, words } of section.calls) {
        element.hidden = !wanted.every((word) => words.includes(word));
        shown += element.hidden ? 0 : 1;
      }
      section.element.hidden = shown === 0;
    }
  });
  const openNamed = () => {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named?.matches("details")) {
      named.open = true;
      named.scrollIntoView();
    }
  };
  addEventListener("hashchange", openNamed);
  openNamed();
}

fetch("/api/v1/openapi.json")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`${answer.status}`))))
  .then(show)
  .catch((error) => {
    document.getElementById("about").textContent = `The document could not be read: ${error.message}`;
  });

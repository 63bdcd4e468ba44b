//! The shapes of answers as JSON schemas, for endpoints that take one. What comes back is checked all the same.

use crate::domain::llm_request::Workflow;
use serde_json::{Value, json};

/// The schema of an answer: everything required and nothing besides, as strict endpoints want it.
pub(super) fn of(workflow: Workflow) -> Value {
    match workflow {
        Workflow::SuggestMathModel => object(&[
            ("formula", text()),
            ("assumptions", list(&text())),
            ("notes", text()),
            ("value_unit", text()),
            ("params", list(&param())),
        ]),
        Workflow::SuggestParamMetadata => object(&[("params", list(&param()))]),
        Workflow::SummariseInitiative => object(&[("summary", text()), ("notes", text())]),
        Workflow::ReviewMathModel => object(&[
            ("score", json!({ "type": "number" })),
            ("verdict", text()),
            ("issues", list(&text())),
            ("strengths", list(&text())),
            ("improvements", list(&text())),
        ]),
    }
}

fn param() -> Value {
    let number = json!({ "type": ["number", "null"] });
    object(&[
        ("name", text()),
        ("label", text()),
        ("unit", text()),
        ("description", text()),
        ("min", number.clone()),
        ("max", number),
        (
            "source",
            json!({ "type": "string", "enum": ["PM", "Analytics", "Finance", "Eng"] }),
        ),
    ])
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn object(properties: &[(&str, Value)]) -> Value {
    let names: Vec<_> = properties.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<_, _> = properties
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    })
}

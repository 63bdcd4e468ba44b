//! What is configured of an LLM.

use crate::llm::{Key, Models, Prices, ResponseFormat, Settings};
use std::time::Duration;

/// Reads the variables of the LLM; none without `LLM_BASE_URL`. What can't be used is told to `complain`.
pub(super) fn read(
    get: &impl Fn(&'static str) -> Option<String>,
    complain: &mut impl FnMut(&'static str, &str),
) -> Option<Settings> {
    let base_url = get("LLM_BASE_URL")?;
    let base_url = base_url.trim().trim_end_matches('/').to_owned();
    if !is_fit(&base_url) {
        complain(
            "LLM_BASE_URL",
            "must be an address like https://api.example.com/v1, without a name, a password, ? and #",
        );
    }
    let model = get("LLM_MODEL");
    let mut of = |name| {
        let chosen = get(name).or_else(|| model.clone());
        chosen.unwrap_or_else(|| {
            complain(
                name,
                "must be set when LLM_BASE_URL is, or LLM_MODEL for all",
            );
            String::new()
        })
    };
    let models = Models {
        suggest: of("LLM_MODEL_SUGGEST"),
        metadata: of("LLM_MODEL_METADATA"),
        summary: of("LLM_MODEL_SUMMARY"),
        review: of("LLM_MODEL_REVIEW"),
    };
    let format = match get("LLM_RESPONSE_FORMAT").as_deref() {
        None | Some("auto") => ResponseFormat::Auto,
        Some("json_schema") => ResponseFormat::JsonSchema,
        Some("json_object") => ResponseFormat::JsonObject,
        Some(_) => {
            complain(
                "LLM_RESPONSE_FORMAT",
                "must be auto, json_schema or json_object",
            );
            ResponseFormat::Auto
        }
    };
    let seconds = get("LLM_TIMEOUT_SECONDS").map_or(Some(120), |text| text.parse().ok());
    let seconds = seconds.filter(|seconds| (1..=900).contains(seconds));
    let seconds = seconds.unwrap_or_else(|| {
        complain(
            "LLM_TIMEOUT_SECONDS",
            "must be a whole number from 1 to 900",
        );
        120
    });
    let mut price = |name| {
        let text = get(name)?;
        let price = text.parse::<f64>().ok();
        let price = price.filter(|price| (0.0..=1_000_000.0).contains(price));
        if price.is_none() {
            complain(name, "must be the price of a million tokens, like 0.15");
        }
        price
    };
    let prices = (price("LLM_PRICE_INPUT"), price("LLM_PRICE_OUTPUT"));
    Some(Settings {
        base_url,
        key: get("LLM_API_KEY").map(|key| Key::new(key.trim().to_owned())),
        models,
        format,
        timeout: Duration::from_secs(seconds),
        prices: match prices {
            (None, None) => None,
            (input, output) => Some(Prices {
                input: input.unwrap_or_default(),
                output: output.unwrap_or_default(),
            }),
        },
    })
}

/// An address that can be asked; a key belongs into its own variable.
fn is_fit(base_url: &str) -> bool {
    reqwest::Url::parse(base_url).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    })
}

#[cfg(test)]
mod tests {
    use crate::{
        config::{Config, Misconfigured},
        domain::llm_request::Workflow,
        llm::{ResponseFormat, Settings},
    };

    fn from(pairs: &[(&'static str, &str)]) -> Result<Option<Settings>, Vec<Misconfigured>> {
        let found = Config::from_lookup(|name| {
            let found = pairs.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        found.map(|config| config.llm)
    }

    #[test]
    fn an_llm_needs_an_address_and_a_model_and_its_key_is_never_printed() {
        let llm = from(&[
            ("LLM_BASE_URL", "https://api.example.com/v1/"),
            ("LLM_API_KEY", "hunter2"),
            ("LLM_MODEL", "small"),
            ("LLM_MODEL_SUGGEST", "large"),
            ("LLM_PRICE_INPUT", "0.15"),
        ]);
        let llm = llm.unwrap().unwrap();
        assert_eq!(llm.base_url, "https://api.example.com/v1");
        assert_eq!(llm.models.of(Workflow::SuggestMathModel), "large");
        assert_eq!(llm.models.of(Workflow::ReviewMathModel), "small");
        assert_eq!(llm.format, ResponseFormat::Auto);
        assert_eq!(llm.prices.unwrap().millionths((1_000_000, 5)), 150_000);
        assert!(!format!("{llm:?}").contains("hunter2"));
        assert!(from(&[("LLM_MODEL", "small")]).unwrap().is_none());
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_by_name_and_never_a_secret() {
        let wrong = from(&[
            ("LLM_BASE_URL", "https://me:hunter2@api.example.com"),
            ("LLM_MODEL_SUGGEST", "large"),
            ("LLM_MODEL_METADATA", "large"),
            ("LLM_MODEL_SUMMARY", "large"),
            ("LLM_RESPONSE_FORMAT", "xml"),
            ("LLM_TIMEOUT_SECONDS", "0"),
            ("LLM_PRICE_OUTPUT", "cheap"),
        ]);
        let wrong = wrong.unwrap_err();
        let names: Vec<_> = wrong.iter().map(|wrong| wrong.name).collect();
        assert_eq!(
            names,
            [
                "LLM_BASE_URL",
                "LLM_MODEL_REVIEW",
                "LLM_RESPONSE_FORMAT",
                "LLM_TIMEOUT_SECONDS",
                "LLM_PRICE_OUTPUT"
            ]
        );
        assert!(!format!("{wrong:?}").contains("hunter2"));
    }
}

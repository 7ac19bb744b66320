//! Reading of recipes, calendars and policies from text.

use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};

/// Whether a text means a known one: the same, or the same but for letter case and the spaces around it.
pub(crate) fn means(known: &str, text: &str) -> bool {
    known == text || is_folded(known, text.trim())
}

/// Whether a text without spaces around it is a known one but for letter case.
pub(crate) fn is_folded(known: &str, trimmed: &str) -> bool {
    let is_plain = known.is_ascii() && trimmed.is_ascii();
    known.eq_ignore_ascii_case(trimmed) || (!is_plain && known.to_lowercase() == trimmed.to_lowercase())
}

/// Reads JSON (a text that starts with `{`) or TOML. An unknown key is refused with the nearest one.
pub(crate) fn read<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    let read = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|e| e.to_string())
    } else {
        toml::from_str(text).map_err(|e| e.to_string())
    };
    read.map_err(|message| explain(&message).at(what))
}

/// serde names an unknown key and the known ones between backticks; the nearest is worth more than the list.
fn explain(message: &str) -> Error {
    for kind in ["field", "variant"] {
        if let Some((_, rest)) = message.split_once(&format!("unknown {kind} `")) {
            let mut names = rest.split('\n').next().unwrap_or(rest).split('`').step_by(2);
            let name = names.next().unwrap_or_default();
            return Error::unknown(if kind == "field" { "key" } else { "value" }, name, names.filter(|n| is_name(n)));
        }
    }
    Error::new(ErrorKind::BadText, message.trim_end().to_owned())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Plan {
        #[allow(dead_code, reason = "only its name matters here")]
        holidays: Option<i64>,
    }

    #[test]
    fn an_unknown_key_gets_the_nearest_in_both_languages() {
        for text in [r#"{"holidys": 1}"#, "holidys = 1"] {
            let error = super::read::<Plan>("the calendar", text).unwrap_err();
            assert_eq!(error.message(), "the calendar: unknown key `holidys`; did you mean `holidays`?");
        }
        assert!(super::read::<Plan>("the calendar", "holidays = [").is_err());
    }
}

//! Values as deflated JSON with a preset dictionary, so that a healthy order fits into one write unit.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The words that orders consist of, the likeliest last. Stored orders need it for ever: a better one gets a new format byte.
const DICTIONARY: &[u8] = include_bytes!("dictionary-1.txt");

/// The first byte of everything packed: raw deflate over `dictionary-1.txt`.
const FORMAT: u8 = 1;

/// More than a `DynamoDB` item of 400 KB can hold in any honest case.
const MAX_UNPACKED: usize = 64 * 1024 * 1024;

/// Why a stored value cannot be read, or a value cannot be stored. It never quotes the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CodecError {
    #[error("packed by an unknown format")]
    Format,
    #[error("does not inflate: {0}")]
    Deflate(String),
    #[error("is larger than {MAX_UNPACKED} bytes")]
    TooLarge,
    #[error("{0}")]
    Json(String),
}

/// Says what is wrong with JSON and where, without quoting it: it may hold buyer data.
pub(crate) fn without_content(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Io => "io",
        serde_json::error::Category::Syntax => "syntax",
        serde_json::error::Category::Data => "unexpected data",
        serde_json::error::Category::Eof => "cut off",
    };
    format!("JSON: {kind} at line {}, column {}", error.line(), error.column())
}

pub(crate) fn pack<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CodecError> {
    let json = serde_json::to_vec(value).map_err(|error| CodecError::Json(without_content(&error)))?;
    deflate(&json)
}

pub(crate) fn unpack<T: DeserializeOwned>(packed: &[u8]) -> Result<T, CodecError> {
    json::from_slice(&inflate(packed)?).map_err(|error| CodecError::Json(without_content(&error)))
}

pub(crate) fn deflate(plain: &[u8]) -> Result<Vec<u8>, CodecError> {
    let mut deflater = Compress::new(Compression::best(), false);
    deflater.set_dictionary(DICTIONARY).map_err(|error| CodecError::Deflate(error.to_string()))?;
    let mut packed = Vec::with_capacity(plain.len() / 2 + 64);
    packed.push(FORMAT);
    loop {
        let read = usize::try_from(deflater.total_in()).map_err(|_| CodecError::TooLarge)?;
        let status = deflater
            .compress_vec(&plain[read..], &mut packed, FlushCompress::Finish)
            .map_err(|error| CodecError::Deflate(error.to_string()))?;
        if status == Status::StreamEnd {
            return Ok(packed);
        }
        packed.reserve(packed.capacity());
    }
}

pub(crate) fn inflate(packed: &[u8]) -> Result<Vec<u8>, CodecError> {
    let Some((&FORMAT, deflated)) = packed.split_first() else { return Err(CodecError::Format) };
    let mut inflater = Decompress::new(false);
    inflater.set_dictionary(DICTIONARY).map_err(|error| CodecError::Deflate(error.to_string()))?;
    let mut plain = Vec::with_capacity(deflated.len().saturating_mul(4).max(256));
    loop {
        let read = usize::try_from(inflater.total_in()).map_err(|_| CodecError::TooLarge)?;
        let before = (read, plain.len());
        let status = inflater
            .decompress_vec(&deflated[read..], &mut plain, FlushDecompress::Finish)
            .map_err(|error| CodecError::Deflate(error.to_string()))?;
        if status == Status::StreamEnd {
            return Ok(plain);
        }
        let stuck = plain.len() < plain.capacity()
            && before == (usize::try_from(inflater.total_in()).unwrap_or(read), plain.len());
        if stuck {
            return Err(CodecError::Deflate("cut off".to_owned()));
        }
        if plain.len() >= MAX_UNPACKED {
            return Err(CodecError::TooLarge);
        }
        plain.reserve(plain.capacity());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_dictionary_is_the_one_that_stored_orders_were_packed_with() {
        let hash = Sha256::digest(DICTIONARY).iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
        assert_eq!(
            hash, "dea61d52e656c67b8bce4825a8ee731b87ba4268051ec028ae4bc1e0ebe47eb2",
            "never edit it: add dictionary-2.txt under its own format byte"
        );
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        let packed = pack(&["a long enough text to be cut anywhere"; 3]).unwrap();
        assert_eq!(unpack::<Vec<String>>(&packed).unwrap().len(), 3);
        assert_eq!(unpack::<Vec<String>>(&[]), Err(CodecError::Format));
        assert_eq!(unpack::<Vec<String>>(&[2, 0]), Err(CodecError::Format));
        for length in 1..packed.len() - 1 {
            assert!(unpack::<Vec<String>>(&packed[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn an_error_never_quotes_what_was_stored() {
        let packed = pack(&"Margaret Thompson").unwrap();
        let error = unpack::<u32>(&packed).unwrap_err();
        assert!(!error.to_string().contains("Margaret"), "{error}");
    }

    proptest! {
        #[test]
        fn whatever_goes_in_comes_out(plain in prop::collection::vec(any::<u8>(), 0..20_000)) {
            prop_assert_eq!(inflate(&deflate(&plain).unwrap()).unwrap(), plain);
        }

        #[test]
        fn repetitive_text_comes_out(word in "[a-z\"{}:]{1,12}", times in 0_usize..20_000) {
            let plain = word.repeat(times).into_bytes();
            prop_assert_eq!(inflate(&deflate(&plain).unwrap()).unwrap(), plain);
        }
    }
}

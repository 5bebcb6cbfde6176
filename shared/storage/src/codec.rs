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
    serde_json::from_slice(&inflate(packed)?).map_err(|error| CodecError::Json(without_content(&error)))
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
        let stuck = plain.len() < plain.capacity() && before == (usize::try_from(inflater.total_in()).unwrap_or(read), plain.len());
        if stuck {
            return Err(CodecError::Deflate("cut off".to_owned()));
        }
        if plain.len() >= MAX_UNPACKED {
            return Err(CodecError::TooLarge);
        }
        plain.reserve(plain.capacity());
    }
}

//! Human order numbers, taken in blocks so that an order costs a fraction of a write.

use std::ops::Range;

use storage::Storage;
use tokio::sync::Mutex;

use crate::error::AppError;

const BLOCK: u32 = 50;

/// What is left of this process's block. It is lost with the process: gaps are normal.
#[derive(Default)]
pub(crate) struct Numbers(Mutex<Range<u64>>);

impl Numbers {
    pub(crate) async fn next(&self, storage: &Storage) -> Result<u64, AppError> {
        let mut block = self.0.lock().await;
        if let Some(number) = block.next() {
            return Ok(number);
        }
        *block = storage.settings.take_numbers(BLOCK).await?;
        let first = block.start;
        block.start += 1;
        Ok(first)
    }
}

//! Orders, links and settings on DynamoDB: the only place that knows keys and item shapes.

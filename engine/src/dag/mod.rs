//! Order: who comes after whom. Knows nothing of images.

mod order;

pub use order::Order;

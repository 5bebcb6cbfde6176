//! A function has of the connectors what it asks of them, and is refused the rest.

use connect::ErrorKind;

use crate::world::{World, working};

#[tokio::test]
async fn a_function_is_refused_what_is_not_its_work() {
    let world = World::new().await;
    let app = working::<{ sync_stock::WORK }>(&world.app);
    let connection = async |id| app.storage.settings.connection(id).await.unwrap().unwrap();
    let channel = app.connectors.channel(&connection(&world.channel).await).await.unwrap();
    let refused = channel.listings(None).await.unwrap_err();
    assert_eq!((refused.kind, refused.operation), (ErrorKind::Unsupported, "connect.work"));
    assert!(channel.set_quantities(&[]).await.unwrap().is_empty());
    let store = app.connectors.store(&connection(&world.store).await).await.unwrap();
    let refused = store.products(None).await.unwrap_err();
    assert_eq!((refused.kind, refused.operation), (ErrorKind::Unsupported, "connect.work"));
    assert!(store.stock(&[]).await.unwrap().is_empty());
    assert_eq!(
        channel.capabilities(),
        world.app.connectors.channel(&connection(&world.channel).await).await.unwrap().capabilities()
    );
}

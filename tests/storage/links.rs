//! Links, the orders that wait for them, and holds.

use domain::link::Target;
use domain::{ConnectionId, Link, ListingKey, ProductId, Sku};
use fakes::dynamo::Dynamo;
use storage::{Hold, PageRequest, Storage};

use crate::samples::{connection, healthy};

fn target(product: &str, sku: Option<&str>, quantity: u32) -> Target {
    Target {
        product: ProductId::new(product).unwrap(),
        sku: sku.map(|sku| Sku::new(sku).unwrap()),
        quantity,
        weight: 1,
    }
}

fn link(listing: ListingKey, targets: &[Target]) -> Link {
    Link { connection: connection(), listing, targets: targets.to_vec(), tax_rate: None }
}

fn listing(id: &str) -> ListingKey {
    ListingKey::listing(id, None)
}

fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

fn product(id: &str) -> ProductId {
    ProductId::new(id).unwrap()
}

async fn listings_of(storage: &Storage, id: &str) -> Vec<ListingKey> {
    storage.links.of_product(&product(id)).await.unwrap().into_iter().map(|link| link.listing).collect()
}

#[tokio::test]
async fn a_link_is_found_by_listing_product_and_sku() {
    let storage = Dynamo::new().storage();
    let bundle = link(ListingKey::listing("110", Some("5")), &[target("7", Some("MUG"), 2), target("8", None, 1)]);
    let by_sku = link(ListingKey::Sku(sku("MUG")), &[target("7", None, 1)]);
    storage.links.put(&bundle).await.unwrap();
    storage.links.put(&by_sku).await.unwrap();
    let keys = [bundle.listing.clone(), by_sku.listing.clone(), listing("nowhere")];
    assert_eq!(storage.links.get_many(&connection(), &keys).await.unwrap(), [bundle.clone(), by_sku.clone()]);
    assert_eq!(storage.links.of_product(&product("7")).await.unwrap(), [bundle.clone(), by_sku.clone()]);
    assert_eq!(storage.links.of_product(&product("8")).await.unwrap(), std::slice::from_ref(&bundle));
    assert_eq!(storage.links.of_sku(&sku("MUG")).await.unwrap(), [bundle, by_sku]);
    assert!(storage.links.of_sku(&sku("CUP")).await.unwrap().is_empty());
    let stranger = ConnectionId::new("another").unwrap();
    assert!(storage.links.get_many(&stranger, &keys).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_link_put_again_leaves_nothing_of_the_old_one() {
    let storage = Dynamo::new().storage();
    let old = link(listing("1"), &[target("7", Some("MUG"), 1), target("8", None, 1)]);
    let new = link(listing("1"), &[target("8", None, 3), target("9", None, 1)]);
    for link in [&old, &new, &new] {
        storage.links.put(link).await.unwrap();
    }
    assert!(listings_of(&storage, "7").await.is_empty());
    assert!(storage.links.of_sku(&sku("MUG")).await.unwrap().is_empty());
    assert_eq!(storage.links.of_product(&product("8")).await.unwrap(), [new]);
    for _ in 0..2 {
        storage.links.delete(&connection(), &listing("1")).await.unwrap();
        assert!(listings_of(&storage, "8").await.is_empty() && listings_of(&storage, "9").await.is_empty());
        assert!(storage.links.get_many(&connection(), &[listing("1")]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn people_who_change_a_link_at_once_leave_one_whole_link() {
    let dynamo = Dynamo::new();
    let mut people = tokio::task::JoinSet::new();
    for person in 0..4_u32 {
        let storage = dynamo.storage();
        people.spawn(async move {
            let targets: Vec<_> = (person..person + 3).map(|id| target(&id.to_string(), None, person + 1)).collect();
            storage.links.put(&link(listing("1"), &targets)).await.unwrap();
        });
    }
    people.join_all().await;
    let storage = dynamo.storage();
    let links = storage.links.get_many(&connection(), &[listing("1")]).await.unwrap();
    let named: Vec<ProductId> = links[0].targets.iter().map(|target| target.product.clone()).collect();
    for id in 0..7_u32 {
        let expected = usize::from(named.contains(&product(&id.to_string())));
        assert_eq!(listings_of(&storage, &id.to_string()).await.len(), expected, "product {id} of {named:?}");
    }
}

#[tokio::test]
async fn a_channel_lists_its_links_and_not_what_waits() {
    let storage = Dynamo::new().storage();
    for number in 0..5 {
        storage.links.put(&link(listing(&number.to_string()), &[target("7", None, 1)])).await.unwrap();
    }
    storage.links.wait(healthy(1, 1).id, &connection(), &[listing("0"), listing("9")]).await.unwrap();
    let mut found = Vec::new();
    let mut page = PageRequest::first(2);
    loop {
        let list = storage.links.list(&connection(), &page).await.unwrap();
        found.extend(list.items.into_iter().map(|link| link.listing));
        let Some(next) = list.next else { break };
        page = PageRequest::after(next, 2);
    }
    assert_eq!(found, (0..5).map(|number| listing(&number.to_string())).collect::<Vec<_>>());
}

#[tokio::test]
async fn names_with_the_separator_in_them_are_not_confused() {
    let storage = Dynamo::new().storage();
    let odd = ConnectionId::new("a#b%23").unwrap();
    let one = Link {
        connection: odd.clone(),
        listing: listing("c#d"),
        targets: vec![target("7", Some("X"), 1)],
        tax_rate: None,
    };
    storage.links.put(&one).await.unwrap();
    assert_eq!(storage.links.of_product(&product("7")).await.unwrap(), std::slice::from_ref(&one));
    assert_eq!(storage.links.of_sku(&sku("X")).await.unwrap(), [one]);
    let order = healthy(1, 1).id;
    storage.links.wait(order, &odd, &[listing("c#d")]).await.unwrap();
    assert!(storage.links.waiting(&odd, &listing("c")).await.unwrap().is_empty());
    assert_eq!(storage.links.waiting(&odd, &listing("c#d")).await.unwrap(), [order]);
}

#[tokio::test]
async fn whichever_comes_first_an_order_and_its_link_see_each_other() {
    // Intake: note that it waits, then read the link. Linking: write the link, then ask who waits. Every interleaving.
    let order = healthy(1, 1).id;
    let made = link(listing("1"), &[target("7", None, 1)]);
    let keys = [made.listing.clone()];
    for held in ["*/links/PutItem", "*/links/BatchGetItem", "*/links/TransactWriteItems", "*/links/Query", "nothing"] {
        let dynamo = Dynamo::new();
        let gate = dynamo.faults.on(held).hold_next(1);
        let (one, two) = (dynamo.storage(), dynamo.storage());
        let intake = async {
            one.links.wait(order, &connection(), &keys).await.unwrap();
            !one.links.get_many(&connection(), &keys).await.unwrap().is_empty()
        };
        let linking = async {
            two.links.put(&made).await.unwrap();
            two.links.waiting(&connection(), &made.listing).await.unwrap().contains(&order)
        };
        let opening = async {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            gate.open();
        };
        let (intake_saw, linking_saw, ()) = tokio::join!(intake, linking, opening);
        assert!(intake_saw || linking_saw, "held: {held}");
    }
}

#[tokio::test]
async fn waiting_ends_for_one_order_alone() {
    let storage = Dynamo::new().storage();
    let (a, b) = (healthy(1, 1).id, healthy(2, 1).id);
    let keys = [listing("1"), ListingKey::Sku(sku("MUG"))];
    for _ in 0..2 {
        storage.links.wait(a, &connection(), &keys).await.unwrap();
        storage.links.wait(b, &connection(), &keys[..1]).await.unwrap();
    }
    let mut both = storage.links.waiting(&connection(), &keys[0]).await.unwrap();
    both.sort();
    assert_eq!(both, {
        let mut ids = [a, b];
        ids.sort();
        ids
    });
    for _ in 0..2 {
        storage.links.stop_waiting(a, &connection(), &keys).await.unwrap();
    }
    assert_eq!(storage.links.waiting(&connection(), &keys[0]).await.unwrap(), [b]);
    assert!(storage.links.waiting(&connection(), &keys[1]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_hold_stands_until_it_is_released() {
    let storage = Dynamo::new().storage();
    let (a, b) = (healthy(1, 1).id, healthy(2, 1).id);
    let hold = |order, units, applied| Hold { product: product("7"), order, units, applied };
    storage.links.put(&link(listing("1"), &[target("7", None, 1)])).await.unwrap();
    storage.links.hold(&hold(a, 2, false)).await.unwrap();
    storage.links.hold(&hold(b, 5, false)).await.unwrap();
    storage.links.hold(&hold(a, 2, true)).await.unwrap();
    let mut expected = [hold(a, 2, true), hold(b, 5, false)];
    expected.sort_by_key(|hold| hold.order);
    assert_eq!(storage.links.holds(&product("7")).await.unwrap(), expected);
    for _ in 0..2 {
        storage.links.release(&product("7"), a).await.unwrap();
    }
    assert_eq!(storage.links.holds(&product("7")).await.unwrap(), [hold(b, 5, false)]);
    assert!(storage.links.holds(&product("8")).await.unwrap().is_empty());
    assert_eq!(listings_of(&storage, "7").await, [listing("1")]);
}

#[tokio::test]
async fn all_holds_are_found_together_whatever_their_product() {
    let storage = Dynamo::new().storage();
    let order = healthy(1, 1).id;
    let hold = |name, units| Hold { product: product(name), order, units, applied: false };
    for one in [hold("8", 1), hold("7", 2), hold("9", 3)] {
        storage.links.hold(&one).await.unwrap();
    }
    storage.links.release(&product("9"), order).await.unwrap();
    assert_eq!(storage.links.all_holds().await.unwrap(), [hold("7", 2), hold("8", 1)]);
}

//! The measured import: one thread for each sandbox that the template allows, each with its own clients, as on Lambda.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use app::{App, AppError, ConnectionInput, ImportJob, Outcome, PollJob};
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials as AwsCredentials, Region};
use connect::{Budget, Credentials, HttpLimits, HttpPool};
use domain::{ConnectionId, ImportState, OrderId, Platform};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use runtime::LeasedBudget;
use storage::{Role, Storage, TableNames};

use super::ports::{Calls, Keys, POLLING, RegistryConnectors, SystemClock, Told};
use super::queue::{Doorbells, Name};
use super::shop::{Shop, block_on};

/// The schedule of the template.
const SCHEDULE: Duration = Duration::from_mins(1);
/// The run is given up when no order has arrived for this long.
const PATIENCE: Duration = Duration::from_mins(5);

/// How much of the import is done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Messages in one invocation; they are worked on together.
    pub batch: usize,
    /// Invocations at one time.
    pub sandboxes: usize,
}

impl Shape {
    /// What `template.yaml` says of `import-order`.
    pub fn of_template(template: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(template).with_context(|| format!("cannot read {}", template.display()))?;
        let template: yaml_serde::Value = yaml_serde::from_str(&text).context("the template is not YAML")?;
        let source = &template["Resources"]["ImportOrder"]["Properties"]["Events"]["Orders"]["Properties"];
        let number = |value: &yaml_serde::Value| {
            value
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .context("import-order has no batch size or concurrency")
        };
        Ok(Self {
            batch: number(&source["BatchSize"])?,
            sandboxes: number(&source["ScalingConfig"]["MaximumConcurrency"])?,
        })
    }

    pub const fn at_once(self) -> usize {
        self.batch * self.sandboxes
    }
}

/// One Tributary: its tables, queues and credentials, from which each thread makes its own clients.
#[derive(Debug)]
pub struct Deployment {
    tables_url: String,
    queue: Arc<Doorbells>,
    keys: Keys,
    store_calls: Arc<Calls>,
}

impl Deployment {
    pub fn new(tables_url: &str) -> Self {
        Self {
            tables_url: tables_url.to_owned(),
            queue: Arc::default(),
            keys: Keys::default(),
            store_calls: Arc::default(),
        }
    }

    /// What one function has after its start.
    fn app(&self) -> Result<App> {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(AwsCredentials::new("bench", "bench", None, None, "bench"))
            .endpoint_url(&self.tables_url)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let names = TableNames { orders: "orders".into(), links: "links".into(), settings: "settings".into() };
        let storage = Storage::new(aws_sdk_dynamodb::Client::from_conf(config), names);
        let budget = Arc::new(LeasedBudget::new(storage.clone(), Arc::new(SystemClock)));
        app_over(storage, self.queue.clone(), budget, Arc::clone(&self.keys), Arc::clone(&self.store_calls))
    }

    /// Connects both shops and links their products by SKU; the channel's id.
    pub async fn connect(&self, source: &Shop, destination: &Shop) -> Result<ConnectionId> {
        connect(&self.app()?, source, destination).await
    }
}

pub fn app_over(
    storage: Storage,
    queue: Arc<Doorbells>,
    budget: Arc<dyn Budget>,
    keys: Keys,
    store_calls: Arc<Calls>,
) -> Result<App> {
    let pool = HttpPool::new(HttpLimits { allow_private_hosts: true, ..HttpLimits::default() })?;
    let connectors = Arc::new(RegistryConnectors { pool, budget, keys, store_calls });
    Ok(App::new(storage, queue, Arc::new(Told), Arc::new(SystemClock), connectors))
}

pub async fn connect(app: &App, source: &Shop, destination: &Shop) -> Result<ConnectionId> {
    app.connect(input(destination, Role::MainStore)?).await?;
    let channel = app.connect(input(source, Role::Channel)?).await?.id;
    let linked = app.link_in_bulk(&channel, app::MatchBy::Sku).await?;
    ensure!(!linked.linked.is_empty(), "nothing was linked: {linked:?}");
    Ok(channel)
}

fn input(shop: &Shop, role: Role) -> Result<ConnectionInput> {
    let keys = [("consumer_key", &shop.key), ("consumer_secret", &shop.secret)];
    Ok(ConnectionInput {
        webhooks_at: None,
        platform: Platform::new("woocommerce")?,
        role,
        name: "bench".to_owned(),
        settings: [("url".to_owned(), shop.url.clone())].into(),
        credentials: Credentials(keys.map(|(name, key)| (name.to_owned(), key.as_str().into())).into()),
    })
}

/// What the import took.
#[derive(Debug)]
pub struct Import {
    /// From the schedule's ring to the last order that was committed.
    pub took: Duration,
    /// Processor time of this process meanwhile: Tributary and the thread that rings.
    pub cpu: Duration,
    /// Calls at the main store that are about orders, and those of its polls.
    pub requests: u64,
    pub polls: u64,
}

/// Where the run stands, for every thread to see.
struct Run<'a> {
    deployment: &'a Deployment,
    wanted: usize,
    done: Mutex<(BTreeSet<OrderId>, Instant)>,
    over: AtomicBool,
    ready: Barrier,
}

impl Run<'_> {
    fn done(&self) -> MutexGuard<'_, (BTreeSet<OrderId>, Instant)> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, order: OrderId) {
        let mut done = self.done();
        done.0.insert(order);
        done.1 = Instant::now();
        if done.0.len() == self.wanted {
            self.end();
        }
    }

    fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.deployment.queue.wake_all();
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// One sandbox of `import-order`.
    async fn importer(&self, batch: usize) -> Result<()> {
        let app = self.deployment.app();
        self.ready.wait();
        let (app, queue) = (&app?, self.deployment.queue.as_ref());
        let handle = |job: ImportJob| async move {
            let order = job.order_id;
            let outcome: Result<Outcome, AppError> = import_order::handle(app, job).await;
            if matches!(outcome, Ok(Outcome::Done)) {
                self.note(order);
            }
            outcome
        };
        while !self.is_over() {
            let event = queue.receive(Name::Orders, batch).await;
            if !event.records.is_empty() {
                let failed = runtime::sqs::batch(queue, &handle, event).await.batch_item_failures;
                ensure!(failed.is_empty(), "{} messages failed", failed.len());
            }
        }
        Ok(())
    }

    /// One sandbox of `poll-orders`.
    async fn poller(&self) -> Result<()> {
        let app = self.deployment.app();
        self.ready.wait();
        let (app, queue) = (&app?, self.deployment.queue.as_ref());
        let handle = |job: PollJob| poll_orders::handle(app, job);
        while !self.is_over() {
            let event = queue.receive(Name::Polls, 1).await;
            if !event.records.is_empty() {
                let poll = runtime::sqs::batch(queue, &handle, event);
                let failed = POLLING.scope(true, poll).await.batch_item_failures;
                ensure!(failed.is_empty(), "a poll failed");
            }
        }
        Ok(())
    }

    /// The schedule, until every order is done or nothing moves any more.
    async fn ring(&self, app: &App) -> Result<()> {
        let mut next = Instant::now();
        while !self.is_over() {
            if next <= Instant::now() {
                app.schedule_polls().await?;
                next += SCHEDULE;
            }
            if self.done().1.elapsed() > PATIENCE {
                bail!("only {} of {} orders were done when nothing moved any more", self.done().0.len(), self.wanted);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

/// Imports so many orders that wait at the channel.
pub fn run(deployment: &Deployment, channel: &ConnectionId, orders: u32, shape: Shape) -> Result<Import> {
    const POLLERS: usize = 2;
    let wanted = usize::try_from(orders)?;
    let run = Run {
        deployment,
        wanted,
        done: Mutex::new((BTreeSet::new(), Instant::now())),
        over: AtomicBool::new(false),
        ready: Barrier::new(shape.sandboxes + POLLERS + 1),
    };
    let ringer = deployment.app()?;
    deployment.store_calls.for_orders.store(0, Ordering::Relaxed);
    deployment.store_calls.for_polls.store(0, Ordering::Relaxed);
    let (started, cpu_before) = std::thread::scope(|scope| {
        let run = &run;
        let importers = (0..shape.sandboxes).map(|_| scope.spawn(move || block_on(run.importer(shape.batch))));
        let pollers = (0..POLLERS).map(|_| scope.spawn(move || block_on(run.poller())));
        let threads: Vec<_> = importers.collect::<Vec<_>>().into_iter().chain(pollers).collect();
        run.ready.wait();
        let (started, cpu_before) = (Instant::now(), cpu_time());
        let rung = block_on(run.ring(&ringer));
        run.end();
        let ended =
            threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a worker panicked"))?);
        let ended: Result<Vec<()>> = ended.collect();
        rung.and(ended).and(Ok((started, cpu_before?)))
    })?;
    let cpu = cpu_time()?.saturating_sub(cpu_before);
    let (done, last) = {
        let done = run.done();
        (done.0.clone(), done.1)
    };
    block_on(check(&ringer, channel, &done))?;
    Ok(Import {
        took: last.duration_since(started),
        cpu,
        requests: deployment.store_calls.for_orders.load(Ordering::Relaxed),
        polls: deployment.store_calls.for_polls.load(Ordering::Relaxed),
    })
}

/// "Done" may mean "not to be imported": here it must not.
async fn check(app: &App, channel: &ConnectionId, done: &BTreeSet<OrderId>) -> Result<()> {
    for id in done {
        let order = app.storage.orders.get(*id).await?.context("an order was lost from the tables")?;
        ensure!(order.connection == *channel, "an order of another channel: {id}");
        ensure!(matches!(order.import, ImportState::Imported { .. }), "order {id} is {:?}", order.import);
    }
    Ok(())
}

/// Of all threads of this process, in user and system mode.
fn cpu_time() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).context("cannot read the processor time")?;
    let time = |value: TimeVal| -> Result<Duration> {
        Ok(Duration::from_secs(u64::try_from(value.tv_sec())?) + Duration::from_micros(u64::try_from(value.tv_usec())?))
    };
    Ok(time(usage.user_time())? + time(usage.system_time())?)
}

//! Makes one trial of each promise and each platform, and looks at every fake when its trial is over.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use libtest_mimic::{Failed, Trial};
use tokio::runtime::Builder;

use crate::kit::{Channel, Role, Store};
use crate::subject::{Future, Setup, Subject};
use crate::subjects::SUBJECTS;
use crate::webhooks::Told;
use crate::{channel, coverage, errors, secrets, store, tokens, webhooks};

/// What is promised of a role, and how it is tried.
pub struct Promise<R: Role> {
    pub name: String,
    pub trial: Box<dyn FnOnce(Rc<Stage<R>>) -> Future<'static, ()> + Send>,
}

impl<R: Role> Promise<R> {
    /// Tried on one fresh fake.
    pub fn new(name: impl Into<String>, trial: impl FnOnce(R) -> Future<'static, ()> + Send + 'static) -> Self {
        Self::staged(name, |stage| Box::pin(async move { trial(stage.start(Setup::default()).await).await }))
    }

    /// Tried on as many fakes as it starts.
    pub fn staged(
        name: impl Into<String>,
        trial: impl FnOnce(Rc<Stage<R>>) -> Future<'static, ()> + Send + 'static,
    ) -> Self {
        Self { name: name.into(), trial: Box::new(trial) }
    }
}

/// Promises of one fresh fake each, named as their functions are.
macro_rules! promises {
    ($($promise:ident),* $(,)?) => {
        vec![$(crate::suite::Promise::new(stringify!($promise), |role| Box::pin($promise(role)))),*]
    };
}
pub(crate) use promises;

/// Promises that start their fakes themselves.
macro_rules! staged {
    ($($promise:ident),* $(,)?) => {
        vec![$(crate::suite::Promise::staged(stringify!($promise), |stage| Box::pin($promise(stage)))),*]
    };
}
pub(crate) use staged;

/// Starts the fakes of one trial and remembers them.
pub struct Stage<R: Role> {
    pub subject: &'static Subject,
    started: RefCell<Vec<R>>,
}

impl<R: Role> Stage<R> {
    pub async fn start(&self, setup: Setup) -> R {
        let role = R::start(self.subject, setup).await.unwrap();
        self.started.borrow_mut().push(role.clone());
        role
    }
}

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("registry::every_platform_is_tried_in_each_role", every_platform_is_tried)];
    for subject in SUBJECTS {
        if subject.channel.is_some() {
            let modules = channel::promises(subject).into_iter().chain(of_each_role::<Channel>(subject));
            trials.extend(modules.flat_map(|(module, promises)| all(subject, "channel", module, promises)));
        }
        if subject.store.is_some() {
            let modules = store::promises(subject).into_iter().chain(of_each_role::<Store>(subject));
            trials.extend(modules.flat_map(|(module, promises)| all(subject, "store", module, promises)));
        }
    }
    trials
}

pub type Module<R> = (&'static str, Vec<Promise<R>>);

fn of_each_role<R: Told>(subject: &Subject) -> Vec<Module<R>> {
    vec![
        ("errors", errors::promises(subject)),
        ("tokens", tokens::promises()),
        ("secrets", secrets::promises(subject)),
        ("webhooks", webhooks::promises(subject)),
    ]
}

fn all<R: Role>(subject: &'static Subject, role: &str, module: &str, promises: Vec<Promise<R>>) -> Vec<Trial> {
    let made = promises.into_iter().map(|promise| {
        let name = format!("{}::{role}::{module}::{}", subject.name, promise.name);
        Trial::test(name, move || tried(subject, promise))
    });
    made.collect()
}

fn tried<R: Role>(subject: &'static Subject, promise: Promise<R>) -> Result<(), Failed> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stage = Rc::new(Stage { subject, started: RefCell::default() });
        (promise.trial)(Rc::clone(&stage)).await;
        let mut all = Vec::new();
        for role in stage.started.take() {
            let broken = role.fake().violations();
            coverage::add(subject.platform, role.fake().coverage(), broken.len());
            all.extend(broken);
        }
        if all.is_empty() {
            return Ok(());
        }
        Err(format!("requests that the vendor does not describe:\n{}", all.join("\n")).into())
    })
}

fn every_platform_is_tried() -> Result<(), Failed> {
    for name in registry::platforms() {
        let (channel, store) =
            registry::capabilities(&name.parse()?, &BTreeMap::new()).ok_or("a platform without capabilities")?;
        let tried = |has: fn(&Subject) -> bool| SUBJECTS.iter().any(|subject| subject.platform == name && has(subject));
        if channel.is_some() != tried(|subject| subject.channel.is_some()) {
            return Err(format!("{name} is not tried as a channel, or is none").into());
        }
        if store.is_some() != tried(|subject| subject.store.is_some()) {
            return Err(format!("{name} is not tried as a main store, or is none").into());
        }
    }
    Ok(())
}

//! Who listens: one bounded queue a browser. A browser that doesn't keep up is cut off; it comes back by itself and is
//! told to fetch anew. Knows bytes and queues; must not know what they mean.

use actix_web::web::Bytes;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How much may wait for one browser.
const QUEUE: usize = 64;
/// How long a message is kept for pages that were rendered before it and listen only now.
const KEPT: Duration = Duration::from_secs(10);
/// How many are kept at most.
const KEPT_MOST: usize = 200;
/// What a page's age is reckoned longer, for the way of the request.
const GRACE: Duration = Duration::from_millis(500);

/// Everybody who listens in this process. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Hub {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    listeners: HashMap<u64, Sender<Bytes>>,
    kept: VecDeque<(Instant, Bytes)>,
    /// From when on `kept` holds everything.
    whole_since: Option<Instant>,
    next: u64,
    is_closed: bool,
}

impl Hub {
    /// Nobody listens yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A queue for a page of that age, beginning with what was said since it was rendered; if that isn't known, with
    /// `resync`. None: the app is ending.
    #[must_use]
    pub fn listen(
        &self,
        now: Instant,
        age: Duration,
        resync: Bytes,
    ) -> Option<(u64, Receiver<Bytes>)> {
        let mut inner = self.lock();
        if inner.is_closed {
            return None;
        }
        let (sender, receiver) = channel(QUEUE);
        let rendered = age.checked_add(GRACE).and_then(|age| now.checked_sub(age));
        let is_known = rendered
            .zip(inner.whole_since)
            .is_some_and(|(at, whole)| at >= whole);
        let missed = inner
            .kept
            .iter()
            .filter(|(at, _)| rendered.is_some_and(|rendered| *at >= rendered));
        let missed: Vec<_> = missed.map(|(_, said)| said.clone()).collect();
        if !is_known || missed.len() >= QUEUE / 2 {
            // The queue is new: there is room.
            let _ = sender.try_send(resync);
        } else {
            for said in missed {
                let _ = sender.try_send(said);
            }
        }
        let id = inner.next;
        inner.next += 1;
        inner.listeners.insert(id, sender);
        Some((id, receiver))
    }

    /// Tells everybody what holds only now; whoever is full or gone listens no more.
    pub fn tell_in_passing(&self, said: &Bytes) {
        self.lock().send(said);
    }

    /// Tells everybody, also those who begin to listen in a moment.
    pub fn tell(&self, now: Instant, said: &Bytes) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.send(said);
        inner.kept.push_back((now, said.clone()));
        while inner.kept.len() > KEPT_MOST
            || (inner.kept.front()).is_some_and(|(at, _)| now.duration_since(*at) > KEPT)
        {
            let dropped = inner.kept.pop_front();
            inner.whole_since = inner.whole_since.max(dropped.map(|(at, _)| at));
        }
    }

    /// Says that from now on everything that changes is told; what is kept from before may have gaps.
    pub fn begins(&self, now: Instant) {
        self.lock().whole_since = Some(now);
    }

    /// Says this to one; whether they still listen.
    #[must_use]
    pub fn tell_one(&self, id: u64, said: Bytes) -> bool {
        let mut inner = self.lock();
        let is_there = inner
            .listeners
            .get(&id)
            .is_some_and(|sender| sender.try_send(said).is_ok());
        if !is_there {
            inner.listeners.remove(&id);
        }
        is_there
    }

    /// Ends one's stream.
    pub fn end(&self, id: u64) {
        self.lock().listeners.remove(&id);
    }

    /// Ends all streams, and lets nobody listen any more.
    pub fn close(&self) {
        let mut inner = self.lock();
        inner.is_closed = true;
        inner.listeners.clear();
    }
}

impl Inner {
    fn send(&mut self, said: &Bytes) {
        self.listeners
            .retain(|_, sender| sender.try_send(said.clone()).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::error::TryRecvError;

    const RESYNC: Bytes = Bytes::from_static(b"resync");
    const SECOND: Duration = Duration::from_secs(1);

    /// The moment so many seconds before.
    fn before(now: Instant, seconds: u64) -> Instant {
        now.checked_sub(Duration::from_secs(seconds)).unwrap()
    }

    /// A hub that has told everything since a minute ago, and now.
    fn hub() -> (Hub, Instant) {
        let began = Instant::now();
        let hub = Hub::new();
        hub.begins(began);
        (hub, began + 60 * SECOND)
    }

    #[test]
    fn a_page_hears_what_was_said_since_it_was_rendered_and_nothing_older() {
        let (hub, now) = hub();
        hub.tell(before(now, 4), &Bytes::from_static(b"old"));
        hub.tell(before(now, 1), &Bytes::from_static(b"new"));
        let (_, mut heard) = hub.listen(now, 2 * SECOND, RESYNC).unwrap();
        assert_eq!(heard.try_recv().unwrap(), "new");
        assert_eq!(heard.try_recv(), Err(TryRecvError::Empty));
    }

    #[test]
    fn a_page_that_may_have_missed_something_fetches_anew() {
        let (hub, now) = (Hub::new(), Instant::now() + 60 * SECOND);
        let hears = |age| {
            let (_, mut heard) = hub.listen(now, age, RESYNC).unwrap();
            heard.try_recv()
        };
        assert_eq!(hears(SECOND).unwrap(), RESYNC, "nothing was listened for");
        hub.begins(before(now, 30));
        assert_eq!(hears(40 * SECOND).unwrap(), RESYNC);
        assert_eq!(hears(Duration::MAX).unwrap(), RESYNC);
        assert_eq!(hears(20 * SECOND), Err(TryRecvError::Empty));
        // What was told is forgotten after a while.
        hub.tell(before(now, 15), &Bytes::from_static(b"old"));
        hub.tell(now, &Bytes::from_static(b"new"));
        assert_eq!(hears(20 * SECOND).unwrap(), RESYNC);
        assert_eq!(hears(SECOND).unwrap(), "new");
    }

    #[tokio::test]
    async fn who_does_not_keep_up_is_cut_off_and_the_others_hear_on() {
        let (hub, now) = hub();
        let (slow, mut asleep) = hub.listen(now, SECOND, RESYNC).unwrap();
        let (_, mut awake) = hub.listen(now, SECOND, RESYNC).unwrap();
        for _ in 0..=QUEUE {
            hub.tell(now, &RESYNC);
            assert_eq!(awake.recv().await.unwrap(), RESYNC);
        }
        assert!(!hub.tell_one(slow, RESYNC));
        let mut left = 0;
        while asleep.recv().await.is_some() {
            left += 1;
        }
        assert_eq!(left, QUEUE);
    }

    #[tokio::test]
    async fn closing_ends_every_stream_and_lets_nobody_in() {
        let (hub, now) = hub();
        let (_, mut heard) = hub.listen(now, SECOND, RESYNC).unwrap();
        hub.close();
        assert!(heard.recv().await.is_none());
        assert!(hub.listen(now, SECOND, RESYNC).is_none());
    }
}

//! How many messages are on their way at once: no more than a busy shop needs at the time that a call takes.
//!
//! Whether a message that is on its way at a kill has arrived is not known, and it is sent again. The fewer are on their way, the
//! fewer can show twice. A call that takes long makes room for others.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Messages a second, over all chats, for which there is always room; Telegram takes thirty.
const RATE: f64 = 100.0;
const FEWEST: usize = 2;
const MOST: usize = 16;
/// A call that takes longer than this does not count.
const LEASH: Duration = Duration::from_secs(1);
/// How much the newest call weighs in the average.
const NEWEST: f64 = 0.2;

/// The messages on their way.
#[derive(Default)]
pub struct Air {
    traffic: Mutex<Traffic>,
    freed: Notify,
}

#[derive(Default)]
struct Traffic {
    flying: usize,
    /// What a call takes, in seconds.
    average: f64,
}

impl Traffic {
    fn note(&mut self, took: Duration) {
        self.average += (took.as_secs_f64() - self.average) * NEWEST;
    }

    fn room(&self) -> usize {
        ((RATE * self.average).ceil() as usize + 1).clamp(FEWEST, MOST)
    }
}

impl Air {
    /// Makes a call when there is room for it.
    pub async fn fly<T>(&self, call: impl Future<Output = T>) -> T {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if self.has_entered() {
                break;
            }
            freed.await;
        }
        let place = Place(self);
        tokio::pin!(call);
        let start = Instant::now();
        let result = tokio::time::timeout(LEASH, &mut call).await;
        self.lock().note(start.elapsed());
        drop(place);
        match result {
            Ok(result) => result,
            Err(_) => call.await,
        }
    }

    fn has_entered(&self) -> bool {
        let mut traffic = self.lock();
        let enters = traffic.flying < traffic.room();
        traffic.flying += usize::from(enters);
        enters
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the air, given back also when its call is given up.
struct Place<'a>(&'a Air);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.lock().flying -= 1;
        self.0.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Flies so many calls that take next to no time; how many were in the air at most.
    async fn fly(air: &Arc<Air>, calls: usize) -> usize {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..calls)
            .map(|_| {
                let (air, now, most) = (Arc::clone(air), Arc::clone(&now), Arc::clone(&most));
                tokio::spawn(async move {
                    let call = async {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        tokio::task::yield_now().await;
                        now.fetch_sub(1, Ordering::SeqCst);
                    };
                    air.fly(call).await;
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("call");
        }
        most.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn quick_calls_are_few_at_a_time() {
        let air = Arc::new(Air::default());
        let most = fly(&air, 40).await;
        assert!(most <= 3, "{most} in the air");
    }

    #[test]
    fn the_longer_a_call_takes_the_more_there_is_room_for() {
        let room = |milliseconds: u64| {
            let mut traffic = Traffic::default();
            (0..100).for_each(|_| traffic.note(Duration::from_millis(milliseconds)));
            traffic.room()
        };
        assert_eq!((room(0), room(55), room(2000)), (FEWEST, 7, MOST));
    }

    #[tokio::test]
    async fn calls_that_hang_hold_nobody_up() {
        let air = Arc::new(Air::default());
        let hung = (0..4).map(|_| {
            let air = Arc::clone(&air);
            tokio::spawn(async move { air.fly(std::future::pending::<()>()).await })
        });
        let hung: Vec<_> = hung.collect();
        let start = Instant::now();
        air.fly(async {}).await;
        assert!(start.elapsed() < 3 * LEASH);
        hung.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

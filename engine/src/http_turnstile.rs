//! Lets requests in: a number of them at once, and among those that wait, first one of the client that has the
//! fewest in progress. So a client with many connections, or with many streams on one, cannot keep others out.

use crate::event_loop::lock;
use crate::http_socket::Client;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

pub(crate) struct Turnstile {
    most_of_client: usize,
    most_waiting_of_client: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    free: usize,
    clients: HashMap<Client, Standing>,
    /// Clients whose next request can be let in, by what they have in progress, and then by the time that they
    /// wait.
    order: BTreeMap<Place, Client>,
    next_ticket: u64,
}

type Place = (usize, u64);

#[derive(Default)]
struct Standing {
    running: usize,
    waiting: VecDeque<oneshot::Sender<Permit>>,
    place: Option<Place>,
}

/// A request that was let in, as long as it exists.
pub(crate) struct Permit {
    turnstile: Arc<Turnstile>,
    client: Client,
}

/// Too many requests of the client wait.
pub(crate) struct Full;

impl State {
    /// Gives a client its place in the order, after a change of what it has. It has none if nothing of it waits,
    /// or nothing more of it may run.
    fn place(&mut self, client: Client, most: usize) {
        let Some(standing) = self.clients.get_mut(&client) else {
            return;
        };
        if let Some(place) = standing.place.take() {
            self.order.remove(&place);
        }
        if standing.running == 0 && standing.waiting.is_empty() {
            self.clients.remove(&client);
        } else if standing.running < most && !standing.waiting.is_empty() {
            self.next_ticket += 1;
            let place = (standing.running, self.next_ticket);
            standing.place = Some(place);
            self.order.insert(place, client);
        }
    }
}

impl Turnstile {
    /// Zero: a client can have all.
    pub(crate) fn new(most: usize, most_of_client: usize, most_waiting_of_client: usize) -> Self {
        Self {
            most_of_client: if most_of_client == 0 {
                most
            } else {
                most_of_client
            },
            most_waiting_of_client,
            state: Mutex::new(State {
                free: most,
                ..State::default()
            }),
        }
    }

    fn most_of(&self, client: Client) -> usize {
        match client {
            Client::Network(_) => self.most_of_client,
            Client::Trusted => usize::MAX,
        }
    }

    fn most_waiting_of(&self, client: Client) -> usize {
        match client {
            Client::Network(_) => self.most_waiting_of_client,
            Client::Trusted => usize::MAX,
        }
    }

    /// Waits until a request of the client is let in.
    pub(crate) async fn enter(self: &Arc<Self>, client: Client) -> Result<Permit, Full> {
        let receiver = {
            let mut state = lock(&self.state);
            let has_room = state.free > 0;
            let standing = state.clients.entry(client).or_default();
            if has_room && standing.waiting.is_empty() && standing.running < self.most_of(client) {
                standing.running += 1;
                state.free -= 1;
                return Ok(self.permit(client));
            }
            if standing.waiting.len() >= self.most_waiting_of(client) {
                return Err(Full);
            }
            let (sender, receiver) = oneshot::channel();
            standing.waiting.push_back(sender);
            if standing.place.is_none() {
                state.place(client, self.most_of(client));
            }
            receiver
        };
        let mut wait = Wait {
            turnstile: self,
            client,
            receiver: Some(receiver),
        };
        let permit = match &mut wait.receiver {
            Some(receiver) => receiver.await.map_err(|_| Full)?,
            None => return Err(Full),
        };
        wait.receiver = None;
        Ok(permit)
    }

    fn permit(self: &Arc<Self>, client: Client) -> Permit {
        Permit {
            turnstile: self.clone(),
            client,
        }
    }

    /// Lets one request in, if one can be.
    fn next(self: &Arc<Self>) -> Option<(oneshot::Sender<Permit>, Permit)> {
        let mut state = lock(&self.state);
        while state.free > 0 {
            let (_, client) = state.order.pop_first()?;
            let standing = state.clients.get_mut(&client)?;
            standing.place = None;
            let sender = standing.waiting.pop_front();
            let is_awaited = sender.as_ref().is_some_and(|sender| !sender.is_closed());
            if is_awaited {
                standing.running += 1;
                state.free -= 1;
            }
            state.place(client, self.most_of(client));
            if let (true, Some(sender)) = (is_awaited, sender) {
                return Some((sender, self.permit(client)));
            }
        }
        None
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        {
            let mut state = lock(&self.turnstile.state);
            state.free += 1;
            if let Some(standing) = state.clients.get_mut(&self.client) {
                standing.running -= 1;
            }
            state.place(self.client, self.turnstile.most_of(self.client));
        }
        if let Some((sender, permit)) = self.turnstile.next() {
            // Not with the lock: a permit that nobody takes is dropped.
            let _ = sender.send(permit);
        }
    }
}

/// A request that waits.
struct Wait<'a> {
    turnstile: &'a Turnstile,
    client: Client,
    receiver: Option<oneshot::Receiver<Permit>>,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        // Not with the lock, for the same reason.
        let Some(receiver) = self.receiver.take() else {
            return;
        };
        drop(receiver);
        let mut state = lock(&self.turnstile.state);
        if let Some(standing) = state.clients.get_mut(&self.client) {
            standing.waiting.retain(|sender| !sender.is_closed());
            if standing.waiting.is_empty() {
                state.place(self.client, self.turnstile.most_of(self.client));
            }
        }
    }
}

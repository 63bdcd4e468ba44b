//! Who is on which page: what browsers tell this process of themselves, and what the other processes tell of theirs.
//! Nothing is written anywhere; whoever isn't heard of for a while is gone. Knows people and places; must not know
//! requests, or how processes reach each other.

use crate::web::{sent_form::fresh_key, visit::initials};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// How long somebody counts as there without a sign of life. A page gives one every ten seconds.
const HERE_FOR: Duration = Duration::from_secs(25);
/// How often each process tells the others of everybody who is with it; between, only of what changes.
const RETELL: Duration = Duration::from_secs(10);
/// How many pages are kept in mind, in all and of one person.
const MOST: (usize, usize) = (5_000, 20);
/// How many people are told of at one place.
const MOST_PEOPLE: usize = 50;
/// What is kept of a name, in characters.
const LONGEST_NAME: usize = 40;
/// How long a message between processes may be, in bytes. Postgres takes 7,999.
const LONGEST_MESSAGE: usize = 7_000;

/// Somebody who is on a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Here {
    /// Their number.
    pub id: i64,
    /// Their name, cut if it is very long.
    pub name: String,
    /// One or two letters.
    pub mark: String,
    /// Where the form posts that they have open; empty: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub edits: String,
}

impl Here {
    /// That person, with the form that they have open.
    #[must_use]
    pub fn new(id: i64, name: &str, edits: String) -> Self {
        Self {
            id,
            name: name.chars().take(LONGEST_NAME).collect(),
            mark: initials(name),
            edits,
        }
    }
}

/// People by place: an initiative's key, or `params` for the list of all.
pub(super) type Places = BTreeMap<String, Vec<Here>>;

/// A message between processes: everybody who is with one of them, at the places that it names.
#[derive(Debug, Serialize, Deserialize)]
struct Message {
    from: String,
    at: Places,
}

/// What has to be said now.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// To the other processes: a message each.
    pub to_processes: Vec<String>,
    /// To the browsers of this one.
    pub to_browsers: Places,
}

/// Everybody who is on a page. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// This process's own name among the others.
    name: Arc<str>,
    inner: Arc<Mutex<Inner>>,
    moved: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Inner {
    /// By person and tab.
    tabs: HashMap<(i64, String), Tab>,
    /// By process and place.
    elsewhere: HashMap<(String, String), Told>,
    /// Places where somebody of this process's came, went, or opened another form.
    moved: BTreeSet<String>,
    /// Places where somebody of another's did.
    heard: BTreeSet<String>,
    told_all_at: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
struct Tab {
    at: Vec<String>,
    who: Here,
    until: Instant,
}

#[derive(Debug)]
struct Told {
    people: Vec<Here>,
    until: Instant,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            name: fresh_key().into(),
            inner: Arc::default(),
            moved: Arc::default(),
        }
    }
}

impl Crowd {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until somebody comes, goes, or opens another form.
    pub async fn moved(&self) {
        self.moved.notified().await;
    }

    /// A sign of life of somebody's tab.
    pub fn sees(&self, now: Instant, tab: String, at: Vec<String>, who: Here) {
        let mut inner = self.lock();
        let key = (who.id, tab);
        let until = now + HERE_FOR;
        let before = inner.tabs.get(&key);
        if before.is_none() && inner.is_full_for(who.id) {
            return;
        }
        if before.is_none_or(|tab| tab.at != at || tab.who != who) {
            let left = before.map(|tab| tab.at.clone()).unwrap_or_default();
            inner.moved.extend(left.into_iter().chain(at.clone()));
            self.moved.notify_one();
        }
        inner.tabs.insert(key, Tab { at, who, until });
    }

    /// A tab that was closed, left or put out of sight.
    pub fn leaves(&self, person: i64, tab: String) {
        let mut inner = self.lock();
        if let Some(tab) = inner.tabs.remove(&(person, tab)) {
            inner.moved.extend(tab.at);
            self.moved.notify_one();
        }
    }

    /// What another process says; what isn't such a message is passed over.
    pub fn hears(&self, now: Instant, text: &str) {
        let Ok(Message { from, at }) = serde_json::from_str(text) else {
            return;
        };
        if *from == *self.name {
            return;
        }
        let mut inner = self.lock();
        let until = now + HERE_FOR;
        for (place, people) in at {
            let key = (from.clone(), place.clone());
            let before = inner.elsewhere.get(&key).map(|told| told.people.as_slice());
            if before.unwrap_or_default() != people {
                inner.heard.insert(place);
            }
            if people.is_empty() {
                inner.elsewhere.remove(&key);
            } else {
                inner.elsewhere.insert(key, Told { people, until });
            }
        }
    }

    /// Forgets whoever wasn't heard of for too long, and gives what has to be said since the last round.
    #[must_use]
    pub fn round(&self, now: Instant) -> Round {
        let mut inner = self.lock();
        inner.forget(now);
        let mut news = mem::take(&mut inner.moved);
        let mut told: Places = news.iter().map(|p| (p.clone(), Vec::new())).collect();
        let is_time = |at: Instant| now.duration_since(at) >= RETELL;
        let tells_all = inner.told_all_at.is_none_or(is_time);
        if tells_all {
            inner.told_all_at = Some(now);
        }
        for tab in inner.tabs.values() {
            for place in tab.at.iter().filter(|p| tells_all || news.contains(*p)) {
                add(told.entry(place.clone()).or_default(), &tab.who);
            }
        }
        news.append(&mut inner.heard);
        let to_browsers = news.iter().map(|p| (p.clone(), inner.people(p)));
        Round {
            to_browsers: to_browsers.collect(),
            to_processes: messages(&self.name, told),
        }
    }

    /// Everybody at these places, and whoever has a form open elsewhere.
    #[must_use]
    pub fn around(&self, places: &[String]) -> Places {
        let inner = self.lock();
        let mut all: Places = places
            .iter()
            .map(|place| (place.clone(), inner.people(place)))
            .collect();
        for (place, who) in inner.everybody().filter(|(_, who)| !who.edits.is_empty()) {
            if !places.contains(place) && all.len() < MOST_PEOPLE {
                add(all.entry(place.clone()).or_default(), who);
            }
        }
        all
    }
}

impl Inner {
    fn is_full_for(&self, person: i64) -> bool {
        let (all, own) = MOST;
        let theirs = self.tabs.keys().filter(|(whose, _)| *whose == person);
        self.tabs.len() >= all || theirs.count() >= own
    }

    fn forget(&mut self, now: Instant) {
        for (_, tab) in self.tabs.extract_if(|_, tab| tab.until <= now) {
            self.moved.extend(tab.at);
        }
        for ((_, place), _) in self.elsewhere.extract_if(|_, told| told.until <= now) {
            self.heard.insert(place);
        }
    }

    fn everybody(&self) -> impl Iterator<Item = (&String, &Here)> {
        let own = self.tabs.values();
        let own = own.flat_map(|tab| tab.at.iter().map(|place| (place, &tab.who)));
        let others = self.elsewhere.iter();
        let others =
            others.flat_map(|((_, place), told)| told.people.iter().map(move |who| (place, who)));
        own.chain(others)
    }

    fn people(&self, place: &str) -> Vec<Here> {
        let mut people = Vec::new();
        for (at, who) in self.everybody() {
            if at == place {
                add(&mut people, who);
            }
        }
        people
    }
}

/// Adds somebody in the order of names, once, however many tabs they have; with the form that one of these has open.
fn add(people: &mut Vec<Here>, who: &Here) {
    if let Some(same) = people.iter_mut().find(|other| other.id == who.id) {
        if same.edits < who.edits {
            same.edits.clone_from(&who.edits);
        }
    } else {
        let order = |who: &Here| (who.name.clone(), who.id);
        let at = people.partition_point(|other| order(other) < order(who));
        people.insert(at, who.clone());
        people.truncate(MOST_PEOPLE);
    }
}

/// As few messages as hold this; of a place that fits into none, as many people as do.
fn messages(from: &str, told: Places) -> Vec<String> {
    let mut messages = Vec::new();
    let mut at = Places::new();
    let mut length = 0;
    for (place, mut people) in told {
        let size = |people: &[Here]| serde_json::to_string(people).map_or(0, |text| text.len());
        while size(&people) > LONGEST_MESSAGE - 200 {
            people.pop();
        }
        let more = size(&people) + place.len() + 8;
        if length + more > LONGEST_MESSAGE {
            messages.extend(message(from, mem::take(&mut at)));
            length = 0;
        }
        length += more;
        at.insert(place, people);
    }
    messages.extend(message(from, at));
    messages
}

fn message(from: &str, at: Places) -> Option<String> {
    let from = from.to_owned();
    let is_empty = at.is_empty();
    serde_json::to_string(&Message { from, at })
        .ok()
        .filter(|_| !is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn bo(edits: &str) -> Here {
        Here::new(7, "Bo Li", edits.to_owned())
    }

    fn at(place: &str) -> Vec<String> {
        vec![place.to_owned()]
    }

    fn names(people: &[Here]) -> Vec<&str> {
        people.iter().map(|who| who.name.as_str()).collect()
    }

    /// Two processes after the first round, and the time.
    fn two() -> (Crowd, Crowd, Instant) {
        let (here, there, now) = (Crowd::default(), Crowd::default(), Instant::now());
        assert_eq!(here.round(now), Round::default());
        assert_eq!(there.round(now), Round::default());
        (here, there, now)
    }

    /// Tells the others what one of them has to say.
    fn tell(from: &Crowd, to: &Crowd, now: Instant) -> Round {
        let round = from.round(now);
        for message in &round.to_processes {
            from.hears(now, message);
            to.hears(now, message);
        }
        round
    }

    #[test]
    fn who_comes_is_told_at_once_in_every_process_and_who_leaves_too() {
        let (here, there, now) = two();
        here.sees(now, "tab".into(), at("INIT-1"), bo(""));
        let round = tell(&here, &there, now);
        assert_eq!(names(&round.to_browsers["INIT-1"]), ["Bo Li"]);
        let round = there.round(now);
        assert_eq!(names(&round.to_browsers["INIT-1"]), ["Bo Li"]);
        assert!(round.to_processes.is_empty(), "told on by none");

        here.leaves(7, "tab".into());
        assert!(tell(&here, &there, now).to_browsers["INIT-1"].is_empty());
        assert!(there.round(now).to_browsers["INIT-1"].is_empty());
    }

    #[test]
    fn a_sign_of_life_that_changes_nothing_is_told_to_nobody() {
        let (here, _, now) = two();
        here.sees(now, "tab".into(), at("INIT-1"), bo(""));
        let _ = here.round(now);
        here.sees(now + SECOND, "tab".into(), at("INIT-1"), bo(""));
        assert_eq!(here.round(now + SECOND), Round::default());
        here.sees(
            now + SECOND,
            "tab".into(),
            at("INIT-1"),
            bo("/params/1/fields/value"),
        );
        let round = here.round(now + SECOND);
        assert_eq!(
            round.to_browsers["INIT-1"][0].edits,
            "/params/1/fields/value"
        );
    }

    #[test]
    fn whoever_falls_asleep_is_gone_within_half_a_minute_also_for_other_processes() {
        let (here, there, now) = two();
        here.sees(now, "tab".into(), at("INIT-1"), bo(""));
        tell(&here, &there, now);
        let _ = there.round(now);
        let mut gone = None;
        for second in 1..=30 {
            let later = now + second * SECOND;
            tell(&here, &there, later);
            if there
                .round(later)
                .to_browsers
                .get("INIT-1")
                .is_some_and(Vec::is_empty)
            {
                gone = Some(second);
            }
        }
        assert_eq!(gone, Some(25));
    }

    #[test]
    fn the_people_of_a_process_that_dies_are_gone_within_half_a_minute() {
        let (here, there, now) = two();
        here.sees(now, "tab".into(), at("INIT-1"), bo(""));
        tell(&here, &there, now);
        let _ = there.round(now);
        assert_eq!(there.round(now + 24 * SECOND), Round::default());
        let round = there.round(now + 25 * SECOND);
        assert!(round.to_browsers["INIT-1"].is_empty());
    }

    #[test]
    fn somebody_with_two_tabs_is_one_person_and_stays_until_both_are_closed() {
        let (here, _, now) = two();
        here.sees(now, "one".into(), at("INIT-1"), bo(""));
        here.sees(
            now,
            "two".into(),
            at("INIT-1"),
            bo("/params/1/fields/value"),
        );
        assert_eq!(
            here.around(&at("INIT-1"))["INIT-1"],
            [bo("/params/1/fields/value")]
        );
        here.leaves(7, "two".into());
        assert_eq!(here.around(&at("INIT-1"))["INIT-1"], [bo("")]);
        here.leaves(8, "one".into());
        assert_eq!(here.around(&at("INIT-1"))["INIT-1"].len(), 1, "not theirs");
        here.leaves(7, "one".into());
        assert!(here.around(&at("INIT-1"))["INIT-1"].is_empty());
    }

    #[test]
    fn of_other_places_one_hears_only_who_has_a_form_open() {
        let (here, _, now) = two();
        here.sees(now, "one".into(), at("INIT-1"), bo(""));
        here.sees(
            now,
            "two".into(),
            at("INIT-2"),
            bo("/params/1/fields/value"),
        );
        let around = here.around(&at("params"));
        assert!(around["params"].is_empty());
        assert_eq!(names(&around["INIT-2"]), ["Bo Li"]);
        assert!(!around.contains_key("INIT-1"));
    }

    #[test]
    fn no_message_is_longer_than_postgres_takes_however_many_people_there_are() {
        let (here, there, now) = two();
        let name = "漢".repeat(100);
        for person in 0..400 {
            let edits = format!("/params/{person}/fields/value");
            let who = Here::new(person, &name, edits);
            let places = vec![format!("INIT-{}", person % 7), "params".to_owned()];
            here.sees(now, "tab".into(), places, who);
        }
        let round = tell(&here, &there, now);
        assert!(round.to_processes.len() > 4);
        assert!(round.to_processes.iter().all(|text| text.len() < 7_999));
        assert_eq!(there.round(now).to_browsers.len(), 8);
        let known = there.around(&at("params"))["params"].len();
        assert!((10..=MOST_PEOPLE).contains(&known), "{known}");
    }

    #[test]
    fn one_person_fills_neither_the_memory_nor_the_room_of_others() {
        let (here, _, now) = two();
        for tab in 0..1_000 {
            here.sees(now, tab.to_string(), at(&format!("INIT-{tab}")), bo(""));
        }
        assert_eq!(here.round(now).to_browsers.len(), MOST.1);
    }

    #[test]
    fn nonsense_between_processes_is_passed_over() {
        let (here, _, now) = two();
        for nonsense in ["", "x", "{}", "[]", r#"{"from":"x","at":{"INIT-1":7}}"#] {
            here.hears(now, nonsense);
        }
        assert_eq!(here.round(now), Round::default());
    }
}

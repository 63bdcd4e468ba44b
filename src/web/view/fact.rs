//! Shared facts: the library, one of them, the forms about it, what approving a change would do, and which one a param
//! follows.

use super::{
    Empty, Filter, Hidden, Link, Pager, Search, Seen, SelectOption, When, badge::Badge,
    history::Entry, layout::Page,
};
use askama::Template;

/// A line of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub id: i64,
    /// The fact's page.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub badge: Badge,
    /// What is in force: `£45.50`, `30 %`; empty: nothing yet.
    pub value: String,
    /// The other reading: `0.3`.
    pub more: String,
    /// Whose it is.
    pub source: String,
    /// By how many it is used: `12 initiatives`.
    pub uses: String,
    /// That it is to be looked at again.
    pub review: Option<Badge>,
}

/// The library.
#[derive(Clone, Debug, Template)]
#[template(path = "facts/index.html")]
pub struct Index {
    /// The frame.
    pub page: Page,
    /// The search box.
    pub search: Search,
    /// Owner, state.
    pub filters: Vec<Filter>,
    /// Why this person adds none; empty: they do.
    pub why_not: String,
    /// The facts, in the order of their names.
    pub rows: Vec<Row>,
    /// Nothing was found.
    pub empty: Option<Empty>,
    /// Where the list stands.
    pub pager: Pager,
    /// The list as files.
    pub downloads: Vec<Link>,
}

/// What a fact says, or would.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// `£45.50`.
    pub value: String,
    /// The other reading; empty: there is none.
    pub more: String,
    /// `1 to 90`; empty: any number.
    pub range: String,
    /// Whose it is.
    pub source: String,
    /// Who set or proposed it.
    pub by: String,
    /// When.
    pub at: When,
    /// Why; may be empty.
    pub reason: String,
}

/// Who stands behind what is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approved {
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
}

/// A param that follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// The param.
    pub param: Link,
    /// Its initiative.
    pub initiative: Link,
    /// The initiative's title.
    pub title: String,
    /// The framework.
    pub framework: String,
    /// Whether its formula reads it.
    pub is_used: bool,
}

/// A line of a fact's history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// What happened.
    pub entry: Entry,
    /// The form that proposes what was approved then; none: nothing was, it counts now, or this person proposes nothing.
    pub again: Option<Link>,
}

/// One fact.
#[derive(Clone, Debug, Template)]
#[template(path = "facts/show.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what this person can do, each by itself"
)]
pub struct Show {
    /// The frame.
    pub page: Page,
    /// Its own address.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub badge: Badge,
    /// That it is to be looked at again.
    pub review: Option<Badge>,
    /// What went wrong with the last form; empty: nothing.
    pub error: String,
    /// What it means; may be empty.
    pub description: String,
    /// What is in force.
    pub numbers: Option<Numbers>,
    /// Who stands behind that.
    pub approved: Option<Approved>,
    /// Where the number comes from; empty label: nobody said.
    pub evidence: Link,
    /// `as of 12 Nov 2026`; empty: nobody said.
    pub evidence_note: String,
    /// What waits.
    pub proposal: Option<Numbers>,
    /// Why this person can't approve it; empty: they can.
    pub why_not_approve: String,
    /// Whether it is their own proposal, to be taken back.
    pub can_withdraw: bool,
    /// Whether they may refuse it.
    pub can_refuse: bool,
    /// Why this person changes nothing; empty: they do.
    pub why_not: String,
    /// Whether it is put away.
    pub is_archived: bool,
    /// Whether this person puts it away, or takes it out.
    pub can_archive: bool,
    /// Who follows.
    pub uses: Vec<Use>,
    /// How many in all: `12 initiatives use it`.
    pub used_by: String,
    /// The params that could follow it; empty: none can, or this person lets none.
    pub could_follow_href: String,
    /// More of them; empty: these are all.
    pub more_uses_href: String,
    /// What happened to it.
    pub entries: Vec<Past>,
    /// Where the history stands.
    pub pager: Pager,
    /// What the forms saw.
    pub seen: Seen,
}

/// The fields about the words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordFields {
    /// As typed.
    pub name: String,
    /// As typed.
    pub description: String,
    /// As typed.
    pub evidence_link: String,
    /// As typed.
    pub evidence_as_of: String,
    /// As typed.
    pub review_by: String,
}

/// The fields about the number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberFields {
    /// As typed.
    pub value: String,
    /// As typed.
    pub unit: String,
    /// As typed.
    pub min: String,
    /// As typed.
    pub max: String,
    /// Whose it shall be.
    pub sources: Vec<SelectOption>,
    /// How numbers are written in the form, sent back with them: `point` or `comma`.
    pub decimal_separator: &'static str,
    /// As typed.
    pub reason: String,
}

/// A form about a fact: a new one has both parts, what it means the first, a proposal the second.
#[derive(Clone, Debug, Template)]
#[template(path = "facts/form.html")]
pub struct Form {
    /// The frame.
    pub page: Page,
    /// Where one came from.
    pub back: Link,
    /// What the form is for.
    pub heading: String,
    /// What follows from it.
    pub intro: String,
    /// Where it posts.
    pub action: String,
    /// The first part.
    pub words: Option<WordFields>,
    /// The second part.
    pub numbers: Option<NumberFields>,
    /// What is wrong; empty: nothing.
    pub error: String,
    /// Which field it belongs to; empty: none.
    pub error_field: String,
    /// Somebody else was first: who did what, and what stands now.
    pub conflict: String,
    /// The button.
    pub button: String,
    /// What it saw.
    pub seen: Seen,
}

/// One initiative by one framework, as it stands and as it would.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// The initiative.
    pub initiative: Link,
    /// Its title.
    pub title: String,
    /// The framework, and whether it counts: `RICE, active`.
    pub framework: String,
    /// Whether anything would change; the others are there to be seen.
    pub moves: bool,
    /// The value now; empty: none.
    pub value: String,
    /// The value then.
    pub value_then: String,
    /// The overall now.
    pub overall: String,
    /// The overall then.
    pub overall_then: String,
    /// The rank now.
    pub rank: String,
    /// The rank then.
    pub rank_then: String,
    /// Why it would get no number; empty: it would.
    pub why: String,
}

/// What would move, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Everybody who follows, biggest change first.
    pub moves: Vec<Move>,
    /// The others whose rank moves.
    pub shifted: Vec<Move>,
    /// How many of either are not shown; empty: all are.
    pub rest: String,
}

/// What approving would do.
#[derive(Clone, Debug, Template)]
#[template(path = "facts/approve.html")]
pub struct Approve {
    /// The frame.
    pub page: Page,
    /// The fact.
    pub fact: Link,
    /// What is in force; none: nothing yet.
    pub numbers: Option<Numbers>,
    /// What would be.
    pub proposal: Numbers,
    /// `3 initiatives get another value, …`.
    pub summary: Vec<String>,
    /// The same line by line.
    pub effect: Effect,
    /// Why this person can't; empty: they can.
    pub why_not: String,
    /// What is wrong; empty: nothing.
    pub error: String,
    /// Somebody else was first.
    pub conflict: String,
    /// Where it posts.
    pub action: String,
    /// What it saw.
    pub seen: Seen,
}

/// A fact to be followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// `£45.50 · Finance · approved by Fay`.
    pub about: String,
    /// Whether it is the one.
    pub is_chosen: bool,
}

/// What following the chosen fact would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The field.
    pub field: &'static str,
    /// What it says now; may be empty.
    pub now: String,
    /// What it would say; may be empty.
    pub then: String,
}

/// Which fact a param follows.
#[derive(Clone, Debug, Template)]
#[template(path = "facts/follow.html")]
pub struct Follow {
    /// The frame.
    pub page: Page,
    /// The param.
    pub param: Link,
    /// What it is called.
    pub label: String,
    /// The fact it follows; empty label: none.
    pub follows: Link,
    /// The address of the choice.
    pub action: String,
    /// What the search box asks.
    pub query: String,
    /// The facts found.
    pub choices: Vec<Choice>,
    /// What to know about them; empty: nothing.
    pub note: String,
    /// What following the chosen one would change; empty: none is chosen.
    pub changes: Vec<Change>,
    /// What of scores and ranks would move, in a few sentences.
    pub summary: Vec<String>,
    /// The same line by line.
    pub effect: Effect,
    /// The chosen one, as the form sends it; none: it can't be followed, or none is chosen.
    pub chosen: Option<Hidden>,
    /// What the button says.
    pub button: String,
    /// What is wrong; empty: nothing.
    pub error: String,
    /// What it saw.
    pub seen: Seen,
}

/// Which fact many params follow.
#[derive(Clone, Debug, Template)]
#[template(path = "facts/follow_together.html")]
pub struct FollowTogether {
    /// The frame.
    pub page: Page,
    /// The grid that the params were chosen in.
    pub back: Link,
    /// `12 params are chosen.`
    pub intro: String,
    /// The chosen rows, as the forms send them on.
    pub hidden: Vec<Hidden>,
    /// What the search box asks.
    pub query: String,
    /// The facts found.
    pub choices: Vec<Choice>,
    /// What to know about them; empty: nothing.
    pub note: String,
    /// What is wrong; empty: nothing.
    pub error: String,
    /// What following the chosen fact would do; none: none is chosen.
    pub prospect: Option<Prospect>,
}

/// What following a fact would do to many params.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prospect {
    /// The fact.
    pub fact: Link,
    /// How many would follow, how many are left out, and what moves.
    pub summary: Vec<String>,
    /// Each param.
    pub rows: Vec<WouldFollow>,
    /// What moves, line by line.
    pub effect: Effect,
    /// Those that would follow, as the form sends them.
    pub hidden: Vec<Hidden>,
    /// The button; empty: none would follow.
    pub button: String,
}

/// One of many params that would follow a fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WouldFollow {
    /// The param.
    pub param: Link,
    /// `INIT-7, RICE`.
    pub of: String,
    /// What would change, field by field, always the same fields; empty: nothing, for the reason below.
    pub changes: Vec<Change>,
    /// Why it is left as it is.
    pub why: String,
}

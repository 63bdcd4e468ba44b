//! Whatever happens between a read and a write, the sheet comes into step in a bounded number of calls, what is people's is
//! as they left it, and nothing stands twice ([`super::case`]; what nobody could tell is left out by [`super::witness`]).

use super::{
    case::{case, described, must_be_right},
    memory::{Leads, Memory},
    service::{Fault, Service},
};
use crate::sheets::calls::{google, terms};
use productops::mirror::{
    Mode,
    diff::Wanted,
    run::{Known, RunError, Target, run},
};

/// Runs until one succeeds; how many runs that took.
async fn converge(
    target: &mut impl Target,
    wanted: &[Wanted],
    known: &mut Known,
    context: &str,
) -> usize {
    for times in 1..=6 {
        match run(target, wanted, known, &terms(Mode::Write), &mut Leads).await {
            Ok(report) => {
                known.verified.extend(report.verified);
                return times;
            }
            Err(RunError::Target(_) | RunError::Unsettled) if times < 6 => {}
            Err(error) => panic!("{error}\n{context}"),
        }
    }
    panic!("never in step");
}

/// Threads for the cases in memory.
const SHARDS: usize = 4;

/// How many cases: `MIRROR_CASES`, or as many as take some seconds.
fn how_many(unset: u64) -> u64 {
    let asked = std::env::var("MIRROR_CASES").ok();
    asked.map_or(unset, |asked| asked.parse().expect("a number"))
}

/// One case in memory; how often people's deeds were left out of it, since nobody could have told them.
async fn holds(seed: u64) -> usize {
    let case = case(seed);
    let context = described(&case, seed);
    let mut target = Memory {
        tab: case.tab.clone(),
        people: case.people.clone(),
        faults: case.faults.clone(),
        reads: 0,
        writes: 0,
        withheld: 0,
    };
    let mut known = Known::default();
    let runs = converge(&mut target, &case.wanted, &mut known, &context).await;
    must_be_right(&target.tab, &case, &context);
    assert!(target.reads <= 2 + runs && target.writes <= 5, "{context}");
    let before = target.tab.grid();
    let (reads, writes) = (target.reads, target.writes);
    converge(&mut target, &case.wanted, &mut known, &context).await;
    assert_eq!(target.tab.grid(), before, "{context}");
    assert_eq!(
        (target.reads - reads, target.writes - writes),
        (1, 0),
        "{context}"
    );
    target.withheld
}

#[test]
fn whatever_happens_between_read_and_write_the_sheet_converges_and_nothing_of_peoples_is_lost() {
    let count = how_many(10_000);
    let shard = |first: u64| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            let mut withheld = 0;
            for seed in (first..count).step_by(SHARDS) {
                withheld += holds(seed).await;
            }
            withheld
        })
    };
    let withheld: usize = std::thread::scope(|scope| {
        let shards: Vec<_> = (0..SHARDS as u64)
            .map(|first| scope.spawn(move || shard(first)))
            .collect();
        shards
            .into_iter()
            .map(|shard| shard.join().expect("each case holds"))
            .sum()
    });
    assert!(
        withheld as u64 * 10 <= count,
        "of {count} cases, {withheld} moments were left out"
    );
}

#[tokio::test]
async fn the_same_holds_over_http() {
    for seed in 0..how_many(300).min(300) {
        let case = case(1_000_000 + seed);
        let context = described(&case, seed);
        let service = Service::with(case.tab.clone()).await;
        let mut target = google(&service).await;
        {
            let mut state = service.state();
            state.people.clone_from(&case.people);
            state.leaves_out = true;
            let fault = |fault: &Option<Fault>| fault.clone().unwrap_or(Fault::Fine);
            state.write_faults = case.faults.iter().map(fault).collect();
        }
        let mut known = Known::default();
        converge(&mut target, &case.wanted, &mut known, &context).await;
        let (reads, writes) = service.calls();
        assert!(
            reads <= 6 && writes <= 6,
            "{reads} + {writes} calls\n{context}"
        );
        must_be_right(&service.state().tab, &case, &context);
        converge(&mut target, &case.wanted, &mut known, &context).await;
        assert_eq!(service.calls(), (1, 0), "{context}");
    }
}

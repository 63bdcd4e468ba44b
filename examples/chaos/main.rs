//! Kills the app at random moments while people edit and approve, starts it again, and counts what was lost or
//! doubled. Run it with `scripts/chaos`; it must never print anything but 0 and 0.
//!
//! - `app`: the program under test as a process: start it, kill it, kill its database server;
//! - `person`: somebody's browser: pages, forms, their idempotency keys;
//! - `act`: one thing that a person does, and what its answer meant;
//! - `work`: a person's work in one round, until the app dies under it;
//! - `journal`: every answer, on disk before the next request;
//! - `checks`: the journal against the database, and the database against itself.
//!
//! What has no answer when the app dies is sent again after the restart, the very same form under the same key.

mod act;
mod app;
mod checks;
mod journal;
mod person;
mod random;
mod setup;
mod work;

use anyhow::{Context as _, bail};
use app::App;
use journal::Journal;
use random::Random;
use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};
use work::Worker;

/// In one round of so many the database server is killed as well, before the app is.
const SERVER_TOO: u64 = 5;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("chaos: {why:#}");
            ExitCode::FAILURE
        }
    }
}

fn number(name: &str) -> anyhow::Result<Option<u64>> {
    let Ok(text) = env::var(name) else {
        return Ok(None);
    };
    let number = text
        .parse()
        .with_context(|| format!("{name} must be a whole number"))?;
    Ok(Some(number))
}

async fn run() -> anyhow::Result<()> {
    let rounds = number("ROUNDS")?.unwrap_or(50);
    let seed = match number("SEED")? {
        Some(seed) => seed,
        None => random::seed()?,
    };
    let folder = env::temp_dir().join(format!("productops-chaos-{}", std::process::id()));
    fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
    // As root the database runs as another user, who must be able to pass through.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    println!("{rounds} rounds, SEED={seed}, in {}", folder.display());
    let began = Instant::now();
    let journal = Arc::new(Journal::create(&folder.join("journal.jsonl"))?);
    let (kept, workers) = torment(&folder, rounds, seed, &journal).await?;
    let findings = checks::run(&folder, &kept).await?;
    for finding in &findings.broken {
        println!("  {finding}");
    }
    let seconds = began.elapsed().as_secs();
    println!(
        "{} people, {} refused, {} sent again without an answer, {} sent twice, {seconds} s",
        workers, findings.refused, kept.sent_again, kept.sent_twice
    );
    println!(
        "{rounds} rounds, {} acknowledged, {} lost, {} doubled, {} broken",
        findings.acknowledged,
        findings.lost,
        findings.doubled,
        findings.broken.len()
    );
    if !findings.is_clean() {
        bail!(
            "SEED={seed} found something; the data is kept in {}",
            folder.display()
        );
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// All rounds. What happened, and how many people worked.
async fn torment(
    folder: &Path,
    rounds: u64,
    seed: u64,
    journal: &Arc<Journal>,
) -> anyhow::Result<(work::Kept, usize)> {
    app::productops(folder).arg("sample-data").output()?;
    let mut random = Random::new(seed);
    let mut app = App::start(folder)?;
    let scene = Arc::new(setup::scene(&app.base).await?);
    let mut workers = Vec::new();
    for (number, person) in setup::people(&app.base).await?.into_iter().enumerate() {
        let random = Random::new(random.next());
        workers.push(Worker::new(number, person, random, &scene, journal));
    }
    let mut slowest = Duration::ZERO;
    for round in 1..=rounds {
        let tasks: Vec<_> = workers
            .drain(..)
            .map(|worker| tokio::spawn(worker.work(app.base.clone(), app.is_dying(), round)))
            .collect();
        tokio::time::sleep(Duration::from_micros(random.below(900_000) + 50_000)).await;
        let with_server = round % SERVER_TOO == 0;
        if with_server {
            app.kill_database_server()?;
            tokio::time::sleep(Duration::from_micros(random.below(3_000_000) + 500_000)).await;
        }
        app.kill()?;
        for task in tasks {
            workers.push(task.await??);
        }
        let restarting = Instant::now();
        app = App::start(folder)?;
        slowest = slowest.max(restarting.elapsed());
        println!(
            "round {round}: killed{}, {} acknowledged so far",
            if with_server {
                ", the database server first"
            } else {
                ""
            },
            journal.taken.load(Ordering::Relaxed)
        );
    }
    let mut kept = work::Kept::default();
    let people = workers.len();
    for worker in workers {
        kept.add(worker.settle(&app.base).await?);
    }
    app.stop()?;
    kept.records = journal.read_back()?;
    println!("slowest restart: {} ms", slowest.as_millis());
    Ok((kept, people))
}

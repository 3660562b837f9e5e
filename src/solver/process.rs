//! One solver process: written to, read from, and killed when it is dropped.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::jail::Jail;
use super::script::{Outcome, Script, read_core, read_model};
use super::{SEED, SolverConfig, SolverError};

/// An answer longer than this is no answer to anything we ask.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Marks the end of an answer; no label or value of ours looks like it.
const MARK: &str = "end-of-answer";
/// After so many checks a process starts again from nothing, so that what it learned stays small.
const CHECKS_BEFORE_RESET: u32 = 200;

/// Z3's exit code when it has used the memory it was given.
const OUT_OF_MEMORY_CODE: i32 = 101;
/// A process that broke its pipe is gone in a moment, or will be killed.
const END_WAIT: Duration = Duration::from_millis(200);

pub(super) struct Process {
    // Held so that dropping the process kills it.
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    checks_since_reset: u32,
    memory_mb: u64,
}

/// The process ended or broke the protocol in the middle of a check.
pub(super) struct Broken(pub String);

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Broken(error.to_string())
    }
}

impl Process {
    pub async fn start(config: &SolverConfig, jail: &Jail) -> Result<Self, SolverError> {
        let unavailable = |error: &dyn std::fmt::Display| {
            SolverError::Unavailable(format!("{}: {error}", config.executable.display()))
        };
        let mut command = Command::new(&config.executable);
        command
            .arg("-in")
            .arg(format!("-memory:{}", config.memory_mb))
            // Secrets of the server stay with the server, and so does its directory.
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut child = jail.start(command).await.map_err(|error| unavailable(&error))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(unavailable(&"it has no pipes"));
        };
        let output = BufReader::new(output);
        let mut process = Self { child, input, output, checks_since_reset: 0, memory_mb: config.memory_mb };
        process.prepare().await.map_err(|Broken(reason)| unavailable(&reason))?;
        Ok(process)
    }

    async fn prepare(&mut self) -> Result<(), Broken> {
        let options = format!(
            "(set-option :print-success false)\n(set-option :produce-unsat-cores true)\n(set-option :random-seed {SEED})\n"
        );
        let answer = self.ask(&options).await?;
        self.checks_since_reset = 0;
        if answer.trim().is_empty() { Ok(()) } else { Err(Broken(first_line(&answer))) }
    }

    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The solver's name and version, from itself.
    pub async fn version(&mut self) -> Result<String, Broken> {
        let answer = self.ask("(get-info :version)\n").await?;
        let read = super::sexpr::read_all(&answer).unwrap_or_default();
        match read.first().and_then(|info| info.list()).and_then(|items| items.get(1)) {
            Some(super::sexpr::Sexpr::Text(version)) => Ok(version.clone()),
            _ => Err(Broken(format!("no version in {}", first_line(&answer)))),
        }
    }

    pub async fn check(&mut self, script: &Script, rlimit: u64) -> Result<Outcome, Broken> {
        // Pushing keeps the process warm; for products of names Z3's better engines need an empty one.
        let fresh = script.nonlinear || self.checks_since_reset >= CHECKS_BEFORE_RESET;
        if fresh {
            self.ask("(reset)\n").await?;
            self.prepare().await?;
        }
        self.checks_since_reset += 1;
        let scope = if script.nonlinear { "" } else { "(push 1)\n" };
        let question = format!("(set-option :rlimit {rlimit})\n{scope}{}(check-sat)\n", script.text());
        let answer = self.ask(&question).await?;
        let outcome = match answer.trim() {
            "unsat" => self.core().await?,
            "sat" => self.model(script).await?,
            "unknown" => self.reason().await?,
            _ if answer.contains("out of memory") => return Err(self.out_of_memory()),
            other => return Err(Broken(first_line(other))),
        };
        self.ask(if script.nonlinear { "(reset)\n" } else { "(pop 1)\n" }).await?;
        if script.nonlinear {
            self.prepare().await?;
        }
        Ok(outcome)
    }

    /// The reason in better words, where the way the process ended says more than the broken pipe.
    pub async fn explain(&mut self, Broken(reason): Broken) -> String {
        let ended = tokio::time::timeout(END_WAIT, self.child.wait()).await;
        let code = ended.ok().and_then(Result::ok).and_then(|status| status.code());
        if code == Some(OUT_OF_MEMORY_CODE) { self.out_of_memory().0 } else { reason }
    }

    fn out_of_memory(&self) -> Broken {
        Broken(format!("the memory limit of {} MB was reached", self.memory_mb))
    }

    async fn core(&mut self) -> Result<Outcome, Broken> {
        let answer = self.ask("(get-unsat-core)\n").await?;
        let core = read_core(&answer).ok_or_else(|| Broken(first_line(&answer)))?;
        Ok(Outcome::Unsat { core })
    }

    async fn model(&mut self, script: &Script) -> Result<Outcome, Broken> {
        if script.symbols().is_empty() {
            return Ok(Outcome::Sat(super::Model::new()));
        }
        let symbols: Vec<&str> = script.symbols().iter().map(|(symbol, _)| symbol.as_str()).collect();
        let answer = self.ask(&format!("(get-value ({}))\n", symbols.join(" "))).await?;
        read_model(&answer).map(Outcome::Sat).ok_or_else(|| Broken(first_line(&answer)))
    }

    async fn reason(&mut self) -> Result<Outcome, Broken> {
        let answer = self.ask("(get-info :reason-unknown)\n").await?;
        if answer.contains("memory") {
            return Err(self.out_of_memory());
        }
        let limited = ["resource", "rlimit", "canceled", "timeout"].iter().any(|word| answer.contains(word));
        let reason =
            if limited { "the work limit was reached" } else { "the solver cannot decide this kind of formula" };
        Ok(Outcome::Unknown(reason.to_owned()))
    }

    /// Writes and reads at the same time: a full pipe on one side must not block the other.
    async fn ask(&mut self, question: &str) -> Result<String, Broken> {
        let input = &mut self.input;
        let marked = format!("{question}(echo \"{MARK}\")\n");
        let write = async {
            input.write_all(marked.as_bytes()).await?;
            input.flush().await.map_err(Broken::from)
        };
        let read = read_answer(&mut self.output);
        let (answer, ()) = tokio::try_join!(read, write)?;
        Ok(answer)
    }
}

async fn read_answer(output: &mut BufReader<ChildStdout>) -> Result<String, Broken> {
    let mut answer = String::new();
    loop {
        let start = answer.len();
        let room = u64::try_from(ANSWER_BYTES_MAX.saturating_sub(start)).unwrap_or(0);
        let read = (&mut *output).take(room).read_line(&mut answer).await?;
        let line = answer.get(start..).unwrap_or_default().trim();
        if line == MARK {
            answer.truncate(start);
            return Ok(answer);
        }
        if read == 0 {
            return Err(Broken(match answer.contains("out of memory") {
                true => "the memory limit was reached".to_owned(),
                false if answer.len() >= ANSWER_BYTES_MAX => "the solver's answer is too long".to_owned(),
                false => "the solver process ended".to_owned(),
            }));
        }
    }
}

fn first_line(answer: &str) -> String {
    answer.lines().next().unwrap_or_default().chars().take(200).collect()
}

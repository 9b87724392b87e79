use std::path::{Path, PathBuf};

use onrecord::report::{Overall, Run, Strictness, html, junit, markdown, sarif, text};

use super::context::Context;
use super::failure::{End, Failure};

/// Render runs as HTML, JUnit, Markdown, SARIF or text.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: onrecord report onrecord-report/run.json --html report.html\n\
    Several runs of one contract and one seed (shards) are merged; a shard that is missing is told, and no run\n\
    without it is green. Runs of different contracts make one report, with a matrix of contracts and laws.")]
pub(super) struct Args {
    /// The run.json of each run
    #[arg(value_name = "RUN.json", required = true)]
    runs: Vec<PathBuf>,
    /// Write a self-contained page
    #[arg(long, value_name = "F")]
    html: Option<PathBuf>,
    /// Write JUnit XML
    #[arg(long, value_name = "F")]
    junit: Option<PathBuf>,
    /// Write Markdown
    #[arg(long, value_name = "F")]
    markdown: Option<PathBuf>,
    /// Write SARIF 2.1.0, which points into the contracts' files
    #[arg(long, value_name = "F")]
    sarif: Option<PathBuf>,
    /// Have SHOULD findings break the run too
    #[arg(long)]
    strict: bool,
}

impl Args {
    fn strictness(&self) -> Strictness {
        if self.strict { Strictness::Strict } else { Strictness::Normal }
    }
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    let runs = args.runs.iter().map(|path| load(path)).collect::<Result<Vec<_>, _>>()?;
    let run = Run::merge(runs).map_err(|error| Failure::Input(error.to_string()))?;
    let strictness = args.strictness();
    let write = |path: &Option<PathBuf>, render: &dyn Fn() -> String| {
        path.as_ref().map_or(Ok(()), |path| write(path, &render()))
    };
    write(&args.html, &|| html::render(&run))?;
    write(&args.junit, &|| junit::render(&run, strictness))?;
    write(&args.markdown, &|| markdown::render(&run))?;
    write(&args.sarif, &|| sarif::render(&run, strictness))?;
    context.say(&text::render(&run, context.palette));
    Ok(end(&run, strictness))
}

/// Writes all renderings of a run into a folder.
pub(super) fn write_all(run: &Run, strictness: Strictness, folder: &Path) -> Result<(), Failure> {
    make_folder(folder)?;
    write(&folder.join("run.json"), &run.to_json())?;
    write(&folder.join("report.html"), &html::render(run))?;
    write(&folder.join("junit.xml"), &junit::render(run, strictness))?;
    write(&folder.join("report.sarif"), &sarif::render(run, strictness))?;
    write(&folder.join("report.md"), &markdown::render(run))
}

/// Makes the folder of a report. Called before a run too: one that cannot be made is told at once.
pub(super) fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))
}

/// How a run ends a command. A run that tested nothing is not green.
pub(super) fn end(run: &Run, strictness: Strictness) -> End {
    match run.verdict(strictness) {
        Overall::Clean => End::Well,
        Overall::Found | Overall::Stale | Overall::Broken | Overall::NothingTested | Overall::Partial => {
            End::Found
        }
    }
}

fn load(path: &Path) -> Result<Run, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::Input(format!("cannot read {}: {error}; name the run.json of a report", path.display()))
    })?;
    Run::from_json(&path.display().to_string(), &text).map_err(|error| Failure::Input(error.to_string()))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Environment(format!("cannot write {}: {error}; choose another place", path.display()))
}

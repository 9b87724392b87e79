//! `onrecord contract`: what is in a contract, and what is wrong with it.

mod lint;
mod list;
mod show;
mod text;
mod view;

use super::context::Context;
use super::contracts::Overlays;
use super::failure::{End, Failure};
use super::format::Format;

/// Look into a contract, or have it examined.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  onrecord contract show msk CreateCluster\n  \
    onrecord contract lint msk")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Name the contracts that come with the program
    #[command(after_help = "Example: onrecord contract list")]
    List {
        /// How the result is printed
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Show what a contract says
    #[command(after_help = "Examples:\n  onrecord contract show msk\n  \
        onrecord contract show msk ListClusters --roles\n\
        A member with * is required. A shape is shown once, and named where it comes again.")]
    Show(Show),
    /// Say what is wrong with contracts, or odd about them
    #[command(after_help = "Example: onrecord contract lint msk\n\
        The exit code is 1 if there are errors or warnings, 0 if there are at most notes.")]
    Lint(Lint),
}

#[derive(Debug, clap::Args)]
struct Show {
    /// A built-in contract (msk), or a file with a Smithy JSON AST or an OpenAPI document
    #[arg(value_name = "C")]
    contract: String,
    /// Only this operation
    #[arg(value_name = "OPERATION")]
    operation: Option<String>,
    /// Only what each place of a message is for
    #[arg(long)]
    roles: bool,
    #[command(flatten)]
    overlays: Overlays,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct Lint {
    /// Built-in contracts (msk), or files with a Smithy JSON AST or an OpenAPI document
    #[arg(value_name = "C", required = true)]
    contracts: Vec<String>,
    #[command(flatten)]
    overlays: Overlays,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    match &args.what {
        What::List { format } => list::run(*format, context),
        What::Show(args) => show::run(args, context),
        What::Lint(args) => lint::run(args, context),
    }
}

//! What several contracts came to, law by law.

use super::line;
use super::palette::{Ink, Palette};
use crate::report::Run;
use crate::report::matrix::{Column, Mark, Matrix, Row, State};
use crate::report::visible::one_line;

/// How wide a law's name is shown.
const LAW: usize = 44;

/// A line for each law that some contract gives ground for, if there are several contracts.
pub(super) fn write(out: &mut String, run: &Run, palette: Palette) {
    let Some(overview) = run.overview() else { return };
    let matrix = Matrix::of(&overview);
    let widths: Vec<usize> = matrix.rows.iter().map(width).collect();
    let names = matrix.rows.iter().zip(&widths);
    let names = names.map(|(row, width)| format!("{:width$}", one_line(row.operation)));
    let names = names.collect::<Vec<_>>().join("  ");
    line(out, &palette.paint(Ink::Strong, format!("{:LAW$}  {names}", "law").trim_end()));
    for (nth, family) in matrix.families.iter().enumerate() {
        for (column, check) in family.checks.iter().enumerate() {
            let marks = matrix.rows.iter().map(|row| row.marks[nth][column]);
            let marks = marks.zip(&widths).map(|(mark, width)| tile(&mark, *width, palette));
            line(out, &format!("{:LAW$}  {}", law(check), marks.collect::<Vec<_>>().join("  ")));
        }
    }
    let shown = State::ALL.iter().filter(|(state, _)| !state.symbol().is_empty());
    let legend: Vec<_> = shown.map(|(state, name)| format!("{} {name}", state.symbol())).collect();
    line(out, &format!("({}, blank: not applicable)", legend.join(", ")));
    out.push('\n');
}

fn law(column: &Column<'_>) -> String {
    let name = column.check.map_or("", |check| &check.name);
    one_line(&format!("{} {name}", column.id)).chars().take(LAW).collect()
}

/// How wide the column of a contract is.
fn width(row: &Row<'_>) -> usize {
    let said = row.marks.iter().flatten().map(|mark| said(mark).chars().count());
    said.chain([one_line(row.operation).chars().count()]).max().unwrap_or_default()
}

/// A sign for it, and how often a law was broken.
fn said(mark: &Mark<'_>) -> String {
    let symbol = mark.state.symbol();
    match mark.state {
        State::Must | State::Should => format!("{symbol}{}", mark.count),
        _ => symbol.to_owned(),
    }
}

fn tile(mark: &Mark<'_>, width: usize, palette: Palette) -> String {
    let ink = match mark.state {
        State::Must => Ink::Bad,
        State::Should => Ink::Doubtful,
        State::Passed => Ink::Good,
        State::Advisory | State::NotTestable | State::NotApplicable | State::NotRun => Ink::Plain,
    };
    palette.paint(ink, &format!("{:width$}", said(mark)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn signs_stand_below_their_contracts() {
        let mut other = example::moto();
        other.contract.id = "a-long-name".to_owned();
        let run = Run::join(vec![example::moto(), other]).unwrap();
        let mut out = String::new();
        write(&mut out, &run, Palette::Plain);
        let lines: Vec<Vec<char>> = out.lines().map(|line| line.chars().collect()).collect();
        let head: String = lines[0].iter().collect();
        let at = |name: &str| head[..head.find(name).unwrap()].chars().count();
        let signs: Vec<&str> = State::ALL.iter().map(|(state, _)| state.symbol()).collect();
        let rows = lines.iter().filter(|line| line.get(2) == Some(&'-'));
        let mut count = 0;
        for line in rows {
            for column in ["msk", "a-long-name"].map(at) {
                let sign = line.get(column).map(char::to_string).unwrap_or_default();
                assert!(signs.contains(&sign.trim()), "{}", line.iter().collect::<String>());
                assert!(line.get(column - 1).is_none_or(|letter| *letter == ' '));
            }
            count += 1;
        }
        assert_eq!(count, 21);
        let broken = out.lines().find(|line| line.starts_with("SH-03")).unwrap();
        assert!(broken.ends_with("✕9   ✕9"), "{broken}");
        write(&mut out, &example::moto(), Palette::Plain);
        assert_eq!(out.matches("law ").count(), 1, "one contract alone has no such table");
    }
}

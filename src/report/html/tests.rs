use proptest::prelude::{ProptestConfig, any, proptest};

use super::super::example;
use super::*;

#[test]
#[ignore = "writes pages to look at into target/report"]
fn pages_to_look_at() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/target/report");
    std::fs::create_dir_all(folder).unwrap();
    let hostile = example::filled("<script>alert(1)</script>\u{1b}[31m\u{202e}\"'& \n--> ");
    let pages = [
        ("moto", example::moto()),
        ("clean", example::clean()),
        ("nothing", example::nothing()),
        ("few", example::few()),
        ("hostile", hostile),
    ];
    for (name, run) in pages {
        std::fs::write(format!("{folder}/{name}.html"), render(&run)).unwrap();
    }
}

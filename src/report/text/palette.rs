/// Whether text is painted. Who writes to the terminal decides; nothing here asks for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Palette {
    /// Text only.
    #[default]
    Plain,
    /// With ANSI escape sequences for colour (ECMA-48).
    Colour,
}

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    Good,
    Doubtful,
    Bad,
}

impl Palette {
    pub(super) fn paint(self, ink: Ink, text: &str) -> String {
        let code = match (self, ink) {
            (Self::Plain, _) | (_, Ink::Plain) => return text.to_owned(),
            (Self::Colour, Ink::Strong) => "1",
            (Self::Colour, Ink::Faint) => "2",
            (Self::Colour, Ink::Good) => "32",
            (Self::Colour, Ink::Doubtful) => "33",
            (Self::Colour, Ink::Bad) => "31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

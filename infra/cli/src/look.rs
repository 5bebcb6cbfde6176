//! How tables are drawn: as wide as the terminal and with colors on one, plain and as wide as needed elsewhere.

use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use console::Term;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// `None`: no terminal.
    pub width: Option<u16>,
    pub colors: bool,
}

impl Look {
    /// That of standard output; `NO_COLOR` is kept to.
    pub fn detect() -> Self {
        let terminal = Term::stdout();
        let width = terminal.features().is_attended().then(|| terminal.size().1);
        Self { width, colors: width.is_some() && console::colors_enabled() }
    }

    pub fn is_terminal(self) -> bool {
        self.width.is_some()
    }

    pub fn table(self, header: &[&str]) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header.to_vec());
        if self.colors {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        table
    }

    /// A cell in the color that its word names.
    pub fn dot(self, color: &str, text: String) -> Cell {
        let cell = Cell::new(text);
        let paint = match color {
            "green" => Color::Green,
            "orange" | "partial" => Color::Yellow,
            "red" => Color::Red,
            _ => return cell,
        };
        if self.colors { cell.fg(paint) } else { cell }
    }
}

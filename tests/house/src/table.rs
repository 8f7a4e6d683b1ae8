//! Tables in our Markdown pages.

/// The rows of one Markdown table, as the words in backticks of each cell.
#[derive(Debug)]
pub struct Table(Vec<(usize, Vec<Vec<String>>)>);

impl Table {
    /// Finds the table whose first header cell is `header` and reads its rows.
    ///
    /// A cell gives the words that stand in backticks, so prose around them does no harm.
    pub fn find(text: &str, header: &str) -> Option<Self> {
        let mut lines = text.lines().enumerate();
        lines.find(|(_, line)| cells(line).first().is_some_and(|cell| *cell == header))?;
        let rows = lines
            .skip(1)
            .take_while(|(_, line)| line.starts_with('|'))
            .map(|(number, line)| (number + 1, cells(line).iter().map(|c| quoted(c)).collect()))
            .collect();
        Some(Self(rows))
    }

    /// The line and the cells of every row.
    pub fn rows(&self) -> impl Iterator<Item = (usize, &[Vec<String>])> {
        self.0.iter().map(|(line, cells)| (*line, cells.as_slice()))
    }

    /// The words of the second cell in the row whose first cell names `key`.
    pub fn words(&self, key: &str) -> Option<&[String]> {
        let (_, cells) = self.rows().find(|(_, cells)| cells[0].iter().any(|word| word == key))?;
        Some(cells.get(1).map_or(&[], Vec::as_slice))
    }
}

fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    if line.starts_with('|') { inner.split('|').map(str::trim).collect() } else { Vec::new() }
}

fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn words_in_backticks_are_read_and_prose_is_not() {
        let text = "# x\n\n| floor | may import |\n|---|---|\n| `run` | `plan`, and `dag` |\n| `dag` | |\n\nend\n";
        let table = Table::find(text, "floor").unwrap();
        assert_eq!(table.words("run").unwrap(), ["plan", "dag"]);
        assert!(table.words("dag").unwrap().is_empty());
        assert_eq!(table.rows().map(|(line, _)| line).collect::<Vec<_>>(), [5, 6]);
        assert!(Table::find(text, "home").is_none());
    }
}

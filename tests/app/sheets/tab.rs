//! One tab: cells with a value, a note and a format, of a limited size, and protections. What a batch asks is done to a
//! copy, so that all of it is done or nothing.

use productops::mirror::grid::{Cell, Grid};
use serde_json::{Value, json};

/// What a cell holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Square {
    pub(crate) value: Cell,
    pub(crate) note: String,
    pub(crate) format: String,
    /// Where it was before the last thing that people did.
    pub(crate) place: Option<(usize, usize)>,
    /// What people have there: the mirror may cover it for a moment, and must give it back.
    pub(crate) theirs: Cell,
    /// What they had there before they typed something that nobody has read yet.
    pub(crate) unread: Option<Cell>,
    /// No column and no row of the mirror's.
    pub(crate) is_own: bool,
    /// Where it was when the tab was last read.
    pub(crate) read_at: Option<(usize, usize)>,
}

impl Square {
    /// Somebody types into it.
    pub(crate) fn is_typed_into(&mut self, value: Cell) {
        self.unread.get_or_insert(self.theirs.clone());
        self.theirs = value.clone();
        self.value = value;
    }

    /// A write puts something there. What was typed and never read is lost, since nothing can be locked: what stood
    /// there before is what can be given back.
    pub(crate) fn is_covered(&mut self, value: Cell) {
        if let Some(before) = self.unread.take() {
            self.theirs = before;
        }
        self.value = value;
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tab {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) width: usize,
    pub(crate) rows: Vec<Vec<Square>>,
    pub(crate) protected: Vec<Value>,
    /// As it was last read.
    pub(crate) read: Grid,
    next_protection: i64,
}

/// A refusal: status and message.
pub(crate) type Refusal = (u16, String);

fn bad(message: impl Into<String>) -> Refusal {
    (400, message.into())
}

impl Tab {
    /// A tab with these cells, and this much room in all.
    pub(crate) fn new(title: &str, cells: &[Vec<Cell>], (height, width): (usize, usize)) -> Self {
        let blank = vec![Square::default(); width];
        let mut rows = vec![blank; height];
        for (row, cells) in cells.iter().enumerate() {
            for (column, value) in cells.iter().enumerate() {
                rows[row][column].value = value.clone();
                rows[row][column].theirs = value.clone();
            }
        }
        Self {
            id: 7,
            title: title.to_owned(),
            width,
            rows,
            protected: Vec::new(),
            read: Grid::default(),
            next_protection: 100,
        }
    }

    pub(crate) fn grid(&self) -> Grid {
        let mut grid = Grid::default();
        for (row, squares) in self.rows.iter().enumerate() {
            for (column, square) in squares.iter().enumerate() {
                if square.value != Cell::Empty {
                    grid.put(row, column, square.value.clone());
                }
            }
        }
        grid
    }

    /// Somebody sees all of it as it is now.
    pub(crate) fn is_read(&mut self) {
        for (row, squares) in self.rows.iter_mut().enumerate() {
            for (column, square) in squares.iter_mut().enumerate() {
                square.unread = None;
                square.read_at = Some((row, column));
            }
        }
        self.read = self.grid();
    }

    /// As an answer shows it. A number 0 and what is unset are left out, as Google does.
    pub(crate) fn answer(&self) -> Value {
        let last = self.grid().rows.len();
        let rows = self.rows[..last].iter().map(|row| {
            let end = row.iter().rposition(|square| square.value != Cell::Empty);
            let cells = row[..end.map_or(0, |end| end + 1)].iter();
            json!({ "values": cells.map(|square| shown(&square.value)).collect::<Vec<_>>() })
        });
        json!({
            "properties": self.properties(),
            "protectedRanges": self.protected,
            "data": [{ "rowData": rows.collect::<Vec<_>>() }],
        })
    }

    /// The same for whoever wants to know what each cell comes to. The only formulas that it can compute are `=1+1`
    /// and a division by zero.
    pub(crate) fn results(&self) -> Value {
        let mut answer = self.answer();
        let data = &mut answer["data"][0]["rowData"];
        for row in data.as_array_mut().expect("rows") {
            for cell in row["values"].as_array_mut().expect("cells") {
                let entered = cell["userEnteredValue"].take();
                if entered.is_null() {
                    continue;
                }
                let result = match entered["formulaValue"].as_str() {
                    Some("=1+1") => json!({ "numberValue": 2 }),
                    Some(_) => json!({ "errorValue": { "type": "DIVIDE_BY_ZERO" } }),
                    None => entered,
                };
                *cell = json!({ "effectiveValue": result });
            }
        }
        answer
    }

    pub(crate) fn properties(&self) -> Value {
        let size = json!({ "rowCount": self.rows.len(), "columnCount": self.width });
        let mut properties = json!({ "title": self.title, "gridProperties": size });
        if self.id != 0 {
            properties["sheetId"] = self.id.into();
        }
        properties
    }

    /// Does what one request of a batch asks.
    pub(crate) fn apply(&mut self, request: &Value, account: &str) -> Result<(), Refusal> {
        let request = request.as_object().ok_or_else(|| bad("no request"))?;
        let (kind, body) = request
            .iter()
            .next()
            .ok_or_else(|| bad("Must set one request"))?;
        match kind.as_str() {
            "updateCells" => self.update_cells(body, account),
            "appendDimension" => self.append(body),
            "repeatCell" => self.repeat(body),
            "addProtectedRange" => {
                let mut range = body["protectedRange"].clone();
                range["protectedRangeId"] = self.next_protection.into();
                self.next_protection += 1;
                if range["warningOnly"] != json!(true) {
                    // The one who adds it isn't shown.
                    if let Some(editors) = range["editors"].as_object_mut() {
                        editors.remove("users");
                    }
                }
                self.must_be_ours(&range["range"])?;
                self.protected.push(range);
                Ok(())
            }
            "updateProtectedRange" => {
                let new = &body["protectedRange"];
                let old = self.protection(&new["protectedRangeId"])?;
                for field in body["fields"].as_str().unwrap_or_default().split(',') {
                    self.protected[old][field] = new[field].clone();
                }
                Ok(())
            }
            "deleteProtectedRange" => {
                let old = self.protection(&body["protectedRangeId"])?;
                self.protected.remove(old);
                Ok(())
            }
            other => Err(bad(format!("Unknown name \"{other}\""))),
        }
    }

    fn protection(&self, id: &Value) -> Result<usize, Refusal> {
        let found = self.protected.iter();
        let mut found = found
            .enumerate()
            .filter(|(_, range)| range["protectedRangeId"] == *id);
        let (at, _) = found
            .next()
            .ok_or_else(|| bad("No protected range with that id"))?;
        Ok(at)
    }

    fn must_be_ours(&self, place: &Value) -> Result<(), Refusal> {
        let id = place["sheetId"].as_i64().unwrap_or(0);
        if id == self.id {
            Ok(())
        } else {
            Err(bad(format!("No grid with id: {id}")))
        }
    }

    fn update_cells(&mut self, body: &Value, account: &str) -> Result<(), Refusal> {
        if body["fields"] != "userEnteredValue" {
            return Err(bad("fields: more or less than the value"));
        }
        if body["start"].is_null() {
            return self.clear(&body["range"], account);
        }
        let start = &body["start"];
        self.must_be_ours(start)?;
        let (top, left) = (index(&start["rowIndex"]), index(&start["columnIndex"]));
        for (row, cells) in list(&body["rows"]).iter().enumerate() {
            for (column, cell) in list(&cells["values"]).iter().enumerate() {
                let (row, column) = (top + row, left + column);
                if row >= self.rows.len() || column >= self.width {
                    return Err(bad(format!(
                        "Attempting to write column: {column}, beyond the last requested column of: {}",
                        self.width
                    )));
                }
                if self.is_closed(row, column, account) {
                    return Err(bad(
                        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to \
                         remove protection if you need to edit.",
                    ));
                }
                self.rows[row][column].is_covered(read(&cell["userEnteredValue"])?);
            }
        }
        Ok(())
    }

    /// Cells of a range that a request gives nothing for are cleared.
    fn clear(&mut self, range: &Value, account: &str) -> Result<(), Refusal> {
        self.must_be_ours(range)?;
        let (top, left) = (
            index(&range["startRowIndex"]),
            index(&range["startColumnIndex"]),
        );
        for row in top..self.rows.len() {
            for column in left..self.width {
                if self.is_closed(row, column, account) {
                    return Err(bad("You are trying to edit a protected cell or object."));
                }
                self.rows[row][column].is_covered(Cell::Empty);
            }
        }
        Ok(())
    }

    /// A tab as a request asks for it.
    pub(crate) fn made(properties: &Value) -> Result<Self, Refusal> {
        let size = &properties["gridProperties"];
        let (height, width) = (index(&size["rowCount"]), index(&size["columnCount"]));
        if index(&size["frozenRowCount"]) >= height {
            return Err(bad("You can't freeze all visible rows on the sheet."));
        }
        let id = properties["sheetId"].as_i64().unwrap_or(4_711);
        let title = properties["title"].as_str().unwrap_or("Sheet2");
        Ok(Self {
            id,
            next_protection: id % 1_000_000 * 1_000,
            ..Self::new(title, &[], (height, width))
        })
    }

    /// Whether the request is about this tab.
    pub(crate) fn is_meant(&self, request: &Value) -> bool {
        let request = request
            .as_object()
            .and_then(|request| request.iter().next());
        let Some((kind, body)) = request else {
            return false;
        };
        let place = match kind.as_str() {
            "updateCells" if !body["start"].is_null() => &body["start"],
            "updateCells" | "repeatCell" => &body["range"],
            "addProtectedRange" => &body["protectedRange"]["range"],
            "updateProtectedRange" => {
                return self
                    .protection(&body["protectedRange"]["protectedRangeId"])
                    .is_ok();
            }
            "deleteProtectedRange" => return self.protection(&body["protectedRangeId"]).is_ok(),
            _ => body,
        };
        place["sheetId"].as_i64().unwrap_or(0) == self.id
    }

    /// The cells that a request covers.
    pub(crate) fn covered(body: &Value) -> Vec<(usize, usize)> {
        let start = &body["start"];
        let (top, left) = (index(&start["rowIndex"]), index(&start["columnIndex"]));
        let rows = list(&body["rows"]).iter().enumerate();
        let places = rows.flat_map(|(row, cells)| {
            let columns = 0..list(&cells["values"]).len();
            columns.map(move |column| (top + row, left + column))
        });
        places.collect()
    }

    /// Whether somebody protected it and left the account out.
    fn is_closed(&self, row: usize, column: usize, account: &str) -> bool {
        self.protected.iter().any(|protected| {
            let range = &protected["range"];
            let inside = |at: usize, start: &Value, end: &Value| {
                at >= index(start) && end.as_u64().is_none_or(|end| (at as u64) < end)
            };
            let users = protected["editors"]["users"].as_array();
            protected["warningOnly"] != json!(true)
                && users.is_some_and(|users| !users.contains(&json!(account)))
                && inside(row, &range["startRowIndex"], &range["endRowIndex"])
                && inside(column, &range["startColumnIndex"], &range["endColumnIndex"])
        })
    }

    fn append(&mut self, body: &Value) -> Result<(), Refusal> {
        self.must_be_ours(body)?;
        let length = index(&body["length"]);
        if body["dimension"] == "ROWS" {
            let blank = vec![Square::default(); self.width];
            self.rows.extend(vec![blank; length]);
        } else {
            self.width += length;
            for row in &mut self.rows {
                row.resize(self.width, Square::default());
            }
        }
        Ok(())
    }

    fn repeat(&mut self, body: &Value) -> Result<(), Refusal> {
        let range = &body["range"];
        self.must_be_ours(range)?;
        if body["fields"] != "userEnteredFormat.numberFormat" {
            return Err(bad("fields: more than a number format"));
        }
        let format = body["cell"]["userEnteredFormat"]["numberFormat"].to_string();
        for row in &mut self.rows[index(&range["startRowIndex"])..] {
            row[index(&range["startColumnIndex"])]
                .format
                .clone_from(&format);
        }
        Ok(())
    }
}

fn index(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap_or(0)).expect("a place")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn shown(cell: &Cell) -> Value {
    let value = match cell {
        Cell::Empty => return json!({}),
        Cell::Text(text) | Cell::Untyped(text) => json!({ "stringValue": text }),
        Cell::Number(number) => json!({ "numberValue": number }),
        Cell::Bool(ticked) => json!({ "boolValue": ticked }),
        Cell::Formula(formula) => json!({ "formulaValue": formula }),
    };
    json!({ "userEnteredValue": value })
}

fn read(value: &Value) -> Result<Cell, Refusal> {
    let Some(value) = value.as_object() else {
        return Ok(Cell::Empty);
    };
    let (kind, value) = value.iter().next().ok_or_else(|| bad("no value"))?;
    Ok(match (kind.as_str(), value) {
        ("stringValue", Value::String(text)) if text.chars().count() > 50_000 => {
            return Err(bad(
                "Your input contains more than the maximum of 50000 characters",
            ));
        }
        ("stringValue", Value::String(text)) if text.is_empty() => Cell::Empty,
        ("stringValue", Value::String(text)) => Cell::Text(text.clone()),
        ("numberValue", Value::Number(number)) => Cell::Number(number.as_f64().expect("a number")),
        ("boolValue", Value::Bool(ticked)) => Cell::Bool(*ticked),
        ("formulaValue", Value::String(formula)) => Cell::Formula(formula.clone()),
        _ => return Err(bad("no such value")),
    })
}

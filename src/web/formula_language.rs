//! The formula language for people: `docs/formula-language.md` as a page of the app.
//!
//! The text is compiled in and read into typed blocks, so that templates print it like any other text, escaped.

use super::{
    error::WebError,
    reply,
    view::{
        Link,
        formula_language::{Block, FormulaLanguage, Run},
        layout::Nav,
    },
    visit::Visit,
};
use crate::domain::formula::{Piece, pieces};
use actix_web::HttpResponse;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

const TEXT: &str = include_str!("../../docs/formula-language.md");

/// GET /formula-language
pub async fn show(visit: Visit) -> Result<HttpResponse, WebError> {
    let blocks = blocks(TEXT);
    reply::html(&FormulaLanguage {
        page: visit.page("Formulas", Nav::Elsewhere),
        contents: contents(&blocks),
        blocks,
    })
}

fn contents(blocks: &[Block]) -> Vec<Link> {
    blocks
        .iter()
        .filter_map(|block| match block {
            Block::Heading { id, text } => Some(Link {
                label: text.clone(),
                href: format!("#{id}"),
            }),
            _ => None,
        })
        .collect()
}

/// The text in blocks, without its title, which is the page's.
fn blocks(text: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        reader.take(event);
    }
    reader.blocks
}

/// What has been read so far, and what is being read.
#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    runs: Vec<Run>,
    cells: Vec<Vec<Run>>,
    head: Vec<Vec<Run>>,
    rows: Vec<Vec<Vec<Run>>>,
    /// Inside a fence: what it is of.
    fence: Option<String>,
    code: String,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) if self.fence.is_some() => self.code.push_str(&text),
            Event::Text(text) => self.run(&text, false),
            Event::Code(text) => self.run(&text, true),
            Event::SoftBreak | Event::HardBreak => self.run(" ", false),
            Event::Start(Tag::CodeBlock(kind)) => {
                self.fence = Some(match kind {
                    CodeBlockKind::Fenced(of) => of.to_string(),
                    CodeBlockKind::Indented => String::new(),
                });
            }
            Event::End(end) => self.end(end),
            _ => {}
        }
    }

    fn run(&mut self, text: &str, is_code: bool) {
        self.runs.push(Run {
            text: text.to_owned(),
            is_code,
            is_note: false,
        });
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Heading(level) => {
                let text: String = self.runs.drain(..).map(|run| run.text).collect();
                if level as usize > 1 {
                    let id = text.to_lowercase().replace(' ', "-");
                    self.blocks.push(Block::Heading { id, text });
                }
            }
            TagEnd::Paragraph => {
                let runs = std::mem::take(&mut self.runs);
                self.blocks.push(Block::Paragraph(runs));
            }
            TagEnd::CodeBlock => {
                let is_mistake = self.fence.take().is_some_and(|of| of == "formula-error");
                let code = std::mem::take(&mut self.code);
                self.blocks.push(example(&code, is_mistake));
            }
            TagEnd::TableCell => self.cells.push(std::mem::take(&mut self.runs)),
            TagEnd::TableHead => self.head = std::mem::take(&mut self.cells),
            TagEnd::TableRow => self.rows.push(std::mem::take(&mut self.cells)),
            TagEnd::Table => {
                let (head, rows) = (
                    std::mem::take(&mut self.head),
                    std::mem::take(&mut self.rows),
                );
                self.blocks.push(Block::Table { head, rows });
            }
            _ => {}
        }
    }
}

/// A formula as an example. One that is wrong ends with a line that has the app's answer.
fn example(code: &str, is_mistake: bool) -> Block {
    let code = code.trim_end();
    let (formula, says) = match code.rsplit_once("\n# ") {
        Some((formula, says)) if is_mistake => (formula, says),
        _ => (code, ""),
    };
    let run = |piece: Piece<'_>| Run {
        text: piece.text().to_owned(),
        is_code: false,
        is_note: matches!(piece, Piece::Comment(_)),
    };
    Block::Example {
        formula: pieces(formula).into_iter().map(run).collect(),
        says: says.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_table_and_example_of_the_text_is_on_the_page() {
        let blocks = blocks(TEXT);
        let count = |is: fn(&Block) -> bool| blocks.iter().filter(|block| is(block)).count();
        assert_eq!(
            count(|b| matches!(b, Block::Heading { .. })),
            TEXT.matches("\n## ").count()
        );
        assert_eq!(
            count(|b| matches!(b, Block::Example { says, .. } if says.is_empty())),
            // and what stands there for the command line
            TEXT.matches("```formula\n").count() + TEXT.matches("```sh\n").count()
        );
        assert_eq!(
            count(|b| matches!(b, Block::Example { says, .. } if says.starts_with("Line "))),
            TEXT.matches("```formula-error\n").count()
        );
        assert_eq!(
            count(|b| matches!(b, Block::Table { .. })),
            TEXT.matches("| --- |").count()
        );
    }

    #[test]
    fn what_the_page_can_not_show_is_not_in_the_text() {
        for event in Parser::new_ext(TEXT, Options::ENABLE_TABLES) {
            if let Event::Start(tag) = &event {
                let is_shown = matches!(
                    tag,
                    Tag::Heading { .. }
                        | Tag::Paragraph
                        | Tag::CodeBlock(_)
                        | Tag::Table(_)
                        | Tag::TableHead
                        | Tag::TableRow
                        | Tag::TableCell
                );
                assert!(
                    is_shown,
                    "{tag:?}: teach src/web/formula_language.rs to show it"
                );
            }
        }
    }

    #[test]
    fn an_examples_notes_and_the_answer_to_a_mistake_stand_apart() {
        let Block::Example { formula, says } = example("value = a # all\n# Line 1: no.\n", true)
        else {
            panic!("no example");
        };
        assert_eq!(says, "Line 1: no.");
        assert_eq!(
            formula.iter().find(|run| run.is_note).unwrap().text,
            "# all"
        );
    }
}

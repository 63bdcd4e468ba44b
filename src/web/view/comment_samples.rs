//! Samples of comments, full of awkward texts.

use super::{
    Link, When,
    comments::{Comment, Thread, ThreadFragment, ThreadPage},
    layout::Page,
};

fn s(text: &str) -> String {
    text.to_owned()
}

impl Thread {
    pub(crate) fn sample() -> Self {
        let at = When {
            iso: s("2026-11-12T14:02:00Z"),
            text: s("12 Nov, 14:02"),
        };
        let said = Comment {
            id: s("comment-3"),
            by: s("Bo <Li>"),
            at: at.clone(),
            about: Some(Link {
                label: s("Margin"),
                href: s("/params/42"),
            }),
            text: s("@Fiona Grant, is <b>30 %</b> right?\nIt was 25 %."),
            withdraw_action: s("/comments/3/withdrawal"),
        };
        let taken_back = Comment {
            id: s("comment-4"),
            about: None,
            text: String::new(),
            withdraw_action: String::new(),
            ..said.clone()
        };
        Self {
            action: s("/initiatives/INIT-123/comments"),
            comments: vec![said, taken_back],
            form_key: s("0193a1b2-0000-7000-8000-000000000001"),
            ..Self::default()
        }
    }

    pub(crate) fn sample_error() -> Self {
        Self {
            typed: s("@Anders \"please\" <look>"),
            error: s("“@Anders” fits Anders Holm and Anders <Holmström>."),
            ..Self::sample()
        }
    }

    pub(crate) fn sample_read_only() -> Self {
        Self {
            comments: vec![],
            why_not: s("Only Analytics, Finance, Eng, a PM or an admin can comment."),
            ..Self::sample()
        }
    }
}

impl ThreadFragment {
    pub(crate) fn sample() -> Self {
        Self {
            thread: Thread::sample(),
        }
    }
}

impl ThreadPage {
    pub(crate) fn sample() -> Self {
        Self {
            page: Page {
                title: s("Comments"),
                ..Page::default()
            },
            about: s("INIT-123"),
            subject: Link {
                label: s("INIT-123 Checkout"),
                href: s("/initiatives/INIT-123"),
            },
            thread: Thread::sample_read_only(),
        }
    }
}

//! Imports by page: a file is uploaded, looked at, imported, and imported again without changing anything.

use crate::support::{Page, Person, TestApp};
use productops::domain::rights::Role;
use reqwest::StatusCode;
use rust_xlsxwriter::Workbook;

const BACKLOG: &[u8] =
    b"Key,Title,Country,PM notes\nINIT-1,Seats,UK,mine\nINIT-2,=1+1,,\n(key),,,\n";

impl Person {
    /// Sends a file as a browser sends the form of the page.
    async fn sends_file(&self, to: &str, name: &str, bytes: &[u8]) -> Page {
        self.sends_parts(to, &[("file", name, bytes), ("kind", "", b"")])
            .await
    }

    async fn sends_parts(&self, to: &str, parts: &[(&str, &str, &[u8])]) -> Page {
        const BOUNDARY: &str = "----of-the-test";
        let mut body = Vec::new();
        for (field, name, bytes) in parts {
            let called = if *field == "file" {
                format!("; filename=\"{name}\"")
            } else {
                String::new()
            };
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"{called}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let answer = self.raw(|client, base| {
            client
                .post(format!("{base}{to}"))
                .header("sec-fetch-site", "same-origin")
                .header(
                    "content-type",
                    format!("multipart/form-data; boundary={BOUNDARY}"),
                )
                .body(body)
        });
        let answer = answer.await;
        match &answer.location {
            Some(path) => self.get(&path.clone()).await,
            None => answer,
        }
    }

    pub(crate) async fn uploads(&self, name: &str, bytes: &[u8]) -> Page {
        let page = self.sends_file("/imports", name, bytes).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text("main"));
        page
    }
}

pub(crate) async fn imported(page: &Page, person: &Person, with: &[(&str, &str)]) -> Page {
    let page = page.submit(person, "#import-form", with).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text("main"));
    page
}

async fn previewed(page: &Page, person: &Person, with: &[(&str, &str)]) -> Page {
    let (action, mut fields) = page.form("#import-form");
    for (name, value) in with {
        fields.retain(|(field, _)| field != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let preview = action.replace("/application", "/preview");
    person.post(&preview, &fields).await
}

const CHANGES: &str = "select count(*) from change_log";

#[tokio::test]
async fn a_file_is_looked_at_imported_and_imported_again_changes_nothing() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.uploads("back log.csv", BACKLOG).await;
    assert_eq!(page.text("h1"), "back log.csv");
    let counts = "2 new, 0 changed, 0 unchanged, 0 refused, 1 skipped";
    assert_eq!(page.text("#counts"), counts);
    let columns = page.text(".columns");
    assert!(columns.contains("A “Key” is initiative_key") || columns.contains("is initiative_key"));
    assert!(
        columns.contains("the app has no field for this"),
        "{columns}"
    );
    assert_eq!(app.count("select count(*) from initiatives").await, 0);
    assert_eq!(app.count(CHANGES).await, 0);

    let page = imported(&page, &admin, &[]).await;
    assert!(page.text("#done").contains("By Ada Okafor"));
    assert_eq!(page.text("#counts"), counts);
    assert_eq!(page.count("#import-form"), 0);
    let title = "select count(*) from initiatives where title = '=1+1'";
    assert_eq!(app.count(title).await, 1, "a formula stays a text");
    let by_import = "select count(*) from change_log c join users u on u.id = c.actor_id
                     where c.through = 'import' and u.name = 'Ada Okafor' and c.batch_id = (select batch_id from imports)";
    assert_eq!(app.count(by_import).await, app.count(CHANGES).await);

    let before = app.count(CHANGES).await;
    let page = admin.uploads("back log.csv", BACKLOG).await;
    assert_eq!(
        page.text("#counts"),
        "0 new, 0 changed, 2 unchanged, 0 refused, 1 skipped"
    );
    imported(&page, &admin, &[]).await;
    assert_eq!(app.count(CHANGES).await, before);
    let list = admin.get("/imports").await;
    assert_eq!(list.texts("tbody tr").len(), 2);
    assert!(
        list.text("tbody tr")
            .contains("0 new, 0 changed, 2 unchanged")
    );
}

#[tokio::test]
async fn what_people_changed_here_stays_unless_its_cell_is_chosen() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.uploads("a.csv", BACKLOG).await;
    imported(&page, &admin, &[]).await;
    for key in ["INIT-1", "INIT-2"] {
        let form = admin
            .get(&format!("/initiatives/{key}/fields/title/edit"))
            .await;
        form.submit(&admin, "form.edit", &[("value", "By hand")])
            .await;
    }
    let page = admin.uploads("a.csv", BACKLOG).await;
    let kept = page.texts("#kept tbody tr");
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(
        kept[0].contains("By hand") && kept[0].contains("Seats"),
        "{kept:?}"
    );
    assert_eq!(
        page.text("#counts"),
        "0 new, 0 changed, 2 unchanged, 0 refused, 1 skipped"
    );

    let page = previewed(&page, &admin, &[("take", "2:title")]).await;
    assert_eq!(page.texts("#kept tbody tr").len(), 1);
    let change = page.text("#rows tbody tr");
    assert!(change.contains("Title: By hand → Seats"), "{change}");
    let page = imported(&page, &admin, &[("take", "2:title")]).await;
    assert_eq!(page.count("#moved"), 0, "{}", page.text("main"));
    let titles = "select count(*) from initiatives where (key, title) in (('INIT-1', 'Seats'), ('INIT-2', 'By hand'))";
    assert_eq!(app.count(titles).await, 2);
}

#[tokio::test]
async fn where_the_database_moved_since_the_preview_the_result_says_which_rows() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.uploads("a.csv", BACKLOG).await;
    app.sign_in(Role::Pm)
        .await
        .create("INIT-2", "Somebody was first", "")
        .await;
    // With another choice than was shown, too.
    let done = imported(&page, &admin, &[("with_approvals", "yes")]).await;
    let moved = done.text("#moved");
    assert!(moved.starts_with("Row 3 came out otherwise"), "{moved}");
    assert_eq!(
        done.text("#counts"),
        "1 new, 0 changed, 1 unchanged, 0 refused, 1 skipped"
    );
    // Sent again, it changes nothing.
    let before = app.count(CHANGES).await;
    let again = imported(&page, &admin, &[]).await;
    assert_eq!(again.text("#moved"), moved);
    assert_eq!(app.count(CHANGES).await, before);
}

#[tokio::test]
async fn approvals_and_clearing_are_taken_only_when_asked_for() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let page = admin.uploads("a.csv", BACKLOG).await;
    imported(&page, &admin, &[]).await;
    let params = b"key,framework,param,value,unit,notes,approved\nINIT-1,RICE,reach,400,,From sales,TRUE\nINIT-1,RICE,impact,9,,,\n";
    let page = admin.uploads("p.csv", params).await;
    assert!(
        page.text("#report")
            .contains("left out, since nobody asked for them: 1.")
    );
    let refused = page.text("#rows .refused");
    assert!(refused.starts_with("Refused."), "{refused}");
    imported(&page, &admin, &[("with_approvals", "yes")]).await;
    let approved = "select count(*) from approvals a join users u on u.id = a.approved_by
                    where a.origin = 'import' and u.name = 'Ada Okafor' and a.withdrawn_at is null";
    assert!(app.count(approved).await > 0);

    let blank = b"key,framework,param,value,notes\nINIT-1,RICE,reach,,\n";
    let page = admin.uploads("p.csv", blank).await;
    assert_eq!(
        page.text("#counts"),
        "0 new, 0 changed, 1 unchanged, 0 refused, 0 skipped"
    );
    let page = previewed(&page, &admin, &[("clear_blanks", "yes")]).await;
    assert!(
        page.text("#report")
            .contains("Approvals withdrawn, since what they approve changes: 1.")
    );
    imported(&page, &admin, &[("clear_blanks", "yes")]).await;
    let cleared =
        "select count(*) from params where name = 'reach' and value is null and notes = ''";
    assert_eq!(app.count(cleared).await, 1);
}

#[tokio::test]
async fn of_a_workbook_the_tab_is_chosen_where_it_cant_be_told() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let mut book = Workbook::new();
    for (name, title) in [("Old", "Old title"), ("New", "New title")] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (column, header) in [(0, "Key"), (1, "Title"), (2, "Eng days")] {
            sheet.write(0, column, header).unwrap();
        }
        sheet.write(1, 0, "INIT-1").unwrap();
        sheet.write(1, 1, title).unwrap();
        sheet.write(1, 2, 4.5).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let page = admin.uploads("book.xlsx", &bytes).await;
    assert_eq!(page.count("#report"), 0);
    let nothing = page.submit(&admin, "#import-form", &[("tab", "New")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.text("#import-error").contains("Preview it first"));
    let page = previewed(&page, &admin, &[("tab", "New"), ("kind", "")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text("main"));
    assert!(page.text(".title").contains("Central Backlog, tab “New”"));
    imported(&page, &admin, &[]).await;
    let taken = "select count(*) from initiatives where title = 'New title' and effort_engineering_days = 4.5";
    assert_eq!(app.count(taken).await, 1);
}

#[tokio::test]
async fn what_cant_be_read_is_refused_in_words_and_nothing_of_it_kept() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let wide = format!("key,title{}\n", ",x".repeat(1_000));
    let long = format!("key,title\n{}", "INIT-1,x\n".repeat(5_001));
    let bomb = b"PK\x03\x04 and nothing that fits";
    for (bytes, why) in [
        (&b"\xFF\xFEk\0e\0y\0"[..], "isn't UTF-8 text"),
        (wide.as_bytes(), "more than 1000 cells"),
        (long.as_bytes(), "at most 5000 can be imported on this page"),
        (&bomb[..], "The workbook is damaged"),
        (b"colour,size\nred,1\n", "It can't be told from row 1"),
        (b"", "The file is empty"),
        (b"key,title,title\nINIT-1,a,b\n", "both mean “title”"),
    ] {
        let page = admin.sends_file("/imports", "x.csv", bytes).await;
        if why.starts_with("It can't be told") {
            // It waits to be told.
            assert_eq!(page.count("#report"), 0);
            assert!(page.text("#import-error").contains(why));
            continue;
        }
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        let said = page.text("#upload-error");
        assert!(said.contains(why), "{said}");
    }
    let torn = admin.sends_file("/imports", "x.xlsx", b"K\xFF").await;
    assert!(
        torn.text("#upload-error")
            .contains("The workbook is damaged")
    );
    let none = admin.sends_file("/imports", "", b"").await;
    assert!(none.text("#upload-error").contains("No file was chosen"));
    assert_eq!(app.count("select count(*) from imports").await, 1);
    assert_eq!(app.count(CHANGES).await, 0);
}

#[tokio::test]
async fn only_this_form_carries_files_within_its_limits_and_from_the_apps_own_pages() {
    let app = TestApp::start().await;
    let admin = app.sign_in(Role::Admin).await;
    let elsewhere = admin.sends_file("/settings", "a.csv", BACKLOG).await;
    assert_eq!(elsewhere.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let pm = app.sign_in(Role::Pm).await;
    let refused = pm.sends_file("/imports", "a.csv", BACKLOG).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(pm.get("/imports").await.text("main").contains("admin"));
    let stranger = app.nobody().sends_file("/imports", "a.csv", BACKLOG).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    let forged = admin.raw(|client, base| {
        client
            .post(format!("{base}/imports"))
            .header("sec-fetch-site", "cross-site")
            .header("content-type", "multipart/form-data; boundary=x")
            .body("--x--\r\n")
    });
    assert_eq!(forged.await.status, StatusCode::FORBIDDEN);
    let broken = admin.raw(|client, base| {
        client
            .post(format!("{base}/imports"))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "multipart/form-data; boundary=x")
            .body("--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nkey")
    });
    assert_eq!(broken.await.status, StatusCode::BAD_REQUEST);
    let many: Vec<(&str, &str, &[u8])> = vec![("kind", "", b"params"); 20];
    let many = admin.sends_parts("/imports", &many).await;
    assert_eq!(many.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.count("select count(*) from imports").await, 0);

    // The very same form, sent twice, is one file.
    let key = admin.get("/imports").await;
    let key = key.attribute("#upload [name=idempotency_key]", "value");
    let parts: [(&str, &str, &[u8]); 2] = [
        ("idempotency_key", "", key.as_bytes()),
        ("file", "a.csv", BACKLOG),
    ];
    let first = admin.sends_parts("/imports", &parts).await;
    let second = admin.sends_parts("/imports", &parts).await;
    assert_eq!((first.status, &first.path), (StatusCode::OK, &second.path));
    assert_eq!(app.count("select count(*) from imports").await, 1);
}

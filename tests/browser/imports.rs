//! A file comes in: chosen from the disk, looked at, a cell decided on, imported, and again without any change.

use crate::{app::App, person::Person};
use fantoccini::Locator;
use productops::domain::rights::Role;
use std::path::{Path, PathBuf};

/// A file on the disk for as long as the test takes.
pub(crate) struct OnDisk(pub(crate) PathBuf);

impl OnDisk {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("a file");
        Self(path)
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

impl Person {
    pub(crate) async fn uploads(&self, file: &Path) {
        self.opens("/imports").await;
        let chosen = self.client().find(Locator::Css("#upload-file")).await;
        let path = file.to_str().expect("a path");
        chosen
            .expect("a file box")
            .send_keys(path)
            .await
            .expect("a file");
        self.presses_in("#upload", "Preview").await;
        self.sees_in("h2", "What importing would do").await;
    }
}

#[tokio::test]
async fn a_file_is_uploaded_looked_at_and_imported_with_a_chosen_cell() {
    let app = App::start().await;
    let ada = app.signs_in(Role::Admin).await;
    let file = OnDisk::new("backlog.csv", "Key,Title\nINIT-1,Seats\nINIT-2,Menus\n");
    ada.uploads(&file.0).await;
    ada.sees_in("#counts", "2 new").await;
    ada.presses_in("#import-form", "Import").await;
    ada.sees_in("#done", "Ada Okafor").await;

    ada.opens("/initiatives/INIT-1/fields/title/edit").await;
    ada.enters("Title", "By hand").await;
    ada.presses("Save").await;
    ada.uploads(&file.0).await;
    ada.sees_in("#kept", "By hand").await;
    ada.clicks("#take-2-title").await;
    ada.presses_in("#import-form", "Import").await;
    ada.sees_in("#done", "Ada Okafor").await;
    ada.sees_in("#rows", "Seats").await;
    ada.sees_in("#counts", "0 new, 1 changed, 1 unchanged")
        .await;

    ada.uploads(&file.0).await;
    ada.sees_in("#counts", "0 new, 0 changed, 2 unchanged")
        .await;
}

//! What the LLM said, put into the database past the app: for pages that show it, whoever asked and however it came.

use crate::support::TestApp;

/// Says that there is an LLM; nobody asks it here.
pub(crate) async fn connect(app: &TestApp) {
    app.run("update llm_settings set is_configured = true")
        .await;
}

/// A request of that kind about an initiative, and its model if it is about one; answered or ended otherwise.
async fn request(app: &TestApp, key: &str, workflow: &'static str, ended: (&'static str, &str)) {
    let (key, (status, why)) = (key.to_owned(), (ended.0, ended.1.to_owned()));
    let done = app.database.db.write(async move |mut conn| {
        sqlx::query(
            "insert into llm_requests (workflow, initiative_id, math_model_id, is_on_request, asked_by, asked_at,
               inputs_sha256, reserved_calls, reserved_tokens, status, finished_at, why)
             select $2, i.id, case when $2 <> 'summarise_initiative' then m.id end, true, u.id, now(), sha256('x'), 1, 1,
               $3, case when $3 <> 'waiting' then now() end, nullif($4, '')
             from initiatives i left join math_models m on m.initiative_id = i.id, users u
             where i.key = $1 and u.name = 'Priya Nair'",
        )
        .bind(key)
        .bind(workflow)
        .bind(status)
        .bind(why)
        .execute(&mut *conn)
        .await
    });
    assert_eq!(done.await.expect("a request").rows_affected(), 1);
}

/// The call that the latest request was answered with.
async fn call(app: &TestApp, answer: &str) {
    let answer = answer.to_owned();
    let done = app.database.db.write(async move |mut conn| {
        sqlx::query(
            "insert into llm_calls (request_id, workflow, asked_by, model, prompt_version, prompt, begun_at, reserved_tokens,
               settled_at, answer, tokens_in, tokens_out, took_ms, outcome)
             select id, workflow, asked_by, 'model-large', 1, 'You propose <formulas>.', now(), 1, now(), $1, 1200, 300,
               4200, 'ok' from llm_requests order by id desc limit 1",
        )
        .bind(answer)
        .execute(&mut *conn)
        .await
    });
    done.await.expect("a call");
}

/// A suggestion for the initiative's model, with an assumption, notes and the unit £, and what the LLM proposes for the
/// model's first param.
pub(crate) async fn suggestion(app: &TestApp, key: &str, formula: &str) {
    connect(app).await;
    request(app, key, "suggest_math_model", ("done", "")).await;
    call(app, "{\"formula\": \"<b>raw</b>\"}").await;
    let formula = formula.to_owned();
    let done = app.database.db.write(async move |mut conn| {
        sqlx::query("update suggestions set former_because = 'newer' where former_because is null")
            .execute(&mut *conn)
            .await?;
        sqlx::query(
            "insert into suggestions (math_model_id, request_id, formula, assumptions, notes, value_unit, params,
               inputs_sha256, prompt_version, made_at)
             select math_model_id, id, $1, E'Each ticket costs the <same>.\\nNo churn.', 'Ignores <i>CSAT</i>.', '£',
               '[{\"name\": \"tickets\", \"label\": \"Tickets <fewer>\", \"unit\": \"tickets\", \"description\": \"\", \"range\": {\"min\": null, \"max\": null}, \"source\": null}]',
               inputs_sha256, 1, now() from llm_requests order by id desc limit 1",
        )
        .bind(formula)
        .execute(&mut *conn)
        .await
    });
    done.await.expect("a suggestion");
    request(app, key, "suggest_param_metadata", ("done", "")).await;
    let done = app.database.db.write(async move |mut conn| {
        sqlx::query(
            "insert into param_proposals (param_id, request_id, field, proposed, made_at)
             select p.id, r.id, 'param_display', '\"Visits <now>\"', now()
             from (select id from params order by id limit 1) p, (select id from llm_requests order by id desc limit 1) r
             on conflict do nothing",
        )
        .execute(&mut *conn)
        .await
    });
    done.await.expect("a proposal");
}

/// A request for a formula that came to nothing.
pub(crate) async fn failure(app: &TestApp, key: &str, why: &str) {
    connect(app).await;
    request(app, key, "suggest_math_model", ("failed", why)).await;
    call(app, "I can’t help with that.").await;
}

/// A request for a formula that nobody has begun with.
pub(crate) async fn waiting(app: &TestApp, key: &str) {
    connect(app).await;
    request(app, key, "suggest_math_model", ("waiting", "")).await;
}

/// A summary of an initiative.
pub(crate) async fn summary(app: &TestApp, key: &str, text: &str) {
    connect(app).await;
    request(app, key, "summarise_initiative", ("done", "")).await;
    let text = text.to_owned();
    let done = app.database.db.write(async move |mut conn| {
        sqlx::query(
            "insert into summaries (initiative_id, request_id, summary, notes, inputs_sha256, made_at)
             select initiative_id, id, $1, '', inputs_sha256, now() from llm_requests order by id desc limit 1",
        )
        .bind(text)
        .execute(&mut *conn)
        .await
    });
    done.await.expect("a summary");
}

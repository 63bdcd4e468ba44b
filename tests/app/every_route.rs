//! Every route, read from the URL map itself, walked as nobody and as each role: whoever adds one says here who may.

use crate::{
    llm_said,
    support::{Page, Person, TestApp},
};
use productops::domain::rights::Role;
use reqwest::StatusCode;
use std::collections::BTreeSet;

/// Who may. A text has a letter at the place of each role that may: viewer, analytics, finance, eng, pm, admin.
#[derive(Clone, Copy, Debug)]
enum Who {
    Public,
    SignedIn,
    Roles(&'static str),
    /// Whoever’s it is, and nobody else: asked here for what isn’t theirs, or isn’t there.
    Own,
    /// Asked of each row by itself: rows that somebody may not change are left out, with the reason.
    ByRow,
}
use Who::{ByRow, Own, Public, Roles, SignedIn};

const ADMIN: Who = Roles("-----a");
const PMS: Who = Roles("----pa");
const PARAMS: Who = Roles("-afepa");
/// What is Analytics'.
const ANALYTICS: Who = Roles("-a--pa");

/// Method and path as in the URL map, who may, an address of it, and a form that would be taken. In the form, `{…}`
/// stands for a number that the database has by then. The posts stand in an order in which each is possible.
type Route = (&'static str, &'static str, Who, &'static str, &'static str);

const ROUTES: &[Route] = &[
    ("get", "/healthz", Public, "/healthz", ""),
    (
        "post",
        "/presence",
        SignedIn,
        "/presence",
        "tab=1&at=INIT-1",
    ),
    ("get", "/readyz", Public, "/readyz", ""),
    ("get", "/assets/{name}", Public, "", ""),
    ("get", "/sign-in", Public, "/sign-in", ""),
    ("get", "/", Public, "/", ""),
    ("get", "/backlog", SignedIn, "/backlog", ""),
    ("get", "/backlog.{format}", SignedIn, "/backlog.csv", ""),
    ("get", "/scoring", SignedIn, "/scoring", ""),
    ("get", "/scoring.{format}", SignedIn, "/scoring.xlsx", ""),
    ("get", "/legend", SignedIn, "/legend", ""),
    (
        "get",
        "/formula-language",
        SignedIn,
        "/formula-language",
        "",
    ),
    ("get", "/initiatives/new", PMS, "/initiatives/new", ""),
    (
        "get",
        "/initiatives/{key}",
        SignedIn,
        "/initiatives/INIT-1",
        "",
    ),
    (
        "get",
        "/initiatives/{key}/fields/{field}/edit",
        PMS,
        "/initiatives/INIT-1/fields/title/edit",
        "",
    ),
    (
        "get",
        "/initiatives/{key}/history",
        SignedIn,
        "/initiatives/INIT-1/history",
        "",
    ),
    (
        "get",
        "/initiatives/{key}/scores",
        SignedIn,
        "/initiatives/INIT-1/scores",
        "",
    ),
    (
        "get",
        "/initiatives/{key}/scores.{format}",
        SignedIn,
        "/initiatives/INIT-1/scores.csv",
        "",
    ),
    (
        "get",
        "/initiatives/{key}/override/edit",
        PMS,
        "/initiatives/INIT-1/override/edit",
        "",
    ),
    ("get", "/math-models", SignedIn, "/math-models", ""),
    (
        "get",
        "/math-models.{format}",
        SignedIn,
        "/math-models.csv",
        "",
    ),
    ("get", "/math-models/{id}", SignedIn, "/math-models/1", ""),
    (
        "get",
        "/math-models/{id}/fields/{field}/edit",
        PMS,
        "/math-models/1/fields/model_name/edit",
        "",
    ),
    ("get", "/frameworks", SignedIn, "/frameworks", ""),
    (
        "get",
        "/frameworks.{format}",
        SignedIn,
        "/frameworks.csv",
        "",
    ),
    ("get", "/frameworks/new", ADMIN, "/frameworks/new", ""),
    (
        "get",
        "/frameworks/{key}",
        SignedIn,
        "/frameworks/REACH",
        "",
    ),
    (
        "get",
        "/frameworks/{key}/rescoring",
        SignedIn,
        "/frameworks/REACH/rescoring",
        "",
    ),
    ("get", "/params", SignedIn, "/params", ""),
    ("get", "/params/{id}", SignedIn, "/params/1", ""),
    (
        "get",
        "/initiatives/{key}/params/new",
        PARAMS,
        "/initiatives/INIT-1/params/new?framework=MATH_MODEL",
        "",
    ),
    (
        "post",
        "/initiatives/{key}/params",
        PARAMS,
        "/initiatives/INIT-1/params?framework=MATH_MODEL",
        "value=extra&seen_revision={initiative}",
    ),
    // There is nothing to be carried over.
    (
        "post",
        "/math-models/{id}/carrying-over",
        Own,
        "/math-models/1/carrying-over",
        "from=0&from_revision=1&to=0&seen_revision=1",
    ),
    (
        "get",
        "/params/{id}/fields/{field}/edit",
        PARAMS,
        "/params/1/fields/value/edit",
        "",
    ),
    // Scenarios: one that sets nothing yet drives the score, then sets a value and waits for its approval.
    (
        "get",
        "/initiatives/{key}/frameworks/{framework}/scenarios",
        SignedIn,
        "/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios",
        "",
    ),
    (
        "get",
        "/initiatives/{key}/frameworks/{framework}/scenarios.{format}",
        SignedIn,
        "/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios.csv",
        "",
    ),
    (
        "get",
        "/initiatives/{key}/frameworks/{framework}/driver",
        SignedIn,
        "/initiatives/INIT-1/frameworks/MATH_MODEL/driver?scenario=900",
        "",
    ),
    ("get", "/scenarios/{id}", SignedIn, "/scenarios/900", ""),
    (
        "get",
        "/scenarios/{id}/values/{param}/edit",
        PARAMS,
        "/scenarios/900/values/1/edit",
        "",
    ),
    (
        "post",
        "/scenarios/{id}/name",
        PMS,
        "/scenarios/900/name",
        "label=Bolder&seen_revision={scenario}",
    ),
    (
        "post",
        "/scenarios/{id}/archival",
        PMS,
        "/scenarios/900/archival",
        "seen_revision={scenario}",
    ),
    (
        "post",
        "/scenarios/{id}/restoration",
        PMS,
        "/scenarios/900/restoration",
        "seen_revision={scenario}",
    ),
    (
        "post",
        "/initiatives/{key}/frameworks/{framework}/driver",
        PMS,
        "/initiatives/INIT-1/frameworks/MATH_MODEL/driver",
        "scenario=900&seen_revision={initiative}",
    ),
    (
        "post",
        "/scenarios/{id}/values/{param}",
        PARAMS,
        "/scenarios/900/values/1",
        "value=900&seen_revision={scenario}",
    ),
    (
        "get",
        "/scenarios/{id}/formula/edit",
        PMS,
        "/scenarios/900/formula/edit",
        "",
    ),
    (
        "post",
        "/scenarios/{id}/formula/check",
        SignedIn,
        "/scenarios/900/formula/check",
        "formula=value",
    ),
    (
        "post",
        "/scenarios/{id}/formula",
        PMS,
        "/scenarios/900/formula",
        "formula=1&seen_revision={scenario}",
    ),
    (
        "post",
        "/scenarios/{id}/formula/removal",
        PMS,
        "/scenarios/900/formula/removal",
        "seen_revision={scenario}",
    ),
    (
        "post",
        "/scenarios/{id}/approval",
        Roles("-a--pa"),
        "/scenarios/900/approval",
        "seen_revision={scenario}",
    ),
    (
        "post",
        "/scenarios/{id}/approval/withdrawal",
        Roles("-a--pa"),
        "/scenarios/900/approval/withdrawal",
        "seen_revision={scenario}",
    ),
    (
        "post",
        "/scenarios/{id}/values/{param}/removal",
        PARAMS,
        "/scenarios/900/values/1/removal",
        "seen_revision={scenario}",
    ),
    ("get", "/overrides/{id}", SignedIn, "/overrides/1", ""),
    ("get", "/scores/{id}", SignedIn, "/scores/1", ""),
    (
        "post",
        "/scores/{id}/recomputation",
        SignedIn,
        "/scores/1/recomputation",
        "",
    ),
    (
        "post",
        "/math-models/{id}/formula/check",
        SignedIn,
        "/math-models/1/formula/check",
        "formula=value+%3D+1",
    ),
    (
        "post",
        "/initiatives",
        PMS,
        "/initiatives",
        "key=INIT-9&title=Nine",
    ),
    (
        "post",
        "/initiatives/{key}/fields/{field}",
        PMS,
        "/initiatives/INIT-1/fields/title",
        "value=Another&seen_revision={initiative}",
    ),
    (
        "post",
        "/initiatives/{key}/legacy-score/removal",
        ADMIN,
        "/initiatives/INIT-2/legacy-score/removal",
        "seen_revision={two}",
    ),
    (
        "post",
        "/overrides/{id}/withdrawal",
        PMS,
        "/overrides/1/withdrawal",
        "seen_revision={initiative}",
    ),
    (
        "post",
        "/initiatives/{key}/override",
        PMS,
        "/initiatives/INIT-1/override",
        "value=7&reason=Known+better&seen_revision={initiative}",
    ),
    (
        "post",
        "/params/{id}/fields/{field}",
        PARAMS,
        "/params/1/fields/value",
        "value=500&seen_revision={param}",
    ),
    (
        "post",
        "/params/{id}/approval",
        Roles("-a--pa"),
        "/params/1/approval",
        "seen_revision={param}",
    ),
    (
        "post",
        "/params/{id}/approval/withdrawal",
        Roles("-a--pa"),
        "/params/1/approval/withdrawal",
        "seen_revision={param}",
    ),
    (
        "post",
        "/math-models/{id}/fields/{field}",
        PMS,
        "/math-models/1/fields/model_name",
        "value=Named&seen_revision={model}",
    ),
    (
        "post",
        "/math-models/{id}/approval/withdrawal",
        PMS,
        "/math-models/1/approval/withdrawal",
        "formula_version={version}&seen_revision={model}",
    ),
    (
        "post",
        "/math-models/{id}/approval",
        PMS,
        "/math-models/1/approval",
        "formula_version={version}&seen_revision={model}",
    ),
    (
        "post",
        "/math-models/{id}/formula",
        PMS,
        "/math-models/1/formula",
        "formula=value+%3D+sessions+*+3&seen_revision={model}",
    ),
    // Copies and templates: INIT-1's model becomes one, INIT-2 begins from it.
    (
        "get",
        "/copies/new",
        PMS,
        "/copies/new?from=pattern:rate-uplift&target=INIT-2",
        "",
    ),
    (
        "get",
        "/copies/preview",
        PMS,
        "/copies/preview?from=pattern:rate-uplift&target=INIT-2",
        "",
    ),
    ("get", "/templates", SignedIn, "/templates", ""),
    ("get", "/templates.{format}", SignedIn, "/templates.csv", ""),
    (
        "get",
        "/templates/{key}",
        SignedIn,
        "/templates/rate-uplift",
        "",
    ),
    (
        "get",
        "/math-models/{id}/template",
        PMS,
        "/math-models/1/template",
        "",
    ),
    (
        "post",
        "/math-models/{id}/template",
        PMS,
        "/math-models/1/template",
        "name=Twice&when_to_use=Often&seen_revision={model}",
    ),
    ("get", "/copies", SignedIn, "/copies", ""),
    (
        "post",
        "/copies",
        PMS,
        "/copies",
        "from=template:1&version={approved}&row=INIT-2:{second}",
    ),
    (
        "post",
        "/math-models/{id}/template/postponement",
        PMS,
        "/math-models/2/template/postponement",
        "version=9",
    ),
    (
        "post",
        "/math-models/{id}/template/removal",
        PMS,
        "/math-models/1/template/removal",
        "seen_revision={model}",
    ),
    // After the copies, whose models have the next numbers.
    (
        "post",
        "/initiatives/{key}/frameworks/{framework}/scenarios",
        PMS,
        "/initiatives/INIT-1/frameworks/MATH_MODEL/scenarios",
        "label=Another&seen_revision={model}",
    ),
    (
        "post",
        "/math-models/{id}/suggestion",
        PMS,
        "/math-models/1/suggestion",
        "seen_revision={model}",
    ),
    (
        "post",
        "/llm/requests/{id}/cancellation",
        PMS,
        "/llm/requests/3/cancellation",
        "next=%2Fjobs",
    ),
    (
        "post",
        "/llm/requests/{id}/repetition",
        PMS,
        "/llm/requests/3/repetition",
        "next=%2Fjobs",
    ),
    (
        "post",
        "/math-models/{id}/review",
        PMS,
        "/math-models/1/review",
        "seen_revision={model}",
    ),
    (
        "post",
        "/math-models/{id}/metadata",
        PMS,
        "/math-models/1/metadata",
        "seen_revision={model}&next=%2Fparams%2F1",
    ),
    (
        "post",
        "/params/{id}/metadata",
        PMS,
        "/params/1/metadata",
        "seen_revision={param}&next=%2Fparams%2F1",
    ),
    (
        "post",
        "/suggestions/{id}/adoption",
        PMS,
        "/suggestions/1/adoption",
        "part=notes&seen_revision={model}",
    ),
    (
        "post",
        "/suggestions/{id}/refusal",
        PMS,
        "/suggestions/1/refusal",
        "reason=No&seen_revision={model}",
    ),
    (
        "post",
        "/param-proposals/{id}/adoption",
        Own,
        "/param-proposals/999/adoption",
        "seen_revision={param}&next=%2Fparams%2F1",
    ),
    (
        "post",
        "/param-proposals/{id}/dismissal",
        Own,
        "/param-proposals/999/dismissal",
        "seen_revision={param}&next=%2Fparams%2F1",
    ),
    (
        "post",
        "/params/{id}/confirmation",
        PARAMS,
        "/params/1/confirmation",
        "seen_revision={param}",
    ),
    (
        "post",
        "/params/confirmations",
        ByRow,
        "/params/confirmations",
        "row=1:{param}",
    ),
    (
        "post",
        "/initiatives/{key}/summary",
        PMS,
        "/initiatives/INIT-1/summary",
        "seen_revision={initiative}",
    ),
    (
        "post",
        "/initiatives/{key}/summary/adoption",
        PMS,
        "/initiatives/INIT-1/summary/adoption",
        "field=llm_summary&seen_revision={initiative}",
    ),
    (
        "post",
        "/math-models/{id}/formula/restoration",
        PMS,
        "/math-models/1/formula/restoration",
        "version=1&seen_revision={model}",
    ),
    (
        "post",
        "/initiatives/{key}/comparison",
        PMS,
        "/initiatives/INIT-1/comparison",
        "framework=WSJF&on=true&seen_revision={initiative}",
    ),
    (
        "post",
        "/initiatives/{key}/framework",
        PMS,
        "/initiatives/INIT-1/framework",
        "framework=RICE&confirmed=yes&seen_revision={initiative}",
    ),
    (
        "post",
        "/initiatives/{key}/math-model",
        PMS,
        "/initiatives/INIT-1/math-model",
        "use=false&seen_revision={initiative}",
    ),
    (
        "post",
        "/initiatives/{key}/archival",
        PMS,
        "/initiatives/INIT-1/archival",
        "seen_revision={initiative}",
    ),
    (
        "post",
        "/initiatives/{key}/restoration",
        PMS,
        "/initiatives/INIT-1/restoration",
        "seen_revision={initiative}",
    ),
    (
        "post",
        "/frameworks/check",
        ADMIN,
        "/frameworks/check",
        "key=MINE&name=Mine&formula=value+%3D+reach",
    ),
    (
        "post",
        "/frameworks",
        ADMIN,
        "/frameworks",
        "key=MINE&name=Mine&formula=value+%3D+1",
    ),
    (
        "post",
        "/frameworks/{key}/preview",
        ADMIN,
        "/frameworks/MINE/preview",
        "name=Mine&formula=value+%3D+2&seen_revision={framework}",
    ),
    (
        "post",
        "/frameworks/{key}/definition",
        ADMIN,
        "/frameworks/MINE/definition",
        "name=Mine&formula=value+%3D+2&seen_revision={framework}",
    ),
    (
        "post",
        "/frameworks/{key}/rescoring",
        ADMIN,
        "/frameworks/MINE/rescoring",
        "seen_revision={framework}",
    ),
    (
        "post",
        "/frameworks/{key}/archival",
        ADMIN,
        "/frameworks/MINE/archival",
        "seen_revision={framework}",
    ),
    (
        "post",
        "/frameworks/{key}/restoration",
        ADMIN,
        "/frameworks/MINE/restoration",
        "seen_revision={framework}",
    ),
    ("get", "/auth/callback", Public, "/auth/callback", ""),
    ("post", "/auth/attempt", Public, "/auth/attempt", ""),
    ("get", "/history", SignedIn, "/history", ""),
    ("get", "/history.{format}", SignedIn, "/history.csv", ""),
    ("get", "/params.{format}", SignedIn, "/params.csv", ""),
    ("get", "/params/paste", SignedIn, "/params/paste", ""),
    (
        "get",
        "/params/{id}/history",
        SignedIn,
        "/params/1/history",
        "",
    ),
    (
        "get",
        "/params/{id}/comments",
        SignedIn,
        "/params/1/comments",
        "",
    ),
    (
        "get",
        "/math-models/{id}/comments",
        SignedIn,
        "/math-models/1/comments",
        "",
    ),
    (
        "get",
        "/initiatives/{key}/comments",
        SignedIn,
        "/initiatives/INIT-1/comments",
        "",
    ),
    (
        "get",
        "/changes/last",
        SignedIn,
        "/changes/last?initiative=INIT-1",
        "",
    ),
    ("get", "/queue", SignedIn, "/queue", ""),
    ("get", "/queue.{format}", SignedIn, "/queue.xlsx", ""),
    ("get", "/jobs", SignedIn, "/jobs", ""),
    ("get", "/llm", ADMIN, "/llm", ""),
    ("get", "/llm/calls/{id}", PMS, "/llm/calls/1", ""),
    (
        "get",
        "/math-models/{id}/suggestions",
        SignedIn,
        "/math-models/1/suggestions",
        "",
    ),
    ("get", "/settings", SignedIn, "/settings", ""),
    ("get", "/people", SignedIn, "/people", ""),
    ("get", "/people.{format}", SignedIn, "/people.csv", ""),
    ("get", "/people/new", ADMIN, "/people/new", ""),
    ("get", "/people/{id}", SignedIn, "/people/6", ""),
    ("get", "/sessions", SignedIn, "/sessions", ""),
    (
        "get",
        "/decimal-separator",
        SignedIn,
        "/decimal-separator",
        "",
    ),
    (
        "post",
        "/decimal-separator",
        SignedIn,
        "/decimal-separator",
        "decimal_separator=comma",
    ),
    (
        "post",
        "/initiatives/{key}/comments",
        PARAMS,
        "/initiatives/INIT-1/comments",
        "text=Hello",
    ),
    (
        "post",
        "/math-models/{id}/comments",
        PARAMS,
        "/math-models/1/comments",
        "text=Hello",
    ),
    (
        "post",
        "/params/{id}/comments",
        PARAMS,
        "/params/1/comments",
        "text=Hello",
    ),
    (
        "post",
        "/comments/{id}/withdrawal",
        Own,
        "/comments/999/withdrawal",
        "",
    ),
    (
        "post",
        "/mentions/{id}/settlement",
        Own,
        "/mentions/1/settlement",
        "",
    ),
    (
        "post",
        "/changes/{batch}/undo",
        Own,
        "/changes/00000000-0000-4000-8000-000000000000/undo",
        "",
    ),
    (
        "post",
        "/sessions/{session}/ending",
        Own,
        "/sessions/999/ending",
        "",
    ),
    (
        "post",
        "/params/paste/preview",
        SignedIn,
        "/params/paste/preview",
        "text=450&rows=1&at=1&column=1",
    ),
    (
        "post",
        "/params/paste",
        ByRow,
        "/params/paste",
        "text=450&rows=1&at=1&column=1&seen_revisions=1:{param}",
    ),
    (
        "post",
        "/params/approvals",
        ByRow,
        "/params/approvals",
        "row=1:{param}",
    ),
    (
        "post",
        "/params/sources",
        ByRow,
        "/params/sources",
        "row=1:{param}&source=Analytics",
    ),
    (
        "post",
        "/params/units",
        ByRow,
        "/params/units",
        "row=1:{param}&unit=visits",
    ),
    (
        "post",
        "/params/{id}/fields/{field}/restoration",
        PARAMS,
        "/params/1/fields/value/restoration",
        "seq={seq_value}&seen_revision={param}",
    ),
    (
        "post",
        "/initiatives/{key}/fields/{field}/restoration",
        PMS,
        "/initiatives/INIT-1/fields/title/restoration",
        "seq={seq_title}&seen_revision={initiative}",
    ),
    (
        "post",
        "/math-models/{id}/fields/{field}/restoration",
        PMS,
        "/math-models/1/fields/model_name/restoration",
        "seq={seq_name}&seen_revision={model}",
    ),
    (
        "post",
        "/settings",
        ADMIN,
        "/settings",
        "four_eyes=off&seen_revision={settings}",
    ),
    (
        "post",
        "/settings/llm",
        ADMIN,
        "/settings/llm",
        "calls_a_day=9&tokens_a_day=9&calls_a_person=9&tokens_a_person=9&look_every_minutes=5&seen_revision=1",
    ),
    (
        "post",
        "/people",
        ADMIN,
        "/people",
        "name=Zoe&email=zoe%40example.com&role=viewer",
    ),
    (
        "post",
        "/people/{id}/roles",
        ADMIN,
        "/people/{zoe}/roles",
        "role=pm&seen_revision={zoes}",
    ),
    (
        "post",
        "/people/{id}/deactivation",
        ADMIN,
        "/people/{zoe}/deactivation",
        "seen_revision={zoes}",
    ),
    (
        "post",
        "/people/{id}/reactivation",
        ADMIN,
        "/people/{zoe}/reactivation",
        "seen_revision={zoes}",
    ),
    (
        "post",
        "/people/{id}/sessions/{session}/ending",
        Own,
        "/people/6/sessions/999/ending",
        "",
    ),
    (
        "post",
        "/people/{id}/sessions/ending",
        ADMIN,
        "/people/{zoe}/sessions/ending",
        "",
    ),
    ("get", "/mirror", SignedIn, "/mirror", ""),
    ("get", "/mirror/set-up", SignedIn, "/mirror/set-up", ""),
    (
        "post",
        "/mirror/mode",
        ADMIN,
        "/mirror/mode",
        "mode=off&seen_revision=1",
    ),
    (
        "post",
        "/mirror/run",
        ADMIN,
        "/mirror/run",
        "seen_revision=1",
    ),
    (
        "post",
        "/mirror/pause",
        ADMIN,
        "/mirror/pause",
        "for=hour&seen_revision=1",
    ),
    (
        "post",
        "/mirror/resumption",
        ADMIN,
        "/mirror/resumption",
        "seen_revision=1",
    ),
    (
        "post",
        "/mirror/missing-columns/refusal",
        ADMIN,
        "/mirror/missing-columns/refusal",
        "seen_revision=1",
    ),
    (
        "post",
        "/mirror/columns",
        ADMIN,
        "/mirror/columns",
        "field=title&theirs=yes&seen_revision=1",
    ),
    (
        "post",
        "/mirror/tabs",
        ADMIN,
        "/mirror/tabs",
        "tab=params&on=yes&seen_revision=1",
    ),
    (
        "post",
        "/mirror/formats",
        ADMIN,
        "/mirror/formats",
        "seen_revision=1",
    ),
    (
        "post",
        "/mirror/left-out",
        ADMIN,
        "/mirror/left-out",
        "key=INIT-1&left=yes&seen_revision=1",
    ),
    ("get", "/imports", SignedIn, "/imports", ""),
    ("get", "/imports.{format}", SignedIn, "/imports.csv", ""),
    ("get", "/imports/{id}", SignedIn, "/imports/1", ""),
    (
        "post",
        "/imports/{id}/preview",
        ADMIN,
        "/imports/1/preview",
        "kind=backlog",
    ),
    (
        "post",
        "/imports/{id}/application",
        ADMIN,
        "/imports/1/application",
        "kind=backlog",
    ),
    ("post", "/imports/{id}/undo", ADMIN, "/imports/1/undo", ""),
    ("post", "/sample-data", ADMIN, "/sample-data", ""),
    // Shared facts: 1 is in force and a change of it waits, 2 waits to be approved at all. Last, since whatever follows one
    // isn't edited any more.
    ("get", "/facts", SignedIn, "/facts", ""),
    ("get", "/facts.{format}", SignedIn, "/facts.csv", ""),
    ("get", "/facts/new", PARAMS, "/facts/new", ""),
    (
        "post",
        "/facts",
        ANALYTICS,
        "/facts",
        "name=Basket&value=45&source=Analytics",
    ),
    ("get", "/facts/{id}", SignedIn, "/facts/1", ""),
    ("get", "/facts/{id}/edit", PARAMS, "/facts/1/edit", ""),
    (
        "post",
        "/facts/{id}/words",
        PARAMS,
        "/facts/1/words",
        "name=Sessions&description=A+month&seen_revision={fact}",
    ),
    (
        "get",
        "/facts/{id}/proposal",
        PARAMS,
        "/facts/1/proposal",
        "",
    ),
    (
        "post",
        "/facts/{id}/proposal",
        PARAMS,
        "/facts/1/proposal",
        "value=500&source=Analytics&seen_revision={fact}",
    ),
    (
        "post",
        "/facts/{id}/proposal/withdrawal",
        Own,
        "/facts/0/proposal/withdrawal",
        "seen_revision=1",
    ),
    (
        "get",
        "/facts/{id}/approval",
        SignedIn,
        "/facts/1/approval",
        "",
    ),
    (
        "post",
        "/facts/{id}/approval",
        ANALYTICS,
        "/facts/1/approval",
        "seen_revision={fact}",
    ),
    (
        "post",
        "/facts/{id}/proposal/refusal",
        ANALYTICS,
        "/facts/2/proposal/refusal",
        "why=Too+low&seen_revision=1",
    ),
    (
        "post",
        "/facts/{id}/archival",
        ANALYTICS,
        "/facts/3/archival",
        "seen_revision=9",
    ),
    (
        "post",
        "/facts/{id}/restoration",
        ANALYTICS,
        "/facts/3/restoration",
        "seen_revision=9",
    ),
    (
        "post",
        "/params/facts/preview",
        PARAMS,
        "/params/facts/preview",
        "row=1:{param}&fact=1",
    ),
    (
        "post",
        "/params/facts",
        PARAMS,
        "/params/facts",
        "row=1:0&fact=1",
    ),
    ("get", "/params/{id}/fact", PARAMS, "/params/1/fact", ""),
    (
        "post",
        "/params/{id}/fact",
        PARAMS,
        "/params/1/fact",
        "fact=1&seen_revision={param}",
    ),
    (
        "post",
        "/params/{id}/fact/removal",
        PARAMS,
        "/params/1/fact/removal",
        "seen_revision={param}",
    ),
    // Ends the session of whoever asks: after everything else.
    ("post", "/sessions/ending", SignedIn, "/sessions/ending", ""),
    ("post", "/sign-in", Public, "/sign-in", "person=0"),
    ("post", "/sign-out", Public, "/sign-out", ""),
];

/// What is walked elsewhere, and why.
const WALKED_ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "get",
        "/mirror/central_backlog.csv",
        "without a mirror there is no file: `mirror_page.rs` has one",
    ),
    (
        "post",
        "/mirror/confirmation",
        "there is only something to confirm while the mirror asks: `mirror_page.rs` makes it ask",
    ),
    (
        "get",
        "/live",
        "its answer never ends: `live.rs` asks it as nobody and as somebody",
    ),
    (
        "post",
        "/imports",
        "its form carries a file: `import_pages.rs` sends it as nobody, as a PM and as an admin",
    ),
    (
        "post",
        "/imports/google",
        "it asks Google: `import_google.rs` sends it as nobody, as a PM and as an admin",
    ),
];

/// What `.route("…", get()…` says in the URL map, as (method, path).
fn mapped() -> BTreeSet<(String, String)> {
    let map = include_str!("../../src/web/routes.rs");
    let routes = map.split(".route(").skip(1).map(|route| {
        let mut parts = route.splitn(3, '"');
        assert_eq!(
            parts.next().unwrap().trim(),
            "",
            "a path as a text: {route}"
        );
        let path = parts.next().unwrap();
        let rest = parts.next().unwrap().trim_start_matches([',', ' ', '\n']);
        let method = rest.split('(').next().unwrap();
        assert!(["get", "post"].contains(&method), "get or post: {route}");
        (method.to_owned(), path.to_owned())
    });
    routes.collect()
}

#[test]
fn each_route_of_the_url_map_says_who_may_and_none_is_gone() {
    let named: BTreeSet<_> = ROUTES
        .iter()
        .map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(named.len(), ROUTES.len(), "a route is named twice");
    assert!(named.len() > 50);
    let mut mapped = mapped();
    for (method, path, _) in WALKED_ELSEWHERE {
        assert!(mapped.remove(&((*method).to_owned(), (*path).to_owned())));
    }
    assert_eq!(mapped, named, "src/web/routes.rs and this table differ");
    let map = include_str!("../../src/web/routes.rs");
    for other_way in ["resource(", "scope(", ".service(", "#[get", "#[post"] {
        assert!(
            !map.contains(other_way),
            "{other_way} would not be seen here"
        );
    }
}

/// All rows of all tables but those that move by themselves: sessions, jobs, what SQL migrations did.
const DIGEST: &str = "select ('x' || substr(md5(string_agg(tablename || query_to_xml(
        format('select t::text from %I t order by 1', tablename), true, true, '')::text, '' order by tablename)), 1, 15)
    )::bit(60)::bigint
    from pg_tables where schemaname = 'public' and tablename not in ('sessions', 'jobs', '_sqlx_migrations')";

impl Who {
    fn may(self, at: usize) -> bool {
        match self {
            Public | SignedIn | Own | ByRow => true,
            Roles(letters) => letters.as_bytes()[at] != b'-',
        }
    }
}

/// An initiative with a recorded score beneath an override, and a framework of an admin's.
async fn filled() -> TestApp {
    let app = TestApp::start().await;
    let pm = app
        .with_approved_formula("INIT-1", "value = sessions * 2")
        .await;
    pm.fill("INIT-1", "sessions", "source", "Analytics").await;
    pm.fill("INIT-1", "sessions", "value", "400").await;
    pm.approve("INIT-1", "sessions").await;
    assert_eq!(app.count("select count(*) from scores").await, 1);
    pm.create("INIT-2", "Two", "RICE").await;
    let given = fields(
        &app,
        "value=9&reason=For+the+test&seen_revision={initiative}",
    )
    .await;
    pm.post("/initiatives/INIT-1/override", &given).await;
    assert_eq!(app.count("select count(*) from score_overrides").await, 1);
    let admin = app.sign_in(Role::Admin).await;
    let made = fields(&app, "key=REACH&name=Reach&formula=value+%3D+1").await;
    let made = admin.post("/frameworks", &made).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text("main"));
    llm_said::suggestion(&app, "INIT-1", "value = sessions * 5").await;
    llm_said::summary(&app, "INIT-1", "Twice the sessions.").await;
    app.run(FACTS).await;
    app.run(PROPOSALS).await;
    app.run(FACT_APPROVAL).await;
    app.run(WAITING_FILE).await;
    app.run(LEGACY_SCORE).await;
    app.run(SCENARIO).await;
    app
}

/// Two facts of Analytics', of which one is in force.
const FACTS: &str = "insert into facts (name, value, source, value_set_by, value_set_at, created_at, updated_at, updated_by)
    select x.name, x.value, x.source, x.by, x.at, now(), now(), x.author from (
      select 1 as place, 'Sessions' as name, 400 as value, 'Analytics' as source, id as by, now() as at, id as author
      from users where id = 1
      union all select 2, 'Visits', null, null, null, null, id from users where id = 1) x
    order by x.place";

/// What the command line proposes of them.
const PROPOSALS: &str =
    "insert into fact_proposals (fact_id, value, unit, source, proposed_by, proposed_at)
    select f.id, 410, '', 'Analytics', u.id, now() from facts f, users u where u.id = 1";

const FACT_APPROVAL: &str = "insert into approvals (subject_kind, subject_id, part, content, approved_by, approved_at, origin)
    select 'fact', id, 'value', '{}', updated_by, now(), 'person' from facts where value is not null";

/// A scenario of INIT-1's model that sets nothing yet, under a number that no other row gets.
const SCENARIO: &str = "insert into math_models (id, initiative_id, framework_id, scenario_label, drives, model_name,
      created_at, updated_at, updated_by) overriding system value
    select 900, initiative_id, framework_id, 'Bold', false, '', now(), now(), updated_by from math_models where id = 1";

/// A file that somebody uploaded and nobody has imported yet.
const WAITING_FILE: &str = "insert into imports (file_name, sha256, bytes, kind, uploaded_by, uploaded_at)
    select 'a.csv', decode(repeat('00', 32), 'hex'), convert_to(E'key,title\nINIT-7,Seven\n', 'UTF8'), 'backlog', id,
           now() from users where kind = 'system'";

/// What a workbook said of INIT-2, which was never scored here.
const LEGACY_SCORE: &str = "insert into legacy_scores (initiative_id, value, imported_by, imported_at)
    select i.id, 12, u.id, now() from initiatives i, users u where i.key = 'INIT-2' and u.kind = 'system'
    limit 1";

/// The number of the person whom the walk adds.
const ZOE: &str = "select coalesce(max(id), 0) from users where name = 'Zoe'";

async fn fields(app: &TestApp, form: &str) -> Vec<(String, String)> {
    let mut form = form.to_owned();
    for (name, sql) in [
        (
            "{initiative}",
            "select revision from initiatives where key = 'INIT-1'",
        ),
        (
            "{two}",
            "select revision from initiatives where key = 'INIT-2'",
        ),
        ("{param}", "select revision from params where id = 1"),
        (
            "{scenario}",
            "select revision from math_models where id = 900",
        ),
        ("{model}", "select revision from math_models where id = 1"),
        (
            "{version}",
            "select coalesce(max(version), 0)::bigint from formula_versions where owner_kind = 'math_model' and owner_id = 1",
        ),
        (
            "{second}",
            "select coalesce(max(revision), 0) from initiatives where key = 'INIT-2'",
        ),
        (
            "{approved}",
            "select coalesce(max((content->>'version')::bigint), 0) from approvals where subject_kind = 'math_model' and subject_id = 1",
        ),
        (
            "{seq_value}",
            "select coalesce(max(seq), 0) from change_log where entity = 'param' and entity_id = 1 and field = 'value'",
        ),
        (
            "{seq_title}",
            "select coalesce(max(seq), 0) from change_log where entity = 'initiative' and field = 'title'",
        ),
        (
            "{seq_name}",
            "select coalesce(max(seq), 0) from change_log where entity = 'math_model' and field = 'model_name'",
        ),
        ("{settings}", "select revision from settings"),
        ("{fact}", "select revision from facts where id = 1"),
        ("{zoe}", ZOE),
        (
            "{zoes}",
            "select coalesce(max(revision), 0) from users where name = 'Zoe'",
        ),
        (
            "{framework}",
            "select coalesce(max(revision), 0) from frameworks where key = 'MINE'",
        ),
    ] {
        if form.contains(name) {
            form = form.replace(name, &app.count(sql).await.to_string());
        }
    }
    serde_urlencoded::from_str(&form).unwrap()
}

async fn ask(person: &Person, app: &TestApp, (method, _, _, address, form): Route) -> Page {
    let form = fields(app, form).await;
    let zoe = app.count(ZOE).await.to_string();
    let address = address.replace("{zoe}", &zoe);
    let asked = person.raw(|client, base| {
        let address = format!("{base}{address}");
        if method == "get" {
            client.get(address)
        } else {
            let post = client.post(address).form(&form);
            post.header("sec-fetch-site", "same-origin")
        }
    });
    asked.await
}

/// What is wrong with how a route meets nobody and each role; empty: nothing.
async fn faults(app: &TestApp, people: &[(Role, Person)], route: Route) -> Vec<String> {
    let (method, _, who, address, _) = route;
    let what = format!("{method} {address}");
    let mut faults = Vec::new();
    let before = app.count(DIGEST).await;
    let stranger = ask(&app.nobody(), app, route).await;
    let (status, to) = (stranger.status, stranger.location.unwrap_or_default());
    let is_right = match (who, method) {
        // Without a provider there is no such page.
        (Public, "get") if address.starts_with("/auth/") => status == StatusCode::NOT_FOUND,
        (Public, "get") => status == StatusCode::OK || to == "/backlog",
        // Nobody of that number, and nothing to sign out of: asked for all the same.
        (Public, _) => [StatusCode::SEE_OTHER, StatusCode::NOT_FOUND].contains(&status),
        (_, "get") => status == StatusCode::SEE_OTHER && to.starts_with("/sign-in?next="),
        _ => status == StatusCode::UNAUTHORIZED,
    };
    if !is_right {
        faults.push(format!("nobody, {what}: {status} {to}"));
    }
    for (at, (role, person)) in people.iter().enumerate() {
        if !who.may(at) {
            let refused = ask(person, app, route).await;
            if refused.status != StatusCode::FORBIDDEN {
                faults.push(format!("{role:?} mustn’t, {what}: {}", refused.status));
            }
        }
    }
    if app.count(DIGEST).await != before {
        faults.push(format!("{what}: refused, and yet something changed"));
    }
    if matches!(who, Public) && (method == "post" || address.starts_with("/auth/")) {
        return faults;
    }
    if matches!(who, Own | ByRow) {
        // Everybody, what isn't theirs; only the viewer, whom no row of these is open to.
        let asking = if matches!(who, Own) {
            people
        } else {
            &people[..1]
        };
        for (role, person) in asking {
            let status = ask(person, app, route).await.status;
            if status.is_server_error() || status == StatusCode::UNAUTHORIZED {
                faults.push(format!("{role:?}, {what}: {status}"));
            }
        }
        if app.count(DIGEST).await != before {
            faults.push(format!("{what}: not theirs, and yet something changed"));
        }
        return faults;
    }
    let mut is_first = true;
    for (at, (role, person)) in people.iter().enumerate() {
        if who.may(at) {
            let answer = ask(person, app, route).await;
            let status = answer.status;
            // The first shows that the form is one that is taken: refusals are a matter of rights alone.
            let is_taken = status.is_success() || status.is_redirection();
            // Those who come later may be too late, but not shut out.
            let late = [StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY];
            if !is_taken && (is_first || !late.contains(&status)) {
                let said = answer.find_text("main").unwrap_or_default();
                faults.push(format!("{role:?} may, {what}: {status} {said}"));
            }
            is_first = false;
        }
    }
    if method == "get" && app.count(DIGEST).await != before {
        faults.push(format!("{what}: reading changed something"));
    }
    faults
}

#[tokio::test]
async fn every_route_is_open_to_those_of_the_table_and_to_nobody_else() {
    let app = filled().await;
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push((role, app.sign_in(role).await));
    }
    let icon = app.nobody().get("/sign-in").await;
    let icon = icon.attribute("link[rel=icon]", "href");
    let icon: &'static str = Box::leak(icon.into_boxed_str());
    let mut all = Vec::new();
    for (method, path, who, address, form) in ROUTES {
        let address = if address.is_empty() { icon } else { address };
        all.extend(faults(&app, &people, (method, path, *who, address, form)).await);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[tokio::test]
async fn what_is_not_there_is_404_for_every_route_and_never_a_failure() {
    let app = filled().await;
    let admin = app.sign_in(Role::Admin).await;
    for (method, path, who, address, form) in ROUTES {
        if matches!(who, Public | Own | ByRow) || !path.contains('{') {
            continue;
        }
        for unknown in [
            "999999",
            "-1",
            "99999999999999999999",
            "INIT-99",
            "%27%3B--",
            "..%2f",
        ] {
            let elsewhere = path
                .replace("{id}", unknown)
                .replace("{key}", unknown)
                .replace(
                    "{field}",
                    if path.contains("{id}") || path.contains("{key}") {
                        "value"
                    } else {
                        unknown
                    },
                )
                .replace("{format}", unknown)
                .replace("{session}", unknown);
            let form = form.replace("{framework}", "1");
            let elsewhere: &'static str = Box::leak(elsewhere.into_boxed_str());
            let form: &'static str = Box::leak(form.into_boxed_str());
            let answer = ask(&admin, &app, (method, path, *who, elsewhere, form)).await;
            assert_eq!(
                answer.status,
                StatusCode::NOT_FOUND,
                "{method} {elsewhere} (like {address}): {}",
                answer.html
            );
        }
    }
}

//! The patterns that come with the app. Whoever changes a formula here counts its `version` up.

use super::{Pattern, PatternParam};
use crate::domain::param::Source::{self, Analytics, Eng, Finance, Pm};

const POUNDS: &str = "£";
const ANY: (&str, &str) = ("", "");
const NOT_NEGATIVE: (&str, &str) = ("0", "");
const SHARE: (&str, &str) = ("0", "1");

const fn param(
    (name, label): (&'static str, &'static str),
    description: &'static str,
    unit: &'static str,
    range: (&'static str, &'static str),
    (source, sample): (Source, &'static str),
) -> PatternParam {
    PatternParam {
        name,
        label,
        description,
        unit,
        range,
        source,
        sample,
    }
}

const MARGIN: &str = "Share of the money that is left after the goods are paid for";
const HORIZON: PatternParam = param(
    ("horizon_months", "Horizon in months"),
    "How many months are counted",
    "months",
    ("1", "36"),
    (Pm, "12"),
);

pub(super) const ALL: [Pattern; 7] = [
    RATE_UPLIFT,
    TRAFFIC_UPLIFT,
    VALUE_PER_TRANSACTION,
    UNIT_EXPANSION,
    MONETISATION,
    COST_REDUCTION,
    LOSS_AVOIDANCE,
];

const RATE_UPLIFT: Pattern = Pattern {
    key: "rate-uplift",
    name: "Rate uplift",
    when_to_use: "More of the same visitors do what you want: a better checkout, a clearer page, fewer steps.",
    version: 1,
    formula: "value = uplift_conv * baseline_conv * monthly_sessions * aov * margin * horizon_months - infra_cost",
    assumptions: "The uplift is relative to today’s rate and lasts for the whole horizon.\nTraffic, order value and margin stay as they are.",
    value_unit: POUNDS,
    params: &[
        param(
            ("uplift_conv", "Uplift in conversion rate"),
            "Relative to the rate of today: 2 % takes 4 % to 4.08 %",
            "%",
            ("-1", "1"),
            (Analytics, "0.02"),
        ),
        param(
            ("baseline_conv", "Baseline conversion rate"),
            "Orders per session today",
            "%",
            SHARE,
            (Analytics, "0.04"),
        ),
        param(
            ("monthly_sessions", "Monthly sessions"),
            "Sessions a month that see the change",
            "sessions",
            NOT_NEGATIVE,
            (Analytics, "500000"),
        ),
        param(
            ("aov", "Average order value"),
            "What an order is worth before costs",
            POUNDS,
            NOT_NEGATIVE,
            (Finance, "45"),
        ),
        param(("margin", "Margin"), MARGIN, "%", SHARE, (Finance, "0.3")),
        HORIZON,
        param(
            ("infra_cost", "Infrastructure cost"),
            "One-off, for the whole horizon",
            POUNDS,
            NOT_NEGATIVE,
            (Eng, "5000"),
        ),
    ],
};

const TRAFFIC_UPLIFT: Pattern = Pattern {
    key: "traffic-uplift",
    name: "Traffic uplift",
    when_to_use: "More visitors come and behave like those of today: search, a campaign, a new channel.",
    version: 1,
    formula: "value = extra_monthly_sessions * conversion_rate * aov * margin * horizon_months - campaign_cost",
    assumptions: "New visitors convert and spend like those of today.\nThe extra sessions come every month of the horizon.",
    value_unit: POUNDS,
    params: &[
        param(
            ("extra_monthly_sessions", "Extra monthly sessions"),
            "Sessions a month that wouldn’t come otherwise",
            "sessions",
            NOT_NEGATIVE,
            (Analytics, "20000"),
        ),
        param(
            ("conversion_rate", "Conversion rate"),
            "Orders per session",
            "%",
            SHARE,
            (Analytics, "0.03"),
        ),
        param(
            ("aov", "Average order value"),
            "What an order is worth before costs",
            POUNDS,
            NOT_NEGATIVE,
            (Finance, "50"),
        ),
        param(("margin", "Margin"), MARGIN, "%", SHARE, (Finance, "0.4")),
        HORIZON,
        param(
            ("campaign_cost", "Campaign cost"),
            "What bringing them costs over the whole horizon",
            POUNDS,
            NOT_NEGATIVE,
            (Finance, "30000"),
        ),
    ],
};

const VALUE_PER_TRANSACTION: Pattern = Pattern {
    key: "value-per-transaction",
    name: "Value per transaction",
    when_to_use: "Each order becomes worth more: cross-selling, a better basket, a price change.",
    version: 1,
    formula: "value = monthly_orders * increase_per_order * margin * horizon_months - one_off_cost",
    assumptions: "The number of orders stays as it is.\nThe increase holds for every order.",
    value_unit: POUNDS,
    params: &[
        param(
            ("monthly_orders", "Monthly orders"),
            "Orders a month that the change reaches",
            "orders",
            NOT_NEGATIVE,
            (Analytics, "10000"),
        ),
        param(
            ("increase_per_order", "Increase per order"),
            "How much more an order is worth, before costs",
            POUNDS,
            ANY,
            (Analytics, "1.5"),
        ),
        param(("margin", "Margin"), MARGIN, "%", SHARE, (Finance, "0.4")),
        HORIZON,
        param(
            ("one_off_cost", "One-off cost"),
            "What it costs to introduce",
            POUNDS,
            NOT_NEGATIVE,
            (Eng, "12000"),
        ),
    ],
};

const UNIT_EXPANSION: Pattern = Pattern {
    key: "unit-expansion",
    name: "Unit expansion",
    when_to_use: "The same thing in more places or for more customers: shops, markets, accounts.",
    version: 1,
    formula: "value = new_units * (monthly_profit_per_unit * active_months - setup_cost_per_unit)",
    assumptions: "A new unit earns what an average one earns.\nAll units open at the same time.",
    value_unit: POUNDS,
    params: &[
        param(
            ("new_units", "New units"),
            "Shops, markets or accounts that are added",
            "units",
            NOT_NEGATIVE,
            (Pm, "10"),
        ),
        param(
            ("monthly_profit_per_unit", "Monthly profit per unit"),
            "What one unit earns a month after its own costs",
            POUNDS,
            ANY,
            (Finance, "2000"),
        ),
        param(
            ("active_months", "Active months"),
            "Months in which they earn, within the horizon",
            "months",
            ("0", "36"),
            (Pm, "9"),
        ),
        param(
            ("setup_cost_per_unit", "Set-up cost per unit"),
            "What opening one costs, once",
            POUNDS,
            NOT_NEGATIVE,
            (Finance, "5000"),
        ),
    ],
};

const MONETISATION: Pattern = Pattern {
    key: "monetisation",
    name: "Monetisation",
    when_to_use: "Something that was free, or wasn’t there, is paid for: a subscription, a fee, an extra.",
    version: 1,
    formula: "value = monthly_users * paying_share * monthly_price * margin * horizon_months - launch_cost",
    assumptions: "The share that pays is reached at once and holds.\nNobody leaves because of the price.",
    value_unit: POUNDS,
    params: &[
        param(
            ("monthly_users", "Monthly users"),
            "People a month who are offered it",
            "users",
            NOT_NEGATIVE,
            (Analytics, "50000"),
        ),
        param(
            ("paying_share", "Paying share"),
            "Share of them that pays",
            "%",
            SHARE,
            (Analytics, "0.02"),
        ),
        param(
            ("monthly_price", "Monthly price"),
            "What one of them pays a month",
            POUNDS,
            NOT_NEGATIVE,
            (Pm, "5"),
        ),
        param(("margin", "Margin"), MARGIN, "%", SHARE, (Finance, "0.8")),
        HORIZON,
        param(
            ("launch_cost", "Launch cost"),
            "What it costs to introduce",
            POUNDS,
            NOT_NEGATIVE,
            (Eng, "18000"),
        ),
    ],
};

const COST_REDUCTION: Pattern = Pattern {
    key: "cost-reduction",
    name: "Cost reduction",
    when_to_use: "Work that is done today becomes less: contacts, returns, manual steps.",
    version: 1,
    formula: "value = cases_per_month * cost_per_case * reduction_share * horizon_months - one_off_cost",
    assumptions: "Each case that falls away saves its full cost.\nThe number of cases would stay as it is.",
    value_unit: POUNDS,
    params: &[
        param(
            ("cases_per_month", "Cases per month"),
            "How often the work is done today",
            "cases",
            NOT_NEGATIVE,
            (Analytics, "2000"),
        ),
        param(
            ("cost_per_case", "Cost per case"),
            "What doing it once costs",
            POUNDS,
            NOT_NEGATIVE,
            (Finance, "5"),
        ),
        param(
            ("reduction_share", "Reduction"),
            "Share of the cases that falls away",
            "%",
            SHARE,
            (Pm, "0.25"),
        ),
        HORIZON,
        param(
            ("one_off_cost", "One-off cost"),
            "What it costs to introduce",
            POUNDS,
            NOT_NEGATIVE,
            (Eng, "6000"),
        ),
    ],
};

const LOSS_AVOIDANCE: Pattern = Pattern {
    key: "loss-avoidance",
    name: "Loss avoidance",
    when_to_use: "Something bad becomes less likely: fraud, outages, fines, churn of large accounts.",
    version: 1,
    formula: "avoided = probability_today - probability_after\nvalue = avoided * loss_per_event * cases_per_year * horizon_years - protection_cost",
    assumptions: "Cases are independent of each other.\nThe loss of one event is its average, not its worst.",
    value_unit: POUNDS,
    params: &[
        param(
            ("probability_today", "Probability today"),
            "How likely the loss is in one case, as things are",
            "%",
            SHARE,
            (Analytics, "0.05"),
        ),
        param(
            ("probability_after", "Probability afterwards"),
            "How likely it is with the protection",
            "%",
            SHARE,
            (Analytics, "0.02"),
        ),
        param(
            ("loss_per_event", "Loss per event"),
            "What it costs when it happens",
            POUNDS,
            NOT_NEGATIVE,
            (Finance, "40000"),
        ),
        param(
            ("cases_per_year", "Cases per year"),
            "How often it could happen in a year",
            "cases",
            NOT_NEGATIVE,
            (Analytics, "10"),
        ),
        param(
            ("horizon_years", "Horizon in years"),
            "How many years are counted",
            "years",
            ("1", "5"),
            (Pm, "2"),
        ),
        param(
            ("protection_cost", "Cost of the protection"),
            "For the whole horizon",
            POUNDS,
            NOT_NEGATIVE,
            (Eng, "9000"),
        ),
    ],
};

//! How the domain's identities travel to and from Postgres. The domain itself knows no database.

use crate::domain::ids::{
    ApprovalId, CommentId, FactId, FactProposalId, FormulaVersionId, FrameworkId, ImportId,
    InitiativeId, LlmCallId, LlmRequestId, MathModelId, OverrideId, ParamId, ProposalId, ScoreId,
    SessionId, SuggestionId, UserId,
};
use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef},
};

macro_rules! travels_as_bigint {
    ($($id:ident),* $(,)?) => {$(
        impl Type<Postgres> for $id {
            fn type_info() -> PgTypeInfo {
                <i64 as Type<Postgres>>::type_info()
            }
        }
        impl PgHasArrayType for $id {
            fn array_type_info() -> PgTypeInfo {
                <i64 as PgHasArrayType>::array_type_info()
            }
        }
        impl Encode<'_, Postgres> for $id {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                <i64 as Encode<Postgres>>::encode_by_ref(&self.0, buffer)
            }
        }
        impl<'r> Decode<'r, Postgres> for $id {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                <i64 as Decode<Postgres>>::decode(value).map(Self)
            }
        }
    )*};
}

travels_as_bigint!(
    ApprovalId,
    FactId,
    FactProposalId,
    FormulaVersionId,
    FrameworkId,
    ImportId,
    InitiativeId,
    MathModelId,
    CommentId,
    LlmCallId,
    LlmRequestId,
    OverrideId,
    ParamId,
    ProposalId,
    ScoreId,
    SessionId,
    SuggestionId,
    UserId,
);

/// An impossible row, named: what is in the database breaks a rule of the domain.
#[must_use]
pub fn impossible(table: &str, column: &str, id: i64) -> sqlx::Error {
    sqlx::Error::Decode(format!("{table}.{column} of row {id} can't be read").into())
}

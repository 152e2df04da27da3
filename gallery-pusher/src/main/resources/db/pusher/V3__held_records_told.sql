comment on table record_needing_review is
    'Records for a person. States refused, unknown and disputed are a projection of the ledger''s events; rows of state contradicted are truth: the ledger would not take the outcome, and only this row knows of it.';

-- Every period of every source: for a new length of period.
-- Reads: captures, fetches. Makes: touched_periods. Parameter: $period_us.
CREATE OR REPLACE TEMP TABLE touched_periods AS
SELECT source, epoch_us(captured_at) // $period_us AS period FROM captures
UNION
SELECT source, epoch_us(fetched_at) // $period_us FROM fetches

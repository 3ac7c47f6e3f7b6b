-- The periods of sources that this load may have changed: all that lie in a day that it touched.
-- Reads: touched_days. Makes: touched_periods. Parameter: $period_us.
CREATE OR REPLACE TEMP TABLE touched_periods AS
SELECT DISTINCT source, unnest(range(epoch_us(begun) // $period_us, (epoch_us(begun) + 86399999999) // $period_us + 1)) AS period
FROM (SELECT source, CAST(day_date AS TIMESTAMP) AS begun FROM touched_days)

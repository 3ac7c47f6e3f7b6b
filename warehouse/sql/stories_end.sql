-- What held signatures goes: the rest of a load has its memory.
DROP VIEW story_members;
DROP VIEW story_added;
DROP VIEW story_dropped;
DROP TABLE story_known;
DROP TABLE story_after;
DROP TABLE story_before;
DROP TABLE story_deltas;

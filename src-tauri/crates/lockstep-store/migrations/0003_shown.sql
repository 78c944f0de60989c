-- What lists show of links and of quarantined tickets, as last seen, so that no list asks a platform.

ALTER TABLE links ADD COLUMN source_title TEXT NOT NULL DEFAULT '';
ALTER TABLE links ADD COLUMN target_title TEXT NOT NULL DEFAULT '';
-- When the pair was last found or brought in step.
ALTER TABLE links ADD COLUMN synced_ms INTEGER NOT NULL DEFAULT 0;

ALTER TABLE quarantine ADD COLUMN type_mapping TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN title TEXT NOT NULL DEFAULT '';

-- What the history still knows of them.
UPDATE links SET
    source_title = coalesce(
        (SELECT title FROM outcomes WHERE subject = 'link:' || links.id ORDER BY run DESC LIMIT 1), ''),
    synced_ms = max(linked_ms, coalesce(
        (SELECT max(runs.ended_ms) FROM outcomes JOIN runs ON runs.id = outcomes.run
         WHERE outcomes.subject = 'link:' || links.id AND outcomes.outcome IN ('created', 'updated', 'closed')), 0));
UPDATE quarantine SET
    type_mapping = coalesce((SELECT type_mapping FROM links WHERE links.id = quarantine.link), ''),
    title = coalesce((SELECT title FROM outcomes WHERE subject = quarantine.subject ORDER BY run DESC LIMIT 1), '');

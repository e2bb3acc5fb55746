-- A telephone extension belongs to one member of a corp (40100), so it is looked up.
ALTER TABLE members ADD COLUMN telephone TEXT NOT NULL DEFAULT '';
UPDATE members SET telephone = COALESCE({field profile telephone}, '') WHERE profile <> '{}';
CREATE INDEX members_telephone ON members (corp_id, telephone) WHERE telephone <> '';

-- When something last came from a source.
CREATE INDEX message_source ON message (source, seq);

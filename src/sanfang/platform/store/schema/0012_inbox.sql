-- What a member got, by conversation: its cid, or 'app:' and the agentid or key of the app that wrote to the
-- member alone. So that a workbench finds a conversation's last message and its pages by key.
ALTER TABLE message_recipients ADD COLUMN thread TEXT NOT NULL DEFAULT '';
UPDATE message_recipients SET thread = COALESCE((
  SELECT CASE WHEN m.cid <> '' THEN m.cid
              WHEN m.agent_id > 0 THEN 'app:' || CAST(m.agent_id AS TEXT)
              ELSE 'app:' || m.app END
  FROM messages m WHERE m.message_id = message_recipients.message_id), '');
CREATE INDEX message_recipients_thread ON message_recipients (corp_id, userid, thread, message_id);

DROP INDEX message_recipients_unread;
CREATE INDEX message_recipients_unread ON message_recipients (corp_id, userid, thread, message_id)
  WHERE read_at IS NULL;

-- What a member said in a conversation: nobody is a receiver of one's own message.
CREATE INDEX messages_sender ON messages (cid, sender, message_id) WHERE sender <> '';

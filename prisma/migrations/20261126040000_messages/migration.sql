-- Lines of a conversation that go by message. What came bears the gateway's name for it, by which one that comes twice is
-- known; what we wrote bears what became of it.
ALTER TABLE call_text
  ADD COLUMN message_id text UNIQUE,
  ADD COLUMN media smallint NOT NULL DEFAULT 0,
  ADD COLUMN state text CHECK (state IN ('waiting', 'sent', 'delivered', 'failed')),
  ADD COLUMN refused text;
-- A number has one open conversation by message, so that two first messages at the same moment open one.
CREATE UNIQUE INDEX call_by_message ON call (number) WHERE medium = 'text' AND device_id IS NULL AND status <> 'ended';

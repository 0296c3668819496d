-- What the measuring sweep counts every few seconds, among years of calls that were made.
CREATE INDEX follow_up_open ON follow_up (due_at) WHERE done_at IS NULL;

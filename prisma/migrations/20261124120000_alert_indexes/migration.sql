-- What the leaders' list and the wallboard look for every few seconds, among years of closed incidents. None of these holds
-- claim_at, which each heartbeat changes.
CREATE INDEX incident_limit_open ON incident (id) WHERE limit_open;
CREATE INDEX incident_claim_stale ON incident (id) WHERE claim_stale;
CREATE INDEX incident_promised ON incident (promise_at) WHERE status IN ('response', 'waiting') AND promise_at IS NOT NULL;
CREATE INDEX incident_needs_review ON incident (closed_at) WHERE disposition = 'needs-review';
CREATE INDEX incident_queued ON incident (queued_at);
-- Jobs that failed so often that a person must hear (attemptsTold).
CREATE INDEX outbox_failing ON outbox (kind) WHERE attempts >= 5;
